#include "core/exporter/system/cgroup_collector.h"

#include "core/exporter/system/node_family_p.h"

#include <array>

namespace trendscope::exporter {

struct CgroupCollector::Private {
    struct Metric {
        NodeFamily *family;
        std::optional<double> CgroupState::*value;
        std::optional<double> fallback = {};
    };

    Private(const config::CgroupSettings &settings, observability::Registry &registry)
        : cgroup(settings)
        , families(registry, names)
    {
        counter("cpu_usage_seconds_total", "CPU time consumed.", &CgroupState::cpuSeconds);
        counter("cpu_user_seconds_total", "User CPU time consumed.", &CgroupState::userSeconds);
        counter("cpu_system_seconds_total", "System CPU time consumed.",
                &CgroupState::systemSeconds);
        counter("cpu_cfs_periods_total", "Elapsed enforcement periods.", &CgroupState::periods);
        counter("cpu_cfs_throttled_periods_total", "Throttled enforcement periods.",
                &CgroupState::throttledPeriods);
        counter("cpu_cfs_throttled_seconds_total", "Time that it was throttled.",
                &CgroupState::throttledSeconds);
        gauge("spec_cpu_quota", "CPU time of a period, in microseconds, that it may use.",
              &CgroupState::cpuQuota);
        gauge("spec_cpu_period", "Length of the CPU limit's period in microseconds.",
              &CgroupState::cpuPeriod);
        gauge("memory_usage_bytes", "Memory in use, with the page cache.",
              &CgroupState::memoryBytes);
        gauge("memory_working_set_bytes", "Memory in use, without what is easily given up.",
              &CgroupState::workingSetBytes);
        gauge("memory_rss", "Anonymous memory in bytes.", &CgroupState::anonymousBytes);
        gauge("memory_cache", "Page cache in bytes.", &CgroupState::fileBytes);
        gauge("memory_swap", "Swap in use in bytes.", &CgroupState::swapBytes);
        gauge("spec_memory_limit_bytes", "Memory limit; 0: none.", &CgroupState::memoryLimitBytes,
              0);
        gauge("spec_memory_swap_limit_bytes", "Swap limit; 0: none.", &CgroupState::swapLimitBytes,
              0);
        counter("oom_events_total", "Processes killed for want of memory.",
                &CgroupState::oomEvents);
        gauge("processes", "Processes and threads in it.", &CgroupState::processes);
    }

    using Value = std::optional<double> CgroupState::*;
    void counter(const std::string &name, std::string help, Value value)
    {
        metrics.push_back({&families.counter("container_" + name, std::move(help), {"id"}), value});
    }
    void gauge(const std::string &name, std::string help, Value value,
               std::optional<double> fallback = {})
    {
        metrics.push_back(
            {&families.gauge("container_" + name, std::move(help), {"id"}), value, fallback});
    }

    Cgroup cgroup;
    NodeFamilies::Taken names;
    NodeFamilies families;
    std::vector<Metric> metrics;
};

CgroupCollector::CgroupCollector(const config::CgroupSettings &settings,
                                 observability::Registry &registry)
    : d(std::make_unique<Private>(settings, registry))
{
}

CgroupCollector::~CgroupCollector() = default;

std::span<const std::string_view> CgroupCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 1> prefixes{"container_"};
    return prefixes;
}

Result<void> CgroupCollector::collect(Clock::time_point)
{
    const auto state = d->cgroup.read();
    d->families.begin();
    for (const Private::Metric &metric : d->metrics) {
        const auto value = state ? *state.*metric.value : std::nullopt;
        if (value || (state && metric.fallback))
            metric.family->set({d->cgroup.path()}, value ? *value : *metric.fallback);
    }
    d->families.end();
    if (!state)
        return tl::unexpected(state.error());
    return {};
}

} // namespace trendscope::exporter
