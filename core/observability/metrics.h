#pragma once

#include "export.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::observability {

class Registry;

using Seconds = std::chrono::duration<double>;

enum class TaskStatus { Success, Failure, Retry, Revoked };

/// The platform's metrics catalogue: one method for each thing that a service can record.
///
/// Thread safe. HELP and TYPE of every metric are in the exposition from the start; a series
/// appears with its first sample. Label values that are not UTF-8 get U+FFFD. A value that is not
/// finite, a negative count and a negative duration are ignored and counted in
/// `trendscope_bad_values_total{metric}`.
///
/// `count` says how many alike events are recorded at once, each with the given duration; a whole
/// number.
class TRENDSCOPE_OBSERVABILITY_EXPORT Metrics {
public:
    Metrics();
    ~Metrics();

    /// api_requests_total and api_request_duration_seconds. `endpoint` is the route's template, not
    /// the address that was asked for: every distinct value is a series.
    void recordApiRequest(std::string_view method, std::string_view endpoint, int statusCode,
                          Seconds duration, double count = 1);
    void setActiveRequests(std::string_view endpoint, double count);

    /// celery_tasks_total and celery_task_duration_seconds.
    void recordTask(std::string_view taskName, TaskStatus status, Seconds duration,
                    double count = 1);
    void recordTaskRetry(std::string_view taskName);
    void setActiveTasks(std::string_view taskName, double count);
    /// Age of the oldest task that is still running; 0 when none is.
    void setOldestRunningTask(std::string_view taskName, Seconds age);
    void setQueueLength(std::string_view queueName, double tasks);
    void setWorkersOnline(double workers);

    void recordDbQuery(std::string_view operation, std::string_view table, Seconds duration,
                       double count = 1);
    void setDbPool(double size, double available);

    void recordItemCollected(std::string_view source, double count = 1);
    void recordTrendCreated(std::string_view category, double count = 1);
    void recordTopicCreated(std::string_view category, double count = 1);
    /// `state` is emerging, viral, sustained or declining.
    void updateActiveTrends(std::string_view state, double count);

    /// Percent, 0 to 100. What is not known has no series: a stale value would look like a good
    /// one.
    void setSystemUsage(std::optional<double> cpuPercent, std::optional<double> memoryPercent,
                        std::optional<double> diskPercent);
    /// pg_up, by postgres_exporter's name; in the exposition only once it was set.
    void setPostgresUp(bool up);

    /// Where the catalogue is, for a process that has metrics of its own beside it.
    Registry &registry();

    /// text/plain; version=0.0.4: families in the catalogue's order, series sorted by their labels.
    std::string expose() const;

    /// Appends one line `name{labels,extraLabels} value timestamp` for each sample, without
    /// comments: a piece of a history in the OpenMetrics format. `extraLabels` is written as it is,
    /// e.g. `job="api",instance="api-1:8000"`; the timestamp is in seconds since 1970.
    void appendSamples(std::string &out, std::string_view extraLabels,
                       double timestampSeconds) const;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::observability
