#pragma once

#include "export.h"
#include "value.h"

#include <cassert>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace trendscope::observability {

class ContextNode;

/// Which request some work belongs to. A part that is not known is empty.
struct Trace {
    std::string_view traceId;   ///< 32 lower-case hexadecimal digits, not all 0
    std::string_view spanId;    ///< 16 of them
    std::string_view requestId; ///< any text

    bool isEmpty() const { return traceId.empty() && requestId.empty(); }
};

/// The ids in a W3C `traceparent`: `00-<trace id>-<parent id>-<flags>`, views into `header`;
/// nothing when it is not valid (https://www.w3.org/TR/trace-context/#traceparent-header).
TRENDSCOPE_OBSERVABILITY_EXPORT std::optional<Trace> parseTraceparent(std::string_view header);

/// Fields that every record of this thread carries while the scope lives.
///
/// Scopes nest: an inner one adds to the outer one and wins where both have a key. Two keys mean
/// more than themselves: `request_id`, and `traceparent`, from which the fields `trace_id` and
/// `span_id` are made when it is valid. Records, exemplars and trackers that are made within the
/// scope carry them.
///
/// A scope is an automatic variable: it ends in the thread and in the order in which it began, and
/// is not held over a `co_await`, where the thread goes on with other work. Builds with assertions
/// tell when such a scope ends: in another thread, out of order, or in a coroutine that was resumed
/// from elsewhere than it was begun (a loop that resumes it from the same place again is not told
/// apart). Without assertions its fields are in no record of other work once it has ended, wherever
/// that was; while it is held, they are in those of its thread.
/// To take a context along, capture() it and resume() it in each piece of work:
///
///     const auto context = LogContext::capture();
///     pool.post([context] {
///         const auto scope = context.resume();
///         …
///     });
///
/// Costs two allocations; reading it costs none.
class TRENDSCOPE_OBSERVABILITY_EXPORT LogContext {
public:
    class Snapshot;

    // These are calls in every build, so that they see the stack of who makes the scope, and
    // inline, so that they assert in debug builds of the program whatever the library was built as.
    [[nodiscard, gnu::noinline]] explicit LogContext(std::initializer_list<Field> fields)
        : LogContext(nodeWith(fields), isChecked, __builtin_frame_address(0))
    {
    }
    [[gnu::noinline]] ~LogContext()
    {
        assert(endsWhereItBegan(__builtin_frame_address(0))
               && "a LogContext was held over a suspension");
        leave();
    }
    LogContext(const LogContext &) = delete;
    LogContext &operator=(const LogContext &) = delete;

    static Snapshot capture();
    /// As `snapshot.resume()`.
    [[nodiscard, gnu::noinline]] static LogContext resume(const Snapshot &snapshot)
    {
        return {nodeOf(snapshot), isChecked, __builtin_frame_address(0)};
    }

private:
#ifdef NDEBUG
    static constexpr bool isChecked = false;
#else
    static constexpr bool isChecked = true;
#endif

    LogContext(std::shared_ptr<ContextNode> node, bool isToBeChecked, const void *frame);
    static std::shared_ptr<ContextNode> nodeWith(std::initializer_list<Field> fields);
    static std::shared_ptr<ContextNode> nodeOf(const Snapshot &snapshot);
    bool endsWhereItBegan(const void *frame) const;
    void leave();

    const std::shared_ptr<ContextNode> m_node;
    const std::thread::id m_thread = std::this_thread::get_id();
    /// What called the function that made it, and where its stack ended; 0 when nobody wants to
    /// know.
    const std::size_t m_calledFrom;
};

/// A context apart from any thread. Cheap to copy, thread safe, may outlive the scopes that it was
/// captured in.
class TRENDSCOPE_OBSERVABILITY_EXPORT LogContext::Snapshot {
public:
    Snapshot() = default; ///< the empty context

    /// Makes this the thread's whole context, in place of what it had, until the scope ends.
    [[nodiscard, gnu::noinline]] LogContext resume() const
    {
        return {nodeOf(*this), isChecked, __builtin_frame_address(0)};
    }
    /// Views that live as long as the snapshot.
    Trace trace() const;

private:
    friend class LogContext;
    std::shared_ptr<const ContextNode> m_node;
};

} // namespace trendscope::observability
