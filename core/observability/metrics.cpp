#include "core/observability/metrics.h"

#include "core/observability/system_collector.h"

#include <mutex>

namespace trendscope::observability {

namespace {

void setOrRemove(const Gauge &gauge, std::optional<double> value)
{
    if (value)
        gauge.set(*value);
    else
        gauge.remove();
}

} // namespace

struct Metrics::Private {
    std::mutex mutex;
    SystemCollector system{{"/"}};
};

Metrics::Metrics(RegistrySettings settings)
    : Registry(settings)
    , Catalogue(static_cast<Registry &>(*this))
    , d(std::make_unique<Private>())
{
}

Metrics::~Metrics() = default;

void Metrics::recordApiRequest(std::string_view method, std::string_view endpoint, int statusCode,
                               Seconds duration, double count)
{
    apiRequestsTotal.labels({.method = method, .endpoint = endpoint, .statusCode = statusCode})
        .increment(count);
    apiRequestDurationSeconds.labels({.method = method, .endpoint = endpoint})
        .observe(duration.count(), count);
}

void Metrics::setActiveRequests(std::string_view endpoint, double count)
{
    apiActiveRequests.labels({.endpoint = endpoint}).set(count);
}

void Metrics::recordTask(std::string_view taskName, TaskStatus status, Seconds duration,
                         double count)
{
    celeryTasksTotal.labels({.taskName = taskName, .status = status}).increment(count);
    celeryTaskDurationSeconds.labels({.taskName = taskName}).observe(duration.count(), count);
}

void Metrics::recordTaskRetry(std::string_view taskName)
{
    celeryTaskRetriesTotal.labels({.taskName = taskName}).increment();
}

void Metrics::setActiveTasks(std::string_view taskName, double count)
{
    celeryActiveTasks.labels({.taskName = taskName}).set(count);
}

void Metrics::setOldestRunningTask(std::string_view taskName, Seconds age)
{
    celeryOldestRunningTaskSeconds.labels({.taskName = taskName}).set(age.count());
}

void Metrics::setQueueLength(std::string_view queueName, double tasks)
{
    celeryQueueLength.labels({.queueName = queueName}).set(tasks);
}

void Metrics::setWorkersOnline(double workers)
{
    celeryWorkersOnline.set(workers);
}

void Metrics::recordDbQuery(std::string_view operation, std::string_view table, Seconds duration,
                            double count)
{
    dbQueryDurationSeconds.labels({.operation = operation, .table = table})
        .observe(duration.count(), count);
}

void Metrics::setDbPool(double size, double available)
{
    dbConnectionPoolSize.set(size);
    dbConnectionPoolAvailable.set(available);
}

void Metrics::recordItemCollected(std::string_view source, double count)
{
    itemsCollectedTotal.labels({.source = source}).increment(count);
}

void Metrics::recordTrendCreated(std::string_view category, double count)
{
    trendsCreatedTotal.labels({.category = category}).increment(count);
}

void Metrics::recordTopicCreated(std::string_view category, double count)
{
    topicsCreatedTotal.labels({.category = category}).increment(count);
}

void Metrics::updateActiveTrends(std::string_view state, double count)
{
    activeTrends.labels({.state = state}).set(count);
}

void Metrics::setSystemUsage(std::optional<double> cpuPercent, std::optional<double> memoryPercent,
                             std::optional<double> diskPercent)
{
    setOrRemove(systemCpuUsagePercent, cpuPercent);
    setOrRemove(systemMemoryUsagePercent, memoryPercent);
    setOrRemove(systemDiskUsagePercent, diskPercent);
}

std::vector<Error> Metrics::updateSystemMetrics()
{
    const std::scoped_lock lock(d->mutex);
    const Measured cpu = d->system.cpuPercent(SystemCollector::Clock::now());
    const Measured memory = d->system.memoryPercent();
    const Measured disk = d->system.diskPercent();
    setSystemUsage(cpu.value, memory.value, disk.value);
    std::vector<Error> errors;
    for (const Measured *const measured : {&cpu, &memory, &disk}) {
        if (measured->error)
            errors.push_back(*measured->error);
    }
    return errors;
}

void Metrics::setMountPoints(std::vector<std::string> mountPoints)
{
    const std::scoped_lock lock(d->mutex);
    d->system.setMountPoints(std::move(mountPoints));
}

void Metrics::setPostgresUp(bool up)
{
    pgUp.set(up ? 1 : 0);
}

} // namespace trendscope::observability
