#include "core/exporter/sources.h"

#include "core/exporter/celery/celery_collector.h"
#include "core/exporter/http/listen_address.h"
#include "core/exporter/log_rules/log_collector.h"
#include "core/exporter/postgres/pgbouncer_collector.h"
#include "core/exporter/postgres/postgres_collector.h"
#include "core/exporter/postgres/postgres_log_collector.h"
#include "core/exporter/push/statsd_collector.h"
#include "core/exporter/push/statsd_mapping.h"
#include "core/exporter/system/cgroup_collector.h"
#include "core/exporter/system/node_collector.h"
#include "core/exporter/system/system_usage.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
using Settings = config::Config::Exporter;
using Made = Result<std::unique_ptr<Collector>>;

constexpr auto patience = 2s; ///< with a collector that is to be replaced

/// With the rules of the mapping file in it.
Result<config::StatsdSettings> withMappings(const config::StatsdSettings &settings)
{
    if (settings.mappingFile.empty())
        return settings;
    std::ifstream file(settings.mappingFile, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf(), file))
        return tl::unexpected(
            Error{Error::Kind::System,
                  settings.mappingFile.string() + " can not be read: " + std::strerror(errno),
                  {}});
    return readStatsdMappings(text.str(), settings.mappingFile.string(), settings);
}

Result<void> checkStatsd(const config::StatsdSettings &settings)
{
    for (const std::string &address : settings.udp) {
        if (const auto parsed = ListenAddress::parse(address); !parsed)
            return tl::unexpected(parsed.error());
    }
    if (const auto mapped = withMappings(settings); !mapped)
        return tl::unexpected(mapped.error());
    return {};
}

bool isDisabled(std::string_view name, const Settings &settings)
{
    return std::ranges::find(settings.disabledCollectors, name)
        != settings.disabledCollectors.end();
}

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
        Kind::of<&Settings::celery>("celery",
                                    [](Sources &sources, const Settings &settings) -> Made {
                                        return std::make_unique<CeleryCollector>(*settings.celery,
                                                                                 sources.m_metrics);
                                    }),
        {"logs", [](const Settings &settings) { return settings.logs.has_value(); },
         [](const Settings &a, const Settings &b) { return logsOf(a) == logsOf(b); },
         [](Sources &sources, const Settings &settings) -> Made {
             return std::make_unique<LogCollector>(*logsOf(settings), sources.m_metrics,
                                                   sources.logger());
         }},
        Kind::of<&Settings::statsd>("statsd",
                                    [](Sources &sources, const Settings &settings) -> Made {
                                        const auto mapped = withMappings(*settings.statsd);
                                        if (!mapped)
                                            return tl::unexpected(mapped.error());
                                        auto started = StatsdCollector::start(
                                            *mapped, sources.m_pushed, sources.m_metrics,
                                            sources.logger());
                                        if (!started)
                                            return tl::unexpected(started.error());
                                        return *std::move(started);
                                    }),
    };
    return all;
}

Result<void> check(const Settings &settings)
{
    const auto names = Sources::names();
    for (const std::string &name : settings.disabledCollectors) {
        if (std::ranges::find(names, name) == names.end())
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      "exporter.disabled_collectors: there is no collector '" + name + "'",
                      {}});
    }
    if (settings.postgres) {
        if (const auto errors = checkQueriesAlone(settings.postgres->queries); !errors.empty())
            return tl::unexpected(errors.front());
    }
    return settings.statsd ? checkStatsd(*settings.statsd) : Result<void>();
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

/// Those that change end before others begin: a port, a file or a subscription is theirs alone.
Result<void> Sources::apply(const Settings &settings)
{
    if (auto usable = check(settings); !usable)
        return usable;
    if (m_isRunning && settings.pushedMetrics != m_pushedSettings)
        return tl::unexpected(Error{
            Error::Kind::Invalid, "The limits in exporter.push are changed by a restart only", {}});
    std::vector<const Kind *> changed;
    for (const Kind &kind : kinds()) {
        const bool was = m_isRunning && kind.isOn(m_settings);
        const bool is = kind.isOn(settings);
        if (was && is && kind.isSame(m_settings, settings))
            continue;
        if (was)
            end(kind.name);
        if (was || is)
            changed.push_back(&kind);
    }
    auto begun = begin(changed, settings);
    if (!begun) {
        if (m_isRunning) // what worked before works again; if not, the log says so
            static_cast<void>(begin(changed, m_settings));
        return begun;
    }
    m_push.configure(settings.push);
    if (settings.logStream != m_settings.logStream)
        m_logStream.configure(settings.logStream);
    m_settings = settings;
    m_isRunning = true;
    return {};
}

void Sources::end(std::string_view name)
{
    if (!m_runner.remove(name, Collector::Clock::now() + patience))
        logger().warning("A collector hangs, going on without it", {{"collector", name}});
}

/// All of them, or none.
Result<void> Sources::begin(const std::vector<const Kind *> &kinds, const Settings &settings)
{
    std::vector<std::unique_ptr<Collector>> made;
    for (const Kind *kind : kinds) {
        if (!kind->isOn(settings))
            continue;
        auto collector = kind->make(*this, settings);
        if (!collector) {
            logger().error("A collector can not begin",
                           {{"collector", kind->name}, {"reason", collector.error().message}});
            return tl::unexpected(collector.error());
        }
        made.push_back(*std::move(collector));
    }
    for (auto &collector : made)
        m_runner.add(std::move(collector));
    return {};
}

} // namespace trendscope::exporter
