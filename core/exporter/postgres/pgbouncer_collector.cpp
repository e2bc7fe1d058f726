#include "core/exporter/postgres/pgbouncer_collector.h"

#include "core/exporter/postgres/pg_group_p.h"

#include <algorithm>
#include <array>

namespace trendscope::exporter {

namespace {

using observability::Family;
constexpr auto counter = observability::MetricDescription::Type::Counter;
constexpr auto whenUsed = observability::MetricDescription::Announced::WhenUsed;

PgGroupDescription poolsView()
{
    return {.name = "SHOW POOLS",
            .sql = "SHOW POOLS",
            .labels = {"database", "user"},
            .metrics = {{.column = "cl_active",
                         .name = "pgbouncer_pools_client_active_connections",
                         .help = "Clients that have a server connection, or wait for nothing."},
                        {.column = "cl_waiting",
                         .name = "pgbouncer_pools_client_waiting_connections",
                         .help = "Clients that wait for a server connection."},
                        {.column = "sv_active",
                         .name = "pgbouncer_pools_server_active_connections",
                         .help = "Server connections that a client has."},
                        {.column = "sv_idle",
                         .name = "pgbouncer_pools_server_idle_connections",
                         .help = "Server connections that are free."},
                        {.column = "sv_used",
                         .name = "pgbouncer_pools_server_used_connections",
                         .help = "Free server connections that are tested before their next use."},
                        {.column = "sv_tested",
                         .name = "pgbouncer_pools_server_testing_connections",
                         .help = "Server connections that are being reset or tested."},
                        {.column = "sv_login",
                         .name = "pgbouncer_pools_server_login_connections",
                         .help = "Server connections that are being made."},
                        {.column = "maxwait",
                         .name = "pgbouncer_pools_client_maxwait_seconds",
                         .help = "How long the client that waits longest has waited."}},
            .hasServer = false};
}

PgGroupDescription databasesView()
{
    return {.name = "SHOW DATABASES",
            .sql = "SHOW DATABASES",
            .labels = {"name", "host", "port", "database", "force_user", "pool_mode"},
            .metrics = {{.column = "pool_size",
                         .name = "pgbouncer_databases_pool_size",
                         .help = "Server connections that a pool of this database may have."},
                        {.column = "reserve_pool",
                         .name = "pgbouncer_databases_reserve_pool",
                         .help = "Further ones for clients that wait too long."},
                        {.column = "max_connections",
                         .name = "pgbouncer_databases_max_connections",
                         .help = "Server connections of all its pools together; 0: no limit."},
                        {.column = "current_connections",
                         .name = "pgbouncer_databases_current_connections",
                         .help = "Server connections that it has."},
                        {.column = "paused",
                         .name = "pgbouncer_databases_paused",
                         .help = "Whether it is paused: 1 or 0."},
                        {.column = "disabled",
                         .name = "pgbouncer_databases_disabled",
                         .help = "Whether it is disabled: 1 or 0."}},
            .hasServer = false};
}

double numberAt(const PgRows &rows, std::size_t row, const char *name)
{
    const auto column = rows.column(name);
    const auto value =
        column ? rows.number(row, *column) : Result<std::optional<double>>(std::nullopt);
    return value ? value->value_or(0) : 0;
}

std::string textAt(const PgRows &rows, std::size_t row, const char *name)
{
    const auto column = rows.column(name);
    return column ? std::string(rows.text(row, *column)) : std::string();
}

std::vector<BouncerDatabase> databasesOf(const PgRows &rows)
{
    std::vector<BouncerDatabase> databases;
    for (std::size_t row = 0; row < rows.size(); ++row)
        databases.push_back({.name = textAt(rows, row, "name"),
                             .poolSize = numberAt(rows, row, "pool_size"),
                             .maxConnections = numberAt(rows, row, "max_connections")});
    return databases;
}

std::vector<BouncerPool> poolsOf(const PgRows &rows)
{
    // Of these, versions have different ones: 1.18 came with those that cancel.
    constexpr std::array<const char *, 5> busy{"sv_active", "sv_active_cancel", "sv_being_canceled",
                                               "sv_tested", "sv_login"};
    std::vector<BouncerPool> pools;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        BouncerPool pool{.database = textAt(rows, row, "database")};
        for (const char *column : busy)
            pool.busy += numberAt(rows, row, column);
        pools.push_back(std::move(pool));
    }
    return pools;
}

} // namespace

PoolRoom poolRoom(const std::vector<BouncerDatabase> &databases,
                  const std::vector<BouncerPool> &pools, const std::vector<std::string> &counted)
{
    PoolRoom room;
    for (const BouncerDatabase &database : databases) {
        const bool isCounted = counted.empty()
            || std::find(counted.begin(), counted.end(), database.name) != counted.end();
        if (!isCounted || database.name == "pgbouncer")
            continue;
        PoolRoom own;
        double busy = 0;
        for (const BouncerPool &pool : pools) {
            if (pool.database != database.name)
                continue;
            own.size += database.poolSize;
            own.available += std::max(0.0, database.poolSize - pool.busy);
            busy += pool.busy;
        }
        if (own.size == 0)
            own = {database.poolSize, database.poolSize};
        if (database.maxConnections > 0) {
            own.size = std::min(own.size, database.maxConnections);
            own.available = std::min(own.available, std::max(0.0, database.maxConnections - busy));
        }
        room.size += own.size;
        room.available += own.available;
    }
    return room;
}

struct PgbouncerCollector::Private {
    Private(config::PgbouncerSettings with, observability::Registry &registry);

    Result<void> ask(Clock::time_point deadline);
    void clear(bool isUp);

    const config::PgbouncerSettings settings;
    PgConnection connection;
    Family &up;
    Family &errors;
    SharedFamily poolSize;
    SharedFamily poolAvailable;
    PgGroup pools;
    PgGroup databases;
};

PgbouncerCollector::Private::Private(config::PgbouncerSettings with,
                                     observability::Registry &registry)
    : settings(std::move(with))
    , connection(settings.connection, "")
    , up(registry.add({.name = "pgbouncer_up",
                       .help = "Whether pgbouncer answers: 1 or 0.",
                       .announced = whenUsed}))
    , errors(registry.add({.name = "trendscope_pgbouncer_errors_total",
                           .type = counter,
                           .help = "Failures by kind: connect, unauthorized, timeout, "
                                   "configuration.",
                           .labels = {"kind"}}))
    // As the catalogue describes them, whose families they are.
    , poolSize(registry.add({.name = "db_connection_pool_size",
                             .help = "Database connections that the pool may have."}))
    , poolAvailable(registry.add({.name = "db_connection_pool_available",
                                  .help = "Database connections that the pool can still give."}))
    , pools(registry, poolsView())
    , databases(registry, databasesView())
{
}

Result<void> PgbouncerCollector::Private::ask(Clock::time_point deadline)
{
    if (auto ready = connection.ensure(deadline); !ready)
        return ready;
    const auto databaseRows = connection.run({.sql = "SHOW DATABASES"}, deadline);
    if (!databaseRows)
        return tl::unexpected(databaseRows.error());
    const auto poolRows = connection.run({.sql = "SHOW POOLS"}, deadline);
    if (!poolRows)
        return tl::unexpected(poolRows.error());
    databases.show(*databaseRows, {});
    pools.show(*poolRows, {});
    const auto known = databasesOf(*databaseRows);
    for (const std::string &wanted : settings.databases) {
        const bool isKnown = std::any_of(known.begin(), known.end(),
                                         [&](const auto &one) { return one.name == wanted; });
        if (!isKnown)
            return tl::unexpected(Error{
                Error::Kind::Invalid, "pgbouncer has no database \"" + wanted + "\" now", {}});
    }
    const PoolRoom room = poolRoom(known, poolsOf(*poolRows), settings.databases);
    poolSize.set({}, room.size);
    poolAvailable.set({}, room.available);
    return {};
}

void PgbouncerCollector::Private::clear(bool isUp)
{
    if (!isUp) {
        databases.clear();
        pools.clear();
    }
    poolSize.remove(Family::LabelValues{});
    poolAvailable.remove(Family::LabelValues{});
}

PgbouncerCollector::PgbouncerCollector(config::PgbouncerSettings settings,
                                       observability::Registry &registry)
    : d(std::make_unique<Private>(std::move(settings), registry))
{
}

PgbouncerCollector::~PgbouncerCollector() = default;

std::span<const std::string_view> PgbouncerCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 2> prefixes{"pgbouncer_",
                                                              "trendscope_pgbouncer_"};
    return prefixes;
}

bool PgbouncerCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || metric == "db_connection_pool_size"
        || metric == "db_connection_pool_available";
}

Result<void> PgbouncerCollector::collect(Clock::time_point deadline)
{
    auto outcome = d->ask(deadline);
    const auto kind = outcome ? std::nullopt : std::optional(outcome.error().kind);
    const bool isUp = !kind || *kind == Error::Kind::Invalid;
    d->up.set({}, isUp ? 1 : 0);
    if (outcome)
        return outcome;
    d->clear(isUp);
    d->errors.increment({isUp                                     ? "configuration"
                             : *kind == Error::Kind::Timeout      ? "timeout"
                             : *kind == Error::Kind::Unauthorized ? "unauthorized"
                                                                  : "connect"},
                        1);
    return outcome;
}

} // namespace trendscope::exporter
