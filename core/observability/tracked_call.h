#pragma once

#include <concepts>
#include <coroutine>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

/// The callable forms of the trackers; see Metrics::trackApiRequest().
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

template <class Awaitable>
decltype(auto) awaiterOf(Awaitable &&awaitable)
{
    if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); })
        return std::forward<Awaitable>(awaitable).operator co_await();
    else if constexpr (requires { operator co_await(std::forward<Awaitable>(awaitable)); })
        return operator co_await(std::forward<Awaitable>(awaitable));
    else
        return std::forward<Awaitable>(awaitable);
}

template <class Task>
using Awaited = decltype(awaiterOf(std::declval<Task>()).await_resume());

/// A coroutine that can be awaited; a generator is a result like any other.
template <class Result>
concept Task = requires { typename std::coroutine_traits<Result>::promise_type; }
    && requires(Result &&result) {
           {
               awaiterOf(std::move(result)).await_ready()
           } -> std::convertible_to<bool>;
           awaiterOf(std::move(result)).await_resume();
       };

/// What a tracked coroutine needs for as long as it lives.
template <class Tracker>
struct TrackedCoroutine {
    Tracker tracker;
    std::shared_ptr<const void> callable; ///< a coroutine uses its lambda's captures to its end
    bool isCreated = false;

    ~TrackedCoroutine()
    {
        // Here, still running, only if it was destroyed while it was suspended.
        if (isCreated)
            tracker.finish(Tracker::Ending::Abandoned);
    }
};

template <class Result, class Tracker>
Result finishWith(std::unique_ptr<TrackedCoroutine<Tracker>> work, Result task)
{
    using Value = Awaited<Result>;
    try {
        if constexpr (std::is_void_v<Value>) {
            co_await std::move(task);
            work->tracker.finish(Tracker::Ending::Normal);
        } else {
            Value &&value = co_await std::move(task);
            if constexpr (Telling<Value, Tracker>)
                takeStatus(work->tracker, value);
            work->tracker.finish(Tracker::Ending::Normal);
            co_return std::forward<Value>(value);
        }
    } catch (...) {
        work->tracker.finish(Tracker::Ending::Failed);
        throw;
    }
}

template <class Callable, class Tracker, class... Args>
auto callCoroutine(Tracker &tracker, std::shared_ptr<const void> keeper, Callable &&callable,
                   Args &&...args)
{
    auto work = std::make_unique<TrackedCoroutine<Tracker>>(std::move(tracker), std::move(keeper));
    auto task =
        invokeWith(std::forward<Callable>(callable), work->tracker, std::forward<Args>(args)...);
    work->isCreated = true;
    return finishWith(std::move(work), std::move(task));
}

template <class Callable, class Tracker, class... Args>
decltype(auto) callPlain(Tracker &tracker, Callable &&callable, Args &&...args)
{
    using Result = decltype(invokeWith(std::forward<Callable>(callable), tracker,
                                       std::forward<Args>(args)...));
    if constexpr (Telling<Result, Tracker>) {
        Result result =
            invokeWith(std::forward<Callable>(callable), tracker, std::forward<Args>(args)...);
        takeStatus(tracker, result);
        return result;
    } else {
        return invokeWith(std::forward<Callable>(callable), tracker, std::forward<Args>(args)...);
    }
}

/// Calls it now.
template <class Tracker, class Callable>
decltype(auto) call(Tracker &&tracker, Callable &&callable)
{
    using Result = decltype(invokeWith(std::forward<Callable>(callable), tracker));
    if constexpr (!Task<Result>) {
        return callPlain(tracker, std::forward<Callable>(callable));
    } else if constexpr (std::is_lvalue_reference_v<Callable>) {
        return callCoroutine(tracker, nullptr, callable);
    } else {
        const auto kept = std::make_shared<Callable>(std::move(callable));
        return callCoroutine(tracker, kept, std::move(*kept));
    }
}

/// To keep and to call many times: each call is work of its own.
template <class Begin, class Callable>
class TrackedCallable {
public:
    TrackedCallable(Begin begin, Callable callable)
        : m_begin(std::move(begin))
        , m_callable(std::make_shared<Callable>(std::move(callable)))
    {
    }

    template <class... Args>
        requires(std::invocable<Callable &, Args...>
                 || std::invocable<Callable &, std::invoke_result_t<const Begin &> &, Args...>)
    decltype(auto) operator()(Args &&...args) const
    {
        auto tracker = m_begin();
        using Result = decltype(invokeWith(*m_callable, tracker, std::forward<Args>(args)...));
        if constexpr (Task<Result>)
            return callCoroutine(tracker, m_callable, *m_callable, std::forward<Args>(args)...);
        else
            return callPlain(tracker, *m_callable, std::forward<Args>(args)...);
    }

private:
    Begin m_begin;
    std::shared_ptr<Callable> m_callable;
};

} // namespace trendscope::observability::detail
