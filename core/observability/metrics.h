#pragma once

#include "../result.h"
#include "catalogue.h"
#include "tracked_call.h"
#include "tracker.h"

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
/// number. Where one call has two metrics, a bad duration or count is in neither, and counted once,
/// for the metric of the durations.
class TRENDSCOPE_OBSERVABILITY_EXPORT Metrics : public Registry, public Catalogue {
public:
    explicit Metrics(RegistrySettings settings = {});
    ~Metrics();

    /// api_requests_total and api_request_duration_seconds. `endpoint` is the route's template, not
    /// the address that was asked for: every distinct value is a series.
    void recordApiRequest(std::string_view method, std::string_view endpoint, int statusCode,
                          Seconds duration, double count = 1);
    void setActiveRequests(std::string_view endpoint, double count);

    /// celery_tasks_total and celery_task_duration_seconds. A TaskStatus::Retry is not counted in
    /// celery_task_retries_total here, as it is by a tracker: that is recordTaskRetry().
    void recordTask(std::string_view taskName, TaskStatus status, Seconds duration,
                    double count = 1);
    void recordTaskRetry(std::string_view taskName); ///< celery_task_retries_total, and no other
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

    /// The trackers, see tracker.h. While one lives the work counts in the gauge of what is active;
    /// its end counts it by status and observes how long it took.
    ///
    ///     auto request = metrics.trackApiRequest("GET", "/api/v1/trends");
    ///     …
    ///     request.setStatus(404);
    [[nodiscard]] ApiRequestTracker trackApiRequest(std::string_view method,
                                                    std::string_view endpoint);
    [[nodiscard]] CeleryTaskTracker trackCeleryTask(std::string_view taskName);
    [[nodiscard]] DbQueryTracker trackDbQuery(std::string_view operation, std::string_view table);

    /// The same around a callable: calls it with the tracker, when it takes one as its first
    /// parameter, and returns what it returns. An exception is counted and passed on unchanged.
    /// tracked_result.h says how a result tells its status. A coroutine (anything with a promise
    /// that can be awaited) is tracked until it completes, wherever that is; destroyed before, it
    /// was abandoned. The returned coroutine keeps the callable, if that was a temporary.
    template <class Callable>
    decltype(auto) trackApiRequest(std::string_view method, std::string_view endpoint,
                                   Callable &&callable)
    {
        return detail::call(trackApiRequest(method, endpoint), std::forward<Callable>(callable));
    }
    template <class Callable>
    decltype(auto) trackCeleryTask(std::string_view taskName, Callable &&callable)
    {
        return detail::call(trackCeleryTask(taskName), std::forward<Callable>(callable));
    }
    template <class Callable>
    decltype(auto) trackDbQuery(std::string_view operation, std::string_view table,
                                Callable &&callable)
    {
        return detail::call(trackDbQuery(operation, table), std::forward<Callable>(callable));
    }

    /// The same as a callable to keep: each call, with any arguments, is work of its own. Copies
    /// share the callable. It must not outlive the metrics.
    template <class Callable>
    auto trackedApiRequest(std::string method, std::string endpoint, Callable callable)
    {
        return detail::TrackedCallable(
            [this, method = std::move(method), endpoint = std::move(endpoint)] {
                return trackApiRequest(method, endpoint);
            },
            std::move(callable));
    }
    template <class Callable>
    auto trackedCeleryTask(std::string taskName, Callable callable)
    {
        return detail::TrackedCallable(
            [this, taskName = std::move(taskName)] { return trackCeleryTask(taskName); },
            std::move(callable));
    }
    template <class Callable>
    auto trackedDbQuery(std::string operation, std::string table, Callable callable)
    {
        return detail::TrackedCallable(
            [this, operation = std::move(operation), table = std::move(table)] {
                return trackDbQuery(operation, table);
            },
            std::move(callable));
    }

    /// The catalogue's own, for metrics beside it.
    Registry &registry() { return *this; }

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

/// The process-wide metrics, for programs that don't pass them around; observability.h has their
/// methods as functions. Made at first use, with the default RegistrySettings unless setupMetrics()
/// came before; never destroyed. Thread safe.
TRENDSCOPE_OBSERVABILITY_EXPORT Metrics &metrics();
/// Makes metrics() with these settings, so it comes before anything that uses them: whatever
/// records, and setupLogging(). Thread safe. Errors: Invalid, for settings that make no sense, and
/// once metrics() are there, which then stay as they are.
TRENDSCOPE_OBSERVABILITY_EXPORT Result<void> setupMetrics(RegistrySettings settings);

} // namespace trendscope::observability
