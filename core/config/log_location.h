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

    bool isUrl() const
    {
        return location.starts_with("http://") || location.starts_with("https://");
    }
    bool operator==(const LogLocation &) const = default;
};

} // namespace trendscope::config
