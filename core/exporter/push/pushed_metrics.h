#pragma once

#include "core/config/push_settings.h"
#include "core/observability/registry.h"

#include <bitset>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Collectable;
}

namespace trendscope::exporter {

/// Why something pushed was not taken.
enum class Refusal {
    None, ///< it was
    InvalidName,
    ReservedName, ///< belongs to Prometheus or to this agent
    InvalidLabel,
    WrongType,   ///< the catalogue has that metric with another type
    WrongLabels, ///< the catalogue has that metric with other labels
    Conflict,    ///< others pushed that name, or one that it would need, as another type
    BadValue,    ///< not finite, or negative where the type has nothing negative
    TooManySeries,
    TooManyMembers, ///< of a set, or processes of a gauge
};
std::string_view nameOf(Refusal refusal); ///< as in a label `kind`: lower case, with underscores

/// How something was pushed.
enum class PushedSource { Statsd, Json };
using PushedSources = std::bitset<2>;

enum class PushedType { Counter, Gauge, Histogram, Summary, Set };

/// How the values that several processes have for one gauge become one.
enum class GaugeMerge { Latest, Sum, Max, Min };

using PushedLabels = std::vector<std::pair<std::string, std::string>>; ///< name, value

/// What a series is.
struct PushedIdentity {
    std::string_view name; ///< as Prometheus wants it
    PushedType type;
    PushedLabels labels = {};             ///< in any order; those with an empty value are left out
    std::string_view help = {};           ///< counts at the metric's first series, as do buckets
    std::span<const double> buckets = {}; ///< finite, ascending; empty: the settings'
    std::chrono::milliseconds timeToLive{0}; ///< 0: the settings'
};

struct PushedValue {
    double value = 0;
    double count = 1;              ///< histograms, summaries: as many observations alike
    bool isRelative = false;       ///< gauges: added to the value that is there
    std::string_view member = {};  ///< sets: what is counted, once
    std::string_view process = {}; ///< gauges: whose value it is; empty: nobody's in particular
    GaugeMerge merge = GaugeMerge::Latest;
};

/// Whether that metric tells of pushed ones.
inline bool isAboutPushed(std::string_view metric)
{
    return metric.starts_with("trendscope_pushed_");
}

class PushedSeries;

/// Series whose values others send: one of a name and labels, however many processes send.
///
/// Metrics of the platform's catalogue must have its type and labels; they go to its families in
/// the registry. Others may have any valid name, and every series labels of its own. Thread safe.
class PushedMetrics {
public:
    using Clock = std::chrono::steady_clock;

    /// Finds the catalogue's families in `registry`, which must outlive this.
    explicit PushedMetrics(observability::Registry &registry,
                           config::PushedMetricsSettings settings = {});
    ~PushedMetrics();
    PushedMetrics(const PushedMetrics &) = delete;
    PushedMetrics &operator=(const PushedMetrics &) = delete;

    /// All but those of the catalogue, to be exposed beside the registry's. Whoever keeps it keeps
    /// the series alive.
    std::shared_ptr<::prometheus::Collectable> collectable() const;

    /// Ends what has outlived its time. Cheap when asked again within a second; also done by
    /// whoever collects, and before a new series is refused.
    void expire(Clock::time_point now);

    /// Ends the series that only this source has pushed: nothing more of it comes. How many.
    std::size_t end(PushedSource source);

    std::size_t seriesCount() const;
    /// Whether that source has pushed a series of that metric.
    bool has(std::string_view metric, PushedSource source) const;

    /// Values come through one of these; meanwhile nobody else gets in, so it should not live long.
    class Writer {
    public:
        Writer(PushedMetrics &metrics, PushedSource source, Clock::time_point now);
        ~Writer();
        Writer(const Writer &) = delete;
        Writer &operator=(const Writer &) = delete;

        /// Changes whenever a series has ended: only then is one that was found not good any more.
        std::uint64_t generation() const;

        struct Found {
            PushedSeries *series; ///< null when refused
            Refusal refusal;
        };
        /// That series, made when it is new.
        Found find(PushedIdentity identity);

        Refusal apply(PushedSeries &series, const PushedValue &value);

        /// Both.
        Refusal apply(PushedIdentity identity, const PushedValue &value);

    private:
        PushedMetrics &m_metrics;
        const std::unique_lock<std::mutex> m_lock;
    };

private:
    struct Private;
    const std::shared_ptr<Private> d; ///< shared with collectable()
};

} // namespace trendscope::exporter
