#pragma once

#include "core/exporter/celery/celery_metrics_p.h"
#include "core/exporter/celery/celery_series_p.h"
#include "core/exporter/celery/celery_state.h"
#include "core/exporter/celery/celery_tasks_p.h"
#include "core/exporter/celery/celery_workers_p.h"
#include "core/exporter/celery/name_pool_p.h"

#include <set>
#include <unordered_map>

namespace trendscope::exporter {

/// The state and the steps of its updates: tasks in celery_state_tasks.cpp, workers in
/// celery_state_workers.cpp.
struct CeleryState::Private {
    using Stage = CeleryTask::Stage;
    using Workers = std::unordered_map<const std::string *, CeleryWorker>;

    Private(CeleryMetrics &metricsToSet, const config::CelerySettings &celerySettings);

    // Tasks.
    void applyTask(const CeleryEvent &event, Time time, Moment now);
    void learn(CeleryTask &task, const CeleryEvent &event, Moment now);
    void send(CeleryTask &task, Time time);
    void observeWait(const CeleryTask &task, Time since, std::string_view kind);
    void start(CeleryTask &task, const CeleryEvent &event, Time time);
    void end(CeleryTask &task, const CeleryEvent &event, Time time);
    static bool isOfEarlier(const CeleryTask &task, const CeleryEvent &event);
    void finish(CeleryTask &task, Time now, bool isRetried);
    std::optional<double> duration(const CeleryTask &task, const CeleryEvent &event) const;
    const std::string *queueOf(const CeleryTask &task) const;
    const std::string *nameOf(const CeleryTask &task) const
    {
        return task.name ? task.name : unnamed;
    }
    void publishTasks(Time now);

    // Workers.
    void applyWorker(const CeleryEvent &event, Time now);
    CeleryWorker &workerOf(const std::string *node, const CeleryEvent &event, Time now);
    void hear(const CeleryEvent &event, Time now);
    void reconcile(const std::string *node, CeleryWorker &worker, std::uint64_t clock, Time now);
    std::vector<CeleryTask *> runningBefore(std::uint64_t clock, const std::string *node);
    void dropEnded(std::vector<CeleryTask *> candidates, std::size_t count, Time now);
    void loseTasks(const std::string *node, Time now);
    void expireWorkers(Time now);
    void publishWorkers(Time now);
    std::chrono::duration<double> patienceWith(const CeleryWorker &worker) const;
    bool isSilent(const std::string *node, Time now) const; ///< what it runs, nobody knows

    CeleryMetrics &metrics;
    const config::CelerySettings settings;
    CelerySeries series;
    CeleryTasks tasks;
    Workers workers;

    // Senders choose these texts: the limits are far above what one broker has.
    NamePool names{5'000};
    NamePool nodes{50'000};
    NamePool hosts{50'000};
    NamePool queueNames{500};
    std::unordered_map<const std::string *, const std::string *> queueOfName; ///< the last one
    const std::string *const unnamed = names["unknown"];

    std::optional<Time> listeningSince;              ///< nothing while the connection is lost
    std::chrono::duration<double> listenedBefore{0}; ///< in earlier connections, together
    std::set<const std::string *> shownNames;
    std::set<std::string> shownHosts;
};

} // namespace trendscope::exporter
