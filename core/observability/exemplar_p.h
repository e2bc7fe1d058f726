#pragma once

#include "core/observability/context.h"
#include "core/observability/spin_lock_p.h"

#include <cstdint>
#include <string>

namespace trendscope::observability {

/// The latest update that belonged to a trace or a request. Thread safe.
class Exemplar {
public:
    void keep(const Trace &trace, double value);
    void clear();
    /// ` # {trace_id="…",span_id="…"} 0.5 1700000000.123`; nothing where there is none.
    void append(std::string &out) const;

private:
    mutable SpinLock m_lock;
    std::string m_labels; ///< as they are written
    double m_value = 0;
    double m_time = 0; ///< seconds since 1970
};

} // namespace trendscope::observability
