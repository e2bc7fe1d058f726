#pragma once

#include "core/config/celery_settings.h"
#include "core/exporter/collector.h"
#include "core/observability/registry.h"

#include <memory>

namespace trendscope::exporter {

/// Celery over Redis: tasks and workers from the events that workers send (`-E`), which a thread of
/// its own hears from construction on; queues and Redis itself when it is asked.
///
/// Writes nothing to the broker. Counters of tasks are exact while the connection stands; what
/// workers did while it did not is counted in trendscope_celery_events_missed_total.
class CeleryCollector final : public Collector {
public:
    /// `registry` must outlive it.
    CeleryCollector(config::CelerySettings settings, observability::Registry &registry);
    ~CeleryCollector() override;

    std::string_view name() const override;
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
