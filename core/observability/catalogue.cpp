#include "core/observability/catalogue.h"

namespace trendscope::observability {

Catalogue::Catalogue(Registry &registry)
    : apiRequestsTotal(registry.add<CounterFamily<ApiRequestLabels>>(
        {.name = "api_requests_total", .help = "API requests answered."}))
    , apiRequestDurationSeconds(registry.add<HistogramFamily<ApiDurationLabels>>(
          {.name = "api_request_duration_seconds",
           .help = "Time from an API request to its answer.",
           .buckets = {0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10}}))
    , apiActiveRequests(registry.add<GaugeFamily<EndpointLabels>>(
          {.name = "api_active_requests", .help = "API requests that are being answered."}))
    , celeryTasksTotal(registry.add<CounterFamily<TaskResultLabels>>(
          {.name = "celery_tasks_total",
           .help = "Celery tasks that ended, by how: success, failure, retry, revoked."}))
    , celeryTaskDurationSeconds(registry.add<HistogramFamily<TaskLabels>>(
          {.name = "celery_task_duration_seconds",
           .help = "Time from a Celery task's start to its end.",
           .buckets = {1, 5, 10, 30, 60, 120, 300, 600, 1800}}))
    , celeryTaskRetriesTotal(registry.add<CounterFamily<TaskLabels>>(
          {.name = "celery_task_retries_total",
           .help = "Celery tasks that were put back to be tried again."}))
    , celeryActiveTasks(registry.add<GaugeFamily<TaskLabels>>(
          {.name = "celery_active_tasks", .help = "Celery tasks that are running."}))
    , celeryQueueLength(registry.add<GaugeFamily<QueueLabels>>(
          {.name = "celery_queue_length", .help = "Celery tasks that wait in a queue."}))
    , celeryOldestRunningTaskSeconds(registry.add<GaugeFamily<TaskLabels>>(
          {.name = "celery_oldest_running_task_seconds",
           .help = "Age of the oldest Celery task still running."}))
    , celeryWorkersOnline(registry.add<Gauge>(
          {.name = "celery_workers_online", .help = "Celery workers whose heartbeat is heard."}))
    , dbQueryDurationSeconds(registry.add<HistogramFamily<DbQueryLabels>>(
          {.name = "db_query_duration_seconds",
           .help = "Time from a database query to its result.",
           .buckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}}))
    , dbConnectionPoolSize(
          registry.add<Gauge>({.name = "db_connection_pool_size",
                               .help = "Database connections that the pool may have."}))
    , dbConnectionPoolAvailable(
          registry.add<Gauge>({.name = "db_connection_pool_available",
                               .help = "Database connections that the pool can still give."}))
    , itemsCollectedTotal(registry.add<CounterFamily<SourceLabels>>(
          {.name = "items_collected_total", .help = "Items collected from a source."}))
    , trendsCreatedTotal(registry.add<CounterFamily<CategoryLabels>>(
          {.name = "trends_created_total", .help = "Trends found."}))
    , topicsCreatedTotal(registry.add<CounterFamily<CategoryLabels>>(
          {.name = "topics_created_total", .help = "Topics found."}))
    , activeTrends(registry.add<GaugeFamily<StateLabels>>(
          {.name = "active_trends",
           .help = "Trends by state: emerging, viral, sustained, declining."}))
    , systemCpuUsagePercent(registry.add<Gauge>(
          {.name = "system_cpu_usage_percent",
           .help = "Share of CPU time spent busy since the previous scrape, 0 to 100."}))
    , systemMemoryUsagePercent(registry.add<Gauge>(
          {.name = "system_memory_usage_percent",
           .help = "Share of memory that is not available to programs, 0 to 100."}))
    , systemDiskUsagePercent(registry.add<Gauge>(
          {.name = "system_disk_usage_percent",
           .help = "Share of space used on the fullest mount point, 0 to 100."}))
    , pgUp(registry.add<Gauge>({.name = "pg_up",
                                .help = "Whether PostgreSQL answers: 1 or 0.",
                                .announced = MetricDescription::Announced::WhenUsed}))
{
}

} // namespace trendscope::observability
