#pragma once

#include "core/net/endless_reply.h"

#include <QString>

namespace trendscope::ui {

/// Why a stream fails, for a person.
struct StreamProblem {
    QString headline; ///< a few words
    QString text;     ///< one sentence with the address, on one line
    QString remedy;   ///< what to try; may be empty
};

StreamProblem streamProblem(const Error &error, int status, net::EndlessReply::Obstacle obstacle);

} // namespace trendscope::ui
