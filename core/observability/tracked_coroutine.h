#pragma once

#include "tracked_result.h"

#include <coroutine>
#include <memory>

/// A tracker that lives until a coroutine has completed; see Metrics::trackApiRequest().
namespace trendscope::observability::detail {

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
            checkStatusOf<Tracker, Value>();
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

} // namespace trendscope::observability::detail
