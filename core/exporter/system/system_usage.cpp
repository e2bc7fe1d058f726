#include "core/exporter/system/system_usage.h"

#include <array>

namespace trendscope::exporter {

SystemUsage::SystemUsage(observability::SystemCollector system, observability::Metrics &metrics,
                         const std::optional<config::CgroupSettings> &cgroup)
    : m_system(std::move(system))
    , m_cgroup(cgroup ? std::make_unique<Cgroup>(*cgroup) : nullptr)
    , m_metrics(metrics)
{
}

SystemUsage::~SystemUsage() = default;

std::span<const std::string_view> SystemUsage::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 1> prefixes{"system_"};
    return prefixes;
}

Result<void> SystemUsage::collect(Clock::time_point)
{
    const observability::Measured cpu =
        m_cgroup ? m_cgroup->cpuPercent(Clock::now()) : m_system.cpuPercent(Clock::now());
    const observability::Measured memory =
        m_cgroup ? m_cgroup->memoryPercent() : m_system.memoryPercent();
    const observability::Measured disk = m_system.diskPercent();
    m_metrics.setSystemUsage(cpu.value, memory.value, disk.value);

    std::optional<Error> failure;
    for (const observability::Measured *measured : {&cpu, &memory, &disk}) {
        if (!measured->error)
            continue;
        if (failure)
            failure->message += "; " + measured->error->message;
        else
            failure = measured->error;
    }
    if (failure)
        return tl::unexpected(*std::move(failure));
    return {};
}

} // namespace trendscope::exporter
