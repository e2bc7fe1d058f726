#pragma once

#include "core/demo/moment.h"

#include <array>
#include <string_view>

namespace trendscope::demo {

/// What the platform is for: items collected from sources, and the topics and trends found in them.
class BusinessSimulation {
public:
    explicit BusinessSimulation(observability::Metrics &metrics);

    void advance(const Moment &moment);

private:
    void collect(const Moment &moment);
    void discover(const Moment &moment);
    void updateActiveTrends(const Moment &moment);

    observability::Metrics &m_metrics;
    std::array<Wander, 4> m_activeTrends; ///< one a state, relative
};

} // namespace trendscope::demo
