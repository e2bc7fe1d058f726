#include "core/exporter/celery/redis_info.h"

#include "core/exporter/celery/redis_info_fields_p.h"
#include "core/exporter/live_family_p.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::exporter {

namespace {

using observability::Family;
using observability::MetricDescription;
using observability::Registry;
using Type = MetricDescription::Type;
using Announced = MetricDescription::Announced;

constexpr int maxDatabases = 64;              ///< Redis has 16 unless it is told otherwise
constexpr std::size_t maxInfoBytes = 1 << 20; ///< Redis 7 needs 60 kB once all commands were used

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

/// As redis_exporter reads them: a status is 1 or 0.
std::optional<double> numberOrStatus(std::string_view text)
{
    if (text == "ok" || text == "true")
        return 1;
    if (text == "err" || text == "fail" || text == "false")
        return 0;
    return number(text);
}

/// What is before `separator`, which is taken off `rest` with it.
std::string_view take(std::string_view &rest, char separator)
{
    const auto end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

/// The number of `name` in "calls=21,usec=175".
std::optional<double> partNamed(std::string_view name, std::string_view parts)
{
    while (!parts.empty()) {
        std::string_view part = take(parts, ',');
        if (take(part, '=') == name)
            return number(part);
    }
    return {};
}

MetricDescription describe(std::string name, Type type, std::string help,
                           std::vector<std::string> labels = {})
{
    return {.name = std::move(name),
            .type = type,
            .help = std::move(help),
            .labels = std::move(labels),
            .announced = Announced::WhenUsed};
}

void setOne(LiveFamily &family, std::string_view label, double value)
{
    family.set(std::span(&label, 1), value);
}

const std::vector<std::string> instanceLabels = {
    "maxmemory_policy", "os",   "process_id", "redis_build_id", "redis_mode",
    "redis_version",    "role", "run_id",     "tcp_port"};

} // namespace

struct RedisInfo::Private {
    Private(Registry &registry, std::function<void()> heard);

    void readLine(std::string_view section, std::string_view key, std::string_view value);
    void readCommand(std::string_view command, std::string_view parts);
    void readDatabase(std::string_view name, std::string_view parts);
    void setInstance();
    template <class Use>
    void withEach(Use use);

    std::function<void()> refused;
    Family &up;
    LiveFamily instance;
    std::map<std::string_view, LiveFamily> plain;
    LiveFamily maxMemory, startTime, latestFork;
    LiveFamily commands, commandSeconds, rejectedCalls, failedCalls;
    LiveFamily errors;
    LiveFamily keys, expiringKeys, meanTimeToLive;
    std::map<std::string, std::string, std::less<>> texts; ///< of redis_instance_info
};

RedisInfo::Private::Private(Registry &registry, std::function<void()> heard)
    : refused(std::move(heard))
    , up(registry.add(describe("redis_up", Type::Gauge, "Whether Redis answers: 1 or 0.")))
    , instance(registry,
               describe("redis_instance_info", Type::Gauge, "Always 1; the labels say what runs.",
                        instanceLabels))
    , maxMemory(registry, describe("redis_config_maxmemory", Type::Gauge, "maxmemory of INFO."))
    , startTime(registry,
                describe("redis_start_time_seconds", Type::Gauge,
                         "When Redis was started, in seconds since 1970."))
    , latestFork(
          registry,
          describe("redis_latest_fork_seconds", Type::Gauge, "Time that the latest fork took."))
    , commands(registry,
               describe("redis_commands_total", Type::Counter, "Calls of a command.", {"cmd"}))
    , commandSeconds(registry,
                     describe("redis_commands_duration_seconds_total", Type::Counter,
                              "Time that a command took.", {"cmd"}))
    , rejectedCalls(registry,
                    describe("redis_commands_rejected_calls_total", Type::Counter,
                             "Calls that failed before the command ran.", {"cmd"}))
    , failedCalls(registry,
                  describe("redis_commands_failed_calls_total", Type::Counter,
                           "Calls that failed while the command ran.", {"cmd"}))
    , errors(registry,
             describe("redis_errors_total", Type::Counter, "Errors by their code.", {"err"}))
    , keys(registry, describe("redis_db_keys", Type::Gauge, "Keys in a database.", {"db"}))
    , expiringKeys(registry,
                   describe("redis_db_keys_expiring", Type::Gauge,
                            "Keys in a database that expire.", {"db"}))
    , meanTimeToLive(registry,
                     describe("redis_db_avg_ttl_seconds", Type::Gauge,
                              "Mean time to live of the keys that expire.", {"db"}))
{
    for (const RedisInfoField &row : redisInfoFields) {
        plain.emplace(row.field,
                      LiveFamily(registry,
                                 describe(std::string(row.metric), row.type,
                                          std::string(row.field) + " of INFO.")));
    }
}

void RedisInfo::Private::readLine(std::string_view section, std::string_view key,
                                  std::string_view value)
{
    constexpr std::string_view commandPrefix = "cmdstat_";
    constexpr std::string_view errorPrefix = "errorstat_";
    if (key.starts_with(commandPrefix))
        return readCommand(key.substr(commandPrefix.size()), value);
    if (key.starts_with(errorPrefix)) {
        const auto count = partNamed("count", value);
        return count ? setOne(errors, key.substr(errorPrefix.size()), *count) : refused();
    }
    if (section == "Keyspace")
        return readDatabase(key, value);
    for (const std::string &label : instanceLabels) {
        if (label == key)
            texts.insert_or_assign(label, std::string(value.substr(0, 255)));
    }
    if (key == "latest_fork_usec") {
        const auto micros = number(value);
        return micros ? static_cast<void>(latestFork.set({}, *micros / 1e6)) : refused();
    }
    const auto row = plain.find(key);
    if (row == plain.end())
        return;
    const auto parsed = numberOrStatus(value);
    if (!parsed)
        return refused();
    row->second.set({}, *parsed);
    if (key == "maxmemory")
        maxMemory.set({}, *parsed);
}

void RedisInfo::Private::readCommand(std::string_view command, std::string_view parts)
{
    const auto calls = partNamed("calls", parts);
    const auto micros = partNamed("usec", parts);
    if (!calls || !micros)
        return refused();
    setOne(commands, command, *calls);
    setOne(commandSeconds, command, *micros / 1e6);
    if (const auto rejected = partNamed("rejected_calls", parts)) // since Redis 6.2
        setOne(rejectedCalls, command, *rejected);
    if (const auto failed = partNamed("failed_calls", parts))
        setOne(failedCalls, command, *failed);
}

void RedisInfo::Private::readDatabase(std::string_view name, std::string_view parts)
{
    const auto count = partNamed("keys", parts);
    const auto expires = partNamed("expires", parts);
    if (!name.starts_with("db") || !count || !expires)
        return refused();
    setOne(keys, name, *count);
    setOne(expiringKeys, name, *expires);
    if (const auto millis = partNamed("avg_ttl", parts))
        setOne(meanTimeToLive, name, *millis / 1e3);
}

void RedisInfo::Private::setInstance()
{
    if (texts.empty())
        return;
    std::vector<std::string_view> labels;
    for (const std::string &name : instanceLabels)
        labels.emplace_back(texts[name]);
    instance.set(labels, 1);
    texts.clear();
}

template <class Use>
void RedisInfo::Private::withEach(Use use)
{
    for (auto &[field, family] : plain)
        use(family);
    for (LiveFamily *family :
         {&instance, &maxMemory, &startTime, &latestFork, &commands, &commandSeconds,
          &rejectedCalls, &failedCalls, &errors, &keys, &expiringKeys, &meanTimeToLive})
        use(*family);
}

RedisInfo::RedisInfo(Registry &registry, std::function<void()> refused)
    : d(std::make_unique<Private>(registry, std::move(refused)))
{
}

RedisInfo::~RedisInfo() = default;

void RedisInfo::update(std::string_view text, double now, int databases)
{
    if (text.size() > maxInfoBytes) {
        d->refused();
        text = text.substr(0, text.rfind('\n', maxInfoBytes));
    }
    d->withEach([](LiveFamily &family) { family.begin(); });
    std::string_view section;
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.starts_with("# ")) {
            section = line.substr(2);
        } else if (line.find(':') != std::string_view::npos) {
            const std::string_view key = take(line, ':');
            d->readLine(section, key, line);
            if (const auto uptime = number(line); key == "uptime_in_seconds" && uptime)
                d->startTime.set({}, now - *uptime);
        }
    }
    for (int i = 0; i < std::min(databases, maxDatabases); ++i) {
        const std::string name = "db" + std::to_string(i); // those that INFO names have values
        setOne(d->keys, name, 0);
        setOne(d->expiringKeys, name, 0);
    }
    d->setInstance();
    d->up.set({}, 1);
    d->withEach([](LiveFamily &family) { family.end(); });
}

void RedisInfo::setDown()
{
    d->withEach([](LiveFamily &family) { family.clear(); });
    d->up.set({}, 0);
}

} // namespace trendscope::exporter
