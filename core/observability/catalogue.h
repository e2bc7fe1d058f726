#pragma once

#include "typed_family.h"

namespace trendscope::observability {

enum class TaskStatus { Success, Failure, Retry, Revoked };

constexpr std::string_view labelText(TaskStatus status)
{
    constexpr std::array<std::string_view, 4> texts = {"success", "failure", "retry", "revoked"};
    const auto index = static_cast<std::size_t>(status);
    return texts[index < texts.size() ? index : texts.size() - 1];
}

/// `endpoint` is the route's template, not the address that was asked for: every distinct value is
/// a series.
struct ApiRequestLabels {
    LabelValue method;
    LabelValue endpoint;
    LabelValue statusCode;
    static constexpr std::array<std::string_view, 3> names = {"method", "endpoint", "status_code"};
};

struct ApiDurationLabels {
    LabelValue method;
    LabelValue endpoint;
    static constexpr std::array<std::string_view, 2> names = {"method", "endpoint"};
};

struct EndpointLabels {
    LabelValue endpoint;
    static constexpr std::array<std::string_view, 1> names = {"endpoint"};
};

struct TaskResultLabels {
    LabelValue taskName;
    LabelValue status; ///< a TaskStatus
    static constexpr std::array<std::string_view, 2> names = {"task_name", "status"};
};

struct TaskLabels {
    LabelValue taskName;
    static constexpr std::array<std::string_view, 1> names = {"task_name"};
};

struct QueueLabels {
    LabelValue queueName;
    static constexpr std::array<std::string_view, 1> names = {"queue_name"};
};

struct DbQueryLabels {
    LabelValue operation;
    LabelValue table;
    static constexpr std::array<std::string_view, 2> names = {"operation", "table"};
};

struct SourceLabels {
    LabelValue source;
    static constexpr std::array<std::string_view, 1> names = {"source"};
};

struct CategoryLabels {
    LabelValue category;
    static constexpr std::array<std::string_view, 1> names = {"category"};
};

struct StateLabels {
    LabelValue state; ///< emerging, viral, sustained, declining
    static constexpr std::array<std::string_view, 1> names = {"state"};
};

/// The platform's metrics: names, types, labels and buckets are the contract with dashboards and
/// rules. The order here is that of the exposition.
struct TRENDSCOPE_OBSERVABILITY_EXPORT Catalogue {
    /// Adds them to the registry, which must outlive the catalogue.
    explicit Catalogue(Registry &registry);

    CounterFamily<ApiRequestLabels> apiRequestsTotal;
    HistogramFamily<ApiDurationLabels> apiRequestDurationSeconds;
    GaugeFamily<EndpointLabels> apiActiveRequests;

    CounterFamily<TaskResultLabels> celeryTasksTotal;
    HistogramFamily<TaskLabels> celeryTaskDurationSeconds;
    CounterFamily<TaskLabels> celeryTaskRetriesTotal;
    GaugeFamily<TaskLabels> celeryActiveTasks;
    GaugeFamily<QueueLabels> celeryQueueLength;
    GaugeFamily<TaskLabels> celeryOldestRunningTaskSeconds;
    Gauge celeryWorkersOnline;

    HistogramFamily<DbQueryLabels> dbQueryDurationSeconds;
    Gauge dbConnectionPoolSize;
    Gauge dbConnectionPoolAvailable;

    CounterFamily<SourceLabels> itemsCollectedTotal;
    CounterFamily<CategoryLabels> trendsCreatedTotal;
    CounterFamily<CategoryLabels> topicsCreatedTotal;
    GaugeFamily<StateLabels> activeTrends;

    Gauge systemCpuUsagePercent; ///< percent, 0 to 100, as the two after it
    Gauge systemMemoryUsagePercent;
    Gauge systemDiskUsagePercent;

    Gauge pgUp; ///< by postgres_exporter's name; announced once it was set
};

} // namespace trendscope::observability
