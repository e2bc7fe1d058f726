#pragma once

#include "export.h"
#include "logger.h"

#include <chrono>
#include <concepts>
#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace trendscope::observability {

/// A function call that is logged: its entry and, when it ends, how and after how long. See
/// logFunctionCall().
class TRENDSCOPE_OBSERVABILITY_EXPORT LoggedCall {
public:
    LoggedCall(const Logger &logger, std::string_view name, std::source_location location);
    /// Logs the end, unless it failed before; as a failure when an exception ends the scope.
    ~LoggedCall();
    LoggedCall(const LoggedCall &) = delete;
    LoggedCall &operator=(const LoggedCall &) = delete;

    /// Logs that the call failed, and why; its end is not logged any more.
    void fail(std::string_view error, std::string_view errorType = {}) noexcept;
    void failWithCurrentException() noexcept; ///< within a catch

private:
    using Clock = std::chrono::steady_clock;

    Clock::duration elapsed() const { return Clock::now() - m_begin; }

    const Logger m_logger;
    const std::string m_name;
    const std::source_location m_location;
    const int m_exceptions;
    const Clock::time_point m_begin = Clock::now();
    bool m_hasEnded = false;
};

/// Logs a call for as long as the returned object lives: `const auto call = logFunctionCall(log,
/// "process_trend");`. Entry and end are DEBUG, the end with `duration_seconds`; when an exception
/// leaves the scope the end is an ERROR. The records have the caller's source location.
[[nodiscard]] inline LoggedCall
logFunctionCall(const Logger &logger, std::string_view name,
                std::source_location location = std::source_location::current())
{
    return {logger, name, location};
}

/// Calls `callable` and returns what it returns. An exception is logged as an ERROR, with its text
/// as `error` and its type as `error_type`, and passed on unchanged; so is the error of a Result.
template <std::invocable Callable>
std::invoke_result_t<Callable>
logFunctionCall(const Logger &logger, std::string_view name, Callable &&callable,
                std::source_location location = std::source_location::current())
{
    using Returned = std::invoke_result_t<Callable>;
    LoggedCall call(logger, name, location);
    try {
        if constexpr (requires(std::remove_cvref_t<Returned> &result) {
                          {
                              result.has_value()
                          } -> std::same_as<bool>;
                          {
                              result.error().message
                          } -> std::convertible_to<std::string_view>;
                      }) {
            Returned result = std::invoke(std::forward<Callable>(callable));
            if (!result.has_value())
                call.fail(result.error().message);
            return result;
        } else {
            return std::invoke(std::forward<Callable>(callable));
        }
    } catch (...) {
        call.failWithCurrentException();
        throw;
    }
}

} // namespace trendscope::observability
