#include "core/exporter/celery/celery_state_p.h"

#include <algorithm>
#include <map>

namespace trendscope::exporter {

using namespace std::chrono_literals;
using observability::Family;
using Type = CeleryEvent::Type;
using Seconds = std::chrono::duration<double>;

namespace {

/// How long one listens before silence means that there is no worker.
constexpr auto settleTime = 5s;

constexpr Seconds longestInterval = 5min;

} // namespace

/// The worker that tells, made when it is new. One that was started anew under its old name has
/// lost what it ran.
CeleryWorker &CeleryState::Private::workerOf(const std::string *node, const CeleryEvent &event,
                                             Time now)
{
    const auto [place, isNew] = workers.try_emplace(node);
    CeleryWorker &worker = place->second;
    if (isNew) {
        worker.host = hostOf(*node);
        worker.heard = worker.beaten = now;
    }
    const bool isBeat = !event.isTask() && event.type != Type::WorkerOffline;
    const bool isOther = worker.pid != 0 && event.pid != 0 && worker.pid != event.pid;
    const bool countsAnew = isBeat && worker.hasBeaten && event.processed < worker.processed;
    if (isOther || countsAnew) {
        loseTasks(node, now);
        worker.gap = CeleryGap();
        worker.gap.beginAtZero();
        worker.hasBeaten = true;
        worker.census.reset();
        worker.excess = worker.shownUnknown = 0;
    }
    if (event.pid != 0)
        worker.pid = event.pid;
    return worker;
}

void CeleryState::Private::applyWorker(const CeleryEvent &event, Time now)
{
    const std::string *const node = nodes[event.node];
    if (*node != event.node) {
        metrics.errors.increment({"too_many_workers"}, 1);
        return;
    }
    CeleryWorker &worker = workerOf(node, event, now);
    if (event.type == Type::WorkerOffline) {
        worker.isOnline = false;
        return;
    }
    worker.interval = std::min(Seconds(event.interval), longestInterval);
    // Whoever was not there while we listened began in a gap.
    if (!worker.hasBeaten && listenedBefore > 2 * worker.interval)
        worker.gap.beginAtZero();
    worker.hasBeaten = true;
    worker.isOnline = true;
    worker.isShown = true;
    worker.active = event.active;
    worker.processed = event.processed;
    const auto missed = worker.gap.heartbeat(event.clock, event.processed);
    if (missed > 0)
        metrics.missed.increment({"task-started"}, static_cast<double>(missed));
    reconcile(node, worker, event.clock, now);
    worker.heard = worker.beaten = now;
}

/// What a worker tells of tasks says as well that it lives: on a busy machine its heartbeats may be
/// late by several intervals.
void CeleryState::Private::hear(const CeleryEvent &event, Time now)
{
    const auto worker = workers.find(nodes[event.node]);
    if (worker != workers.end())
        worker->second.heard = now;
}

/// Compares what runs by the worker's own count with what runs by its events. Those about its
/// previous heartbeat's time have come by now; but where the worker hung in between, both were sent
/// before the events that it kept, so an end counts as missed when two comparisons agree on it.
void CeleryState::Private::reconcile(const std::string *node, CeleryWorker &worker,
                                     std::uint64_t clock, Time now)
{
    const std::int64_t balance = worker.census ? worker.census->balance() : 0;
    const auto excess = static_cast<std::size_t>(std::max<std::int64_t>(0, balance));
    const std::size_t ended = std::min(excess, worker.excess);
    worker.excess = excess - ended;
    if (ended > 0)
        dropEnded(runningBefore(worker.census->clock, node), ended, now);

    const auto known = static_cast<std::int64_t>(runningBefore(clock, node).size());
    worker.census = {clock, static_cast<std::int64_t>(worker.active), known};
    const std::int64_t unknown = std::min(-balance, -worker.census->balance());
    if (unknown > 0 && worker.shownUnknown == 0)
        worker.unknownSince = worker.beaten;
    worker.shownUnknown = static_cast<std::size_t>(std::max<std::int64_t>(0, unknown));
}

/// In the order in which they began.
std::vector<CeleryTask *> CeleryState::Private::runningBefore(std::uint64_t clock,
                                                              const std::string *node)
{
    auto running = tasks.runningOn(node);
    std::erase_if(running, [&](const CeleryTask *task) { return task->startedClock >= clock; });
    return running;
}

/// Which ones ended nobody knows: rather those that began before the connection was lost, and
/// rather the young, so that one that hangs is still seen.
void CeleryState::Private::dropEnded(std::vector<CeleryTask *> candidates, std::size_t count,
                                     Time now)
{
    std::reverse(candidates.begin(), candidates.end());
    std::stable_partition(candidates.begin(), candidates.end(), [&](const CeleryTask *task) {
        return !listeningSince || task->started < *listeningSince;
    });
    for (std::size_t i = 0; i < count && i < candidates.size(); ++i)
        tasks.move(*candidates[i], Stage::Ended, now);
    metrics.missed.increment({"task-ended"}, static_cast<double>(count));
}

void CeleryState::Private::loseTasks(const std::string *node, Time now)
{
    for (CeleryTask *task : tasks.runningOn(node)) {
        metrics.lost.increment({*nameOf(*task)}, 1);
        tasks.move(*task, Stage::Ended, now);
    }
}

Seconds CeleryState::Private::patienceWith(const CeleryWorker &worker) const
{
    return std::max(Seconds(settings.workerTimeout), 3 * worker.interval);
}

bool CeleryState::Private::isSilent(const std::string *node, Time now) const
{
    const auto found = workers.find(node);
    return found != workers.end() && now - found->second.heard > patienceWith(found->second);
}

void CeleryState::Private::expireWorkers(Time now)
{
    if (!listeningSince) // then silence says nothing
        return;
    for (auto &[node, worker] : workers) {
        const Seconds silence = now - worker.heard;
        if (silence <= patienceWith(worker))
            continue;
        worker.isOnline = false;
        worker.active = 0;
        worker.shownUnknown = 0;
        if (!worker.isShown || silence <= patienceWith(worker) + settings.workerPurge)
            continue;
        loseTasks(node, now);   // not before: on a busy machine workers hang for a while
        worker.isShown = false; // what it counted stays: it may only have been cut off
        const auto sharesHost = [&host = worker.host](const auto &other) {
            return other.second.isShown && other.second.host == host;
        };
        if (std::none_of(workers.begin(), workers.end(), sharesHost))
            series.purge(hosts[worker.host]);
    }
}

void CeleryState::Private::publishWorkers(Time now)
{
    struct Host {
        bool isUp = false;
        std::uint64_t active = 0;
    };
    std::map<std::string, Host> byHost;
    std::size_t online = 0;
    bool isSettled = false;
    if (listeningSince) {
        for (const auto &[node, worker] : workers) {
            if (!worker.hasBeaten || !worker.isShown)
                continue;
            Host &host = byHost[worker.host];
            host.isUp = host.isUp || worker.isOnline;
            host.active += worker.isOnline ? worker.active : 0;
            online += worker.isOnline ? 1 : 0;
        }
        isSettled = online > 0 || now - *listeningSince > settleTime;
    }
    if (isSettled)
        metrics.workersOnline.set({}, static_cast<double>(online));
    else
        metrics.workersOnline.remove(Family::LabelValues{});

    for (const std::string &host : shownHosts) {
        if (!byHost.contains(host)) {
            metrics.workerUp.remove(Family::LabelValues{host});
            metrics.workerTasksActive.remove(Family::LabelValues{host});
        }
    }
    shownHosts.clear();
    for (const auto &[name, host] : byHost) {
        metrics.workerUp.set({name}, host.isUp ? 1 : 0);
        metrics.workerTasksActive.set({name}, static_cast<double>(host.active));
        shownHosts.insert(name);
    }
}

} // namespace trendscope::exporter
