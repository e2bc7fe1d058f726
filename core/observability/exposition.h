#pragma once

#include <string>
#include <string_view>

namespace trendscope::observability {

/// Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
inline constexpr std::string_view textContentType = "text/plain; version=0.0.4; charset=utf-8";
/// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
inline constexpr std::string_view openMetricsContentType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a service answers at its `/metrics`: the body, and the headers that tell its form.
struct Exposition {
    std::string_view contentType; ///< one of the two above
    /// "gzip", or empty: then there is no such header.
    std::string_view contentEncoding;
    std::string body;
};

} // namespace trendscope::observability
