#pragma once

#include "core/logs/follower.h"

#include <QMutex>
#include <QStringList>
#include <QThread>
#include <QWaitCondition>

#include <vector>

namespace trendscope::ui {

/// How one followed file is doing.
struct LogSource {
    QString path;
    logs::Tail::State state = logs::Tail::State::Waiting;
    QString problem; ///< why it cannot be read; empty unless state is Failed

    bool operator==(const LogSource &) const = default;
};

/// What a reader has for the window.
struct LogBatch {
    std::vector<logs::Record> records;
    std::vector<LogSource> sources;
    logs::Follower::Counters counters;
    bool hasMore = false; ///< call again: there are records that did not fit
};

/// Reads and parses log files in a thread of its own.
///
/// It reads on only when what it read was taken, so a window that is busy slows the reading and
/// fills no memory. Construct, destroy and take() in the window's thread; destruction waits for the
/// thread, some milliseconds.
class LogReader final : public QThread {
    Q_OBJECT

public:
    explicit LogReader(QStringList files, QObject *parent = nullptr);
    ~LogReader() override;

    /// At most `limit` records, the oldest first.
    LogBatch take(std::size_t limit);

Q_SIGNALS:
    /// There is something to take: records, another state of a file, or another rate.
    void batchReady();

protected:
    void run() override;

private:
    void publish(const logs::Follower &follower, std::vector<logs::Record> &records);
    bool waitForNextPoll(bool hasMore);

    QStringList m_files;
    QMutex m_mutex; // guards what is below
    QWaitCondition m_changed;
    LogBatch m_pending;
    std::size_t m_taken = 0; // records of m_pending that were taken
    bool m_stops = false;
};

} // namespace trendscope::ui
