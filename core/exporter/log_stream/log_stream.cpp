#include "core/exporter/log_stream/log_stream.h"

#include "core/exporter/log_stream/stream_follower_p.h"

#include <utility>

namespace trendscope::exporter {

namespace {

using observability::MetricDescription;

StreamMetrics metricsIn(observability::Registry &registry)
{
    auto &dropped = registry.add({
        .name = "trendscope_log_stream_dropped_total",
        .type = MetricDescription::Type::Counter,
        .help = "Log records that streams left out: slow_client or too_long.",
        .labels = {"reason"},
    });
    StreamMetrics metrics{
        .clients = registry.add<observability::Gauge>({
            .name = "trendscope_log_stream_clients",
            .help = "Clients that log records are streamed to.",
        }),
        .counters = {.records = registry.add<observability::Counter>({
                         .name = "trendscope_log_stream_records_total",
                         .type = MetricDescription::Type::Counter,
                         .help = "Log records that were streamed, over all clients.",
                     }),
                     .slow = dropped.counter({"slow_client"}),
                     .tooLong = dropped.counter({"too_long"})}};
    metrics.clients.set(0); // they are there from the start
    for (auto *counter :
         {&metrics.counters.records, &metrics.counters.slow, &metrics.counters.tooLong})
        counter->increment(0);
    return metrics;
}

} // namespace

LogStream::LogStream(config::LogStreamSettings settings, observability::Registry &registry,
                     observability::Logger logger)
    : m_logger(std::move(logger))
    , m_metrics(std::make_unique<const StreamMetrics>(metricsIn(registry)))
    , m_settings(std::move(settings))
{
}

LogStream::~LogStream()
{
    end();
}

Response LogStream::answer(const Request &request)
{
    auto query = StreamQuery::parse(request);
    if (!query)
        return {.status = 400, .body = query.error().message + "\n"};
    const std::lock_guard lock(m_mutex);
    if (m_settings.files.empty())
        return {.status = 404, .body = "No log files are configured for streaming.\n"};
    Response response{.contentType = std::string(logs::stream::contentType),
                      .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
    if (request.method == "HEAD")
        return response;
    if (countClients() >= m_settings.maxStreams)
        return {.status = 503,
                .body = "There are " + std::to_string(m_settings.maxStreams)
                    + " log streams already.\n",
                .headers = {{"Retry-After", "10"}}};
    auto client =
        std::make_shared<StreamClient>(*std::move(query), m_settings.buffer, m_metrics->counters);
    if (!m_follower || !m_follower->add(client))
        m_follower = std::make_unique<StreamFollower>(m_settings, *m_metrics, m_logger, client);
    m_clients.push_back(client);
    response.stream = std::move(client);
    return response;
}

std::size_t LogStream::countClients()
{
    std::erase_if(m_clients, [](const auto &client) { return client.expired(); });
    return m_clients.size();
}

void LogStream::configure(config::LogStreamSettings settings)
{
    const std::lock_guard lock(m_mutex);
    if (settings == m_settings)
        return;
    end();
    m_settings = std::move(settings);
}

void LogStream::end()
{
    m_follower.reset();
    for (const auto &known : m_clients) {
        if (const auto client = known.lock())
            client->end();
    }
}

} // namespace trendscope::exporter
