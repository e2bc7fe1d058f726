#pragma once

#include "core/exporter/collector.h"
#include "core/observability/metrics.h"
#include "core/observability/system_collector.h"

namespace trendscope::exporter {

/// The collector "system": the catalogue's system_* metrics of this machine.
class SystemUsage final : public Collector {
public:
    /// `metrics` must outlive it.
    SystemUsage(observability::SystemCollector system, observability::Metrics &metrics);

    std::string_view name() const override { return "system"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool isQuick() const override { return true; }
    Result<void> collect(Clock::time_point deadline) override;

private:
    observability::SystemCollector m_system;
    observability::Metrics &m_metrics;
};

} // namespace trendscope::exporter
