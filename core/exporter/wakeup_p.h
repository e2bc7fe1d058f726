#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace trendscope::exporter {

/// Ends the waiting of a thread that polls its descriptor; once set it stays set until it is
/// cleared. Thread safe.
class Wakeup {
public:
    Wakeup()
        : m_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    ~Wakeup() { ::close(m_descriptor); }
    Wakeup(const Wakeup &) = delete;
    Wakeup &operator=(const Wakeup &) = delete;

    void set() const
    {
        const std::uint64_t one = 1;
        while (::write(m_descriptor, &one, sizeof one) < 0 && errno == EINTR)
            ;
    }
    void clear() const
    {
        std::uint64_t count = 0;
        while (::read(m_descriptor, &count, sizeof count) < 0 && errno == EINTR)
            ;
    }
    int descriptor() const { return m_descriptor; } ///< -1 where the system had none; see errno

private:
    const int m_descriptor;
};

} // namespace trendscope::exporter
