#pragma once

#include "core/exporter/server.h"
#include "core/observability/logging.h"
#include "core/observability/metrics.h"
#include "core/observability/registry.h"
#include "core/observability/system_collector.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// The agent: collects this machine's metrics whenever it is scraped, and answers with the whole
/// catalogue.
///
/// For one thread at a time; once it is a server's handler, that server's.
class Exporter {
public:
    /// `logging` must outlive it. `version` is what the build info says.
    Exporter(observability::SystemCollector system, const observability::Logging &logging,
             std::string version);

    /// What /metrics answers: collects, then writes the exposition.
    std::string scrape();

    /// The paths that an exporter serves: /metrics, /-/ready, /-/healthy and a page at / with links
    /// to them. The exporter must outlive the handler.
    Handler handler();

private:
    using Clock = std::chrono::steady_clock;

    void collect();
    std::optional<double> measure(const std::string &collector,
                                  const std::function<observability::Measured()> &measurement);
    void report(const std::string &collector, const std::optional<Error> &error);

    const std::string m_version;
    observability::SystemCollector m_system;
    const observability::Logging &m_logging;
    observability::Logger m_log;

    observability::Metrics m_metrics;
    observability::Family &m_scrapeDuration;
    observability::Family &m_collectorSuccess;
    observability::Family &m_collectorDuration;
    observability::Family &m_droppedRecords;
    std::optional<double> m_previousScrape; ///< seconds
    double m_reportedDrops = 0;
    std::map<std::string, bool> m_isFailing; ///< by collector, to log changes only
};

} // namespace trendscope::exporter
