#include "core/demo/host_simulation.h"

#include <algorithm>

namespace trendscope::demo {

void HostSimulation::advance(const Moment &moment)
{
    const double seconds = moment.span.count();
    const double busy = moment.incidents.intensity(Incident::Kind::HighCpu, moment.time);
    const double usual = 14 + 38 * moment.load + m_cpu.advance(moment.random, seconds)
        + 1.5 * moment.random.normal();
    const double cpu = usual + busy * (90 - usual) + busy * 2 * moment.random.normal();
    const double memory =
        48 + 12 * moment.load + 6 * busy + m_memory.advance(moment.random, seconds);

    // Grows by two percent a day; a clean-up takes it back before anybody is woken.
    m_disk += 2 * seconds / 86400;
    if (m_disk > 72)
        m_disk = 55;

    m_metrics.setSystemUsage(std::clamp(cpu, 1.0, 100.0), std::clamp(memory, 5.0, 100.0), m_disk);
}

} // namespace trendscope::demo
