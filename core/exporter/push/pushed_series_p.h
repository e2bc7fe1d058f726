#pragma once

#include "core/exporter/push/pushed_metrics.h"

#include <prometheus/client_metric.h>

#include <map>

namespace trendscope::exporter {

using PushClock = PushedMetrics::Clock;

/// A metric of the catalogue, and where its values go.
struct KnownMetric {
    observability::MetricDescription description;
    observability::Family *family = nullptr;
};

/// What all series have in common while one is changed or read.
struct PushContext {
    const config::PushedMetricsSettings settings;
    PushClock::time_point now;
    PushedSource source = PushedSource::Json; ///< of what is being written
    std::map<std::string, PushClock::time_point, std::less<>> processes; ///< last heard of
    std::size_t setMembers = 0;                                          ///< of all sets
};

/// The series of a catalogue metric: its values go to the registry's family as well, where it ends
/// with this, unless it is another source's, too.
class KnownSeries {
public:
    KnownSeries() = default;
    /// `values` in the order of the description's labels, of which no metric has more than three.
    KnownSeries(const KnownMetric &metric, std::vector<std::string> values);

    explicit operator bool() const { return m_family != nullptr; }
    void increment(double by) const;
    void set(double value) const;
    void observe(double value, double count) const;

private:
    template <class Use>
    void withLabels(Use use) const;

    observability::Family *m_family = nullptr;
    std::vector<std::string> m_values;
    observability::SeriesClaim m_claim;
};

struct SeriesFacts {
    PushedLabels labels; ///< sorted
    PushedSources sources;
    std::chrono::milliseconds timeToLive{0};
    KnownSeries known;
};

/// One pushed series. Of one thread at a time.
class PushedSeries : public SeriesFacts {
public:
    virtual ~PushedSeries() = default;

    Refusal apply(const PushedValue &value, PushContext &context);
    void collect(::prometheus::ClientMetric &out, PushContext &context);

    /// Whether it is over, also because nothing is left of it. A series without a value is.
    bool hasEnded(PushContext &context);
    /// Gives back what it has of the context.
    virtual void end(PushContext & /*context*/) { }

    bool hasValue() const { return m_hasValue; }

private:
    virtual Refusal take(const PushedValue &value, PushContext &context) = 0;
    virtual void write(::prometheus::ClientMetric &out, PushContext &context) = 0;
    virtual bool isEmpty(PushContext & /*context*/) { return false; }

    PushClock::time_point m_updated;
    bool m_hasValue = false;
};

/// `buckets` are for histograms that are not of the catalogue.
std::unique_ptr<PushedSeries> makeSeries(PushedType type, const std::vector<double> *buckets);

} // namespace trendscope::exporter
