#pragma once

#include "catalogue.h"

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

/// How tracked callables are called, and how their results tell the status; see
/// Metrics::trackApiRequest().
///
/// What a result says of how the work ended is asked from `statusOf(result)`, which you declare in
/// the namespace of your type. It returns an HTTP status (int) for API requests, a TaskStatus for
/// Celery tasks; a type may have only one of them, or none:
///
///     namespace shop {
///     int statusOf(const Answer &answer) { return answer.code; }
///     }
///
/// One that returns anything else, also bool or an enum class of your own, does not compile: cast
/// it. A TaskStatus tells itself; a number does not, as it may be anything: with `return 404;` the
/// work succeeded.
///
/// A result like std::expected or trendscope::Result that holds an error is a failure; its error
/// may have a statusOf() of its own, and so may its value. What the callable itself set on the
/// tracker is not changed.
namespace trendscope::observability {

constexpr TaskStatus statusOf(TaskStatus status)
{
    return status;
}

namespace detail {

template <class From, class Status>
concept IsStatus =
    std::convertible_to<From, Status> && !std::same_as<std::remove_cvref_t<From>, bool>;

template <class Result, class Status>
concept Tells = requires(std::remove_reference_t<Result> &result) {
    {
        statusOf(result)
    } -> IsStatus<Status>;
};

template <class Result, class Tracker>
concept HasStatus = Tells<Result, typename Tracker::Status>;

template <class Result>
concept HoldsError = requires(std::remove_reference_t<Result> &result) {
    {
        result.has_value()
    } -> std::convertible_to<bool>;
    result.error();
};

template <class Result, class Tracker>
concept Telling =
    requires { typename Tracker::Status; } && (HasStatus<Result, Tracker> || HoldsError<Result>);

/// Whoever wrote a statusOf() wants to be heard.
template <class Result>
concept HasStatusOf = requires(std::remove_cvref_t<Result> &result) { statusOf(result); }
    || requires(std::remove_cvref_t<Result> &&result) { statusOf(std::move(result)); };

template <class Tracker, class Result>
constexpr void checkStatusOf()
{
    if constexpr (requires { typename Tracker::Status; })
        static_assert(!HasStatusOf<Result> || Tells<Result, int> || Tells<Result, TaskStatus>,
                      "statusOf(result) takes the result by const reference, and returns an int "
                      "(the HTTP status of an API request) or a TaskStatus: cast what is neither");
}

/// False where it says nothing of this kind of work.
template <class Tracker, class Result>
bool tell(Tracker &tracker, Result &result)
{
    checkStatusOf<Tracker, Result>();
    if constexpr (HasStatus<Result, Tracker>)
        tracker.setStatus(static_cast<typename Tracker::Status>(statusOf(result)));
    return HasStatus<Result, Tracker>;
}

template <class Tracker, class Result>
void takeStatus(Tracker &tracker, Result &result)
{
    if (tracker.hasStatus())
        return;
    if constexpr (HasStatus<Result, Tracker>) {
        tell(tracker, result);
    } else if (!result.has_value()) {
        auto &&error = result.error();
        if (!tell(tracker, error))
            tracker.setFailed();
    } else if constexpr (requires { tell(tracker, *result); }) {
        tell(tracker, *result);
    }
}

/// A callable that can do without the tracker does not get it.
template <class Callable, class Tracker, class... Args>
decltype(auto) invokeWith(Callable &&callable, Tracker &tracker, Args &&...args)
{
    if constexpr (std::invocable<Callable, Args...>)
        return std::invoke(std::forward<Callable>(callable), std::forward<Args>(args)...);
    else
        return std::invoke(std::forward<Callable>(callable), tracker, std::forward<Args>(args)...);
}

} // namespace detail

} // namespace trendscope::observability
