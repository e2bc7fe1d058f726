#pragma once

#include "core/logs/record.h"
#include "core/logs/tail.h"

#include <QString>

#include <optional>

namespace trendscope::ui {

/// How one followed file, or one stream, is doing.
struct LogSource {
    QString path = {}; ///< or address
    QString name = {}; ///< short: of the file, or host and port
    bool isStream = false;
    logs::Tail::State state = logs::Tail::State::Waiting; ///< streams: until the first answer
    QString problem = {};                                 ///< a sentence; empty: there is none
    std::optional<logs::Timestamp> until = {}; ///< what came later is not there; of failed streams

    bool operator==(const LogSource &) const = default;
};

} // namespace trendscope::ui
