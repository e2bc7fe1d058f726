#pragma once

#include "core/observability/context.h"
#include "core/observability/spin_lock_p.h"

#include <cstdint>
#include <string>

namespace trendscope::observability {

/// The latest update that belonged to a trace or a request. Thread safe.
///
/// Updates are many, expositions few: an update only keeps the ids as they are.
class Exemplar {
public:
    void keep(const Trace &trace, double value);
    void clear();
    /// ` # {trace_id="…",span_id="…"} 0.5 1700000000.123`; nothing where there is none.
    void append(std::string &out) const;

private:
    mutable SpinLock m_lock;
    std::string m_ids; ///< those of the trace, one after the other; keeps its memory
    std::size_t m_traceIdSize = 0;
    std::size_t m_spanIdSize = 0;
    double m_value = 0;
    std::int64_t m_time = 0; ///< nanoseconds since 1970
};

} // namespace trendscope::observability
