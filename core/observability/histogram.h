#pragma once

#include "context.h"
#include "metric_description.h"
#include "series_handle.h"

namespace trendscope::observability {

/// How observations are spread over the family's buckets, with their sum.
///
/// Observations of many threads at once don't wait for each other. Each bucket keeps its latest
/// observation within a trace as an exemplar, as counters do.
class TRENDSCOPE_OBSERVABILITY_EXPORT Histogram : public SeriesHandle {
public:
    static constexpr auto type = MetricDescription::Type::Histogram;

    /// `count` observations of `value` at once. A value that is not finite or is negative, and a
    /// count that is no whole number from 0 on: ignored, and counted in
    /// `trendscope_bad_values_total{metric}`.
    void observe(double value, double count = 1) const;
    /// For work of another context than this thread's.
    void observe(double value, double count, const Trace &trace) const;

    double count() const; ///< of all observations
    double sum() const;   ///< of their values

private:
    friend class Family;
    using SeriesHandle::SeriesHandle;
};

} // namespace trendscope::observability
