#pragma once

#include "core/exporter/collector.h"
#include "core/exporter/system/cgroup.h"
#include "core/observability/metrics.h"
#include "core/observability/system_collector.h"

#include <memory>
#include <optional>

namespace trendscope::exporter {

/// The collector "system": the catalogue's system_* metrics of this machine.
class SystemUsage final : public Collector {
public:
    /// `metrics` must outlive it. With `cgroup`, CPU and memory are that control group's, relative
    /// to its limits.
    SystemUsage(observability::SystemCollector system, observability::Metrics &metrics,
                const std::optional<config::CgroupSettings> &cgroup = {});
    ~SystemUsage() override;

    std::string_view name() const override { return "system"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool isQuick() const override { return true; }
    Result<void> collect(Clock::time_point deadline) override;

private:
    observability::SystemCollector m_system;
    const std::unique_ptr<Cgroup> m_cgroup; ///< may be null
    observability::Metrics &m_metrics;
};

} // namespace trendscope::exporter
