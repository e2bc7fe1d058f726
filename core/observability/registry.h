#pragma once

#include "counter.h"
#include "export.h"
#include "exposition.h"
#include "gauge.h"
#include "histogram.h"
#include "metric_description.h"
#include "series_claim.h"

#include <concepts>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace prometheus {
class Collectable;
}

namespace trendscope::observability {

/// One metric with all its series. Thread safe.
///
/// Label values are given in the order of the description's labels. What is not UTF-8 in them
/// becomes U+FFFD; what is longer than 1,024 bytes is cut. A series begins with its first value.
/// Values that make no sense (not finite, a negative increment or observation) are counted in
/// `trendscope_bad_values_total{metric}`, not taken; so is the use with a wrong number of labels or
/// as another type, which debug builds assert.
///
/// Label values that are new to a full family make no series: their updates are counted in
/// `trendscope_series_dropped_total{metric}`.
class TRENDSCOPE_OBSERVABILITY_EXPORT Family {
public:
    using LabelValues = std::initializer_list<std::string_view>;
    using LabelSpan = std::span<const std::string_view>;

    ~Family();

    /// Handles, for a series that is used often.
    Counter counter(LabelSpan labels) const;
    Gauge gauge(LabelSpan labels) const;
    Histogram histogram(LabelSpan labels) const;
    Counter counter(LabelValues labels) const { return counter(LabelSpan(labels)); }
    Gauge gauge(LabelValues labels) const { return gauge(LabelSpan(labels)); }
    Histogram histogram(LabelValues labels) const { return histogram(LabelSpan(labels)); }

    void increment(LabelValues labels, double by = 1); ///< counters
    void set(LabelValues labels, double value);        ///< gauges
    /// Histograms: `count` observations of `value` at once; a whole number.
    void observe(LabelValues labels, double value, double count = 1);

    void remove(LabelSpan labels); ///< ends that series, where there is one
    void remove(LabelValues labels) { remove(LabelSpan(labels)); }
    void clear(); ///< ends all its series

    /// For one of several sources of the same series: see SeriesClaim.
    SeriesClaim claim(LabelSpan labels);
    SeriesClaim claim(LabelValues labels) { return claim(LabelSpan(labels)); }

    template <class Handle>
    Handle handle(LabelSpan labels) const
    {
        if constexpr (std::same_as<Handle, Counter>)
            return counter(labels);
        else if constexpr (std::same_as<Handle, Gauge>)
            return gauge(labels);
        else
            return histogram(labels);
    }

private:
    friend class Registry;
    struct Private;
    explicit Family(std::unique_ptr<Private> description);

    const std::unique_ptr<Private> d;
};

struct RegistrySettings {
    std::size_t maxSeries = 2000; ///< of a family that does not say it itself
    /// Of series whose family does not say it itself; 0: they never expire.
    std::chrono::milliseconds timeToLive{0};
};

/// The metrics of one process, in the order in which they were added. Thread safe.
///
/// Brings metrics about itself: `trendscope_bad_values_total{metric}`, and, once there is something
/// to tell, `trendscope_series_dropped_total{metric}` and
/// `trendscope_metrics_refused_total{metric}`.
///
/// A series that has expired (see RegistrySettings::timeToLive) is left out of the exposition; its
/// memory goes to the family's later series at the next one, unless a handle has it: an update then
/// brings the same series back. Each thread has handles of some hundred series that it found last:
/// with a timeToLive, series that come back in this way may be above maxSeries.
class TRENDSCOPE_OBSERVABILITY_EXPORT Registry {
public:
    explicit Registry(RegistrySettings settings = {});
    ~Registry();
    Registry(const Registry &) = delete;
    Registry &operator=(const Registry &) = delete;

    /// The family lives as long as the registry. A name that is there already, with the same type,
    /// labels and buckets, gives that same family.
    ///
    /// A name that is there with others, or whose samples would have another's names, and a
    /// description that is not valid are the program's errors: debug builds assert. Release builds
    /// count them in `trendscope_metrics_refused_total{metric}` and give a family that works but is
    /// never exposed.
    Family &add(MetricDescription description);

    /// The same with types: `add<CounterFamily<MyLabels>>({…})`, or `add<Gauge>({…})` for a metric
    /// without labels. Type and labels of the description are filled in.
    template <class Typed>
    Typed add(MetricDescription description)
    {
        description.type = Typed::type;
        if constexpr (requires { Typed::labelNames(); }) {
            description.labels = Typed::labelNames();
            return Typed(add(std::move(description)));
        } else {
            description.labels.clear();
            return add(std::move(description)).template handle<Typed>({});
        }
    }

    /// Of what was added, in that order.
    std::vector<MetricDescription> descriptions() const;

    /// Ends the series of all metrics with such names: their source is not asked any more.
    void clear(const std::function<bool(std::string_view name)> &isOver);

    /// Metrics of a part that uses prometheus-cpp: exposed after ours, as long as they live. They
    /// are collected by the thread that asks for the exposition. What is not valid, or has a name
    /// of ours, is left out and counted in `trendscope_metrics_refused_total{metric}`.
    void addCollectable(std::weak_ptr<::prometheus::Collectable> collectable);
    /// Our metrics, without what was added by addCollectable(), for a part that serves
    /// prometheus-cpp's. Lives as long as the registry, and as whoever keeps it.
    std::shared_ptr<::prometheus::Collectable> collectable() const;

    /// HELP, TYPE and samples, families in the order in which they came, series sorted by their
    /// labels. `contentType` chooses the format: one of the two of exposition.h, or a whole Accept
    /// header.
    ///
    /// Needs about as much memory as the text has, and some 50 ns a sample; recording goes on
    /// meanwhile.
    std::string expose(std::string_view contentType = textContentType) const;

    /// The answer to a request with these headers (RFC 9110, 12.5.1 and 12.5.3); empty where it has
    /// none. Text where OpenMetrics is not asked for; compressed where gzip is, and worth it.
    Exposition answer(std::string_view accept, std::string_view acceptEncoding = {}) const;

    /// One line `name{labels,extraLabels} value timestamp` a sample; the timestamp is in seconds
    /// since 1970. `extraLabels` (`job="api",instance="a:1"`) are written as they are: escape their
    /// values, and take no name that a metric has.
    void appendSamples(std::string &out, std::string_view extraLabels,
                       double timestampSeconds) const;

private:
    struct Private;
    const std::shared_ptr<Private> d;
};

} // namespace trendscope::observability
