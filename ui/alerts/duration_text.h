#pragma once

#include "core/prom/series.h"

#include <QString>

namespace trendscope::ui {

/// "42 s", "4 min 12 s", "1 h 5 min", "3 d 2 h": the two largest units. A negative span reads "0
/// s".
QString durationText(std::chrono::milliseconds span);

/// "42 s", "4 min", "1 h", "3 d": the largest unit alone.
QString ageText(std::chrono::milliseconds span);

/// Local time: "14:31:08", with the date before it on any other day than today.
QString clockText(prom::Timestamp time);

/// The time since `time`, now.
std::chrono::milliseconds ageOf(prom::Timestamp time);

/// A tool tip that shows `text` as it is: Qt would take text that looks like HTML for rich text.
QString plainToolTip(const QString &text);

} // namespace trendscope::ui
