#pragma once

#include "core/logs/record.h"
#include "core/logs/tail.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace trendscope::ui {

/// How one followed file, or one stream, is doing.
struct LogSource {
    QString path = {}; ///< or address
    QString name = {}; ///< short: of the file, or host and port
    bool isStream = false;
    logs::Tail::State state = logs::Tail::State::Waiting; ///< streams: until the first answer
    QString headline = {};                     ///< a few words for `problem`; of failed streams
    QString problem = {};                      ///< a sentence; empty: there is none
    QString remedy = {};                       ///< what a person can try, a sentence; may be empty
    std::optional<logs::Timestamp> until = {}; ///< what came later is not there; of failed streams

    bool operator==(const LogSource &) const = default;

    bool isFollowing() const { return state == logs::Tail::State::Following; }
    /// It has not answered yet, and is not late.
    bool isConnecting() const { return isStream && state == logs::Tail::State::Waiting; }
    bool hasFailed() const { return !isFollowing() && !isConnecting(); }
};

using LogSources = std::vector<LogSource>;

bool followsAny(const LogSources &sources);
bool hasStreams(const LogSources &sources);

/// What is wrong with it, in one line; empty: nothing is.
QString problemOf(const LogSource &source);

/// `text` with a full stop, where it has none.
QString sentence(const QString &text);

/// "from app.log", "from 3 files"
QString sourcesText(const LogSources &sources);

/// Where a record was written.
struct LogFile {
    QString agent = {}; ///< host and port of the stream that it came through; empty: none
    QString path = {};
};

/// "api-1:9787 /var/log/app.log"
QString textOf(const LogFile &file);
/// As short as they can be told apart: without folders and agent where that is enough.
QStringList labelsOf(const QList<LogFile> &files);

} // namespace trendscope::ui
