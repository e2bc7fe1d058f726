#pragma once

#include "export.h"

namespace trendscope::observability {

class Series;

/// What counters, gauges and histograms have in common: each is a handle of one series.
///
/// Copies are handles of the same series and cost one atomic increment; keep one where a metric is
/// used often. Thread safe. A handle stays valid whatever happens to its series, family or
/// registry.
///
/// A series appears in the exposition with its first update, even one by 0. A handle of a series
/// that was refused because its family is full counts its updates in
/// `trendscope_series_dropped_total{metric}`; its value is 0.
class TRENDSCOPE_OBSERVABILITY_EXPORT SeriesHandle {
public:
    SeriesHandle(const SeriesHandle &other);
    SeriesHandle &operator=(const SeriesHandle &other);
    ~SeriesHandle();

    /// Ends the series in the exposition, until its next update brings it back: counters and
    /// histograms then begin at 0 again, gauges go on.
    void remove() const;

protected:
    friend class Family;
    explicit SeriesHandle(Series *counted); ///< takes over a reference
    Series &series() const { return *m_series; }

private:
    Series *m_series; ///< never null
};

} // namespace trendscope::observability
