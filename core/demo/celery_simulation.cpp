#include "core/demo/celery_simulation.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace trendscope::demo {
namespace {

using observability::Level;
using observability::TaskStatus;

constexpr double workers = 4;
constexpr double durationSpread = 0.55; // of the duration's logarithm

constexpr std::array<CelerySimulation::Task, 5> tasks{{
    {"collect_from_reddit", 42, 7.0, 0.022, 0.030},
    {"collect_from_hackernews", 30, 4.5, 0.012, 0.015},
    {"process_trends", 54, 2.2, 0.008, 0.004},
    {"detect_topics", 18, 14.0, 0.015, 0.010},
    {"send_reports", 3, 25.0, 0.020, 0.020},
}};

constexpr std::array<CelerySimulation::Queue, 3> queues{{
    {"celery", 60, 1250},
    {"collection", 110, 420},
    {"reports", 8, 0},
}};

std::string_view eventOf(TaskStatus status)
{
    switch (status) {
    case TaskStatus::Success:
        return "task_succeeded";
    case TaskStatus::Failure:
        return "task_failed";
    case TaskStatus::Retry:
        return "task_retried";
    case TaskStatus::Revoked:
        return "task_revoked";
    }
    return "";
}

Level levelOf(TaskStatus status)
{
    if (status == TaskStatus::Failure)
        return Level::Error;
    return status == TaskStatus::Success ? Level::Info : Level::Warning;
}

} // namespace

CelerySimulation::CelerySimulation(observability::Metrics &metrics)
    : m_metrics(metrics)
{
    for (const Task &task : tasks) {
        for (const TaskStatus status :
             {TaskStatus::Success, TaskStatus::Failure, TaskStatus::Retry, TaskStatus::Revoked})
            m_metrics.recordTask(task.name, status, Seconds(0), 0);
    }
    std::transform(queues.begin(), queues.end(), m_queueLengths.begin(),
                   [](const Queue &queue) { return queue.usualLength / 2; });
}

void CelerySimulation::advance(const Moment &moment)
{
    m_failures.advance(moment.random, moment.span.count());
    for (const Task &task : tasks) {
        run(task, moment);
        updateRunning(task, moment);
    }
    updateQueues(moment);
    m_metrics.setWorkersOnline(workers);
}

void CelerySimulation::run(const Task &task, const Moment &moment)
{
    const double ended = task.perMinute / 60 * moment.load * moment.span.count();
    const bool noDatabase = moment.incidents.isUnderWay(Incident::Kind::PostgresDown, moment.time);
    const double failed =
        ended * task.failureShare * std::exp(m_failures.value()) * (noDatabase ? 2.5 : 1);
    const double retried = ended * task.retryShare;

    for (auto left = moment.random.poisson(ended); left > 0; --left)
        end(task, TaskStatus::Success, moment);
    for (auto left = moment.random.poisson(failed); left > 0; --left)
        end(task, TaskStatus::Failure, moment);
    for (auto left = moment.random.poisson(retried); left > 0; --left) {
        m_metrics.recordTaskRetry(task.name);
        end(task, TaskStatus::Retry, moment);
    }
    for (auto left = moment.random.poisson(ended * 0.0008); left > 0; --left)
        end(task, TaskStatus::Revoked, moment);
}

void CelerySimulation::end(const Task &task, TaskStatus status, const Moment &moment)
{
    const double seconds = moment.random.logNormal(task.medianSeconds, durationSpread);
    m_metrics.recordTask(task.name, status, Seconds(seconds));
    if (!moment.log)
        return;
    const std::string event(eventOf(status));
    const std::string name(task.name);
    moment.log->tasks.log(levelOf(status), "Task " + name + ' ' + event.substr(event.find('_') + 1),
                          {{"event", event},
                           {"task_name", name},
                           {"task_id", requestId(moment.random)},
                           {"runtime_seconds", std::round(seconds * 1e3) / 1e3}});
}

void CelerySimulation::updateRunning(const Task &task, const Moment &moment)
{
    const double running = task.perMinute / 60 * moment.load * task.medianSeconds * 1.15;
    const auto active = moment.random.poisson(running);
    m_metrics.setActiveTasks(task.name, static_cast<double>(active));

    // The oldest one grows older until it ends, which it does after about two usual durations.
    double &age = m_oldestAges[static_cast<std::size_t>(&task - tasks.data())];
    const double endedByNow = 1 - std::exp(-moment.span.count() / task.medianSeconds);
    age += moment.span.count();
    if (age > 2 * task.medianSeconds && moment.random.uniform(0, 1) < endedByNow)
        age = moment.random.uniform(0.3, 1.5) * task.medianSeconds;
    m_metrics.setOldestRunningTask(task.name, Seconds(active > 0 ? age : 0));
}

void CelerySimulation::updateQueues(const Moment &moment)
{
    constexpr double settlingSeconds = 240;
    const double incident = moment.incidents.intensity(Incident::Kind::QueueBacklog, moment.time);
    const double settled = 1 - std::exp(-moment.span.count() / settlingSeconds);
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const double wanted = queues[i].usualLength * moment.load + queues[i].backlog * incident;
        const double noise = std::sqrt(wanted * settled) * 1.8 * moment.random.normal();
        m_queueLengths[i] =
            std::max(0.0, m_queueLengths[i] + (wanted - m_queueLengths[i]) * settled + noise);
        m_metrics.setQueueLength(queues[i].name, std::round(m_queueLengths[i]));
    }
}

} // namespace trendscope::demo
