#include "ui/logs/log_reader.h"

#include <QMutexLocker>

#include <filesystem>
#include <iterator>
#include <utility>

namespace trendscope::ui {
namespace {

using namespace std::chrono_literals;

constexpr auto pollInterval = 100ms;
constexpr std::size_t pollBudget = 32 << 20;

std::vector<std::filesystem::path> pathsOf(const QStringList &files)
{
    std::vector<std::filesystem::path> paths;
    for (const QString &file : files)
        paths.emplace_back(file.toStdString());
    return paths;
}

std::vector<LogSource> sourcesOf(const logs::Follower &follower)
{
    std::vector<LogSource> sources;
    for (const logs::Tail &tail : follower.tails()) {
        const auto &error = tail.error();
        const QString problem = error ? QString::fromStdString(error->message) : QString();
        sources.push_back({QString::fromStdString(tail.path().string()), tail.state(), problem});
    }
    return sources;
}

} // namespace

LogReader::LogReader(QStringList files, QObject *parent)
    : QThread(parent)
    , m_files(std::move(files))
{
    setObjectName(QStringLiteral("log reader"));
}

LogReader::~LogReader()
{
    {
        const QMutexLocker locker(&m_mutex);
        m_stops = true;
        m_changed.wakeAll();
    }
    wait();
}

LogBatch LogReader::take(std::size_t limit)
{
    const QMutexLocker locker(&m_mutex);
    LogBatch batch;
    batch.sources = m_pending.sources;
    batch.counters = m_pending.counters;
    const auto begin = m_pending.records.begin() + static_cast<std::ptrdiff_t>(m_taken);
    const std::size_t count = std::min(limit, m_pending.records.size() - m_taken);
    batch.records.assign(std::make_move_iterator(begin),
                         std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count)));
    m_taken += count;
    batch.hasMore = m_taken < m_pending.records.size();
    if (!batch.hasMore) {
        m_pending.records.clear();
        m_taken = 0;
        m_changed.wakeAll();
    }
    return batch;
}

void LogReader::run()
{
    using Clock = logs::Follower::Clock;
    logs::Follower follower(pathsOf(m_files), Clock::now());
    std::vector<logs::Record> records;
    bool hasMore = false;
    do {
        hasMore = follower.poll(pollBudget, Clock::now(), records);
        publish(follower, records);
    } while (waitForNextPoll(hasMore));
}

void LogReader::publish(const logs::Follower &follower, std::vector<logs::Record> &records)
{
    std::vector<LogSource> sources = sourcesOf(follower);
    const logs::Follower::Counters counters = follower.counters(logs::Follower::Clock::now());
    {
        const QMutexLocker locker(&m_mutex);
        const bool isNews = !records.empty() || sources != m_pending.sources
            || counters.recordsPerSecond != m_pending.counters.recordsPerSecond;
        if (!isNews)
            return;
        m_pending.sources = std::move(sources);
        m_pending.counters = counters;
        m_pending.records.swap(records);
    }
    records.clear();
    Q_EMIT batchReady();
}

/// False when the thread is to end.
bool LogReader::waitForNextPoll(bool hasMore)
{
    const QMutexLocker locker(&m_mutex);
    while (!m_stops && !m_pending.records.empty())
        m_changed.wait(&m_mutex);
    if (!m_stops && !hasMore)
        m_changed.wait(&m_mutex, QDeadlineTimer(pollInterval));
    return !m_stops;
}

} // namespace trendscope::ui
