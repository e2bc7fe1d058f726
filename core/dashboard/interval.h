#pragma once

#include "core/prom/series.h"

#include <QString>

#include <chrono>
#include <optional>

/// Which step a query is sent with, and what `$__interval` and kin stand for: the rules of
/// Grafana's Prometheus data source.
/// https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
namespace trendscope::dashboard {

/// "30s", "1m", "1d", "500ms"; several parts ("1h30m") too; a bare number is seconds. Nothing for
/// other text.
std::optional<std::chrono::milliseconds> durationOf(QStringView text);

/// The largest whole unit, truncated: 90 s is "1m".
QString intervalText(std::chrono::milliseconds span);

/// All units, as Go prints a duration for Prometheus: 90 s is "1m30s".
QString durationText(std::chrono::milliseconds span);

/// Rounds to the next of Grafana's steps: 1, 2, 5, 10, 15, 20, 30 s and so on.
std::chrono::milliseconds roundedInterval(std::chrono::milliseconds raw);

struct IntervalInput {
    std::chrono::milliseconds range;
    int maxDataPoints = 500; ///< > 0
    std::chrono::milliseconds minimum{
        15'000}; ///< the panel's own smallest step, else the scrape interval
    std::optional<std::chrono::milliseconds> query{}; ///< the query's own smallest step
    int factor = 1;                                   ///< intervalFactor
    std::chrono::milliseconds scrape{15'000};
};

struct Interval {
    std::chrono::milliseconds step;         ///< of the range query, and `$__interval`
    std::chrono::milliseconds rateInterval; ///< `$__rate_interval`: at least four scrapes
};

Interval intervalFor(const IntervalInput &input);

/// Both ends moved down to a multiple of `step`, so that the same steps are asked for again and
/// again.
std::pair<prom::Timestamp, prom::Timestamp> alignedRange(prom::Timestamp start, prom::Timestamp end,
                                                         std::chrono::milliseconds step,
                                                         std::chrono::seconds utcOffset);

} // namespace trendscope::dashboard
