#include "core/exporter/log_rules/log_rule_engine.h"

#include <algorithm>

namespace trendscope::exporter {

namespace {

using config::LogCondition;
using config::LogField;
using config::LogLabel;
using config::LogRewrite;
using config::LogRule;
using Type = LogRule::Type;

// Names, labels and buckets are the catalogue's.

LogField event()
{
    return {"event", "event_type"};
}

std::vector<LogRule> apiRules()
{
    const std::vector<LogCondition> match{
        {.field = event(), .oneOf = {"http_request", "api_access"}}};
    const LogLabel method{.name = "method", .field = {"method"}};
    const LogLabel endpoint{
        .name = "endpoint", .field = {"endpoint", "path"}, .rewrite = {.ids = true}};
    return {
        {.name = "api_requests",
         .match = match,
         .metric = "api_requests_total",
         .help = "API requests answered.",
         .labels = {method, endpoint, {.name = "status_code", .field = {"status_code", "status"}}}},
        {.name = "api_request_duration",
         .match = match,
         .metric = "api_request_duration_seconds",
         .help = "Time from an API request to its answer.",
         .type = Type::Histogram,
         .buckets = {0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10},
         .value = {{.field = "duration_seconds"}, {.field = "duration_ms", .scale = 0.001}},
         .labels = {method, endpoint}},
    };
}

std::vector<LogRule> taskRules()
{
    const LogLabel name{.name = "task_name", .field = {"task_name", "task"}};
    const LogRewrite statuses{.map = {{"task_succeeded", "success"},
                                      {"task_failed", "failure"},
                                      {"task_retried", "retry"},
                                      {"task_revoked", "revoked"}}};
    return {
        {.name = "tasks",
         .match = {{.field = event(),
                    .oneOf = {"task_succeeded", "task_failed", "task_retried", "task_revoked"}}},
         .metric = "celery_tasks_total",
         .help = "Celery tasks that ended, by how: success, failure, retry, revoked.",
         .labels = {name, {.name = "status", .field = event(), .rewrite = statuses}}},
        {.name = "task_duration",
         .match = {{.field = event(), .oneOf = {"task_succeeded", "task_failed", "task_retried"}},
                   {.field = {"runtime_seconds", "runtime_s"}, .exists = true}},
         .metric = "celery_task_duration_seconds",
         .help = "Time from a Celery task's start to its end.",
         .type = Type::Histogram,
         .buckets = {1, 5, 10, 30, 60, 120, 300, 600, 1800},
         .value = {{.field = "runtime_seconds"}, {.field = "runtime_s"}},
         .labels = {name}},
        {.name = "task_retries",
         .match = {{.field = event(), .oneOf = {"task_retried"}}},
         .metric = "celery_task_retries_total",
         .help = "Celery tasks that were put back to be tried again.",
         .labels = {name}},
    };
}

LogRule businessRule(const std::string &what, const std::string &metric, const std::string &help,
                     const std::string &label)
{
    return {.name = metric,
            .match = {{.field = event(), .oneOf = {what}}},
            .metric = metric,
            .help = help,
            .value = {{.field = "count"}},
            .valueFallback = 1,
            .labels = {{.name = label, .field = {label}}}};
}

std::vector<LogRule> businessRules()
{
    return {
        businessRule("item_collected", "items_collected_total", "Items collected from a source.",
                     "source"),
        businessRule("trend_created", "trends_created_total", "Trends found.", "category"),
        businessRule("topic_created", "topics_created_total", "Topics found.", "category"),
    };
}

std::vector<LogRule> auditRules()
{
    const LogRewrite outcomes{.map = {{"true", "success"}, {"false", "failure"}}};
    return {{.name = "audit",
             .match = {{.field = {"event_type"},
                        .oneOf = {"auth_attempt", "api_access", "data_access", "config_change"}},
                       {.field = {"logger"}, .oneOf = {"audit"}}},
             .metric = "trendscope_audit_records_total",
             .help = "Audit records, by what they tell of and how it ended.",
             .labels = {{.name = "event_type", .field = {"event_type"}},
                        {.name = "outcome",
                         .field = {"success", "result"},
                         .fallback = "unknown",
                         .rewrite = outcomes}}}};
}

} // namespace

std::vector<LogRule> builtInLogRules(std::span<const std::string> groups)
{
    struct Group {
        std::string_view name;
        std::vector<LogRule> (*rules)();
    };
    std::vector<LogRule> out;
    for (const Group &group : {Group{"api", apiRules}, Group{"tasks", taskRules},
                               Group{"business", businessRules}, Group{"audit", auditRules}}) {
        if (std::ranges::find(groups, group.name) != groups.end())
            std::ranges::move(group.rules(), std::back_inserter(out));
    }
    return out;
}

} // namespace trendscope::exporter
