#pragma once

/// The whole library, and its process-wide set of objects: the short way for a service that
/// instruments itself. Each function below is the member of that name of metrics(); see there. Its
/// catalogue (`celeryWorkersOnline.set(4)`) is in default_metrics.h.
/// logging(), setupLogging() and logger() are in logging.h. A library, and whatever wants more than
/// one set, uses objects of its own.

#include "audit.h"
#include "audit_verify.h"
#include "catalogue.h"
#include "context.h"
#include "default_metrics.h"
#include "log_call.h"
#include "logging.h"
#include "metrics.h"
#include "redaction.h"
#include "tracker.h"

namespace trendscope::observability {

inline void recordApiRequest(std::string_view method, std::string_view endpoint, int statusCode,
                             Seconds duration, double count = 1)
{
    metrics().recordApiRequest(method, endpoint, statusCode, duration, count);
}
inline void setActiveRequests(std::string_view endpoint, double count)
{
    metrics().setActiveRequests(endpoint, count);
}

inline void recordTask(std::string_view taskName, TaskStatus status, Seconds duration,
                       double count = 1)
{
    metrics().recordTask(taskName, status, duration, count);
}
inline void recordTaskRetry(std::string_view taskName)
{
    metrics().recordTaskRetry(taskName);
}
inline void setActiveTasks(std::string_view taskName, double count)
{
    metrics().setActiveTasks(taskName, count);
}
inline void setOldestRunningTask(std::string_view taskName, Seconds age)
{
    metrics().setOldestRunningTask(taskName, age);
}
inline void setQueueLength(std::string_view queueName, double tasks)
{
    metrics().setQueueLength(queueName, tasks);
}
inline void setWorkersOnline(double workers)
{
    metrics().setWorkersOnline(workers);
}

inline void recordDbQuery(std::string_view operation, std::string_view table, Seconds duration,
                          double count = 1)
{
    metrics().recordDbQuery(operation, table, duration, count);
}
inline void setDbPool(double size, double available)
{
    metrics().setDbPool(size, available);
}

inline void recordItemCollected(std::string_view source, double count = 1)
{
    metrics().recordItemCollected(source, count);
}
inline void recordTrendCreated(std::string_view category, double count = 1)
{
    metrics().recordTrendCreated(category, count);
}
inline void recordTopicCreated(std::string_view category, double count = 1)
{
    metrics().recordTopicCreated(category, count);
}
inline void updateActiveTrends(std::string_view state, double count)
{
    metrics().updateActiveTrends(state, count);
}

inline void setSystemUsage(std::optional<double> cpuPercent, std::optional<double> memoryPercent,
                           std::optional<double> diskPercent)
{
    metrics().setSystemUsage(cpuPercent, memoryPercent, diskPercent);
}
inline auto updateSystemMetrics()
{
    return metrics().updateSystemMetrics();
}
inline void setPostgresUp(bool up)
{
    metrics().setPostgresUp(up);
}

inline std::string expose(std::string_view contentType = textContentType)
{
    return metrics().expose(contentType);
}

[[nodiscard]] inline ApiRequestTracker trackApiRequest(std::string_view method,
                                                       std::string_view endpoint)
{
    return metrics().trackApiRequest(method, endpoint);
}
[[nodiscard]] inline CeleryTaskTracker trackCeleryTask(std::string_view taskName)
{
    return metrics().trackCeleryTask(taskName);
}
[[nodiscard]] inline DbQueryTracker trackDbQuery(std::string_view operation, std::string_view table)
{
    return metrics().trackDbQuery(operation, table);
}

template <class Callable>
decltype(auto) trackApiRequest(std::string_view method, std::string_view endpoint,
                               Callable &&callable)
{
    return metrics().trackApiRequest(method, endpoint, std::forward<Callable>(callable));
}
template <class Callable>
decltype(auto) trackCeleryTask(std::string_view taskName, Callable &&callable)
{
    return metrics().trackCeleryTask(taskName, std::forward<Callable>(callable));
}
template <class Callable>
decltype(auto) trackDbQuery(std::string_view operation, std::string_view table, Callable &&callable)
{
    return metrics().trackDbQuery(operation, table, std::forward<Callable>(callable));
}

template <class Callable>
auto trackedApiRequest(std::string method, std::string endpoint, Callable callable)
{
    return metrics().trackedApiRequest(std::move(method), std::move(endpoint), std::move(callable));
}
template <class Callable>
auto trackedCeleryTask(std::string taskName, Callable callable)
{
    return metrics().trackedCeleryTask(std::move(taskName), std::move(callable));
}
template <class Callable>
auto trackedDbQuery(std::string operation, std::string table, Callable callable)
{
    return metrics().trackedDbQuery(std::move(operation), std::move(table), std::move(callable));
}

} // namespace trendscope::observability
