#pragma once

#include "core/config/node_settings.h"
#include "core/result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace trendscope::exporter {

/// What a control group (version 2) has used and may use
/// (https://docs.kernel.org/admin-guide/cgroup-v2.html). What its controllers do not tell is
/// absent.
struct CgroupState {
    std::optional<double> cpuSeconds = {}; ///< used since it was made
    std::optional<double> userSeconds = {};
    std::optional<double> systemSeconds = {};
    std::optional<double> periods = {}; ///< of the CPU limit
    std::optional<double> throttledPeriods = {};
    std::optional<double> throttledSeconds = {};
    std::optional<double> cpus = {};            ///< the limit; absent where there is none
    std::optional<double> cpuQuota = {};        ///< microseconds of each period
    std::optional<double> cpuPeriod = {};       ///< microseconds
    std::optional<double> memoryBytes = {};     ///< all, with the page cache
    std::optional<double> workingSetBytes = {}; ///< without what is easily given up
    std::optional<double> anonymousBytes = {};
    std::optional<double> fileBytes = {};
    std::optional<double> swapBytes = {};
    std::optional<double> memoryLimitBytes = {}; ///< absent where there is none
    std::optional<double> swapLimitBytes = {};
    std::optional<double> oomEvents = {};
    std::optional<double> processes = {};
};

/// Reads a control group. The tightest limits of it and those above it count. For one thread.
class Cgroup {
public:
    explicit Cgroup(const config::CgroupSettings &settings);
    ~Cgroup();

    /// Errors: NotFound where there is no control group of version 2; System.
    Result<CgroupState> read();
    const std::string &path() const; ///< below the root; known after read()

    using Clock = std::chrono::steady_clock;
    /// 0 to 100: CPU time used since the previous answer, of what the limit allows, or else of all
    /// processors. As observability::SystemCollector::cpuPercent(), asked within a second it
    /// answers the same; the first answer is since construction. Errors as of read().
    Result<double> cpuPercent(Clock::time_point now);
    /// 0 to 100: the working set, of the limit, or else of the machine's memory.
    Result<double> memoryPercent();

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
