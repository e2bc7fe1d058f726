#pragma once

#include "core/exporter/push/pushed_metrics.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// Takes metrics that come as JSON: lines of an object each, or of a list of objects; or one list.
///
/// `{"metric":"api_requests_total","type":"counter","value":1,"labels":{"method":"GET",…}}`
/// - type: counter (value is added; 1 where absent), gauge, histogram;
/// - values: several instead of one, e.g. a histogram's observations;
/// - pid: the process, a number or a text; its part of gauges ends when nothing of it has come for
///   PushedMetricsSettings::processTimeout. Behind several hosts, a text such as "host:pid";
/// - mode: how the gauge values of several processes become one: latest (usual), sum, max, min;
/// - help, buckets: of a metric that is new and not in the catalogue.
///
/// What is wrong is refused and counted in `trendscope_push_errors_total{kind}`, a record at a
/// time; a line that is not JSON counts as one, and nothing of it is taken. Thread safe.
class PushIntake {
public:
    using Clock = PushedMetrics::Clock;

    static constexpr std::size_t maxBodySize = 8 << 20; ///< bytes

    /// Both must outlive it.
    PushIntake(PushedMetrics &metrics, observability::Registry &registry);

    struct Count {
        std::uint64_t taken = 0;
        std::uint64_t refused = 0;
        std::string firstProblem = {}; ///< for whoever sent it, e.g. "record 3: wrong_labels"
    };
    /// Errors: Invalid, where the body is too large; then nothing was taken.
    Result<Count> take(std::string_view body, Clock::time_point now = Clock::now());

private:
    PushedMetrics &m_metrics;
    observability::Family &m_records;
    observability::Family &m_errors;
};

} // namespace trendscope::exporter
