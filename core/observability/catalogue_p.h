#pragma once

#include "core/observability/registry.h"

namespace trendscope::observability {

/// The platform's metrics: names, types, labels and buckets are the contract with dashboards and
/// rules.
struct Catalogue {
    using Type = MetricDescription::Type;

    Registry registry;

    Family &apiRequests = registry.add({.name = "api_requests_total",
                                        .type = Type::Counter,
                                        .help = "API requests answered.",
                                        .labels = {"method", "endpoint", "status_code"}});
    Family &apiRequestDuration = registry.add({.name = "api_request_duration_seconds",
                                               .type = Type::Histogram,
                                               .help = "Time from an API request to its answer.",
                                               .labels = {"method", "endpoint"},
                                               .buckets = {0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10}});
    Family &apiActiveRequests = registry.add({.name = "api_active_requests",
                                              .help = "API requests that are being answered.",
                                              .labels = {"endpoint"}});

    Family &tasks =
        registry.add({.name = "celery_tasks_total",
                      .type = Type::Counter,
                      .help = "Celery tasks that ended, by how: success, failure, retry, revoked.",
                      .labels = {"task_name", "status"}});
    Family &taskDuration = registry.add({.name = "celery_task_duration_seconds",
                                         .type = Type::Histogram,
                                         .help = "Time from a Celery task's start to its end.",
                                         .labels = {"task_name"},
                                         .buckets = {1, 5, 10, 30, 60, 120, 300, 600, 1800}});
    Family &taskRetries =
        registry.add({.name = "celery_task_retries_total",
                      .type = Type::Counter,
                      .help = "Celery tasks that were put back to be tried again.",
                      .labels = {"task_name"}});
    Family &activeTasks = registry.add({.name = "celery_active_tasks",
                                        .help = "Celery tasks that are running.",
                                        .labels = {"task_name"}});
    Family &queueLength = registry.add({.name = "celery_queue_length",
                                        .help = "Celery tasks that wait in a queue.",
                                        .labels = {"queue_name"}});
    Family &oldestRunningTask =
        registry.add({.name = "celery_oldest_running_task_seconds",
                      .help = "Age of the oldest Celery task still running.",
                      .labels = {"task_name"}});
    Family &workersOnline = registry.add(
        {.name = "celery_workers_online", .help = "Celery workers whose heartbeat is heard."});

    Family &dbQueryDuration = registry.add({.name = "db_query_duration_seconds",
                                            .type = Type::Histogram,
                                            .help = "Time from a database query to its result.",
                                            .labels = {"operation", "table"},
                                            .buckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}});
    Family &dbPoolSize = registry.add({.name = "db_connection_pool_size",
                                       .help = "Database connections that the pool may have."});
    Family &dbPoolAvailable =
        registry.add({.name = "db_connection_pool_available",
                      .help = "Database connections that the pool can still give."});

    Family &itemsCollected = registry.add({.name = "items_collected_total",
                                           .type = Type::Counter,
                                           .help = "Items collected from a source.",
                                           .labels = {"source"}});
    Family &trendsCreated = registry.add({.name = "trends_created_total",
                                          .type = Type::Counter,
                                          .help = "Trends found.",
                                          .labels = {"category"}});
    Family &topicsCreated = registry.add({.name = "topics_created_total",
                                          .type = Type::Counter,
                                          .help = "Topics found.",
                                          .labels = {"category"}});
    Family &activeTrends =
        registry.add({.name = "active_trends",
                      .help = "Trends by state: emerging, viral, sustained, declining.",
                      .labels = {"state"}});

    Family &cpuUsage =
        registry.add({.name = "system_cpu_usage_percent",
                      .help = "Share of CPU time spent busy since the previous scrape, 0 to 100."});
    Family &memoryUsage =
        registry.add({.name = "system_memory_usage_percent",
                      .help = "Share of memory that is not available to programs, 0 to 100."});
    Family &diskUsage =
        registry.add({.name = "system_disk_usage_percent",
                      .help = "Share of space used on the fullest mount point, 0 to 100."});

    Family &postgresUp = registry.add({.name = "pg_up",
                                       .help = "Whether PostgreSQL answers: 1 or 0.",
                                       .announced = MetricDescription::Announced::WhenUsed});
};

} // namespace trendscope::observability
