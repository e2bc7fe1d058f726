#include "core/exporter/config_check.h"

#include "core/exporter/celery/celery_collector.h"
#include "core/exporter/http/listen_address.h"
#include "core/exporter/http/web_config.h"
#include "core/exporter/log_rules/log_rule_check.h"
#include "core/exporter/postgres/pgbouncer_collector.h"
#include "core/exporter/postgres/postgres_collector.h"
#include "core/exporter/postgres/postgres_log_collector.h"
#include "core/exporter/push/push_endpoint.h"
#include "core/exporter/sources.h"
#include "core/exporter/sources_p.h"
#include "core/exporter/system/cgroup_collector.h"
#include "core/exporter/system/node_collector.h"
#include "core/exporter/url_check_p.h"

#include <glob.h>
#include <unistd.h>

#include <cerrno>
#include <concepts>
#include <cstring>
#include <filesystem>
#include <future>

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;
using Problems = std::vector<ConfigProblem>;

/// A log that nobody reads: what is wrong is told by the problems.
observability::LogSettings silence()
{
    observability::LogSettings settings;
    settings.file = "/dev/null";
    return settings;
}

void add(Problems &problems, std::string where, const Result<void> &done)
{
    if (!done)
        problems.push_back({std::move(where), done.error().message});
}

/// Asks a collector once, with metrics that go nowhere.
template <class Made>
class Trial {
public:
    template <class Settings>
    explicit Trial(Settings settings)
        requires std::constructible_from<Made, Settings, observability::Registry &>
        : m_collector(std::move(settings), m_registry)
    {
    }
    template <class Settings>
    explicit Trial(Settings settings)
        : m_collector(std::move(settings), m_registry, m_logging.logger("check"))
    {
    }

    Result<void> run(Clock::time_point deadline) { return m_collector.collect(deadline); }

private:
    observability::Registry m_registry;
    observability::Logging m_logging{silence()};
    Made m_collector; ///< last: it uses the others
};

/// Checks that wait for servers, each in a thread of its own.
class Waiting {
public:
    void start(std::string where, std::function<std::vector<Error>()> check)
    {
        m_running.push_back({std::move(where), std::async(std::launch::async, std::move(check))});
    }

    template <class Made, class Settings>
    void tryOut(std::string where, const Settings &settings, Clock::time_point deadline)
    {
        start(std::move(where), [settings, deadline]() -> std::vector<Error> {
            const auto done = Trial<Made>(settings).run(deadline);
            return done ? std::vector<Error>() : std::vector{done.error()};
        });
    }

    void finish(Problems &problems)
    {
        for (auto &[where, errors] : m_running) {
            for (const Error &error : errors.get())
                problems.push_back({where, error.message});
        }
    }

private:
    std::vector<std::pair<std::string, std::future<std::vector<Error>>>> m_running;
};

bool isMatched(const std::string &pattern)
{
    glob_t found{};
    const bool isMatched = ::glob(pattern.c_str(), 0, nullptr, &found) == 0;
    ::globfree(&found);
    return isMatched;
}

void checkLogs(const config::Config &config, Problems &problems)
{
    for (const std::string &pattern : config.exporter.logStream.files) {
        if (!isMatched(pattern))
            problems.push_back({"exporter.log_stream", "no file matches " + pattern});
    }
    for (const config::LogLocation &log : config.logs) {
        if (!log.isUrl() && ::access(log.location.c_str(), R_OK) != 0)
            problems.push_back({"logs", log.location + ": " + std::strerror(errno)});
    }
}

void checkNode(const config::NodeSettings &settings, Problems &problems)
{
    observability::Registry registry;
    const observability::Logging logging(silence());
    const auto made = NodeCollector::make(settings, registry, logging.logger("check"));
    if (!made)
        problems.push_back({"exporter.node", made.error().message});
}

void checkServing(const config::Config::Exporter &settings, Problems &problems)
{
    for (const std::string &text : settings.listenAddresses) {
        if (const auto address = ListenAddress::parse(text); !address)
            problems.push_back({"exporter.listen_address", address.error().message});
    }
    if (!settings.webConfigFile.empty()) {
        if (const auto web = WebSettings::load(settings.webConfigFile); !web)
            problems.push_back({"exporter.web_config_file", web.error().message});
    }
}

/// The queries need a connection of their own to be parsed, so a server that does not answer shows
/// there, too.
void checkPostgres(const config::PostgresSettings &settings, Waiting &waiting,
                   Clock::time_point deadline)
{
    if (settings.queries.empty())
        return waiting.tryOut<PostgresCollector>("exporter.postgres", settings, deadline);
    waiting.start("exporter.postgres", [settings, deadline]() -> std::vector<Error> {
        auto errors = checkQueries(settings, deadline);
        if (!errors.empty())
            return errors;
        // What parses may still fail: a division by zero, a write, a time that is too long.
        const auto done = Trial<PostgresCollector>(settings).run(deadline);
        return done ? std::vector<Error>() : std::vector{done.error()};
    });
}

/// A position that was kept is not touched.
template <class Settings>
Settings withoutCheckpoint(Settings settings)
{
    settings.checkpoint.clear();
    return settings;
}

void checkUrl(const std::string &key, const std::string &url, Waiting &waiting,
              Clock::time_point deadline)
{
    waiting.start(key, [url, deadline]() -> std::vector<Error> {
        const auto done = checkReachable(url, deadline);
        return done ? std::vector<Error>() : std::vector{done.error()};
    });
}

/// Where a file is to be made: its folder must be there.
void checkFolder(const std::string &where, const std::filesystem::path &file, Problems &problems)
{
    if (file.empty())
        return;
    std::error_code error;
    const auto folder = std::filesystem::absolute(file, error).parent_path();
    if (!std::filesystem::is_directory(folder, error))
        problems.push_back({where, "there is no folder " + folder.string()});
}

void checkFolders(const config::Config &config, Problems &problems)
{
    const config::Config::Exporter &settings = config.exporter;
    checkFolder("log.file", config.log.file, problems);
    if (settings.logs)
        checkFolder("exporter.logs.checkpoint", settings.logs->checkpoint, problems);
    if (settings.postgresLog)
        checkFolder("exporter.postgres.log.checkpoint", settings.postgresLog->checkpoint, problems);
    if (settings.statsd) {
        for (const auto &socket : settings.statsd->unixDatagram)
            checkFolder("exporter.statsd.unix_datagram", socket, problems);
    }
    for (const std::string &mountPoint : settings.mountPoints) {
        std::error_code error;
        if (!std::filesystem::exists(mountPoint, error))
            problems.push_back({"exporter.mount_points", "there is no " + mountPoint});
    }
}

config::Config withoutDisabled(config::Config config)
{
    config::Config::Exporter &settings = config.exporter;
    const auto drop = [&](std::string_view name, auto &section) {
        if (isDisabled(name, settings))
            section.reset();
    };
    drop("postgres", settings.postgres);
    drop("postgres_log", settings.postgresLog);
    drop("pgbouncer", settings.pgbouncer);
    drop("celery", settings.celery);
    drop("logs", settings.logs);
    drop("statsd", settings.statsd);
    drop("cgroup", settings.cgroup);
    return config;
}

} // namespace

std::vector<ConfigProblem> checkAllRules(const config::Config &config)
{
    Problems problems;
    if (config.exporter.logs) {
        for (std::string &problem : checkRules(*config.exporter.logs))
            problems.push_back({"exporter.logs", std::move(problem)});
    }
    add(problems, "exporter", check(config.exporter));
    return problems;
}

std::vector<ConfigProblem> checkConfig(const config::Config &all, Clock::time_point deadline)
{
    const config::Config config = withoutDisabled(all);
    const config::Config::Exporter &settings = config.exporter;
    Problems problems;
    Waiting waiting;
    if (config.prometheus.url != config::Config::Prometheus().url)
        checkUrl("prometheus.url", config.prometheus.url, waiting, deadline);
    if (!config.alertmanager.url.empty())
        checkUrl("alertmanager.url", config.alertmanager.url, waiting, deadline);
    if (settings.postgres)
        checkPostgres(*settings.postgres, waiting, deadline);
    if (settings.postgresLog)
        waiting.tryOut<PostgresLogCollector>("exporter.postgres.log",
                                             withoutCheckpoint(*settings.postgresLog), deadline);
    if (settings.pgbouncer)
        waiting.tryOut<PgbouncerCollector>("exporter.pgbouncer", *settings.pgbouncer, deadline);
    if (settings.celery)
        waiting.tryOut<CeleryCollector>("exporter.celery", *settings.celery, deadline);
    if (settings.cgroup)
        waiting.tryOut<CgroupCollector>("exporter.cgroup", *settings.cgroup, deadline);
    for (const config::LogLocation &log : config.logs) {
        if (log.isUrl())
            checkUrl("logs", log.location, waiting, deadline);
    }
    checkServing(settings, problems);
    checkNode(settings.node, problems);
    checkLogs(config, problems);
    checkFolders(config, problems);
    Problems rules = checkAllRules(config);
    problems.insert(problems.end(), rules.begin(), rules.end());
    waiting.finish(problems);
    return problems;
}

} // namespace trendscope::exporter
