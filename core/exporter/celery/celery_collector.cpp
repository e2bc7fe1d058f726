#include "core/exporter/celery/celery_collector.h"

#include "core/exporter/celery/celery_listener_p.h"
#include "core/exporter/celery/celery_queues_p.h"
#include "core/exporter/celery/celery_state.h"
#include "core/exporter/celery/redis_info.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace trendscope::exporter {

struct CeleryCollector::Private {
    Private(config::CelerySettings celerySettings, observability::Registry &registry)
        : settings(std::move(celerySettings))
        , metrics(registry)
        , state(metrics, settings)
        , queues(metrics, settings)
    {
        if (settings.isReadingInfo)
            info.emplace(registry, [this] { metrics.errors.increment({"info"}, 1); });
        if (settings.isReadingEvents)
            listener.emplace(settings, state, mutex, metrics);
    }

    Result<Refusal> measure(Clock::time_point deadline);
    Result<Refusal> measureOn(RedisConnection &connection, Clock::time_point deadline);
    Result<Refusal> readInfo(RedisConnection &connection, Clock::time_point deadline);

    const config::CelerySettings settings;
    CeleryMetrics metrics;
    std::mutex mutex; ///< of the state
    CeleryState state;
    CeleryQueues queues;
    std::optional<RedisInfo> info;
    Wakeup stop;
    std::optional<RedisConnection> redis;
    std::optional<CeleryListener> listener;
};

CeleryCollector::CeleryCollector(config::CelerySettings settings, observability::Registry &registry)
    : d(std::make_unique<Private>(std::move(settings), registry))
{
}

CeleryCollector::~CeleryCollector() = default;

std::span<const std::string_view> CeleryCollector::metricPrefixes() const
{
    // Without the catalogue's, which applications may push as well.
    static constexpr std::array<std::string_view, 12> prefixes{"celery_task_sent_",
                                                               "celery_task_received_",
                                                               "celery_task_started_",
                                                               "celery_task_succeeded_",
                                                               "celery_task_failed_",
                                                               "celery_task_rejected_",
                                                               "celery_task_revoked_",
                                                               "celery_task_retried_",
                                                               "celery_task_runtime",
                                                               "celery_worker_",
                                                               "redis_",
                                                               "trendscope_celery_"};
    return prefixes;
}

bool CeleryCollector::brings(std::string_view metric) const
{
    static constexpr std::array<std::string_view, 7> ofCatalogue{
        "celery_tasks_total",        "celery_task_duration_seconds",
        "celery_task_retries_total", "celery_active_tasks",
        "celery_queue_length",       "celery_oldest_running_task_seconds",
        "celery_workers_online"};
    return isOwn(metric) || std::ranges::find(ofCatalogue, metric) != ofCatalogue.end();
}

std::string_view CeleryCollector::name() const
{
    return "celery";
}

Result<void> CeleryCollector::collect(Clock::time_point deadline)
{
    if (d->listener) {
        const std::scoped_lock lock(d->mutex);
        d->state.expire(Moment::now());
        d->state.publish(Moment::now());
    }
    const auto measured = d->measure(deadline);
    if (!measured) {
        d->redis.reset();
        d->queues.setUnknown();
        if (d->info)
            d->info->setDown();
        return tl::unexpected(measured.error());
    }
    if (*measured)
        return tl::unexpected(**measured);
    if (const auto error = d->listener ? d->listener->error() : std::nullopt)
        return tl::unexpected(*error);
    return {};
}

Result<Refusal> CeleryCollector::Private::measure(Clock::time_point deadline)
{
    if (redis) {
        auto measured = measureOn(*redis, deadline);
        // Redis may have been restarted since the previous time.
        if (measured || measured.error().kind != Error::Kind::Network)
            return measured;
        redis.reset();
    }
    const auto address = redisAddressOf(settings);
    if (!address)
        return tl::unexpected(address.error());
    auto connection = RedisConnection::open(
        *address, stop, std::min(deadline, Clock::now() + settings.connectTimeout));
    if (!connection)
        return tl::unexpected(connection.error());
    redis = std::move(*connection);
    return measureOn(*redis, deadline);
}

Result<Refusal> CeleryCollector::Private::measureOn(RedisConnection &connection,
                                                    Clock::time_point deadline)
{
    Refusal ofInfo;
    if (info) {
        auto read = readInfo(connection, deadline);
        if (!read)
            return read;
        ofInfo = *read;
    }
    std::vector<std::string> known;
    if (listener) {
        const std::scoped_lock lock(mutex);
        known = state.queues();
    }
    const auto sentAt = [this](std::string_view uuid) {
        const std::scoped_lock lock(mutex);
        return state.sentAt(uuid);
    };
    auto measured = queues.measure(connection, known, sentAt, deadline);
    return measured && ofInfo ? ofInfo : measured;
}

Result<Refusal> CeleryCollector::Private::readInfo(RedisConnection &connection,
                                                   Clock::time_point deadline)
{
    const auto replies =
        connection.ask({{"INFO", "everything"}, {"CONFIG", "GET", "databases"}}, deadline);
    if (!replies)
        return tl::unexpected(replies.error());
    const redisReply &reply = *replies->front();
    if (reply.type != REDIS_REPLY_STRING) {
        info->setDown();
        return refusal(reply);
    }
    // Who may not ask for the configuration does without the empty databases.
    const redisReply &configuration = *replies->back();
    int databases = 0;
    if (configuration.type == REDIS_REPLY_ARRAY && configuration.elements == 2) {
        const std::string_view text = textOf(*configuration.element[1]);
        std::from_chars(text.data(), text.data() + text.size(), databases);
    }
    info->update(textOf(reply), std::floor(Moment::now().wall), databases);
    return Refusal();
}

} // namespace trendscope::exporter
