#pragma once

#include "core/exporter/push/pushed_series_p.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <unordered_map>
#include <unordered_set>

namespace trendscope::exporter {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const
    {
        return std::hash<std::string_view>()(text);
    }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// One pushed name with all its series.
struct PushedMetric {
    PushedType type;
    std::string help;
    std::vector<double> buckets;
    const KnownMetric *known = nullptr;
    ByText<std::unique_ptr<PushedSeries>> series; ///< by all their labels
};

struct PushedMetrics::Private final : ::prometheus::Collectable {
    Private(observability::Registry &registry, config::PushedMetricsSettings settings);

    std::vector<::prometheus::MetricFamily> Collect() const override;

    Writer::Found find(PushedIdentity &identity);
    Writer::Found findOrMake(PushedIdentity &identity);
    Writer::Found seriesOf(PushedMetric &metric, PushedIdentity &identity);
    Refusal makeMetric(const PushedIdentity &identity, ByText<PushedMetric>::iterator &metric);
    Writer::Found makeSeries(PushedMetric &metric, std::string key, PushedIdentity &identity);
    bool hear(std::string_view process);
    bool expire(); ///< whether anything ended
    /// Ends those series of which `isOver` says so, and counts them. How many were exposed.
    template <class Predicate>
    std::size_t endThose(Predicate isOver, std::string_view reason);
    void erase(ByText<PushedMetric>::iterator metric);

    mutable std::mutex mutex;
    mutable PushContext context;
    std::vector<KnownMetric> catalogue;
    ByText<const KnownMetric *> known;
    ByText<PushedMetric> metrics;
    std::unordered_set<std::string> names; ///< of all samples that the metrics have
    std::size_t seriesCount = 0;
    observability::Family &exposedCount; ///< of series
    observability::Family &endedSeries;
    std::uint64_t generation = 0;
    Clock::time_point expired;
};

template <class Predicate>
std::size_t PushedMetrics::Private::endThose(Predicate isOver, std::string_view reason)
{
    std::size_t erased = 0;
    std::size_t ended = 0; // without those of which no value was taken
    for (auto metric = metrics.begin(); metric != metrics.end();) {
        const auto next = std::next(metric);
        erased += std::erase_if(metric->second.series, [&](const auto &each) {
            PushedSeries &series = *each.second;
            if (!isOver(series))
                return false;
            ended += series.hasValue() ? 1 : 0;
            series.end(context);
            return true;
        });
        if (metric->second.series.empty())
            erase(metric);
        metric = next;
    }
    if (erased == 0)
        return 0;
    ++generation;
    seriesCount -= erased;
    exposedCount.set({}, static_cast<double>(seriesCount));
    endedSeries.increment({reason}, static_cast<double>(ended));
    return ended;
}

} // namespace trendscope::exporter
