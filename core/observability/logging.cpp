#include "core/observability/logging.h"

#include "core/observability/file_sink_p.h"
#include "core/observability/record_p.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace trendscope::observability {

namespace {

constexpr std::array levelNames{std::string_view("DEBUG"), std::string_view("INFO"),
                                std::string_view("WARNING"), std::string_view("ERROR"),
                                std::string_view("CRITICAL")};

spdlog::level::level_enum toSpdlog(Level level)
{
    switch (level) {
    case Level::Debug:
        return spdlog::level::debug;
    case Level::Info:
        return spdlog::level::info;
    case Level::Warning:
        return spdlog::level::warn;
    case Level::Error:
        return spdlog::level::err;
    case Level::Critical:
        break;
    }
    return spdlog::level::critical;
}

std::string upperCase(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::optional<bool> truthOf(std::string_view word)
{
    const std::string upper = upperCase(word);
    if (upper == "TRUE" || upper == "1" || upper == "YES" || upper == "ON")
        return true;
    if (upper == "FALSE" || upper == "0" || upper == "NO" || upper == "OFF")
        return false;
    return {};
}

/// A logger that also knows in which of the two forms its records are carried.
class FormLogger final : public spdlog::logger {
public:
    FormLogger(std::string name, std::shared_ptr<FileSink> sink, bool isJson)
        : spdlog::logger(std::move(name), std::move(sink))
        , json(isJson)
    {
    }
    const bool json;
};

} // namespace

std::string_view nameOf(Level level)
{
    return levelNames[static_cast<std::size_t>(level)];
}

std::optional<Level> levelNamed(std::string_view name)
{
    const auto found = std::find(levelNames.begin(), levelNames.end(), upperCase(name));
    if (found == levelNames.end())
        return {};
    return static_cast<Level>(found - levelNames.begin());
}

LogSettings LogSettings::fromEnvironment(LogSettings defaults)
{
    if (const char *level = std::getenv("LOG_LEVEL"))
        defaults.level = levelNamed(level).value_or(defaults.level);
    if (const char *json = std::getenv("LOG_JSON"))
        defaults.json = truthOf(json).value_or(defaults.json);
    if (const char *file = std::getenv("LOG_FILE"))
        defaults.file = file;
    return defaults;
}

struct Logging::Private {
    LogSettings settings;
    std::shared_ptr<FileSink> sink;
    std::optional<Error> error;
};

Logging::Logging(const LogSettings &settings)
    : d(std::make_unique<Private>())
{
    d->settings = settings;
    if (!settings.file.empty()) {
        auto sink = FileSink::open(settings.file);
        if (sink)
            d->sink = *sink;
        else
            d->error = sink.error();
    }
    if (!d->sink)
        d->sink = FileSink::toStderr();
    if (settings.json)
        d->sink->set_formatter(std::make_unique<record::JsonFormatter>());
    else
        d->sink->set_formatter(std::make_unique<record::ReadableFormatter>(d->sink->isTerminal()));
}

Logging::~Logging() = default;

Logger Logging::logger(std::string name) const
{
    auto logger = std::make_shared<FormLogger>(std::move(name), d->sink, d->settings.json);
    logger->set_level(toSpdlog(d->settings.level));
    return Logger(std::move(logger));
}

const std::optional<Error> &Logging::error() const
{
    return d->error;
}

std::uint64_t Logging::droppedRecords() const
{
    return d->sink->droppedRecords();
}

Logger::Logger(std::shared_ptr<spdlog::logger> logger)
    : m_logger(std::move(logger))
{
}

void Logger::log(Level level, std::string_view message, Fields context, Location location)
{
    if (!m_logger->should_log(toSpdlog(level)))
        return;
    const bool json = static_cast<const FormLogger &>(*m_logger).json;
    const spdlog::source_loc source{location.file_name(), static_cast<int>(location.line()),
                                    location.function_name()};
    m_logger->log(source, toSpdlog(level),
                  spdlog::string_view_t(record::encode(message, context, json)));
}

void Logger::debug(std::string_view message, Fields context, Location location)
{
    log(Level::Debug, message, context, location);
}

void Logger::info(std::string_view message, Fields context, Location location)
{
    log(Level::Info, message, context, location);
}

void Logger::warning(std::string_view message, Fields context, Location location)
{
    log(Level::Warning, message, context, location);
}

void Logger::error(std::string_view message, Fields context, Location location)
{
    log(Level::Error, message, context, location);
}

void Logger::critical(std::string_view message, Fields context, Location location)
{
    log(Level::Critical, message, context, location);
}

} // namespace trendscope::observability
