#pragma once

#include "core/config/config.h"
#include "core/exporter/collector_runner.h"
#include "core/exporter/http/http_message.h"
#include "core/exporter/log_stream/log_stream.h"
#include "core/exporter/postgres/statement_logging.h"
#include "core/exporter/push/push_endpoint.h"
#include "core/exporter/push/pushed_metrics.h"
#include "core/exporter/status_page.h"
#include "core/observability/logging.h"
#include "core/observability/metrics.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

class LogSeries;

/// What of a configuration shows only when it is about to be used: queries, mapping rules,
/// addresses, names of collectors. Invalid.
Result<void> check(const config::Config::Exporter &settings);

/// The collectors that a configuration asks for, and what others push.
///
/// A new configuration changes the collectors whose settings are not as before; the others go on as
/// they are, so that nothing they hold (a position in a log, a subscription) is lost.
class Sources {
public:
    /// All of these must outlive it.
    Sources(observability::Metrics &metrics, const observability::Logging &logging,
            CollectorRunner &runner, config::PushedMetricsSettings pushed);

    /// Of all collectors that there are.
    static std::vector<std::string_view> names();

    /// Errors: Invalid, System (a socket that can not be had); then everything is as it was. A
    /// collector that hangs is given a second, and is replaced all the same. Unavailable: the
    /// runner was stopped meanwhile, and what it runs does not matter any more.
    Result<void> apply(const config::Config::Exporter &settings);

    /// Of those two, what the settings in force turn on. In the thread of apply().
    std::vector<StatusPath> paths() const;

    /// What POST /push and GET /logs/stream answer. In any thread.
    Response push(const Request &request) { return m_push.answer(request); }
    Response streamLogs(const Request &request) { return m_logStream.answer(request); }

private:
    struct Kind;
    static const std::vector<Kind> &kinds();

    observability::Logger logger() const;
    Result<void> checkAll(const config::Config::Exporter &settings) const;
    Result<void> replace(const Kind &kind, const config::Config::Exporter &settings,
                         Collector::Clock::time_point deadline);
    void end(std::string_view name, Collector::Clock::time_point deadline);
    std::shared_ptr<LogSeries> logSeriesFor(const config::LogMetrics &logs);
    void endPushed(PushedSource source, std::string_view name);

    observability::Metrics &m_metrics;
    const observability::Logging &m_logging;
    CollectorRunner &m_runner;
    const config::PushedMetricsSettings m_pushedSettings;
    PushedMetrics m_pushed;
    const std::shared_ptr<::prometheus::Collectable> m_collectable;
    PushEndpoint m_push;
    LogStream m_logStream;
    const std::shared_ptr<StatementLoggingNote> m_statementLogging;
    std::shared_ptr<LogSeries> m_logSeries; ///< of the rules; none while there are none
    config::Config::Exporter m_settings;    ///< that are in force
    bool m_isRunning = false;
    std::set<std::string_view> m_on; ///< collectors that run
    /// Of rules and queries, since the start.
    std::map<std::string, observability::MetricDescription> m_metricsSoFar;
};

} // namespace trendscope::exporter
