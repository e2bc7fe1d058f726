#pragma once

#include "core/result.h"

#include <QString>

namespace trendscope::ui {

/// What a person can try when a query failed like this; one or two sentences.
QString remedyFor(Error::Kind kind);

} // namespace trendscope::ui
