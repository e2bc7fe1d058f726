#include "core/config/collector_sections_p.h"

#include <array>
#include <charconv>

namespace trendscope::config {

namespace {

using namespace std::string_view_literals;

/// How a server is reached, and then `more`.
std::vector<YamlSection::Entry> connectionAnd(YamlSection &yaml, PostgresConnectionSettings &out,
                                              const std::vector<YamlSection::Entry> &more)
{
    std::vector<YamlSection::Entry> entries{yaml.to("connection", out.connection),
                                            yaml.to("connection_file", out.connectionFile),
                                            yaml.to("password_file", out.passwordFile),
                                            yaml.to("password_variable", out.passwordVariable)};
    entries.insert(entries.end(), more.begin(), more.end());
    return entries;
}

PostgresQuery readQuery(YamlSection &yaml, const YAML::Node &node)
{
    constexpr std::array types{std::pair{"gauge"sv, PostgresQuery::Type::Gauge},
                               std::pair{"counter"sv, PostgresQuery::Type::Counter}};
    PostgresQuery query{.name = {}, .sql = {}};
    yaml.readMap(
        node, "queries",
        {yaml.to("name", query.name),
         yaml.to("help", query.help),
         {"type", [&](const auto &value) { query.type = yaml.oneOf(value, "type", types); }},
         yaml.to("values", query.values),
         yaml.to("labels", query.labels),
         yaml.to("sql", query.sql),
         yaml.to("interval", query.interval)});
    if (query.name.empty() || query.sql.empty())
        yaml.complain(node, "a query needs a 'name' and 'sql'");
    return query;
}

void readQueries(YamlSection &yaml, const YAML::Node &node, std::vector<PostgresQuery> &out)
{
    if (!node.IsSequence() && !node.IsNull())
        return yaml.complain(node, "'queries' should be a list");
    for (const YAML::Node &each : node)
        out.push_back(readQuery(yaml, each));
}

PostgresLogSettings readPostgresLog(YamlSection &yaml, const YAML::Node &node)
{
    PostgresLogSettings log;
    yaml.readMap(node, "log",
                 {{"files", [&](const auto &value) { log.files = yaml.globs(value, "files"); }},
                  yaml.to("databases", log.databases),
                  yaml.to("max_series", log.maxSeries),
                  yaml.to("checkpoint", log.checkpoint)});
    if (log.files.empty())
        yaml.complain(node, "'log' needs 'files'");
    return log;
}

/// A number as chmod takes it.
mode_t readMode(YamlSection &yaml, const YAML::Node &node)
{
    constexpr unsigned all = 0777;
    const std::string text = yaml.text(node, "unix_mode");
    unsigned mode = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (error != std::errc() || end != text.data() + text.size() || mode > all)
        yaml.complain(node, "'unix_mode' should be an octal mode such as 0660");
    return mode;
}

std::vector<int> readSteps(YamlSection &yaml, const YAML::Node &node)
{
    std::vector<int> steps;
    for (const double step : yaml.numbers(node, "priority_steps")) {
        if (step < 0 || step > 255 || step != static_cast<int>(step))
            yaml.complain(node, "'priority_steps' should be whole numbers from 0 to 255");
        steps.push_back(static_cast<int>(step));
    }
    return steps;
}

YamlSection::Entry selection(YamlSection &yaml, std::string_view key, NodeSettings::Selection &out)
{
    return {key, [&yaml, key, &out](const YAML::Node &node) {
                yaml.readMap(node, key,
                             {yaml.to("include", out.include), yaml.to("exclude", out.exclude)});
            }};
}

} // namespace

void readLogStream(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    LogStreamSettings &stream = out.logStream;
    yaml.readMap(node, "log_stream",
                 {{"files", [&](const auto &value) { stream.files = yaml.globs(value, "files"); }},
                  yaml.to("max_streams", stream.maxStreams),
                  yaml.to("buffer", stream.buffer),
                  yaml.to("line_limit", stream.lineLimit),
                  yaml.to("heartbeat", stream.heartbeat)});
    if (stream.heartbeat.count() <= 0)
        yaml.complain(node, "'heartbeat' should be more than 0");
}

void readNode(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    NodeSettings &machine = out.node;
    yaml.readMap(node, "node",
                 {yaml.to("disabled_groups", machine.disabledGroups),
                  selection(yaml, "mount_points", machine.mountPoints),
                  selection(yaml, "filesystem_types", machine.filesystemTypes),
                  selection(yaml, "disks", machine.disks),
                  selection(yaml, "interfaces", machine.interfaces),
                  selection(yaml, "interface_properties", machine.interfaceProperties),
                  selection(yaml, "vmstat_fields", machine.vmstatFields),
                  selection(yaml, "netstat_fields", machine.netstatFields),
                  yaml.to("mount_timeout", machine.mountTimeout),
                  yaml.to("textfile_directory", machine.textfileDirectory),
                  yaml.to("procfs", machine.procfs), yaml.to("sysfs", machine.sysfs),
                  yaml.to("rootfs", machine.rootfs), yaml.to("udev_data", machine.udevData)});
}

void readCgroup(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    CgroupSettings &cgroup = out.cgroup.emplace();
    yaml.readMap(node, "cgroup",
                 {yaml.to("path", cgroup.path), yaml.to("root", cgroup.root),
                  yaml.to("procfs", cgroup.procfs)});
}

void readPostgres(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    PostgresSettings &postgres = out.postgres.emplace();
    yaml.readMap(
        node, "postgres",
        connectionAnd(
            yaml, postgres.connection,
            {yaml.to("statement_timeout", postgres.statementTimeout),
             yaml.to("long_transaction", postgres.longTransaction),
             yaml.to("settings", postgres.settings),
             yaml.to("database_sizes", postgres.databaseSizes),
             yaml.to("max_rows", postgres.maxRows),
             {"queries", [&](const auto &value) { readQueries(yaml, value, postgres.queries); }},
             {"log", [&](const auto &value) { out.postgresLog = readPostgresLog(yaml, value); }}}));
    if (postgres.statementTimeout.count() <= 0)
        yaml.complain(node, "'statement_timeout' should be more than 0");
}

void readPgbouncer(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    PgbouncerSettings &pgbouncer = out.pgbouncer.emplace();
    yaml.readMap(
        node, "pgbouncer",
        connectionAnd(yaml, pgbouncer.connection, {yaml.to("databases", pgbouncer.databases)}));
}

void readCelery(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    CelerySettings &celery = out.celery.emplace();
    yaml.readMap(node, "celery",
                 {yaml.to("url", celery.url),
                  yaml.to("url_file", celery.urlFile),
                  yaml.to("password_file", celery.passwordFile),
                  yaml.to("password_variable", celery.passwordEnvironment),
                  yaml.to("key_prefix", celery.keyPrefix),
                  yaml.to("event_exchange", celery.eventExchange),
                  yaml.to("unacked_key", celery.unackedKey),
                  {"priority_steps",
                   [&](const auto &value) { celery.prioritySteps = readSteps(yaml, value); }},
                  yaml.to("queues", celery.queues),
                  yaml.to("find_queues", celery.isFindingQueues),
                  yaml.to("default_queue", celery.defaultQueue),
                  yaml.to("events", celery.isReadingEvents),
                  yaml.to("redis_info", celery.isReadingInfo),
                  yaml.to("worker_timeout", celery.workerTimeout),
                  yaml.to("worker_purge", celery.workerPurge),
                  yaml.to("task_memory", celery.taskMemory),
                  yaml.to("max_tasks", celery.maxTasks)});
}

void readStatsd(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    constexpr std::array observers{std::pair{"histogram"sv, StatsdObserver::Histogram},
                                   std::pair{"summary"sv, StatsdObserver::Summary}};
    StatsdSettings &statsd = out.statsd.emplace();
    yaml.readMap(
        node, "statsd",
        {yaml.to("udp", statsd.udp),
         yaml.to("unix_datagram", statsd.unixDatagram),
         {"unix_mode", [&](const auto &value) { statsd.unixMode = readMode(yaml, value); }},
         yaml.to("receive_buffer", statsd.receiveBuffer),
         {"observer_type",
          [&](const auto &value) {
              statsd.observer = yaml.oneOf(value, "observer_type", observers);
          }},
         yaml.to("buckets", statsd.buckets),
         yaml.to("ttl", statsd.timeToLive),
         yaml.to("mapping_file", statsd.mappingFile)});
    if (statsd.udp.empty() && statsd.unixDatagram.empty())
        yaml.complain(node, "'statsd' needs 'udp' or 'unix_datagram'");
}

void readPush(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out)
{
    PushedMetricsSettings &limits = out.pushedMetrics;
    yaml.readMap(
        node, "push",
        {yaml.to("token_file", out.push.tokenFile),
         yaml.to("token_variable", out.push.tokenVariable), yaml.to("max_series", limits.maxSeries),
         yaml.to("max_series_per_metric", limits.maxSeriesPerMetric),
         yaml.to("ttl", limits.timeToLive), yaml.to("process_timeout", limits.processTimeout),
         yaml.to("set_window", limits.setWindow), yaml.to("buckets", limits.buckets)});
}

} // namespace trendscope::config
