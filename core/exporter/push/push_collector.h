#pragma once

#include "core/exporter/collector.h"
#include "core/exporter/push/pushed_metrics.h"

#include <array>

namespace trendscope::exporter {

/// What comes by POST /push, among the collectors: it can be selected and left out as they can.
class PushCollector final : public Collector {
public:
    /// `metrics` must outlive it.
    explicit PushCollector(PushedMetrics &metrics)
        : m_metrics(metrics)
    {
    }

    std::string_view name() const override { return "push"; }
    bool isQuick() const override { return true; }

    std::span<const std::string_view> metricPrefixes() const override
    {
        static constexpr std::array<std::string_view, 1> prefixes{"trendscope_push_"};
        return prefixes;
    }

    bool brings(std::string_view metric) const override
    {
        return isOwn(metric) || isAboutPushed(metric) || m_metrics.has(metric, PushedSource::Json);
    }

    Result<void> collect(Clock::time_point /*deadline*/) override
    {
        m_metrics.expire(PushedMetrics::Clock::now());
        return {};
    }

private:
    PushedMetrics &m_metrics;
};

} // namespace trendscope::exporter
