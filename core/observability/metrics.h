#pragma once

#include "../result.h"
#include "catalogue.h"

#include <chrono>
#include <optional>
#include <vector>

namespace trendscope::observability {

using Seconds = std::chrono::duration<double>;

/// The platform's metrics catalogue in a registry of its own: a typed handle for every metric
/// (`metrics.celeryWorkersOnline.set(4)`), and one method for each thing that a service can record.
///
/// Thread safe. HELP and TYPE of every metric are in the exposition from the start; a series
/// appears with its first sample. Label values that are not UTF-8 get U+FFFD. A value that is not
/// finite, a negative count and a negative duration are ignored and counted in
/// `trendscope_bad_values_total{metric}`.
///
/// `count` says how many alike events are recorded at once, each with the given duration; a whole
/// number.
class TRENDSCOPE_OBSERVABILITY_EXPORT Metrics : public Registry, public Catalogue {
public:
    explicit Metrics(RegistrySettings settings = {});
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
    /// Measures this machine and sets the three; call it before expose(). CPU time counts since the
    /// previous call (the first: since construction). Reads three files of /proc and the mount
    /// points, some 0.1 ms. What can not be read is returned, and its series ends.
    std::vector<Error> updateSystemMetrics();
    /// Of which the fullest is system_disk_usage_percent; until this is called, only "/".
    void setMountPoints(std::vector<std::string> mountPoints);
    /// pg_up, by postgres_exporter's name; in the exposition only once it was set.
    void setPostgresUp(bool up);

    /// The catalogue's own, for metrics beside it.
    Registry &registry() { return *this; }

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::observability
