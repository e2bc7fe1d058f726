#pragma once

#include "../result.h"
#include "export.h"
#include "level.h"
#include "redaction.h"
#include "rotation.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::observability {

class Registry;

/// A thread of its own writes the records; calls only put them into a queue.
struct AsyncSettings {
    /// What a call does when the queue is full: wait, or throw away what has waited longest, which
    /// is counted.
    enum class Overflow { Block, DropOldest };

    std::size_t queue = 8192;            ///< records, 1 to 1,000,000
    std::size_t queueBytes = 64UL << 20; ///< of their text; one that is larger goes alone
    Overflow overflow = Overflow::Block;
};

/// How many records one call site (file, line, column) may write. The next one that is written
/// carries the number of those that were not, as `suppressed`.
struct CallSiteLimit {
    unsigned perSecond = 0; ///< the first ones in each second
    unsigned thenEvery = 0; ///< of those beyond, counted on over the seconds, the 1st, then each
                            ///< n-th; 0: none. When both are 0 there is no limit.
};

/// What is logged, how, and where to.
struct TRENDSCOPE_OBSERVABILITY_EXPORT LogSettings {
    Level level = Level::Info; ///< records below it are not written
    bool json = true; ///< one JSON object a line; else a line for reading, coloured on a terminal
    std::filesystem::path file = {}; ///< appended to, created when absent; empty: stderr
    Rotation rotation = {};
    /// How long a record may wait in memory, where a crash loses it. 0: none does, each is written
    /// before the call returns. ERROR and CRITICAL never wait.
    std::chrono::milliseconds flushWithin{100};
    std::optional<AsyncSettings> async = {};
    RedactionSettings redaction = {};
    std::optional<CallSiteLimit> limit = {}; ///< of every call site that says nothing else
    bool reopenOnHangup = false; ///< SIGHUP reopens the file, for logrotate, at the next record
    /// Gets trendscope_log_records_dropped_total{reason} and
    /// trendscope_log_records_suppressed_total{logger}. Must outlive the Logging.
    Registry *metrics = nullptr;
    /// Called once for an outage, by whichever thread noticed it. It may log.
    std::function<void(const Error &)> onError = {};
    /// What made no sense in the environment; logged as warnings at the start.
    std::vector<std::string> problems = {};

    /// `defaults`, overridden by LOG_LEVEL, LOG_JSON and LOG_FILE. A value that makes no sense is
    /// ignored and told in `problems`.
    static LogSettings fromEnvironment(LogSettings defaults);
};

} // namespace trendscope::observability
