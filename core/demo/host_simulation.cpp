#include "core/demo/host_simulation.h"

#include <algorithm>

namespace trendscope::demo {

HostSimulation::HostSimulation(observability::Metrics &metrics, HostUsage today,
                               Timestamp demoStart)
    : m_metrics(metrics)
    , m_today(today)
    , m_demoStart(demoStart)
{
}

void HostSimulation::advance(const Moment &moment)
{
    const double seconds = moment.span.count();
    const double busy = moment.incidents.intensity(Incident::Kind::HighCpu, moment.time);
    const double usual = 14 + 38 * moment.load + m_cpu.advance(moment.random, seconds)
        + 1.5 * moment.random.normal();
    const double cpu = usual + busy * (90 - usual) + busy * 2 * moment.random.normal();
    const double memory = m_today.memory + 5 * (moment.load - 0.6) + 6 * busy
        + m_memory.advance(moment.random, seconds);

    constexpr double diskGrowthPerDay = 1.5;
    const Seconds toDemo = m_demoStart - moment.time;
    const double disk = m_today.disk - diskGrowthPerDay * (toDemo / std::chrono::days(1));

    m_metrics.setSystemUsage(std::clamp(cpu, 1.0, 100.0), std::clamp(memory, 1.0, 100.0),
                             std::clamp(disk, 0.1, 100.0));
}

} // namespace trendscope::demo
