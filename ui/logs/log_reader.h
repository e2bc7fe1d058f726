#pragma once

#include "core/logs/follower.h"
#include "core/net/http.h"
#include "ui/logs/log_source.h"

#include <QHash>
#include <QMutex>
#include <QStringList>
#include <QThread>

#include <vector>

namespace trendscope::ui {

/// What a reader has for the window.
struct LogBatch {
    std::vector<logs::Record> records;
    std::vector<LogSource> sources; ///< in the order of the locations, files first
    QList<LogFile> files;           ///< Record::source() is an index of it
    logs::Follower::Counters counters;
    bool hasMore = false; ///< call again: there are records that did not fit
};

/// Reads and parses log files, and streams of agents, in a thread of its own.
///
/// It reads on only when what it read was taken, so a window that is busy slows the reading and
/// fills no memory; an agent then drops records, and says so. Construct, destroy and take() in the
/// window's thread; destruction waits for the thread, some milliseconds.
class LogReader final : public QThread {
    Q_OBJECT

public:
    /// Headers that go with the requests to a location.
    using Headers = QHash<QString, net::Headers>;

    /// `locations` are files, and http or https addresses of streams.
    explicit LogReader(QStringList locations, Headers headers = {}, QObject *parent = nullptr);
    ~LogReader() override;

    /// At most `limit` records, the oldest first.
    LogBatch take(std::size_t limit);

Q_SIGNALS:
    /// There is something to take: records, another state of a file, or another rate.
    void batchReady();
    void taken(); ///< all that was ready: it reads on

protected:
    void run() override;

private:
    class Worker;

    bool hasRoom();
    void publish(LogBatch batch);

    const QStringList m_locations;
    const Headers m_headers;
    QMutex m_mutex; // guards what is below
    LogBatch m_pending;
    std::size_t m_taken = 0; // records of m_pending that were taken
};

} // namespace trendscope::ui
