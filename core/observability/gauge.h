#pragma once

#include "metric_description.h"
#include "series_handle.h"

namespace trendscope::observability {

/// A value that goes up and down. A change that is not finite is ignored, and counted in
/// `trendscope_bad_values_total{metric}`.
class TRENDSCOPE_OBSERVABILITY_EXPORT Gauge : public SeriesHandle {
public:
    static constexpr auto type = MetricDescription::Type::Gauge;

    void set(double value) const;
    void increment(double by = 1) const;
    void decrement(double by = 1) const;

    double value() const;

private:
    friend class Family;
    using SeriesHandle::SeriesHandle;
};

} // namespace trendscope::observability
