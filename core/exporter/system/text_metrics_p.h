#pragma once

#include "core/result.h"

#include <prometheus/metric_family.h>

#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// Reads Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
///
/// Families come in the order of their first mention, without those that have no sample; labels are
/// sorted. Errors: Invalid, naming the line, for all that is not exactly the format, for series and
/// descriptions that are there twice, for histograms that make no sense, for timestamps (whose time
/// would stand still), and for a text that does not end with a line's end: it was cut.
Result<std::vector<prometheus::MetricFamily>> parseTextMetrics(std::string_view text);

} // namespace trendscope::exporter
