#include "core/demo/api_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

namespace trendscope::demo {
namespace {

constexpr double peakRequestsPerSecond = 130;
constexpr double durationSpread = 0.64; // of the duration's logarithm
constexpr double usualErrorShare = 0.006;
constexpr double incidentErrorShare = 0.072;
constexpr double databaseDownErrorShare = 0.035; // most reads are answered from the cache

constexpr std::array<ApiSimulation::Route, 8> routes{{
    {"GET", "/api/v1/trends", "get_trends", 0.36, 0.038, 0.004, 200},
    {"GET", "/api/v1/topics", "get_topics", 0.22, 0.031, 0.004, 200},
    {"GET", "/api/v1/items", "get_items", 0.18, 0.044, 0.012, 200},
    {"GET", "/health", "health", 0.08, 0.003, 0, 200},
    {"POST", "/api/v1/items", "create_items", 0.08, 0.072, 0, 201},
    {"POST", "/api/v1/trends", "create_trend", 0.04, 0.090, 0, 201},
    {"GET", "/metrics", "metrics", 0.02, 0.006, 0, 200},
    {"POST", "/api/v1/topics", "create_topic", 0.02, 0.080, 0, 201},
}};

double errorShareAt(const Moment &moment)
{
    const double incident = moment.incidents.intensity(Incident::Kind::ApiErrors, moment.time);
    const bool noDatabase = moment.incidents.isUnderWay(Incident::Kind::PostgresDown, moment.time);
    return usualErrorShare + incident * (incidentErrorShare - usualErrorShare)
        + (noDatabase ? databaseDownErrorShare : 0);
}

void logAccess(const ApiSimulation::Route &route, int status, double seconds, const Moment &moment)
{
    using observability::Level;
    const Level level = status >= 500 ? Level::Error : status >= 400 ? Level::Warning : Level::Info;
    const std::string method(route.method);
    const std::string endpoint(route.endpoint);
    moment.log->api.log(level, method + ' ' + endpoint + ' ' + std::to_string(status),
                        {{"event", "http_request"},
                         {"request_id", requestId(moment.random)},
                         {"method", method},
                         {"endpoint", endpoint},
                         {"handler", std::string(route.handler)},
                         {"status_code", status},
                         {"duration_seconds", std::round(seconds * 1e5) / 1e5}});
}

} // namespace

ApiSimulation::ApiSimulation(observability::Metrics &metrics)
    : m_metrics(metrics)
{
    // A series that begins at 0 has a rate from its first event on; one that begins with it does
    // not.
    for (const Route &route : routes) {
        m_metrics.recordApiRequest(route.method, route.endpoint, route.okStatus, Seconds(0), 0);
        m_metrics.recordApiRequest(route.method, route.endpoint, 500, Seconds(0), 0);
    }
}

void ApiSimulation::advance(const Moment &moment)
{
    if (moment.incidents.isUnderWay(Incident::Kind::ApiDown, moment.time))
        return;
    const double errorShare = errorShareAt(moment);
    const double slowdown = 1
        + 1.6 * moment.incidents.intensity(Incident::Kind::ApiErrors, moment.time)
        + 0.25 * moment.load;
    for (const Route &route : routes)
        serve(route, moment, errorShare, slowdown);
    updateActive(moment, slowdown);
}

void ApiSimulation::updateActive(const Moment &moment, double slowdown)
{
    // Little's law: those under way at any time are rate times duration, whose mean lies above its
    // median.
    constexpr double meanToMedian = 1.25;
    std::map<std::string_view, double> expected; // routes of several methods share an endpoint
    for (const Route &route : routes)
        expected[route.endpoint] += peakRequestsPerSecond * moment.load * route.share
            * route.medianSeconds * slowdown * meanToMedian;
    for (const auto &[endpoint, mean] : expected)
        m_metrics.setActiveRequests(endpoint, static_cast<double>(moment.random.poisson(mean)));
}

void ApiSimulation::serve(const Route &route, const Moment &moment, double errorShare,
                          double slowdown)
{
    const double rate = peakRequestsPerSecond * moment.load * route.share;
    const std::int64_t requests = moment.random.poisson(rate * moment.span.count());
    const auto count = static_cast<double>(requests);
    const std::int64_t failed = std::min(requests, moment.random.poisson(count * errorShare));
    const std::int64_t notFound =
        std::min(requests - failed, moment.random.poisson(count * route.notFoundShare));

    record(route, 500, failed, moment, 1.5 * slowdown);
    record(route, 404, notFound, moment, 0.4 * slowdown);
    record(route, route.okStatus, requests - failed - notFound, moment, slowdown);
}

void ApiSimulation::record(const Route &route, int status, std::int64_t count, const Moment &moment,
                           double slowdown)
{
    // Requests are recorded in batches of one duration each: enough of them for a smooth histogram,
    // few enough for a day of history in a second.
    constexpr std::int64_t batches = 10;
    constexpr std::int64_t loggedBatches = 3;
    for (std::int64_t batch = 0; batch < batches; ++batch) {
        const std::int64_t size = count / batches + (batch < count % batches ? 1 : 0);
        if (size == 0)
            return;
        const double seconds =
            moment.random.logNormal(route.medianSeconds * slowdown, durationSpread);
        m_metrics.recordApiRequest(route.method, route.endpoint, status, Seconds(seconds),
                                   static_cast<double>(size));
        if (moment.log && batch < loggedBatches)
            logAccess(route, status, seconds, moment);
    }
}

} // namespace trendscope::demo
