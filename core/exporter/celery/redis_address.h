#pragma once

#include "core/config/celery_settings.h"
#include "core/result.h"

#include <string>
#include <string_view>

namespace trendscope::exporter {

/// Where a Redis server is, and who asks.
struct RedisAddress {
    std::string host; ///< empty: a Unix socket
    int port = 6379;
    std::string path; ///< of the socket
    int database = 0;
    std::string user;
    std::string password;

    /// For messages: without user and password.
    std::string text() const;
};

/// `redis://[user[:password]@]host[:port][/db]`, `unix://[user[:password]@]/path[?db=n]` or
/// `redis+socket:///path[?virtual_host=n]`; parts may be percent-encoded. Errors: Invalid, without
/// the URL's text, which may hold a password.
Result<RedisAddress> parseRedisUrl(std::string_view url);

/// The address of the settings, with secrets from where they are kept. Reads files: for each
/// connection anew, so that a new password needs no restart. Errors: Invalid, NotFound.
Result<RedisAddress> redisAddressOf(const config::CelerySettings &settings);

} // namespace trendscope::exporter
