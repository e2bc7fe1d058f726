#pragma once

#include "core/result.h"

#include <algorithm>
#include <chrono>
#include <span>
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

    /// How the names of the metrics begin that this collector alone brings, e.g. "pg_": their
    /// series end with it.
    virtual std::span<const std::string_view> metricPrefixes() const { return {}; }

    /// Whether it brings that metric, alone or beside others: a scrape that selects collectors with
    /// `collect[]` is answered with those that they bring. In any thread.
    virtual bool brings(std::string_view metric) const { return isOwn(metric); }

    /// Whether it never waits for anybody: then it is asked in the thread that scrapes.
    virtual bool isQuick() const { return false; }

    /// Brings the metrics up to date, and ends by `deadline` or soon after: whoever scrapes goes on
    /// without it then. An error says in one sentence what is wrong with the source; what could be
    /// had beside it is in the registry all the same.
    virtual Result<void> collect(Clock::time_point deadline) = 0;

protected:
    bool isOwn(std::string_view metric) const
    {
        return std::ranges::any_of(
            metricPrefixes(), [&](std::string_view prefix) { return metric.starts_with(prefix); });
    }
};

} // namespace trendscope::exporter
