#pragma once

#include "core/result.h"

#include <chrono>
#include <string_view>

namespace trendscope::exporter {

/// One source of metrics: a database, a broker, a set of log files.
///
/// A collector makes its families when it is constructed, in the registry that it is given, and
/// brings them up to date when it is asked. What it does not know has no series: a stale value
/// would look like a good one. Each collector is asked in a thread of its own, never twice at once,
/// so one that hangs delays nobody.
class Collector {
public:
    using Clock = std::chrono::steady_clock;

    virtual ~Collector() = default;

    /// As in `collect[]` and in the label `collector`: lower case, e.g. "postgres".
    virtual std::string_view name() const = 0;

    /// Brings the metrics up to date, and ends by `deadline` or soon after: whoever scrapes goes on
    /// without it then. An error says in one sentence what is wrong with the source; what could be
    /// had beside it is in the registry all the same.
    virtual Result<void> collect(Clock::time_point deadline) = 0;
};

} // namespace trendscope::exporter
