#include "core/exporter/postgres/pg_server_p.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace trendscope::exporter {

namespace {

constexpr double kilobyte = 1024;

struct Unit {
    std::string_view name;
    std::string_view base;
    double factor;
    double divisor = 1;
};
// https://www.postgresql.org/docs/15/config-setting.html#CONFIG-SETTING-NAMES-VALUES; a size may
// also be in blocks, e.g. 8kB or 16MB.
constexpr std::array<Unit, 9> units{{
    {"us", "seconds", 1, 1e6},
    {"ms", "seconds", 1, 1e3},
    {"s", "seconds", 1},
    {"min", "seconds", 60},
    {"h", "seconds", 3600},
    {"d", "seconds", 86400},
    {"kB", "bytes", kilobyte},
    {"MB", "bytes", kilobyte *kilobyte},
    {"GB", "bytes", kilobyte *kilobyte *kilobyte},
}};

std::optional<double> numberOf(std::string_view text)
{
    double number = 0;
    const char *const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc() && read.ptr == end && !text.empty() ? std::optional(number)
                                                                      : std::nullopt;
}

std::optional<Unit> unitOf(std::string_view text)
{
    if (text == "B")
        return Unit{text, "bytes", 1};
    double blocks = 1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), blocks);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    const auto found = std::find_if(units.begin(), units.end(),
                                    [&](const Unit &unit) { return unit.name == text; });
    if (found == units.end())
        return {};
    return Unit{found->name, found->base, found->factor * blocks, found->divisor};
}

std::string metricName(std::string_view setting)
{
    std::string name = "pg_settings_";
    for (const char c : setting)
        name += std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128
            ? c
            : '_';
    return name;
}

constexpr std::string_view stateQuery = R"(SELECT version(),
  extract(epoch FROM pg_postmaster_start_time()) AS start_time,
  pg_is_in_recovery() AS is_replica,
  CASE WHEN pg_is_in_recovery() THEN greatest(0,
    extract(epoch FROM now() - pg_last_xact_replay_timestamp())) ELSE 0 END AS lag,
  extract(epoch FROM pg_conf_load_time()) AS conf_load_time)";

// What this connection has set for itself is not how the server is set.
constexpr std::string_view settingsQuery = R"(SELECT name, CASE
    WHEN name = 'transaction_read_only' AND NOT pg_is_in_recovery() THEN
      (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only')
    WHEN source IN ('session', 'client') THEN reset_val
    ELSE setting END AS setting,
  coalesce(unit, '') AS unit, short_desc, vartype
FROM pg_catalog.pg_settings
WHERE vartype IN ('bool', 'integer', 'real') OR name = 'lc_messages')";

void note(StatementLogging &logging, std::string_view setting, double value)
{
    if (setting == "log_min_duration_statement")
        logging.minDuration = value;
    else if (setting == "log_min_duration_sample")
        logging.minSample = value;
    else if (setting == "log_statement_sample_rate")
        logging.statementRate = value;
    else if (setting == "log_transaction_sample_rate")
        logging.transactionRate = value;
    else if (setting == "log_duration")
        logging.isEachDuration = value == 1;
}

PgGroupDescription state()
{
    return {.name = "pg_postmaster",
            .sql = std::string(stateQuery),
            .metrics = {{.column = "start_time",
                         .name = "pg_postmaster_start_time_seconds",
                         .help = "When the server was started, in seconds since 1970."},
                        {.column = "is_replica",
                         .name = "pg_replication_is_replica",
                         .help = "Whether the server is a standby: 1 or 0."},
                        {.column = "lag",
                         .name = "pg_replication_lag",
                         .help = "Seconds that a standby is behind; 0 on a primary."},
                        {.column = "lag",
                         .name = "pg_replication_lag_seconds",
                         .help = "Seconds that a standby is behind; 0 on a primary."}}};
}

} // namespace

std::optional<PgSetting> pgSettingOf(const PgSettingRow &row)
{
    PgSetting setting{.metric = metricName(row.name), .help = std::string(row.description)};
    if (row.type == "bool") {
        setting.value = row.setting == "on" ? 1 : 0;
        return setting;
    }
    const auto number = numberOf(row.setting);
    if (!number)
        return {};
    setting.value = *number;
    if (row.unit.empty())
        return setting;
    const auto unit = unitOf(row.unit);
    if (!unit)
        return {};
    setting.metric.append(1, '_').append(unit->base);
    if (*number != -1) // which says that something is off
        setting.value = *number * unit->factor / unit->divisor;
    return setting;
}

PgServer::PgServer(observability::Registry &registry, bool withSettings)
    : m_registry(registry)
    , m_withSettings(withSettings)
    , m_static(registry,
               {.name = "pg_static",
                .help = "Always 1; the labels say which PostgreSQL it is.",
                .labels = {"short_version", "version", "server"},
                .announced = observability::MetricDescription::Announced::WhenUsed})
    , m_state(registry, state())
{
}

PgOutcome PgServer::collect(PgConnection &connection, PgConnection::Clock::time_point deadline)
{
    const auto rows = connection.run({.sql = std::string(stateQuery)}, deadline);
    if (!rows || rows->size() != 1) {
        clear();
        return {rows ? Error{Error::Kind::BadResponse, "no single row", {}} : rows.error(),
                rows || rows.error().kind != Error::Kind::Timeout ? "query" : "timeout"};
    }
    showState(*rows, connection);
    std::string of = std::to_string(connection.generation());
    for (const char *column : {"start_time", "is_replica", "conf_load_time"})
        of.append(1, ' ').append(rows->text(0, *rows->column(column)));
    if (of == m_settingsOf)
        return {};
    PgOutcome outcome = readSettings(connection, deadline);
    m_settingsOf = outcome.error ? "" : of;
    return outcome;
}

void PgServer::showState(const PgRows &rows, const PgConnection &connection)
{
    m_state.show(rows, connection.server());
    const int version = connection.version();
    const std::string shortVersion =
        std::to_string(version / 10000) + '.' + std::to_string(version % 10000) + ".0";
    m_static.begin();
    const std::array<std::string_view, 3> labels{shortVersion, rows.text(0, 0),
                                                 connection.server()};
    m_static.set(labels, 1);
    m_static.end();
}

PgOutcome PgServer::readSettings(PgConnection &connection, PgConnection::Clock::time_point deadline)
{
    const auto rows = connection.run({.sql = std::string(settingsQuery)}, deadline);
    if (!rows) {
        for (auto &[name, family] : m_settings)
            family.clear();
        return {rows.error(), rows.error().kind == Error::Kind::Timeout ? "timeout" : "query"};
    }
    showSettings(*rows, connection.server());
    return {};
}

void PgServer::showSettings(const PgRows &rows, std::string_view server)
{
    StatementLogging logging{.isKnown = true};
    for (auto &[name, family] : m_settings)
        family.begin();
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string_view name = rows.text(row, 0);
        if (name == "lc_messages") {
            logging.language = rows.text(row, 1);
            continue;
        }
        const auto setting = pgSettingOf(
            {name, rows.text(row, 1), rows.text(row, 2), rows.text(row, 3), rows.text(row, 4)});
        if (!setting)
            continue;
        note(logging, name, setting->value);
        if (m_withSettings)
            showSetting(*setting, server);
    }
    for (auto &[name, family] : m_settings)
        family.end();
    m_logging = std::move(logging);
}

void PgServer::showSetting(const PgSetting &setting, std::string_view server)
{
    auto found = m_settings.find(setting.metric);
    if (found == m_settings.end()) {
        LiveFamily family(m_registry,
                          {.name = setting.metric,
                           .help = setting.help,
                           .labels = {"server"},
                           .announced = observability::MetricDescription::Announced::WhenUsed});
        family.begin();
        found = m_settings.emplace(setting.metric, std::move(family)).first;
    }
    found->second.set(std::array{server}, setting.value);
}

void PgServer::clear()
{
    m_static.clear();
    m_state.clear();
    for (auto &[name, family] : m_settings)
        family.clear();
    m_settingsOf.clear();
}

} // namespace trendscope::exporter
