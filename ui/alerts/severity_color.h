#pragma once

#include "core/alert/alert_model.h"
#include "ui/theme/theme.h"

namespace trendscope::ui {

/// Always shown together with the severity's or the state's word.
QColor severityColor(alert::Severity severity, const Theme &theme);
QColor statusColor(alert::AlertRow::Status status, alert::Severity severity, const Theme &theme);

/// The font of state and severity words: small, bold, slightly spaced.
QFont wordFont();

} // namespace trendscope::ui
