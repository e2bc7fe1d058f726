#include "core/exporter/sources.h"

#include "core/exporter/celery/celery_collector.h"
#include "core/exporter/log_rules/log_collector.h"
#include "core/exporter/log_rules/log_series_p.h"
#include "core/exporter/postgres/pgbouncer_collector.h"
#include "core/exporter/postgres/postgres_collector.h"
#include "core/exporter/postgres/postgres_log_collector.h"
#include "core/exporter/push/push_collector.h"
#include "core/exporter/push/statsd_collector.h"
#include "core/exporter/sources_p.h"
#include "core/exporter/system/cgroup_collector.h"
#include "core/exporter/system/node_collector.h"
#include "core/exporter/system/system_usage.h"

#include <utility>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
using Settings = config::Config::Exporter;
using Made = Result<std::unique_ptr<Collector>>;

constexpr auto patience = 1s; ///< with collectors that are to be replaced

/// What Celery's events say exactly is not counted a second time from logs.
std::optional<config::LogMetrics> logsOf(const Settings &settings)
{
    auto logs = settings.logs;
    const bool isCounted = settings.celery && settings.celery->isReadingEvents;
    if (logs && isCounted && !isDisabled("celery", settings))
        std::erase(logs->builtIn, "tasks");
    return logs;
}

} // namespace

/// One kind of collector: how it is told from others, asked for, and made.
struct Sources::Kind {
    std::string_view name;
    bool (*isWanted)(const Settings &);
    bool (*isSame)(const Settings &, const Settings &); ///< where both want it
    Made (*make)(Sources &, const Settings &);

    bool isOn(const Settings &settings) const
    {
        return isWanted(settings) && !isDisabled(name, settings);
    }

    /// One that is there when the optional `Member` is, and is what that says.
    template <auto Member>
    static Kind of(std::string_view name, Made (*make)(Sources &, const Settings &))
    {
        return {name, [](const Settings &settings) { return (settings.*Member).has_value(); },
                [](const Settings &a, const Settings &b) { return a.*Member == b.*Member; }, make};
    }
};

const std::vector<Sources::Kind> &Sources::kinds()
{
    static const std::vector<Kind> all{
        // First, because it may fail to begin: then nothing else has been touched.
        Kind::of<&Settings::statsd>("statsd",
                                    [](Sources &sources, const Settings &settings) -> Made {
                                        auto started = StatsdCollector::start(
                                            *settings.statsd, sources.m_pushed, sources.m_metrics,
                                            sources.logger());
                                        if (!started)
                                            return tl::unexpected(started.error());
                                        return *std::move(started);
                                    }),
        {"system", [](const Settings &) { return true; },
         [](const Settings &a, const Settings &b) {
             return a.mountPoints == b.mountPoints && a.cgroup == b.cgroup;
         },
         [](Sources &sources, const Settings &settings) -> Made {
             return std::make_unique<SystemUsage>(
                 observability::SystemCollector(settings.mountPoints), sources.m_metrics,
                 settings.cgroup);
         }},
        {"node", [](const Settings &) { return true; },
         [](const Settings &a, const Settings &b) { return a.node == b.node; },
         [](Sources &sources, const Settings &settings) -> Made {
             auto made = NodeCollector::make(settings.node, sources.m_metrics, sources.logger());
             if (!made)
                 return tl::unexpected(made.error());
             return *std::move(made);
         }},
        Kind::of<&Settings::cgroup>("cgroup",
                                    [](Sources &sources, const Settings &settings) -> Made {
                                        return std::make_unique<CgroupCollector>(*settings.cgroup,
                                                                                 sources.m_metrics);
                                    }),
        Kind::of<&Settings::postgres>("postgres",
                                      [](Sources &sources, const Settings &settings) -> Made {
                                          return std::make_unique<PostgresCollector>(
                                              *settings.postgres, sources.m_metrics,
                                              sources.logger(), sources.m_statementLogging);
                                      }),
        Kind::of<&Settings::postgresLog>("postgres_log",
                                         [](Sources &sources, const Settings &settings) -> Made {
                                             return std::make_unique<PostgresLogCollector>(
                                                 *settings.postgresLog, sources.m_metrics,
                                                 sources.logger(), sources.m_statementLogging);
                                         }),
        Kind::of<&Settings::pgbouncer>("pgbouncer",
                                       [](Sources &sources, const Settings &settings) -> Made {
                                           return std::make_unique<PgbouncerCollector>(
                                               *settings.pgbouncer, sources.m_metrics);
                                       }),
        {"push", [](const Settings &settings) { return settings.push != config::PushSettings(); },
         [](const Settings &, const Settings &) { return true; }, // the endpoint is told of all
         [](Sources &sources, const Settings &) -> Made {
             return std::make_unique<PushCollector>(sources.m_pushed);
         }},
        Kind::of<&Settings::celery>("celery",
                                    [](Sources &sources, const Settings &settings) -> Made {
                                        return std::make_unique<CeleryCollector>(*settings.celery,
                                                                                 sources.m_metrics);
                                    }),
        {"logs", [](const Settings &settings) { return settings.logs.has_value(); },
         [](const Settings &a, const Settings &b) { return logsOf(a) == logsOf(b); },
         [](Sources &sources, const Settings &settings) -> Made {
             auto logs = *logsOf(settings);
             auto series = sources.logSeriesFor(logs);
             return std::make_unique<LogCollector>(std::move(logs), sources.m_metrics,
                                                   sources.logger(), std::move(series));
         }},
    };
    return all;
}

Sources::Sources(observability::Metrics &metrics, const observability::Logging &logging,
                 CollectorRunner &runner, config::PushedMetricsSettings pushed)
    : m_metrics(metrics)
    , m_logging(logging)
    , m_runner(runner)
    , m_pushedSettings(pushed)
    , m_pushed(metrics, std::move(pushed))
    , m_collectable(m_pushed.collectable())
    , m_push(m_pushed, metrics)
    , m_logStream({}, metrics, logging.logger("trendscope.exporter"))
    , m_statementLogging(std::make_shared<StatementLoggingNote>())
{
    metrics.registry().addCollectable(m_collectable);
}

std::vector<std::string_view> Sources::names()
{
    std::vector<std::string_view> names;
    for (const Kind &kind : kinds())
        names.push_back(kind.name);
    return names;
}

observability::Logger Sources::logger() const
{
    return m_logging.logger("trendscope.exporter");
}

/// One after the other: what a collector holds (a port, a file, a subscription) is free only once
/// it has ended.
Result<void> Sources::apply(const Settings &given)
{
    Settings settings = given;
    if (settings.statsd) {
        auto mapped = withMappings(*settings.statsd);
        if (!mapped)
            return tl::unexpected(mapped.error());
        settings.statsd = *std::move(mapped);
    }
    if (auto usable = checkAll(settings); !usable)
        return usable;
    const auto deadline = Collector::Clock::now() + patience;
    const auto before = m_on;
    std::vector<const Kind *> changed;
    for (const Kind &kind : kinds()) {
        const bool was = m_on.contains(kind.name);
        const bool is = kind.isOn(settings);
        if (was == is && (!is || kind.isSame(m_settings, settings)))
            continue;
        if (m_runner.isStopped())
            return tl::unexpected(Error{Error::Kind::Unavailable, "The exporter is ending", {}});
        changed.push_back(&kind);
        if (auto replaced = replace(kind, settings, deadline); !replaced) {
            for (const Kind *each : changed) // if that fails, too, the log says so
                static_cast<void>(replace(*each, m_settings, deadline));
            return replaced;
        }
    }
    m_push.configure(m_on.contains("push") ? settings.push : config::PushSettings());
    if (before.contains("statsd") && !m_on.contains("statsd"))
        endPushed(PushedSource::Statsd, "statsd");
    if (before.contains("push") && !m_on.contains("push"))
        endPushed(PushedSource::Json, "push");
    if (settings.logStream != m_settings.logStream)
        m_logStream.configure(settings.logStream);
    for (OwnMetric &own : ownMetrics(settings))
        m_metricsSoFar.insert_or_assign(own.metric.name, std::move(own.metric));
    m_settings = std::move(settings);
    m_isRunning = true;
    return {};
}

std::vector<StatusPath> Sources::paths() const
{
    std::vector<StatusPath> paths;
    if (!m_settings.logStream.files.empty())
        paths.push_back({"/logs/stream", "GET",
                         "the lines of the log files, as they are written; it does not end"});
    if (!m_settings.push.tokenFile.empty() || !m_settings.push.tokenVariable.empty())
        paths.push_back({"/push", "POST", "takes metrics of other processes, with a token"});
    return paths;
}

Result<void> Sources::checkAll(const Settings &settings) const
{
    if (auto usable = check(settings); !usable)
        return usable;
    if (m_isRunning && settings.pushedMetrics != m_pushedSettings)
        return tl::unexpected(Error{
            Error::Kind::Invalid, "The limits in exporter.push are changed by a restart only", {}});
    for (const auto &[where, metric] : ownMetrics(settings)) {
        const auto known = m_metricsSoFar.find(metric.name);
        if (known != m_metricsSoFar.end() && !known->second.hasShapeOf(metric))
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      where + ": " + metric.name
                          + " has other labels, another type or other buckets than before, which "
                            "is taken over by a restart only",
                      {}});
    }
    return {};
}

/// Ends the one that runs, and begins the one that the settings ask for.
Result<void> Sources::replace(const Kind &kind, const Settings &settings,
                              Collector::Clock::time_point deadline)
{
    if (m_on.erase(kind.name) > 0)
        end(kind.name, deadline);
    if (!kind.isOn(settings)) {
        if (kind.name == "logs")
            m_logSeries.reset();
        return {};
    }
    auto collector = kind.make(*this, settings);
    if (!collector) {
        logger().error("A collector can not begin",
                       {{"collector", kind.name}, {"reason", collector.error().message}});
        return tl::unexpected(collector.error());
    }
    m_runner.add(*std::move(collector));
    m_on.insert(kind.name);
    return {};
}

void Sources::end(std::string_view name, Collector::Clock::time_point deadline)
{
    if (m_runner.remove(name, deadline))
        return;
    if (name == "logs") // it may still write to them
        m_logSeries.reset();
    if (!m_runner.isStopped())
        logger().warning("A collector hangs, going on without it", {{"collector", name}});
}

/// What rules that stay have counted goes on.
std::shared_ptr<LogSeries> Sources::logSeriesFor(const config::LogMetrics &logs)
{
    if (m_logSeries && m_settings.logs)
        m_logSeries->change(*logsOf(m_settings), logs);
    else
        m_logSeries = std::make_shared<LogSeries>(m_metrics);
    return m_logSeries;
}

/// Nobody would bring these series up to date any more.
void Sources::endPushed(PushedSource source, std::string_view name)
{
    logger().info("Series that were pushed end with their source",
                  {{"source", name}, {"series", m_pushed.end(source)}});
}

} // namespace trendscope::exporter
