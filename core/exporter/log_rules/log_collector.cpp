#include "core/exporter/log_rules/log_collector.h"

#include "core/exporter/log_rules/log_line_counter_p.h"
#include "core/logs/file_watch.h"
#include "core/logs/line_follower.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
using observability::MetricDescription;
using Clock = Collector::Clock;

// Where inotify does not tell, as of remote file systems:
constexpr auto readInterval = 1s;
constexpr auto scanInterval = 5s;
constexpr auto awaitedScanInterval = 1s;    // while someone waits
constexpr auto pauseAfterRead = 50ms;       // so that a busy writer does not wake us for each line
constexpr std::size_t readBudget = 4 << 20; // bytes; some milliseconds

MetricDescription counter(std::string name, std::string help)
{
    return {
        .name = std::move(name), .type = MetricDescription::Type::Counter, .help = std::move(help)};
}

MetricDescription gauge(std::string name, std::string help)
{
    return {.name = std::move(name), .help = std::move(help)};
}

} // namespace

class LogCollector::Worker {
public:
    Worker(config::LogMetrics settings, observability::Registry &registry,
           observability::Logger logger, std::shared_ptr<LogSeries> series)
        : m_settings(std::move(settings))
        , m_logger(std::move(logger))
        , m_counter(m_settings, std::move(series))
        , m_follower(followerSettings(), loadedCheckpoint())
        , m_checkpoint(m_settings.checkpoint)
        , m_up(registry.add<observability::Gauge>(
              gauge("trendscope_logs_up", "Whether all log files can be read: 1 or 0.")))
        , m_files(registry.add<observability::Gauge>(
              gauge("trendscope_log_files", "Log files that are followed.")))
        , m_unread(registry.add<observability::Gauge>(gauge(
              "trendscope_log_unread_bytes", "Bytes of log files that are still to be read.")))
        , m_rotations(registry.add<observability::Counter>(
              counter("trendscope_log_rotations_total", "Log files that were rotated.")))
        , m_lost(registry.add<observability::Counter>(
              counter("trendscope_log_files_lost_total",
                      "Log files that were gone before they were read to their end.")))
        , m_thread([this](const std::stop_token &stop) { run(stop); })
    {
    }

    ~Worker()
    {
        m_thread.request_stop();
        m_watch.wake();
        m_thread.join();
    }

    bool brings(std::string_view metric) const { return m_counter.brings(metric); }

    /// Returns when a round that began after the call has read all there was.
    Result<void> catchUp(Clock::time_point deadline)
    {
        std::unique_lock lock(m_mutex);
        const std::uint64_t wanted = m_begun + 1;
        m_wanted = wanted;
        m_watch.wake();
        m_hasRead.wait_until(lock, deadline, [&] { return m_finished >= wanted; });
        if (m_error)
            return tl::unexpected(*m_error);
        return {};
    }

private:
    logs::LineFollowerSettings followerSettings() const
    {
        return {.globs = m_settings.files,
                .startsAtEnd = m_settings.start == config::LogMetrics::Start::End,
                .lineLimit = m_settings.lineLimit,
                .padding = LogRuleEngine::padding()};
    }

    std::optional<logs::Checkpoint> loadedCheckpoint()
    {
        if (m_settings.checkpoint.empty())
            return {};
        auto loaded = logs::loadCheckpoint(m_settings.checkpoint);
        if (loaded)
            return *loaded;
        m_logger.error("Log files are read as at the first start",
                       {{"reason", loaded.error().message}});
        return {};
    }

    void run(const std::stop_token &stop)
    {
        scan(Clock::now());
        // Killed from here on, we know where the first start began.
        reportSaved(m_checkpoint.write(m_follower.checkpoint()));
        while (!stop.stop_requested()) {
            const bool hasMore = round();
            // While someone waits there is no pause: it is what the wait is for.
            if (!hasMore && !isAwaited())
                m_watch.pause(pauseAfterRead);
            lookForNames(hasMore || isAwaited() ? 0ms : longestWait());
        }
        reportSaved(m_checkpoint.write(m_follower.checkpoint()));
    }

    std::chrono::milliseconds longestWait() const
    {
        return m_watch.isCertain() && !m_checkpoint.isBehind() ? scanInterval : readInterval;
    }

    void lookForNames(std::chrono::milliseconds longest)
    {
        m_haveNamesChanged = m_watch.wait(longest) || m_haveNamesChanged;
    }

    bool isAwaited()
    {
        const std::lock_guard lock(m_mutex);
        return m_finished < m_wanted;
    }

    /// Reads what there is, a part of it when it is much; whether there is more.
    bool round()
    {
        const auto now = Clock::now();
        auto interval = std::chrono::milliseconds(scanInterval);
        {
            const std::lock_guard lock(m_mutex);
            if (m_finished == m_begun)
                ++m_begun;
            if (m_finished < m_wanted)
                interval = awaitedScanInterval;
        }
        lookForNames(0ms); // again: those that came before someone began to wait
        if (std::exchange(m_haveNamesChanged, false) || now - m_scannedAt >= interval)
            scan(now);
        const bool hasMore = m_follower.read(readBudget, now, m_counter);
        reportSaved(m_checkpoint.keep([this] { return m_follower.checkpoint(); }));
        publish();
        const std::lock_guard lock(m_mutex);
        if (!hasMore) {
            m_finished = m_begun;
            m_hasRead.notify_all();
        }
        return hasMore;
    }

    void scan(Clock::time_point now)
    {
        m_scannedAt = now;
        const auto scanned = m_follower.scan(now);
        report(m_scanFailure, scanned, "Log files can not be read");
        m_watch.watch(m_follower.paths(), logs::foldersOf(m_settings.files));
    }

    void reportSaved(const Result<void> &saved)
    {
        report(m_saveFailure, saved, "How far log files were read can not be kept");
    }

    /// Logs when something fails, and when it works again.
    void report(std::optional<Error> &known, const Result<void> &result, std::string_view what)
    {
        if (!result && !known)
            m_logger.error(what, {{"reason", result.error().message}});
        if (result && known)
            m_logger.info("Log files are read again", {{"was", known->message}});
        known = result ? std::nullopt : std::optional(result.error());
        const std::lock_guard lock(m_mutex);
        m_error = m_scanFailure ? m_scanFailure : m_saveFailure;
    }

    void publish()
    {
        const logs::LineFollower::Counts counts = m_follower.counts();
        m_up.set(m_scanFailure || m_saveFailure ? 0 : 1);
        m_files.set(static_cast<double>(counts.files));
        m_unread.set(static_cast<double>(counts.unread));
        m_rotations.increment(static_cast<double>(counts.rotations - m_published.rotations));
        m_lost.increment(static_cast<double>(counts.lost - m_published.lost));
        if (counts.lost > m_published.lost)
            m_logger.warning("Log files were gone before they were read to their end",
                             {{"files", counts.lost - m_published.lost}});
        m_published = counts;
    }

    const config::LogMetrics m_settings;
    observability::Logger m_logger;
    LogLineCounter m_counter;
    logs::LineFollower m_follower;
    logs::CheckpointFile m_checkpoint;
    logs::FileWatch m_watch;
    observability::Gauge m_up;
    observability::Gauge m_files;
    observability::Gauge m_unread;
    observability::Counter m_rotations;
    observability::Counter m_lost;
    logs::LineFollower::Counts m_published;
    bool m_haveNamesChanged = false;
    Clock::time_point m_scannedAt;
    std::optional<Error> m_scanFailure;
    std::optional<Error> m_saveFailure;

    std::mutex m_mutex; ///< of what is below
    std::condition_variable m_hasRead;
    std::uint64_t m_begun = 0; ///< rounds
    std::uint64_t m_finished = 0;
    std::uint64_t m_wanted = 0; ///< by those who wait
    std::optional<Error> m_error;

    std::jthread m_thread; ///< last: it uses all the others
};

LogCollector::LogCollector(config::LogMetrics settings, observability::Registry &registry,
                           observability::Logger logger, std::shared_ptr<LogSeries> series)
    : m_worker(std::make_unique<Worker>(std::move(settings), registry, std::move(logger),
                                        series ? std::move(series)
                                               : std::make_shared<LogSeries>(registry)))
{
}

LogCollector::~LogCollector() = default;

std::span<const std::string_view> LogCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 7> prefixes{
        "trendscope_logs_up",       "trendscope_log_lines_",
        "trendscope_log_errors_",   "trendscope_log_records_skipped_",
        "trendscope_log_files",     "trendscope_log_unread_",
        "trendscope_log_rotations_"};
    return prefixes;
}

bool LogCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || m_worker->brings(metric);
}

Result<void> LogCollector::collect(Clock::time_point deadline)
{
    return m_worker->catchUp(deadline);
}

} // namespace trendscope::exporter
