#pragma once

#include "core/prom/series.h"

namespace trendscope::prom {

/// One address that Prometheus scrapes.
/// https://prometheus.io/docs/prometheus/latest/querying/api/#targets
struct ScrapeTarget {
    enum class Health { Unknown, Up, Down };

    Labels labels; ///< after relabelling: job, instance, …
    QString pool;  ///< scrape pool, in most cases the job
    QString url;
    Health health = Health::Unknown;
    QString lastError; ///< empty when the last scrape succeeded
    Timestamp lastScrape;
    std::chrono::milliseconds lastDuration{};
    std::chrono::milliseconds interval{}; ///< 0 where the server does not say
};

} // namespace trendscope::prom
