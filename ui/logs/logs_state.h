#pragma once

#include "ui/alerts/state_notice.h"
#include "ui/logs/log_source.h"

#include <QStringList>

namespace trendscope::ui {

/// What stands in the place of the list while it is empty.
struct LogsState {
    StateNotice::Kind kind = StateNotice::Kind::Empty;
    QString title = {};
    QString text = {};
    QString action = {};   ///< on the button; may be empty
    QString commands = {}; ///< for a terminal; may be empty
};

/// `hasRecords`: there are some, but the filter matches none. `problems` of the sources, a line
/// each.
LogsState stateOf(const LogSources &sources, bool hasRecords, const QStringList &problems);

/// The first few, and how many more there are.
QStringList shortened(const QStringList &lines, qsizetype most);

} // namespace trendscope::ui
