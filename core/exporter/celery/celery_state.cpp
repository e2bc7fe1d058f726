#include "core/exporter/celery/celery_state.h"

#include "core/exporter/celery/celery_state_p.h"

namespace trendscope::exporter {

using namespace std::chrono_literals;

namespace {

/// A message may wait in a queue, or until its eta, for this long and still have a name when it
/// begins.
constexpr auto waitingMemory = 24h;

/// When an event happened, by our clock.
CeleryState::Time timeOf(const CeleryEvent &event, Moment now)
{
    constexpr double longestWay = 60; // seconds; more, or less than 0, is another clock
    const double age = now.wall - event.timestamp;
    if (age < 0 || age > longestWay)
        return now.steady;
    return now.steady
        - std::chrono::duration_cast<CeleryState::Time::duration>(
               std::chrono::duration<double>(age));
}

} // namespace

Moment Moment::now()
{
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::steady_clock::now(), std::chrono::duration<double>(wall).count()};
}

CeleryState::Private::Private(CeleryMetrics &metricsToSet,
                              const config::CelerySettings &celerySettings)
    : metrics(metricsToSet)
    , settings(celerySettings)
    , series(metricsToSet)
    , tasks(celerySettings.maxTasks)
{
}

CeleryState::CeleryState(CeleryMetrics &metrics, const config::CelerySettings &settings)
    : d(std::make_unique<Private>(metrics, settings))
{
}

CeleryState::~CeleryState() = default;

void CeleryState::connected(Moment now)
{
    d->listeningSince = now.steady;
    for (auto &[node, worker] : d->workers) // nobody could hear them
        worker.heard = worker.beaten = now.steady;
    d->metrics.listenerUp.set({}, 1);
}

void CeleryState::disconnected(Moment now)
{
    if (d->listeningSince)
        d->listenedBefore += now.steady - *d->listeningSince;
    d->listeningSince.reset();
    d->metrics.listenerUp.set({}, 0);
}

void CeleryState::apply(const CeleryEvent &event, Moment now)
{
    d->metrics.events.increment({}, 1);
    if (event.isTask())
        d->applyTask(event, timeOf(event, now), now);
    else if (event.type != CeleryEvent::Type::Other)
        d->applyWorker(event, now.steady);
}

void CeleryState::expire(Moment now)
{
    d->expireWorkers(now.steady);
    d->tasks.forget(now.steady - d->settings.taskMemory, now.steady - waitingMemory);
}

void CeleryState::publish(Moment now)
{
    d->publishTasks(now.steady);
    d->publishWorkers(now.steady);
}

std::optional<CeleryState::Time> CeleryState::sentAt(std::string_view uuid) const
{
    const CeleryTask *const task = d->tasks.find(uuid);
    return task ? task->sent : std::nullopt;
}

std::vector<std::string> CeleryState::queues() const
{
    return d->queueNames.texts();
}

} // namespace trendscope::exporter
