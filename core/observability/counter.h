#pragma once

#include "context.h"
#include "metric_description.h"
#include "series_handle.h"

namespace trendscope::observability {

/// A value that only grows, such as a number of events.
///
/// Within a LogContext with a trace or a request id, the latest increment is kept as the exemplar
/// (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars).
class TRENDSCOPE_OBSERVABILITY_EXPORT Counter : public SeriesHandle {
public:
    static constexpr auto type = MetricDescription::Type::Counter;

    /// By what is not finite or is negative: ignored, and counted in
    /// `trendscope_bad_values_total{metric}`. Costs about as much as `prometheus::Counter`.
    void increment(double by = 1) const;
    /// For work of another context than this thread's.
    void increment(double by, const Trace &trace) const;

    /// Takes over what a source that counts itself has counted in all; less than before where that
    /// began anew. Not together with increment(). The same values are refused.
    void follow(double total) const;

    double value() const;

private:
    friend class Family;
    using SeriesHandle::SeriesHandle;
};

} // namespace trendscope::observability
