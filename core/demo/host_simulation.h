#pragma once

#include "core/demo/moment.h"

namespace trendscope::demo {

/// The usage of the machine in the history; live, the real exporter measures the real one.
class HostSimulation {
public:
    explicit HostSimulation(observability::Metrics &metrics)
        : m_metrics(metrics)
    {
    }

    void advance(const Moment &moment);

private:
    observability::Metrics &m_metrics;
    Wander m_cpu{5, 420};
    Wander m_memory{2.2, 2400};
    double m_disk = 58; ///< percent
};

} // namespace trendscope::demo
