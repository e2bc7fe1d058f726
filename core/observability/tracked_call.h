#pragma once

#include "tracked_coroutine.h"

/// The callable forms of the trackers; see Metrics::trackApiRequest().
namespace trendscope::observability::detail {

/// std::future and its like.
template <class Result>
concept Future = requires(std::remove_cvref_t<Result> &result) {
    result.get();
    result.wait();
    result.valid();
};

template <class Callable, class Tracker, class... Args>
decltype(auto) callPlain(Tracker &tracker, Callable &&callable, Args &&...args)
{
    using Result = decltype(invokeWith(std::forward<Callable>(callable), tracker,
                                       std::forward<Args>(args)...));
    static_assert(
        !Future<Result>,
        "the tracked work is over when the callable returns, but a future's is not: get() "
        "it in the callable, or move a tracker into what makes it ready");
    checkStatusOf<Tracker, Result>();
    if constexpr (Telling<Result, Tracker>) {
        Result result =
            invokeWith(std::forward<Callable>(callable), tracker, std::forward<Args>(args)...);
        takeStatus(tracker, result);
        if constexpr (std::is_reference_v<Result>) // a T && that has a name is none
            return static_cast<Result>(result);
        else
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
        const auto kept = std::make_shared<Callable>(std::forward<Callable>(callable));
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
