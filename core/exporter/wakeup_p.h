#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace trendscope::exporter {

/// Ends the waiting of a thread that polls its descriptor; once set it stays set.
class Wakeup {
public:
    Wakeup()
        : m_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    ~Wakeup() { ::close(m_descriptor); }
    Wakeup(const Wakeup &) = delete;
    Wakeup &operator=(const Wakeup &) = delete;

    void set()
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(m_descriptor, &one, sizeof one);
    }
    int descriptor() const { return m_descriptor; }

private:
    const int m_descriptor;
};

} // namespace trendscope::exporter
