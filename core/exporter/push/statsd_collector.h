#pragma once

#include "core/config/statsd_settings.h"
#include "core/exporter/collector.h"
#include "core/exporter/push/pushed_metrics.h"
#include "core/observability/logging.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace trendscope::exporter {

/// Receives StatsD and DogStatsD packets, in a thread of its own, from construction to destruction.
///
/// What they say goes to PushedMetrics; about itself it has trendscope_statsd_*: packets, those
/// that the kernel dropped, lines, samples by type, errors by kind. Nothing is lost without being
/// counted: every line is in one of those.
class StatsdCollector final : public Collector {
public:
    /// `registry` and `metrics` must outlive it. Errors: Invalid (a mapping), System (a socket).
    static Result<std::unique_ptr<StatsdCollector>> start(const config::StatsdSettings &settings,
                                                          PushedMetrics &metrics,
                                                          observability::Registry &registry,
                                                          observability::Logger log);
    ~StatsdCollector() override;

    std::string_view name() const override { return "statsd"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    Result<void> collect(Clock::time_point deadline) override;

    std::vector<std::uint16_t> udpPorts() const; ///< those that it got, in the settings' order

private:
    struct Private;
    explicit StatsdCollector(std::unique_ptr<Private> parts);

    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
