#pragma once

#include "core/prom/series.h"

namespace trendscope::prom {

/// The time of this machine's clock, in the resolution of Prometheus.
inline Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

} // namespace trendscope::prom
