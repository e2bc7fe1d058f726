#include "core/observability/logging.h"

#include "core/observability/log_core_p.h"
#include "core/observability/metrics.h"

#include <cstdlib>

namespace trendscope::observability {

namespace {

constexpr const char *ownName = "trendscope.logging";

/// The environment overrides; what is lost is counted in the process-wide metrics.
LogSettings processWide(LogSettings settings)
{
    if (!settings.metrics)
        settings.metrics = &metrics();
    return LogSettings::fromEnvironment(std::move(settings));
}

void warnOf(const std::vector<std::string> &problems, const Logger &logger)
{
    for (const std::string &problem : problems)
        logger.warning(problem);
}

} // namespace

Logger::Logger(std::shared_ptr<const LoggerState> state)
    : m_state(std::move(state))
    , m_level(&m_state->core->level())
{
}

void Logger::write(Level level, std::string_view message, FieldSpan fields, Location location,
                   const CallSiteLimit *limit) const noexcept
{
    try {
        m_state->core->write(*m_state, {level, message, fields, location, limit});
    } catch (...) {
        m_state->core->countFailure();
    }
}

Logging::Logging(const LogSettings &settings)
    : d(std::make_shared<LogCore>(settings))
{
    forks::add(d);
    warnOf(d->problems(), logger(ownName));
}

Logging::~Logging()
{
    d->release();
}

Result<void> Logging::configure(LogSettings settings)
{
    const std::vector<std::string> problems = std::move(settings.problems);
    settings.problems.clear();
    auto done = d->configure(std::move(settings));
    if (done)
        warnOf(problems, logger(ownName));
    return done;
}

void Logging::setLevel(Level level)
{
    d->setLevel(level);
}

Level Logging::level() const
{
    return static_cast<Level>(d->level().load());
}

Logger Logging::logger(std::string name) const
{
    return Logger(std::make_shared<const LoggerState>(d, std::move(name)));
}

void Logging::flush()
{
    d->flush();
}

void Logging::reopen()
{
    d->reopen();
}

std::optional<Error> Logging::error() const
{
    return d->error();
}

std::uint64_t Logging::droppedRecords() const
{
    return d->droppedRecords();
}

std::uint64_t Logging::suppressedRecords() const
{
    return d->suppressedRecords();
}

Logging &logging()
{
    // Never destroyed: objects that end after main() may log.
    static Logging *const instance = [] {
        auto *const made = new Logging(processWide({}));
        std::atexit([] { logging().d->writeThrough(); });
        return made;
    }();
    return *instance;
}

Result<void> setupLogging(LogSettings settings)
{
    return logging().configure(processWide(std::move(settings)));
}

Logger logger(std::string name)
{
    return logging().logger(std::move(name));
}

} // namespace trendscope::observability
