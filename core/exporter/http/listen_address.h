#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// Where a server listens.
struct ListenAddress {
    std::string
        host; ///< name or address, IPv6 without brackets; empty: every address of this machine
    std::uint16_t port = 0; ///< 0: any free one

    /// Reads "host:port", ":port" and "[::1]:port". Errors: Invalid.
    static Result<ListenAddress> parse(std::string_view text);

    /// The same form again.
    std::string text() const;
};

} // namespace trendscope::exporter
