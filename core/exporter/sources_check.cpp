#include "core/exporter/http/listen_address.h"
#include "core/exporter/log_rules/log_rule_p.h"
#include "core/exporter/postgres/postgres_collector.h"
#include "core/exporter/push/push_endpoint.h"
#include "core/exporter/push/pushed_catalogue_p.h"
#include "core/exporter/push/pushed_names_p.h"
#include "core/exporter/push/statsd_mapping.h"
#include "core/exporter/sources.h"
#include "core/exporter/sources_p.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace trendscope::exporter {

using Settings = config::Config::Exporter;

namespace {

tl::unexpected<Error> invalid(std::string message)
{
    return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
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

/// Names that others fill: rules and queries must leave them alone.
bool isOfOthers(std::string_view name)
{
    constexpr std::array<std::string_view, 6> prefixes{"node_",      "pg_",    "pgbouncer_",
                                                       "container_", "redis_", "system_"};
    return isReservedName(name) || std::ranges::any_of(prefixes, [&](std::string_view prefix) {
               return name.starts_with(prefix);
           });
}

std::string joined(const std::vector<std::string> &texts)
{
    std::string all;
    for (const std::string &text : texts)
        (all += all.empty() ? "" : ", ") += text;
    return all.empty() ? "none" : all;
}

Result<void> checkNames(const Settings &settings)
{
    const auto catalogue = pushableCatalogue();
    std::map<std::string, std::string> known;
    for (const auto &[where, metric] : ownMetrics(settings)) {
        if (isOfOthers(metric.name))
            return invalid(where + ": the name " + metric.name
                           + " belongs to another source; choose one of your own");
        const auto [first, isNew] = known.try_emplace(metric.name, where);
        if (!isNew && first->second != where)
            return invalid(where + ": " + metric.name + " is also in " + first->second);
        const auto ofPlatform =
            std::ranges::find(catalogue, metric.name, &observability::MetricDescription::name);
        if (ofPlatform != catalogue.end() && !ofPlatform->hasShapeOf(metric))
            return invalid(
                where + ": " + metric.name
                + " is a metric of the platform, and needs its type, buckets and labels: "
                + joined(ofPlatform->labels));
    }
    return {};
}

} // namespace

std::vector<OwnMetric> ownMetrics(const Settings &settings)
{
    using Type = observability::MetricDescription::Type;
    std::vector<OwnMetric> metrics;
    if (settings.logs) {
        for (const config::LogRule &rule : settings.logs->rules)
            metrics.push_back({"exporter.logs", descriptionOf(rule)});
    }
    if (!settings.postgres)
        return metrics;
    for (const config::PostgresQuery &query : settings.postgres->queries) {
        for (const std::string &value : query.values)
            metrics.push_back(
                {"exporter.postgres",
                 {.name = query.values.size() == 1 ? query.name : query.name + '_' + value,
                  .type = query.type == config::PostgresQuery::Type::Counter ? Type::Counter
                                                                             : Type::Gauge,
                  .help = query.help,
                  .labels = query.labels}});
    }
    return metrics;
}

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

bool isDisabled(std::string_view name, const Settings &settings)
{
    return std::ranges::find(settings.disabledCollectors, name)
        != settings.disabledCollectors.end();
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
    if (auto own = checkNames(settings); !own)
        return own;
    if (const auto token = readPushToken(settings.push); !token)
        return tl::unexpected(token.error());
    return settings.statsd ? checkStatsd(*settings.statsd) : Result<void>();
}

} // namespace trendscope::exporter
