#pragma once

#include "../result.h"
#include "export.h"
#include "value.h"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace trendscope::observability {

enum class Level { Debug, Info, Warning, Error, Critical };

/// DEBUG, INFO, WARNING, ERROR, CRITICAL.
TRENDSCOPE_OBSERVABILITY_EXPORT std::string_view nameOf(Level level);
/// The level of such a name, in any case; nothing when there is none of it.
TRENDSCOPE_OBSERVABILITY_EXPORT std::optional<Level> levelNamed(std::string_view name);

/// What is logged, how, and where to.
struct TRENDSCOPE_OBSERVABILITY_EXPORT LogSettings {
    Level level = Level::Info; ///< records below it are not written
    bool json = true; ///< one JSON object a line; else a line for reading, coloured on a terminal
    std::filesystem::path file = {}; ///< appended to, created when absent; empty: stderr

    /// `defaults`, overridden by LOG_LEVEL, LOG_JSON and LOG_FILE. A value that makes no sense is
    /// ignored.
    static LogSettings fromEnvironment(LogSettings defaults);
};

/// Writes records under one name. Cheap to copy, thread safe; outlives its Logging.
///
/// Message, keys and values may hold any bytes: what is written is always one line, and valid JSON
/// where JSON was asked for. A record is written with one write(2), so lines of several processes
/// don't mix.
class TRENDSCOPE_OBSERVABILITY_EXPORT Logger {
public:
    using Fields = std::initializer_list<Field>;
    using Location = std::source_location;

    void debug(std::string_view message, Fields context = {},
               Location location = Location::current());
    void info(std::string_view message, Fields context = {},
              Location location = Location::current());
    void warning(std::string_view message, Fields context = {},
                 Location location = Location::current());
    void error(std::string_view message, Fields context = {},
               Location location = Location::current());
    void critical(std::string_view message, Fields context = {},
                  Location location = Location::current());
    void log(Level level, std::string_view message, Fields context = {},
             Location location = Location::current());

private:
    friend class Logging;
    explicit Logger(std::shared_ptr<spdlog::logger> logger);

    std::shared_ptr<spdlog::logger> m_logger;
};

/// Owns where records go. Thread safe.
class TRENDSCOPE_OBSERVABILITY_EXPORT Logging {
public:
    /// Never fails: when the file can not be opened, records go to stderr and error() says why.
    explicit Logging(const LogSettings &settings = {});
    ~Logging();

    Logger logger(std::string name) const;

    const std::optional<Error> &error() const;

    /// How many records could not be written, e.g. to a full disk.
    std::uint64_t droppedRecords() const;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::observability
