#include "core/observability/metrics.h"

#include "core/observability/catalogue_p.h"

#include <array>
#include <charconv>

namespace trendscope::observability {

namespace {

std::string_view nameOf(TaskStatus status)
{
    switch (status) {
    case TaskStatus::Success:
        return "success";
    case TaskStatus::Failure:
        return "failure";
    case TaskStatus::Retry:
        return "retry";
    case TaskStatus::Revoked:
        break;
    }
    return "revoked";
}

void setOrRemove(Family &family, std::optional<double> value)
{
    if (value)
        family.set({}, *value);
    else
        family.remove({});
}

} // namespace

struct Metrics::Private : Catalogue { };

Metrics::Metrics()
    : d(std::make_unique<Private>())
{
}

Metrics::~Metrics() = default;

void Metrics::recordApiRequest(std::string_view method, std::string_view endpoint, int statusCode,
                               Seconds duration, double count)
{
    std::array<char, 12> digits;
    const auto [end, failure] =
        std::to_chars(digits.data(), digits.data() + digits.size(), statusCode);
    d->apiRequests.increment({method, endpoint, {digits.data(), end}}, count);
    d->apiRequestDuration.observe({method, endpoint}, duration.count(), count);
}

void Metrics::setActiveRequests(std::string_view endpoint, double count)
{
    d->apiActiveRequests.set({endpoint}, count);
}

void Metrics::recordTask(std::string_view taskName, TaskStatus status, Seconds duration,
                         double count)
{
    d->tasks.increment({taskName, nameOf(status)}, count);
    d->taskDuration.observe({taskName}, duration.count(), count);
}

void Metrics::recordTaskRetry(std::string_view taskName)
{
    d->taskRetries.increment({taskName}, 1);
}

void Metrics::setActiveTasks(std::string_view taskName, double count)
{
    d->activeTasks.set({taskName}, count);
}

void Metrics::setOldestRunningTask(std::string_view taskName, Seconds age)
{
    d->oldestRunningTask.set({taskName}, age.count());
}

void Metrics::setQueueLength(std::string_view queueName, double tasks)
{
    d->queueLength.set({queueName}, tasks);
}

void Metrics::setWorkersOnline(double workers)
{
    d->workersOnline.set({}, workers);
}

void Metrics::recordDbQuery(std::string_view operation, std::string_view table, Seconds duration,
                            double count)
{
    d->dbQueryDuration.observe({operation, table}, duration.count(), count);
}

void Metrics::setDbPool(double size, double available)
{
    d->dbPoolSize.set({}, size);
    d->dbPoolAvailable.set({}, available);
}

void Metrics::recordItemCollected(std::string_view source, double count)
{
    d->itemsCollected.increment({source}, count);
}

void Metrics::recordTrendCreated(std::string_view category, double count)
{
    d->trendsCreated.increment({category}, count);
}

void Metrics::recordTopicCreated(std::string_view category, double count)
{
    d->topicsCreated.increment({category}, count);
}

void Metrics::updateActiveTrends(std::string_view state, double count)
{
    d->activeTrends.set({state}, count);
}

void Metrics::setSystemUsage(std::optional<double> cpuPercent, std::optional<double> memoryPercent,
                             std::optional<double> diskPercent)
{
    setOrRemove(d->cpuUsage, cpuPercent);
    setOrRemove(d->memoryUsage, memoryPercent);
    setOrRemove(d->diskUsage, diskPercent);
}

void Metrics::setPostgresUp(bool up)
{
    d->postgresUp.set({}, up ? 1 : 0);
}

Registry &Metrics::registry()
{
    return d->registry;
}

std::string Metrics::expose() const
{
    return d->registry.expose();
}

void Metrics::appendSamples(std::string &out, std::string_view extraLabels,
                            double timestampSeconds) const
{
    d->registry.appendSamples(out, extraLabels, timestampSeconds);
}

} // namespace trendscope::observability
