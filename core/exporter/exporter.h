#pragma once

#include "core/exporter/collector_runner.h"
#include "core/exporter/http/http_message.h"
#include "core/exporter/status_page.h"
#include "core/observability/logging.h"
#include "core/observability/metrics.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

class LogStream;

/// The agent: asks its collectors whenever it is scraped, and answers with the whole catalogue.
/// Thread safe.
class Exporter {
public:
    using Clock = Collector::Clock;
    using Collectors = CollectorRunner::Collectors;
    using Reload = std::function<Result<void>()>;

    /// `metrics` and `logging` must outlive it. `version` is what the build info says.
    Exporter(Collectors collectors, observability::Metrics &metrics,
             const observability::Logging &logging, std::string version);

    /// What /metrics answers: collects, then writes the exposition, in the form that the request's
    /// headers ask for. `collect[]` in its query selects collectors, and what they bring.
    ///
    /// Collectors have as long as Prometheus waits (X-Prometheus-Scrape-Timeout-Seconds) less half
    /// a second; 5 s where it does not say; a minute at most.
    Response scrape(const Request &request = {});

    /// /metrics, /-/ready, /-/healthy, /-/reload by POST, a page at / that tells how it is, and
    /// `others`.
    /// `reload` is called in a server's thread. The exporter must outlive the handler.
    Handler handler(Reload reload = {}, Routes others = {});

    /// Those that it asks.
    CollectorRunner &collectors() { return m_runner; }
    /// What the page at / tells.
    void setAddresses(std::vector<std::string> addresses);
    void setPaths(std::vector<StatusPath> paths);        ///< that are on beside its own
    void setProblem(std::optional<std::string> problem); ///< of the latest reload

    /// See CollectorRunner::stop().
    bool stop(Clock::time_point deadline);

private:
    Response reload(const Request &request, const Reload &reload);
    std::string page();
    Response exposition(const Request &request,
                        const std::vector<std::string_view> &selected) const;
    std::string only(const std::vector<std::string_view> &selected, std::string_view all) const;

    const std::string m_version;
    observability::Metrics &m_metrics;
    const observability::Logging &m_logging;
    observability::Family &m_scrapeDuration;
    CollectorRunner m_runner;

    mutable std::mutex m_mutex; ///< of all that follows
    std::vector<std::string> m_addresses;
    std::vector<StatusPath> m_paths;
    std::optional<std::string> m_problem;
    std::optional<double> m_previousScrape; ///< seconds
};

} // namespace trendscope::exporter
