#include "core/observability/pipeline_p.h"

#include <spdlog/logger.h>

#include <array>

namespace trendscope::observability {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t largestQueue = 1'000'000;

constinit thread_local bool s_isInErrorHandler [[gnu::tls_model("initial-exec")]] = false;

constexpr std::array spdlogLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                  spdlog::level::err, spdlog::level::critical};

spdlog::level::level_enum toSpdlog(Level level)
{
    return spdlogLevels[static_cast<std::size_t>(level)];
}

LogFileSettings fileSettings(const LogSettings &settings)
{
    LogFileSettings file{
        .file = settings.file, .rotation = settings.rotation, .flushWithin = settings.flushWithin};
    if (settings.onError) {
        file.onError = [handler = settings.onError](const Error &error) {
            // What the handler logs may fail, too, and would call it again.
            if (s_isInErrorHandler)
                return;
            struct Mark {
                Mark() { s_isInErrorHandler = true; }
                ~Mark() { s_isInErrorHandler = false; }
            } const mark;
            handler(error);
        };
    }
    return file;
}

} // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::create(LogSettings settings)
{
    auto redactor = Redactor::create(settings.redaction);
    if (!redactor)
        return tl::unexpected(redactor.error());
    if (settings.async && (settings.async->queue == 0 || settings.async->queue > largestQueue))
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    "A log queue of " + std::to_string(settings.async->queue)
                                        + " records is not possible; 1 to "
                                        + std::to_string(largestQueue) + " are",
                                    {}});
    return std::unique_ptr<Pipeline>(new Pipeline(std::move(settings), *redactor));
}

Pipeline::Pipeline(LogSettings settings, const Redactor &redactor)
    : m_settings(std::move(settings))
    , m_redactor(redactor)
    , m_sink(std::make_shared<LineSink>(fileSettings(m_settings), m_settings.json))
    , m_isColoured(m_sink->file().isTerminal())
    , m_logger(std::make_shared<spdlog::logger>(std::string(), m_sink))
{
    m_logger->set_level(spdlog::level::trace); // ours was asked already
    m_logger->set_error_handler([this](const std::string &) { countFailure(); });
    if (m_settings.reopenOnHangup) {
        m_hangups.emplace();
        m_seenHangups = m_hangups->count();
    }
    if (m_settings.metrics)
        addMetrics();
    if (m_settings.async)
        m_queue.emplace(*m_settings.async, [this](const LogQueue::Item &item) {
            m_logger->log(item.time, {}, toSpdlog(item.level), item.text);
        });
}

Pipeline::~Pipeline()
{
    m_queue.reset(); // its thread ends when it is empty
    m_sink->flush();
    droppedRecords();
}

std::unique_ptr<Pipeline> Pipeline::again(LogSettings settings, bool tellsMetrics) const
{
    settings.metrics = nullptr; // a thread of the parent may have locked it, to add to it
    auto made = create(std::move(settings));
    if (tellsMetrics) {
        (*made)->m_droppedFamily = m_droppedFamily;
        (*made)->m_suppressedFamily = m_suppressedFamily;
    }
    return std::move(*made);
}

bool Pipeline::isInErrorHandler()
{
    return s_isInErrorHandler;
}

void Pipeline::addMetrics()
{
    using Type = MetricDescription::Type;
    m_droppedFamily = &m_settings.metrics->add({.name = "trendscope_log_records_dropped_total",
                                                .type = Type::Counter,
                                                .help = "Log records that could not be written.",
                                                .labels = {"reason"}});
    m_suppressedFamily =
        &m_settings.metrics->add({.name = "trendscope_log_records_suppressed_total",
                                  .type = Type::Counter,
                                  .help = "Log records that a call site's limit held back.",
                                  .labels = {"logger"}});
    m_droppedFamily->increment({"queue"}, 0);
    m_droppedFamily->increment({"write"}, 0);
}

void Pipeline::write(const record::Record &record)
{
    reopenAfterHangup();
    ScratchText scratch;
    std::string &text = scratch.text();
    if (m_settings.json)
        record::appendJson(text, record, m_redactor);
    else
        record::appendReadable(text, record, m_redactor, m_isColoured);
    if (m_queue && !LogQueue::isWriter())
        m_queue->post(record.level, text);
    else
        m_logger->log(toSpdlog(record.level), spdlog::string_view_t(text));
    if (m_droppedFamily)
        droppedRecords();
}

void Pipeline::reopenAfterHangup()
{
    if (!m_hangups)
        return;
    const unsigned count = m_hangups->count();
    unsigned seen = m_seenHangups.load(std::memory_order_relaxed);
    if (seen != count && m_seenHangups.compare_exchange_strong(seen, count))
        reopen();
}

void Pipeline::drain(std::chrono::milliseconds atMost)
{
    if (m_queue && !LogQueue::isWriter() && !s_isInErrorHandler)
        m_queue->drain(atMost);
}

void Pipeline::flush()
{
    drain(24h);
    reopenAfterHangup();
    m_sink->flush();
    droppedRecords();
}

void Pipeline::flushBeforeFork()
{
    drain(1s);
    m_sink->file().flush(1s);
}

void Pipeline::countSuppressed(std::string_view logger)
{
    if (m_suppressedFamily && !m_dropMetrics)
        m_suppressedFamily->increment({logger}, 1);
}

void Pipeline::countFailure()
{
    m_failures.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Pipeline::droppedRecords()
{
    const std::uint64_t byQueue = m_queue ? m_queue->dropped() : 0;
    const std::uint64_t byFile =
        m_sink->file().droppedRecords() + m_failures.load(std::memory_order_relaxed);
    const bool isNews = byQueue != m_toldByQueue.load(std::memory_order_relaxed)
        || byFile != m_toldByFile.load(std::memory_order_relaxed);
    if (m_droppedFamily && isNews && !m_dropMetrics) {
        const std::lock_guard lock(m_metricsMutex);
        const auto tell = [&](std::string_view reason, std::uint64_t count, auto &told) {
            if (count <= told)
                return;
            m_droppedFamily->increment({reason}, static_cast<double>(count - told));
            told = count;
        };
        tell("queue", byQueue, m_toldByQueue);
        tell("write", byFile, m_toldByFile);
    }
    return byQueue + byFile;
}

} // namespace trendscope::observability
