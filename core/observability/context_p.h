#pragma once

#include "core/observability/context.h"

#include <atomic>
#include <variant>
#include <vector>

namespace trendscope::observability {

/// One scope's whole context: its own fields and those that it inherited. Immutable but for its
/// end.
class ContextNode {
public:
    using OwnedValue =
        std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string>;
    struct Entry {
        std::string key;
        OwnedValue value;

        Field field() const; ///< a view of it
    };

    /// What the calling thread is in; null where it is in none. Lives until a scope of this thread
    /// begins or ends.
    static const ContextNode *current()
    {
        // Almost always one load: this runs for each recorded event.
        return s_current == nullptr ? nullptr : open();
    }
    static Trace currentTrace()
    {
        const ContextNode *const node = current();
        return node ? node->trace() : Trace{};
    }

    ContextNode(std::shared_ptr<ContextNode> outer, const ContextNode *inherited);

    const std::vector<Entry> &entries() const { return m_entries; } ///< keys are unique
    Trace trace() const { return {m_traceId, m_spanId, m_requestId}; }

private:
    friend class LogContext;

    static const ContextNode *open();
    void add(const Field &field); ///< before anyone else sees the node
    void set(std::string_view key, OwnedValue value);

    /// The thread's innermost scope, owned by it: raw, because a thread-local object with a
    /// destructor is guarded at every access. initial-exec for the same reason.
    static constinit thread_local ContextNode *s_current [[gnu::tls_model("initial-exec")]];

    std::vector<Entry> m_entries;
    std::string m_traceId;
    std::string m_spanId;
    std::string m_requestId;
    std::shared_ptr<ContextNode> m_outer; ///< what the thread goes back to
    std::shared_ptr<ContextNode> m_self;  ///< while a thread is in it
    std::atomic<bool> m_isClosed = false; ///< its scope ended, perhaps in another thread
};

} // namespace trendscope::observability
