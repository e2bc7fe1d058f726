#include "core/demo/database_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace trendscope::demo {
namespace {

constexpr double poolSize = 20;
constexpr double durationSpread = 1.0; // of the duration's logarithm
constexpr double slowSeconds = 0.12;

constexpr std::array<DatabaseSimulation::Query, 5> queries{{
    {"select", "trends", 62, 0.0042},
    {"select", "items", 34, 0.0065},
    {"select", "topics", 40, 0.0030},
    {"insert", "items", 6, 0.0080},
    {"update", "trends", 3, 0.0110},
}};

} // namespace

DatabaseSimulation::DatabaseSimulation(observability::Metrics &client,
                                       observability::Metrics &server)
    : m_client(client)
    , m_server(server)
{
    for (const Query &query : queries)
        m_client.recordDbQuery(query.operation, query.table, Seconds(0), 0);
}

void DatabaseSimulation::advance(const Moment &moment)
{
    const bool isUp = !moment.incidents.isUnderWay(Incident::Kind::PostgresDown, moment.time);
    if (isUp) {
        for (const Query &query : queries)
            run(query, moment);
    }
    updatePool(moment, isUp);
    m_server.setPostgresUp(isUp);
    logOutage(moment, isUp);
}

void DatabaseSimulation::run(const Query &query, const Moment &moment)
{
    const double incident = moment.incidents.intensity(Incident::Kind::ApiErrors, moment.time);
    const double median = query.medianSeconds * (1 + 0.3 * moment.load + 4 * incident);
    const auto count = moment.random.poisson(query.perSecond * moment.load * moment.span.count());

    constexpr std::int64_t batches = 8;
    for (std::int64_t batch = 0; batch < std::min(batches, count); ++batch) {
        const std::int64_t size = count / batches + (batch < count % batches ? 1 : 0);
        const double seconds = moment.random.logNormal(median, durationSpread);
        m_client.recordDbQuery(query.operation, query.table, Seconds(seconds),
                               static_cast<double>(size));
        if (moment.log && seconds > slowSeconds)
            moment.log->database.warning("Slow query",
                                         {{"request_id", requestId(moment.random)},
                                          {"operation", std::string(query.operation)},
                                          {"table", std::string(query.table)},
                                          {"duration_seconds", std::round(seconds * 1e5) / 1e5}});
    }
}

void DatabaseSimulation::updatePool(const Moment &moment, bool isUp)
{
    const double incident = moment.incidents.intensity(Incident::Kind::ApiErrors, moment.time);
    const auto inUse = static_cast<double>(moment.random.poisson(6.5 * moment.load + 5 * incident));
    m_client.setDbPool(poolSize, isUp ? std::max(3.0, poolSize - inUse) : poolSize);
}

void DatabaseSimulation::logOutage(const Moment &moment, bool isUp)
{
    if (moment.log && !isUp && (m_wasUp || moment.random.uniform(0, 1) < 0.5))
        moment.log->database.error("could not connect to server: Connection refused",
                                   {{"host", "db-1"}, {"port", 5432}, {"database", "trends"}});
    if (moment.log && isUp && !m_wasUp)
        moment.log->database.info("connection to the database restored", {{"host", "db-1"}});
    m_wasUp = isUp;
}

} // namespace trendscope::demo
