#pragma once

#include <tl/expected.hpp>

#include <string>

namespace trendscope {

/// What went wrong, in the words of whoever reported it.
///
/// The first five kinds are Prometheus' own `errorType` values; the rest are ours.
struct Error {
    enum class Kind {
        BadData,      ///< the server could not parse the query ("bad_data")
        Timeout,      ///< evaluation ran past a limit, the server's ("timeout") or our own
        Canceled,     ///< the server gave up on the query ("canceled")
        Execution,    ///< the query failed while it was evaluated ("execution")
        Unavailable,  ///< the server is there but not ready (503, "unavailable")
        Unauthorized, ///< the server wants other credentials (401, 403)
        BadResponse,  ///< the answer is not what the API promises: another status, garbage, cut
                      ///< short
        Network,      ///< no answer: refused, reset, unknown host, TLS
        NotFound,     ///< a file, a dashboard or a panel that is not there
        Invalid, ///< a file or an option whose content makes no sense; the message names the place
        System,  ///< the operating system refused: a port in use, a full disk
    };

    Kind kind;
    std::string message; ///< one sentence that a user can act on, UTF-8, untranslated
    std::string detail;  ///< the raw body or errno text, for the log; may be empty
};

/// A value, or the reason there is none. Becomes std::expected with C++23.
template <class T>
using Result = tl::expected<T, Error>;

} // namespace trendscope
