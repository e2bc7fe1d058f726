#pragma once

#include "export.h"
#include "level.h"
#include "log_settings.h"
#include "value.h"

#include <atomic>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <span>
#include <string_view>

namespace trendscope::observability {

class LimitedLogger;
class LogCore;
struct LoggerState;

/// A method for each level. Where a call is, is filled in by itself.
template <class Self>
class LogMethods {
public:
    using Fields = std::initializer_list<Field>;
    using FieldSpan = std::span<const Field>; ///< of fields that are known at run time only
    using Location = std::source_location;

    void debug(std::string_view message, Fields fields = {},
               Location location = Location::current()) const
    {
        self().log(Level::Debug, message, fields, location);
    }
    void debug(std::string_view message, FieldSpan fields,
               Location location = Location::current()) const
    {
        self().log(Level::Debug, message, fields, location);
    }
    void info(std::string_view message, Fields fields = {},
              Location location = Location::current()) const
    {
        self().log(Level::Info, message, fields, location);
    }
    void info(std::string_view message, FieldSpan fields,
              Location location = Location::current()) const
    {
        self().log(Level::Info, message, fields, location);
    }
    void warning(std::string_view message, Fields fields = {},
                 Location location = Location::current()) const
    {
        self().log(Level::Warning, message, fields, location);
    }
    void warning(std::string_view message, FieldSpan fields,
                 Location location = Location::current()) const
    {
        self().log(Level::Warning, message, fields, location);
    }
    void error(std::string_view message, Fields fields = {},
               Location location = Location::current()) const
    {
        self().log(Level::Error, message, fields, location);
    }
    void error(std::string_view message, FieldSpan fields,
               Location location = Location::current()) const
    {
        self().log(Level::Error, message, fields, location);
    }
    void critical(std::string_view message, Fields fields = {},
                  Location location = Location::current()) const
    {
        self().log(Level::Critical, message, fields, location);
    }
    void critical(std::string_view message, FieldSpan fields,
                  Location location = Location::current()) const
    {
        self().log(Level::Critical, message, fields, location);
    }

private:
    const Self &self() const { return static_cast<const Self &>(*this); }
};

/// Writes records under one name. Cheap to copy, thread safe; outlives its Logging.
///
/// Message, keys and values may hold any bytes: what is written is always one line, and valid JSON
/// where JSON was asked for. The record's `context` has the fields of the thread's LogContext, then
/// those of the call; where a key comes twice the last one counts. Secrets are masked, see
/// RedactionSettings.
///
/// No call throws or fails: what can not be written is counted, see Logging::droppedRecords(). A
/// call below the level costs 1 to 2 ns, one that is written some hundred.
class TRENDSCOPE_OBSERVABILITY_EXPORT Logger : public LogMethods<Logger> {
public:
    Logger(const Logger &) = default; // no move: a logger always has where to write to
    Logger &operator=(const Logger &) = default;

    bool isEnabled(Level level) const
    {
        return static_cast<int>(level) >= m_level->load(std::memory_order_relaxed);
    }
    void log(Level level, std::string_view message, Fields fields = {},
             Location location = Location::current()) const
    {
        if (isEnabled(level))
            write(level, message, {fields.begin(), fields.size()}, location, nullptr);
    }
    void log(Level level, std::string_view message, FieldSpan fields,
             Location location = Location::current()) const
    {
        if (isEnabled(level))
            write(level, message, fields, location, nullptr);
    }

    /// The same logger with a limit for the call site that uses it:
    /// `log.limited({.perSecond = 5}).warning("Slow")`.
    [[nodiscard]] LimitedLogger limited(CallSiteLimit limit) const;
    /// Only the first and then each n-th record of the call site.
    [[nodiscard]] LimitedLogger sampled(unsigned every) const;

private:
    friend class LimitedLogger;
    friend class Logging;
    explicit Logger(std::shared_ptr<const LoggerState> state);
    void write(Level level, std::string_view message, FieldSpan fields, Location location,
               const CallSiteLimit *limit) const noexcept;

    std::shared_ptr<const LoggerState> m_state;
    const std::atomic<int> *m_level; ///< the state's: one load less in the calls below the level
};

/// See Logger::limited().
class LimitedLogger : public LogMethods<LimitedLogger> {
public:
    void log(Level level, std::string_view message, Fields fields = {},
             Location location = Location::current()) const
    {
        log(level, message, FieldSpan(fields.begin(), fields.size()), location);
    }
    void log(Level level, std::string_view message, FieldSpan fields,
             Location location = Location::current()) const
    {
        if (m_logger.isEnabled(level))
            m_logger.write(level, message, fields, location, &m_limit);
    }

private:
    friend class Logger;
    LimitedLogger(const Logger &logger, CallSiteLimit limit)
        : m_logger(logger)
        , m_limit(limit)
    {
    }

    const Logger m_logger; // a copy: the one it was asked of may be a temporary
    const CallSiteLimit m_limit;
};

inline LimitedLogger Logger::limited(CallSiteLimit limit) const
{
    return {*this, limit};
}

inline LimitedLogger Logger::sampled(unsigned every) const
{
    return {*this, {.thenEvery = every}};
}

} // namespace trendscope::observability
