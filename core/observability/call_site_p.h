#pragma once

#include "core/observability/log_settings.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace trendscope::observability {

/// `module` of a source file: its name without folder and extension.
std::string_view moduleOf(std::string_view file);
/// The unqualified name in what std::source_location calls a function; a lambda is part of its
/// function.
std::string_view functionOf(std::string_view signature);

/// What records of one place in the program have in common.
class CallSite {
public:
    explicit CallSite(const std::source_location &location);

    bool isAt(const std::source_location &location) const
    {
        return m_location.line() == location.line() && m_location.column() == location.column()
            && m_location.file_name() == location.file_name()
            && m_location.function_name() == location.function_name();
    }

    /// Counts a record; whether it is to be written.
    bool admits(CallSiteLimit limit) const;
    /// The records that were not admitted since this was asked last.
    std::uint64_t takeSuppressed() const;

    const std::string json;     ///< `,"module":"main","function":"get_trends","line":42`
    const std::string readable; ///< `main.cpp:42`

private:
    friend class CallSites;

    const std::source_location m_location;
    const CallSite *m_next = nullptr;
    mutable std::atomic<std::uint64_t> m_window = 0; ///< the second, and the records in it
    mutable std::atomic<std::uint32_t> m_beyond = 0;
    mutable std::atomic<std::uint64_t> m_suppressed = 0;
};

/// All places that ever logged: as many as the program has. Lock-free.
class CallSites {
public:
    CallSites() = default;
    ~CallSites();
    CallSites(const CallSites &) = delete;
    CallSites &operator=(const CallSites &) = delete;

    const CallSite &at(const std::source_location &location);

private:
    static constexpr std::size_t size = 1024;

    std::array<std::atomic<const CallSite *>, size> m_heads = {};
};

} // namespace trendscope::observability
