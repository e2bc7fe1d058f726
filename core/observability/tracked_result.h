#pragma once

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
/// A result like std::expected or trendscope::Result that holds an error is a failure; its error
/// may have a statusOf() of its own. What the callable itself set on the tracker is not changed.
namespace trendscope::observability::detail {

template <class Result, class Tracker>
concept HasStatus = requires(const Result &result) {
    {
        statusOf(result)
    } -> std::convertible_to<typename Tracker::Status>;
};

template <class Result>
concept HoldsError = requires(const Result &result) {
    {
        result.has_value()
    } -> std::convertible_to<bool>;
    result.error();
};

template <class Result, class Tracker>
concept Telling = requires { typename Tracker::Status; }
    && (HasStatus<std::remove_cvref_t<Result>, Tracker> || HoldsError<std::remove_cvref_t<Result>>);

template <class Tracker, class Result>
void takeStatus(Tracker &tracker, const Result &result)
{
    if (tracker.hasStatus())
        return;
    if constexpr (HasStatus<Result, Tracker>) {
        tracker.setStatus(statusOf(result));
    } else if (!result.has_value()) {
        if constexpr (HasStatus<std::remove_cvref_t<decltype(result.error())>, Tracker>)
            tracker.setStatus(statusOf(result.error()));
        else
            tracker.setFailed();
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

} // namespace trendscope::observability::detail
