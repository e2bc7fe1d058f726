#include "core/exporter/push/pushed_catalogue_p.h"

namespace trendscope::exporter {

using observability::MetricDescription;
using Type = MetricDescription::Type;

namespace {

std::vector<MetricDescription> ofTheApi()
{
    return {
        {.name = "api_requests_total",
         .type = Type::Counter,
         .help = "API requests answered.",
         .labels = {"method", "endpoint", "status_code"}},
        {.name = "api_request_duration_seconds",
         .type = Type::Histogram,
         .help = "Time from an API request to its answer.",
         .labels = {"method", "endpoint"},
         .buckets = {0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10}},
        {.name = "api_active_requests",
         .help = "API requests that are being answered.",
         .labels = {"endpoint"}},
    };
}

std::vector<MetricDescription> ofCelery()
{
    return {
        {.name = "celery_tasks_total",
         .type = Type::Counter,
         .help = "Celery tasks that ended, by how: success, failure, retry, revoked.",
         .labels = {"task_name", "status"}},
        {.name = "celery_task_duration_seconds",
         .type = Type::Histogram,
         .help = "Time from a Celery task's start to its end.",
         .labels = {"task_name"},
         .buckets = {1, 5, 10, 30, 60, 120, 300, 600, 1800}},
        {.name = "celery_task_retries_total",
         .type = Type::Counter,
         .help = "Celery tasks that were put back to be tried again.",
         .labels = {"task_name"}},
        {.name = "celery_active_tasks",
         .help = "Celery tasks that are running.",
         .labels = {"task_name"}},
        {.name = "celery_queue_length",
         .help = "Celery tasks that wait in a queue.",
         .labels = {"queue_name"}},
        {.name = "celery_oldest_running_task_seconds",
         .help = "Age of the oldest Celery task still running.",
         .labels = {"task_name"}},
        {.name = "celery_workers_online", .help = "Celery workers whose heartbeat is heard."},
    };
}

std::vector<MetricDescription> ofTheDatabase()
{
    return {
        {.name = "db_query_duration_seconds",
         .type = Type::Histogram,
         .help = "Time from a database query to its result.",
         .labels = {"operation", "table"},
         .buckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}},
        {.name = "db_connection_pool_size", .help = "Database connections that the pool may have."},
        {.name = "db_connection_pool_available",
         .help = "Database connections that the pool can still give."},
    };
}

std::vector<MetricDescription> ofTheBusiness()
{
    return {
        {.name = "items_collected_total",
         .type = Type::Counter,
         .help = "Items collected from a source.",
         .labels = {"source"}},
        {.name = "trends_created_total",
         .type = Type::Counter,
         .help = "Trends found.",
         .labels = {"category"}},
        {.name = "topics_created_total",
         .type = Type::Counter,
         .help = "Topics found.",
         .labels = {"category"}},
        {.name = "active_trends",
         .help = "Trends by state: emerging, viral, sustained, declining.",
         .labels = {"state"}},
    };
}

} // namespace

std::vector<MetricDescription> pushableCatalogue()
{
    std::vector<MetricDescription> all;
    for (const auto &part : {ofTheApi(), ofCelery(), ofTheDatabase(), ofTheBusiness()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace trendscope::exporter
