#include "core/exporter/celery/celery_state_p.h"
#include "core/logs/record.h"

#include <algorithm>
#include <map>

namespace trendscope::exporter {

using Type = CeleryEvent::Type;

namespace {

/// A time by the wall clock as one of the steady clock.
std::optional<CeleryTask::Time> steadyTimeOf(std::string_view iso8601, const Moment &now)
{
    using namespace std::chrono;
    const auto wall = logs::parseTimestamp(iso8601);
    if (!wall)
        return {};
    const double seconds = duration<double>(wall->time_since_epoch()).count() - now.wall;
    if (std::abs(seconds) > 1e8)
        return {};
    return now.steady + duration_cast<steady_clock::duration>(duration<double>(seconds));
}

double secondsBetween(CeleryTask::Time from, CeleryTask::Time to)
{
    return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

} // namespace

void CeleryState::Private::applyTask(const CeleryEvent &event, Time time, Moment now)
{
    CeleryTask &task = tasks.at(event.uuid, time);
    learn(task, event, now);
    const std::string *const host = hosts[hostOf(event.node)];
    series.count({nameOf(task), host, queueOf(task)}, event);
    if (event.type != Type::TaskSent) // which its sender tells
        hear(event, now.steady);

    switch (event.type) {
    case Type::TaskSent:
        send(task, time);
        break;
    case Type::TaskReceived:
        task.received = time;
        if (task.stage != Stage::Running)
            tasks.move(task, Stage::Waiting, time);
        break;
    case Type::TaskStarted:
        start(task, event, time);
        break;
    default:
        end(task, event, time);
        break;
    }
    if (const std::size_t forgotten = tasks.takeForgotten(); forgotten > 0)
        metrics.forgotten.increment({}, static_cast<double>(forgotten));
}

void CeleryState::Private::learn(CeleryTask &task, const CeleryEvent &event, Moment now)
{
    if (!event.name.empty())
        task.name = names[event.name];
    if (!event.eta.empty())
        task.due = steadyTimeOf(event.eta, now);
    if (!event.queue.empty()) {
        task.queue = queueNames[event.queue];
        if (task.name)
            queueOfName[task.name] = task.queue;
    }
}

void CeleryState::Private::send(CeleryTask &task, Time time)
{
    const bool isLate = task.stage != Stage::Waiting && time <= task.started;
    if (isLate && task.openWait)
        observeWait(task, task.due ? std::max(time, *task.due) : time, "sent");
    if (isLate) {
        task.openWait.reset();
        return;
    }
    task.sent = time;
    if (task.stage != Stage::Running) // a retry is sent by the task itself
        tasks.move(task, Stage::Waiting, time);
}

void CeleryState::Private::observeWait(const CeleryTask &task, Time since, std::string_view kind)
{
    metrics.queueWait.observe({*nameOf(task), *queueOf(task), kind},
                              secondsBetween(since, task.started));
}

/// Where only the sender knows and does not tell, or not in time, tasks of one name are taken to go
/// the same way.
const std::string *CeleryState::Private::queueOf(const CeleryTask &task) const
{
    if (task.queue)
        return task.queue;
    const auto usual = queueOfName.find(task.name);
    return usual != queueOfName.end() ? usual->second : &settings.defaultQueue;
}

void CeleryState::Private::start(CeleryTask &task, const CeleryEvent &event, Time time)
{
    const std::string *const node = nodes[event.node];
    CeleryWorker &worker = workerOf(node, event, time);
    worker.gap.countStarted(event.clock);
    worker.countRunning(event.clock, 1);

    if (task.stage == Stage::Running) {
        task.earlier = {task.node, task.startedTimestamp};
        tasks.move(task, Stage::Waiting, time); // to the end of those that run
    }
    task.node = node;
    task.started = time;
    task.startedTimestamp = event.timestamp;
    task.startedClock = event.clock;
    tasks.move(task, Stage::Running, time);

    const auto dueAfter = [&](Time since) { return task.due ? std::max(since, *task.due) : since; };
    task.openWait.reset();
    if (task.sent)
        observeWait(task, dueAfter(*task.sent), "sent");
    else if (task.received)
        task.openWait = dueAfter(*task.received);
    task.sent.reset();
    task.received.reset();
    task.due.reset();
}

void CeleryState::Private::end(CeleryTask &task, const CeleryEvent &event, Time time)
{
    const std::string &name = *nameOf(task);
    if (task.openWait)
        observeWait(task, *task.openWait, "received");
    task.openWait.reset();
    const auto took = duration(task, event);
    const auto count = [&](std::string_view status) {
        metrics.tasks.increment({name, status}, 1);
        if (took)
            metrics.taskDuration.observe({name}, *took);
    };
    if (event.type == Type::TaskSucceeded)
        count("success");
    else if (event.type == Type::TaskFailed)
        count("failure");
    else if (event.type == Type::TaskRetried)
        count("retry");
    else if (event.type == Type::TaskRevoked)
        metrics.tasks.increment({name, "revoked"}, 1);
    if (event.type == Type::TaskRetried)
        metrics.taskRetries.increment({name}, 1);

    const bool isEarlier = isOfEarlier(task, event);
    const bool isCurrent = task.stage == Stage::Running && *task.node == event.node;
    if (isEarlier || isCurrent)
        workers.at(isEarlier ? task.earlier->node : task.node).countRunning(event.clock, -1);
    if (isEarlier)
        task.earlier.reset();
    else if (isCurrent || task.stage != Stage::Running)
        finish(task, time, event.type == Type::TaskRetried);
}

/// A task that is tried again may run, and even end, before its first worker tells of the retry.
bool CeleryState::Private::isOfEarlier(const CeleryTask &task, const CeleryEvent &event)
{
    return event.type == Type::TaskRetried && task.earlier && *task.earlier->node == event.node;
}

void CeleryState::Private::finish(CeleryTask &task, Time now, bool isRetried)
{
    const bool isSentAgain = isRetried && (task.sent || task.received);
    tasks.move(task, isSentAgain ? Stage::Waiting : Stage::Ended, now);
}

/// Seconds; nothing where nobody heard it start.
std::optional<double> CeleryState::Private::duration(const CeleryTask &task,
                                                     const CeleryEvent &event) const
{
    if (event.runtime)
        return event.runtime;
    if (isOfEarlier(task, event))
        return std::max(0.0, event.timestamp - task.earlier->startedTimestamp);
    if (task.stage != Stage::Running || *task.node != event.node)
        return {};
    return std::max(0.0, event.timestamp - task.startedTimestamp);
}

void CeleryState::Private::publishTasks(Time now)
{
    struct Running {
        std::size_t count = 0;
        double age = 0;
    };
    std::map<const std::string *, Running> byName;
    if (listeningSince) {
        for (const std::string *name : shownNames)
            byName[name];
        for (const CeleryTask &task : tasks.running()) {
            if (isSilent(task.node, now))
                continue;
            Running &running = byName[nameOf(task)];
            ++running.count;
            running.age = std::max(running.age, secondsBetween(task.started, now));
        }
        for (const auto &[node, worker] : workers) {
            if (worker.shownUnknown == 0)
                continue;
            Running &running = byName[unnamed];
            running.count += worker.shownUnknown;
            running.age = std::max(running.age, secondsBetween(worker.unknownSince, now));
        }
    }
    for (const auto &[name, running] : byName) {
        metrics.activeTasks.set({*name}, static_cast<double>(running.count));
        metrics.oldestRunningTask.set({*name}, running.age);
        shownNames.insert(name);
    }
    if (listeningSince)
        return;
    for (const std::string *name : shownNames) {
        metrics.activeTasks.remove(observability::Family::LabelValues{*name});
        metrics.oldestRunningTask.remove(observability::Family::LabelValues{*name});
    }
}

} // namespace trendscope::exporter
