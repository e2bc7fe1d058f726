#include "core/observability/log_core_p.h"

#include <vector>

namespace trendscope::observability {

namespace {

/// Of parents. Never destroyed: they would wait for their threads.
void leaveBehind(Pipeline *pipeline)
{
    static auto *const all = new std::vector<Pipeline *>;
    all->push_back(pipeline);
    pipeline->leaveBehind();
}

LogSettings writtenThrough(LogSettings settings)
{
    settings.async.reset();
    settings.flushWithin = std::chrono::milliseconds(0);
    settings.metrics = nullptr;
    return settings;
}

} // namespace

/// Without what makes no sense: a program that can not log what is wrong is of no use.
LogCore::Start LogCore::start(LogSettings settings)
{
    std::vector<std::string> problems = std::move(settings.problems);
    settings.problems.clear();
    auto made = Pipeline::create(settings);
    if (!made) {
        problems.push_back(made.error().message);
        std::vector<std::string> patterns = std::move(settings.redaction.patterns);
        settings.redaction.patterns.clear();
        for (std::string &pattern : patterns) {
            if (Redactor::create({.patterns = {pattern}}))
                settings.redaction.patterns.push_back(std::move(pattern));
        }
        std::erase_if(settings.redaction.keys,
                      [](const std::string &key) { return !Redactor::create({.keys = {key}}); });
        if (settings.async)
            settings.async = AsyncSettings{.queueBytes = settings.async->queueBytes,
                                           .overflow = settings.async->overflow};
        made = Pipeline::create(settings);
    }
    return {std::move(*made), std::move(problems)};
}

LogCore::LogCore(const LogSettings &settings)
    : LogCore(start(settings))
{
}

LogCore::LogCore(Start start)
    : m_level(static_cast<int>(start.pipeline->settings().level))
    , m_problems(std::move(start.problems))
    , m_pipeline(std::move(start.pipeline))
{
}

LogCore::~LogCore()
{
    const std::lock_guard lock(forks::mutex());
    if (isOfParent())
        leaveBehind(m_pipeline.leaveBehind(nullptr));
}

void LogCore::leaveParent()
{
    const std::lock_guard lock(forks::mutex());
    if (!isOfParent())
        return;
    const Pipeline &former = m_pipeline.inParent();
    leaveBehind(m_pipeline.leaveBehind(m_isWriteThrough
                                           ? former.again(writtenThrough(former.settings()), false)
                                           : former.again(former.settings(), !m_isReleased)));
    m_forks.store(forks::count(), std::memory_order_release);
}

void LogCore::flushBeforeFork()
{
    if (!isOfParent())
        m_pipeline.use()->flushBeforeFork();
}

Result<void> LogCore::configure(LogSettings settings)
{
    if (Pipeline::isInErrorHandler())
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "Logging can not be set up by the handler of its errors; do it elsewhere",
                  {}});
    const Level level = settings.level;
    auto next = Pipeline::create(std::move(settings));
    if (!next)
        return tl::unexpected(next.error());
    setLevel(level);
    flush(); // before anything that the new one writes
    replace(std::move(*next));
    return {};
}

void LogCore::replace(std::unique_ptr<Pipeline> next)
{
    const std::unique_ptr<Pipeline> former = m_pipeline.replace(std::move(next));
    former->flush();
    m_droppedBefore += former->droppedRecords();
}

void LogCore::writeThrough()
{
    m_isWriteThrough = true;
    if (isOfParent())
        return; // nothing waits
    m_pipeline.use()->dropMetrics();
    if (auto next = Pipeline::create(writtenThrough(m_pipeline.use()->settings()))) {
        flush();
        replace(std::move(*next));
    }
}

void LogCore::release()
{
    m_isReleased = true;
    if (isOfParent())
        return;
    flush();
    m_pipeline.use()->dropMetrics();
    m_pipeline.settle();
}

void LogCore::write(const LoggerState &logger, const LogCall &call)
{
    const auto pipeline = use();
    const CallSite &site = m_sites.at(call.location);
    const CallSiteLimit *const limit = call.limit ? call.limit
        : pipeline->settings().limit              ? &*pipeline->settings().limit
                                                  : nullptr;
    if (limit && !site.admits(*limit)) {
        m_suppressed.fetch_add(1, std::memory_order_relaxed);
        pipeline->countSuppressed(logger.text);
        return;
    }
    pipeline->write({.level = call.level,
                     .logger = logger.name,
                     .message = call.message,
                     .fields = call.fields,
                     .context = ContextNode::current(),
                     .site = site,
                     .suppressed = site.takeSuppressed()});
}

} // namespace trendscope::observability
