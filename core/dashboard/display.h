#pragma once

#include "core/dashboard/field_config.h"
#include "core/dashboard/value_format.h"

namespace trendscope::dashboard {

/// What a value reads and which colour it has.
struct DisplayValue {
    FormattedValue text;
    QString color; ///< a Grafana colour name or CSS colour; empty: the series' own
};

/// Extremes of the data, for percentages and gauges without a configured min or max.
struct ValueRange {
    double min = 0;
    double max = 100;
};

/// The last threshold at or below `value`; the base step for a value that is no number. Empty
/// without thresholds.
QString thresholdColor(const FieldConfig &config, double value, ValueRange range);

/// Formats, maps and colours one value; NaN is shown by the mappings of null, then `noValue`, then
/// "No data". The colour is set for colour modes "thresholds" and "fixed", and by mappings.
DisplayValue displayValue(const FieldConfig &config, double value, ValueRange range = {});

} // namespace trendscope::dashboard
