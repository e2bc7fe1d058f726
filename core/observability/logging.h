#pragma once

#include "../result.h"
#include "export.h"
#include "level.h"
#include "log_settings.h"
#include "logger.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace trendscope::observability {

/// Owns where records go. Thread safe.
class TRENDSCOPE_OBSERVABILITY_EXPORT Logging {
public:
    /// Never fails. While the file can not be opened records go to stderr, and error() says why. A
    /// setting that makes no sense is left out, which is logged.
    explicit Logging(const LogSettings &settings = {});
    ~Logging(); ///< flushes
    Logging(const Logging &) = delete;
    Logging &operator=(const Logging &) = delete;

    /// Flushes, and goes on with other settings; loggers that were made before follow. Not from
    /// within LogSettings::onError. Errors: Invalid; everything stays as it was then.
    Result<void> configure(LogSettings settings);
    void setLevel(Level level); ///< for all of its loggers, at once
    Level level() const;

    Logger logger(std::string name) const;

    /// Writes what was logged before the call, also what waits in the queue.
    void flush();
    /// Closes the file and opens its path anew, for logrotate.
    void reopen();

    /// Why records can not be written now.
    std::optional<Error> error() const;
    /// How many records were lost, to an outage or to a full queue.
    std::uint64_t droppedRecords() const;
    /// How many records the limits of call sites held back.
    std::uint64_t suppressedRecords() const;

private:
    friend TRENDSCOPE_OBSERVABILITY_EXPORT Logging &logging();

    const std::shared_ptr<LogCore> d;
};

/// The process-wide Logging, for programs that don't pass one around. Before setupLogging() it
/// writes to stderr, or as LOG_LEVEL, LOG_JSON and LOG_FILE say. Never destroyed; flushed at the
/// program's exit, from when on each record is written through.
TRENDSCOPE_OBSERVABILITY_EXPORT Logging &logging();
/// `logging().configure(settings)`; LOG_LEVEL, LOG_JSON and LOG_FILE override. Losses are counted
/// in metrics() unless `settings.metrics` says where. Errors: Invalid.
TRENDSCOPE_OBSERVABILITY_EXPORT Result<void> setupLogging(LogSettings settings = {});
/// `logging().logger(name)`, e.g. `trend_agent.api`.
TRENDSCOPE_OBSERVABILITY_EXPORT Logger logger(std::string name);

} // namespace trendscope::observability
