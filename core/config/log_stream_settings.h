#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace trendscope::config {

/// GET /logs/stream: log files as they grow, for consoles.
struct LogStreamSettings {
    /// Globs as of the shell; what is compressed (.gz, .xz, …) is left out. Empty: no stream.
    std::vector<std::string> files = {};
    std::size_t maxStreams = 8;                   ///< at once, > 0; more are answered with 503
    std::size_t buffer = std::size_t{8} << 20;    ///< bytes that wait for one slow client at most
    std::size_t lineLimit = std::size_t{1} << 20; ///< bytes; longer lines are left out, and told
    std::chrono::milliseconds heartbeat = std::chrono::seconds(10); ///< > 0

    bool operator==(const LogStreamSettings &) const = default;
};

} // namespace trendscope::config
