#pragma once

#include "export.h"
#include "value.h"

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
/// is not held over a `co_await`, where the thread goes on with other work. Debug builds assert
/// that. Release builds never give its fields to other work once it has ended, wherever that was.
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
    /// A context apart from any thread. Cheap to copy, thread safe, may outlive the scopes that it
    /// was captured in.
    class TRENDSCOPE_OBSERVABILITY_EXPORT Snapshot {
    public:
        Snapshot() = default; ///< the empty context

        /// Makes this the thread's whole context, in place of what it had, until the scope ends.
        [[nodiscard]] LogContext resume() const;
        /// Views that live as long as the snapshot.
        Trace trace() const;

    private:
        friend class LogContext;
        friend class ContextNode;
        std::shared_ptr<const ContextNode> m_node;
    };

    [[nodiscard]] explicit LogContext(std::initializer_list<Field> fields);
    ~LogContext();
    LogContext(const LogContext &) = delete;
    LogContext &operator=(const LogContext &) = delete;

    static Snapshot capture();
    /// As `snapshot.resume()`.
    [[nodiscard, gnu::always_inline]] static LogContext resume(const Snapshot &snapshot)
    {
        return snapshot.resume(); // no frame between this one and the scope's owner, see m_frame
    }

private:
    LogContext(std::shared_ptr<ContextNode> node, const void *frame);
    void enter();

    std::shared_ptr<ContextNode> m_node;
    std::thread::id m_thread = std::this_thread::get_id();
    const void *m_frame = nullptr; ///< of the call that made it, when it lives in no stack
};

} // namespace trendscope::observability
