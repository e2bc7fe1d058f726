#pragma once

#include "core/demo/moment.h"

namespace trendscope::demo {

/// How much of the machine is in use, in percent.
struct HostUsage {
    double memory = 52;
    double disk = 58;
};

/// The usage of the machine in the history; live, the real exporter measures the real one.
class HostSimulation {
public:
    /// `today` is the usage at `demoStart`, to which the history leads.
    HostSimulation(observability::Metrics &metrics, HostUsage today, Timestamp demoStart);

    void advance(const Moment &moment);

private:
    observability::Metrics &m_metrics;
    const HostUsage m_today;
    const Timestamp m_demoStart;
    Wander m_cpu{5, 420};
    Wander m_memory{1.2, 2400};
};

} // namespace trendscope::demo
