#pragma once

#include <string>
#include <utility>
#include <vector>

namespace trendscope::config {

/// Where the console reads log records.
struct LogLocation {
    std::string location; ///< file, or http(s) URL of an agent's /logs/stream
    /// Sent with the requests to a URL; may be secret.
    std::vector<std::pair<std::string, std::string>> headers = {};
};

} // namespace trendscope::config
