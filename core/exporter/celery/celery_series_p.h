#pragma once

#include "core/exporter/celery/celery_event.h"
#include "core/exporter/celery/celery_metrics_p.h"

#include <compare>
#include <map>
#include <set>
#include <string>

namespace trendscope::exporter {

/// The metrics that celery-exporter has for each task name, host and queue. One thread.
///
/// As there, the first event of a combination makes all its counters, so that the first failure is
/// an increase, and a host's series end some time after its workers.
class CelerySeries {
public:
    /// Pointers to texts that live as long as this.
    struct Labels {
        const std::string *name;
        const std::string *host;
        const std::string *queue;
        auto operator<=>(const Labels &) const = default;
    };

    explicit CelerySeries(CeleryMetrics &metrics)
        : m_metrics(metrics)
    {
    }

    void count(const Labels &labels, const CeleryEvent &event);
    void purge(const std::string *host);

private:
    static constexpr std::size_t maxCombinations = 10'000;
    static constexpr std::size_t maxExceptions = 50; ///< of a combination

    using Exceptions = std::set<std::string, std::less<>>;

    observability::Family *familyOf(CeleryEvent::Type type) const;
    void begin(const Labels &labels);
    void countFailure(const Labels &labels, std::string_view exception);

    CeleryMetrics &m_metrics;
    std::map<Labels, Exceptions> m_known;
};

} // namespace trendscope::exporter
