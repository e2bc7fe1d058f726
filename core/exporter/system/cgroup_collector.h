#pragma once

#include "core/exporter/collector.h"
#include "core/exporter/system/cgroup.h"
#include "core/observability/registry.h"

#include <memory>

namespace trendscope::exporter {

/// The collector "cgroup": one control group under cAdvisor's names, with its path as the label
/// `id` (https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md).
class CgroupCollector final : public Collector {
public:
    /// `registry` must outlive it.
    CgroupCollector(const config::CgroupSettings &settings, observability::Registry &registry);
    ~CgroupCollector() override;

    std::string_view name() const override { return "cgroup"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool isQuick() const override { return true; }
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
