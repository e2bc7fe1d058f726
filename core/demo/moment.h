#pragma once

#include "core/demo/incidents.h"
#include "core/demo/random.h"
#include "core/observability/logging.h"
#include "core/observability/metrics.h"

#include <string>

namespace trendscope::demo {

using observability::Seconds;

/// The loggers of the simulated services.
struct Loggers {
    observability::Logger api;
    observability::Logger tasks;
    observability::Logger collector;
    observability::Logger database;
};

/// One step of the simulated clock, as every simulated service sees it.
struct Moment {
    Timestamp time;             ///< the step's end
    Seconds span;               ///< > 0
    double load;                ///< 1 is a busy afternoon
    const Incidents &incidents; ///< what goes wrong
    Random &random;
    Loggers *log; ///< null while history is made: a record is stamped with the real time
};

/// A request id as the services' middleware makes them.
std::string requestId(Random &random);

} // namespace trendscope::demo
