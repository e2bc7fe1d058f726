#pragma once

#include "core/exporter/shared_family_p.h"

namespace trendscope::exporter {

/// What is known of Celery. The first seven are the catalogue's, which applications may push, too;
/// then celery-exporter's (https://github.com/danihodovic/celery-exporter); then our own.
struct CeleryMetrics {
    using Family = observability::Family;
    using Description = observability::MetricDescription;
    using Type = Description::Type;

    explicit CeleryMetrics(observability::Registry &to)
        : registry(to)
    {
    }

    Family &own(std::string name, Type type, std::string help, std::vector<std::string> labels = {})
    {
        return registry.add({.name = "trendscope_celery_" + std::move(name),
                             .type = type,
                             .help = std::move(help),
                             .labels = std::move(labels)});
    }

    Family &borrowed(std::string name, Type type, std::string help, std::vector<std::string> labels)
    {
        return registry.add({.name = std::move(name),
                             .type = type,
                             .help = std::move(help),
                             .labels = std::move(labels),
                             .announced = Description::Announced::WhenUsed});
    }

    Family &event(std::string name, std::string help,
                  std::vector<std::string> labels = {"name", "hostname", "queue_name"})
    {
        return borrowed("celery_task_" + std::move(name) + "_total", Type::Counter, std::move(help),
                        std::move(labels));
    }

    observability::Registry &registry;

    // Registry::add() gives the catalogue's own where the registry has them already.
    SharedFamily tasks{
        registry.add({.name = "celery_tasks_total",
                      .type = Type::Counter,
                      .help = "Celery tasks that ended, by how: success, failure, retry, revoked.",
                      .labels = {"task_name", "status"}})};
    SharedFamily taskDuration{registry.add({.name = "celery_task_duration_seconds",
                                            .type = Type::Histogram,
                                            .help = "Time from a Celery task's start to its end.",
                                            .labels = {"task_name"},
                                            .buckets = {1, 5, 10, 30, 60, 120, 300, 600, 1800}})};
    SharedFamily taskRetries{
        registry.add({.name = "celery_task_retries_total",
                      .type = Type::Counter,
                      .help = "Celery tasks that were put back to be tried again.",
                      .labels = {"task_name"}})};
    SharedFamily activeTasks{registry.add({.name = "celery_active_tasks",
                                           .help = "Celery tasks that are running.",
                                           .labels = {"task_name"}})};
    SharedFamily queueLength{registry.add({.name = "celery_queue_length",
                                           .help = "Celery tasks that wait in a queue.",
                                           .labels = {"queue_name"}})};
    SharedFamily oldestRunningTask{
        registry.add({.name = "celery_oldest_running_task_seconds",
                      .help = "Age of the oldest Celery task still running.",
                      .labels = {"task_name"}})};
    SharedFamily workersOnline{registry.add(
        {.name = "celery_workers_online", .help = "Celery workers whose heartbeat is heard."})};

    Family &sent = event("sent", "Tasks whose message was published.");
    Family &received = event("received", "Tasks that a worker took from the queue.");
    Family &started = event("started", "Tasks that a worker began.");
    Family &succeeded = event("succeeded", "Tasks that ended well.");
    Family &failed = event("failed", "Tasks that ended with an exception.",
                           {"name", "hostname", "exception", "queue_name"});
    Family &rejected = event("rejected", "Tasks that a worker did not want.");
    Family &revoked = event("revoked", "Tasks that were called off, or came too late.");
    Family &retried = event("retried", "Tasks that failed and will be tried again.");
    Family &runtime = registry.add(
        {.name = "celery_task_runtime",
         .type = Type::Histogram,
         .help = "Seconds that tasks that ended well took.",
         .labels = {"name", "hostname", "queue_name"},
         .buckets = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10},
         .announced = Description::Announced::WhenUsed});
    Family &workerUp = borrowed("celery_worker_up", Type::Gauge,
                                "Whether a host's workers send heartbeats: 1 or 0.", {"hostname"});
    Family &workerTasksActive =
        borrowed("celery_worker_tasks_active", Type::Gauge,
                 "Tasks that a host's workers run, by their own count.", {"hostname"});

    Family &queueWait = registry.add(
        {.name = "trendscope_celery_queue_wait_seconds",
         .type = Type::Histogram,
         .help = "Time until a task was begun: since it was sent (or was due, if that is later), "
                 "or where senders send no events, since a worker received it.",
         .labels = {"task_name", "queue_name", "since"},
         .buckets = {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600}});
    Family &oldestMessage =
        own("queue_oldest_message_seconds", Type::Gauge,
            "Age of the message that waits longest in a queue. source=\"sent\": since it was sent; "
            "\"seen\": it is at least that old, as long ago it was seen there first.",
            {"queue_name", "source"});
    Family &unacked = own("unacked_messages", Type::Gauge,
                          "Messages that workers hold: prefetched, or acknowledged late.");
    Family &errors =
        own("errors_total", Type::Counter,
            "Messages, events and replies that were not taken, by what is wrong.", {"kind"});
    Family &events = own("events_total", Type::Counter, "Events that were understood.");
    Family &missed =
        own("events_missed_total", Type::Counter,
            "Events that workers sent while nobody listened: task-started by the heartbeats' "
            "count of processed tasks, task-ended by their count of active ones.",
            {"event"});
    Family &lost = own("tasks_lost_total", Type::Counter,
                       "Tasks that were running on a worker that was started anew, or whose "
                       "silence lasted until its series ended.",
                       {"task_name"});
    Family &forgotten = own("tasks_forgotten_total", Type::Counter,
                            "Tasks that were forgotten before their end: there were too many.");
    Family &listenerUp = own("listener_up", Type::Gauge, "Whether events are heard: 1 or 0.");
    Family &disconnects = own("listener_disconnects_total", Type::Counter,
                              "How often the connection that brings events was lost.");
};

} // namespace trendscope::exporter
