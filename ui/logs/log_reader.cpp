#include "ui/logs/log_reader.h"

#include "core/net/access.h"
#include "ui/logs/stream_source.h"

#include <QMutexLocker>
#include <QTimer>

#include <filesystem>
#include <iterator>
#include <utility>

namespace trendscope::ui {
namespace {

using namespace std::chrono_literals;

constexpr auto pollInterval = 100ms;
constexpr std::size_t pollBudget = 32 << 20;
constexpr std::size_t streamBudget = 1 << 20;

constexpr std::size_t mostFiles = 10'000; // that are told apart; sources are numbers of 16 bits

std::vector<std::filesystem::path> filesOf(const QStringList &locations)
{
    std::vector<std::filesystem::path> paths;
    for (const QString &location : locations) {
        if (!StreamSource::isStream(location))
            paths.emplace_back(location.toStdString());
    }
    return paths;
}

LogSource sourceOf(const logs::Tail &tail)
{
    const auto &error = tail.error();
    const QString path = QString::fromStdString(tail.path().string());
    return {.path = path,
            .name = path.section(u'/', -1),
            .state = tail.state(),
            .problem = error ? QString::fromStdString(error->message) : QString()};
}

} // namespace

/// What runs in the thread.
class LogReader::Worker : public QObject {
public:
    explicit Worker(LogReader &reader)
        : m_reader(reader)
        , m_follower(filesOf(reader.m_locations), Clock::now())
    {
        for (const logs::Tail &tail : m_follower.tails())
            m_files.append({.path = QString::fromStdString(tail.path().string())});
        for (const QString &location : reader.m_locations) {
            if (StreamSource::isStream(location))
                addStream(location);
        }
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, &Worker::poll);
        connect(&reader, &LogReader::taken, this, [this] {
            if (std::exchange(m_isWaiting, false))
                poll();
        });
        poll();
    }

private:
    using Clock = logs::Follower::Clock;

    void addStream(const QString &location)
    {
        const auto addFile = [this](const LogFile &file) {
            if (m_files.size() < static_cast<qsizetype>(mostFiles))
                m_files.append(file);
            return static_cast<std::uint16_t>(m_files.size() - 1);
        };
        m_streams.push_back(
            std::make_unique<StreamSource>(QUrl(location), m_reader.m_headers.value(location),
                                           m_network.manager(), addFile, Clock::now()));
    }

    void poll()
    {
        if (!m_reader.hasRoom()) {
            m_isWaiting = true;
            return;
        }
        const auto now = Clock::now();
        LogBatch batch;
        bool hasMore = m_follower.poll(pollBudget, now, batch.records);
        batch.counters = m_follower.counters(now);
        for (const logs::Tail &tail : m_follower.tails())
            batch.sources.push_back(sourceOf(tail));
        for (const auto &stream : m_streams) {
            hasMore = stream->poll(now, streamBudget, batch.records) || hasMore;
            stream->addTo(batch.counters, now);
            batch.sources.push_back(stream->status());
        }
        batch.files = m_files;
        m_reader.publish(std::move(batch));
        m_timer.start(hasMore ? 0ms : pollInterval);
    }

    LogReader &m_reader;
    logs::Follower m_follower;
    net::Access m_network;
    std::vector<std::unique_ptr<StreamSource>> m_streams;
    QList<LogFile> m_files;
    QTimer m_timer;
    bool m_isWaiting = false; ///< for the window to take what there is
};

LogReader::LogReader(QStringList locations, Headers headers, QObject *parent)
    : QThread(parent)
    , m_locations(std::move(locations))
    , m_headers(std::move(headers))
{
    setObjectName(QStringLiteral("log reader"));
}

LogReader::~LogReader()
{
    quit();
    wait();
}

LogBatch LogReader::take(std::size_t limit)
{
    QMutexLocker locker(&m_mutex);
    LogBatch batch;
    batch.sources = m_pending.sources;
    batch.files = m_pending.files;
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
        locker.unlock();
        Q_EMIT taken();
    }
    return batch;
}

void LogReader::run()
{
    Worker worker(*this);
    exec();
}

bool LogReader::hasRoom()
{
    const QMutexLocker locker(&m_mutex);
    return m_pending.records.empty();
}

void LogReader::publish(LogBatch batch)
{
    {
        const QMutexLocker locker(&m_mutex);
        const bool isNews = !batch.records.empty() || batch.sources != m_pending.sources
            || batch.counters.recordsPerSecond != m_pending.counters.recordsPerSecond;
        if (!isNews)
            return;
        m_pending = std::move(batch);
    }
    Q_EMIT batchReady();
}

} // namespace trendscope::ui
