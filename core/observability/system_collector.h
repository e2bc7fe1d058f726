#pragma once

#include "../result.h"
#include "export.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::observability {

/// What was measured, and what could not be: either, or both where it has several parts.
struct Measured {
    Measured() = default;
    Measured(const Result<double> &result)
        : value(result ? std::optional(*result) : std::nullopt)
        , error(result ? std::nullopt : std::optional(result.error()))
    {
    }

    std::optional<double> value;
    std::optional<Error> error;
};

/// Measures how much of this machine is in use. All values are percent, 0 to 100.
///
/// For one thread.
class TRENDSCOPE_OBSERVABILITY_EXPORT SystemCollector {
public:
    using Clock = std::chrono::steady_clock;

    /// `procRoot` is /proc, or a folder with files of the same form. CPU time counts from here on.
    SystemCollector(std::vector<std::string> mountPoints, std::filesystem::path procRoot = "/proc");

    void setMountPoints(std::vector<std::string> mountPoints);

    /// Share of CPU time not idle since the previous answer (the first: since construction; before
    /// the kernel's first tick: since boot). Asked again within a second it answers the same, so
    /// that two scrapers don't shorten each other's interval. Waiting for a disk counts as idle.
    Result<double> cpuPercent(Clock::time_point now);

    /// MemTotal less MemAvailable, of MemTotal.
    Result<double> memoryPercent() const;

    /// Of the fullest mount point: used, of used and available to users, as `df` counts; not
    /// rounded up, as `df` does. One that can not be read does not hide the others.
    Measured diskPercent() const;

private:
    struct CpuTime {
        double busy = 0; ///< ticks, of all processors together
        double total = 0;
    };
    Result<CpuTime> readCpuTime() const;

    std::vector<std::string> m_mountPoints;
    const std::filesystem::path m_procRoot;
    CpuTime m_previous;
    std::optional<double> m_cpuPercent; ///< the latest answer
    Clock::time_point m_answered;
};

} // namespace trendscope::observability
