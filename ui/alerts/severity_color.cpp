#include "ui/alerts/severity_color.h"

namespace trendscope::ui {

QColor severityColor(alert::Severity severity, const Theme &theme)
{
    switch (severity) {
    case alert::Severity::Critical:
        return theme.red;
    case alert::Severity::Warning:
        return theme.orange;
    case alert::Severity::Info:
        return theme.blue;
    case alert::Severity::None:
        break;
    }
    return theme.secondary;
}

QColor statusColor(alert::AlertRow::Status status, alert::Severity severity, const Theme &theme)
{
    switch (status) {
    case alert::AlertRow::Status::Firing:
        return severityColor(severity, theme);
    case alert::AlertRow::Status::Pending:
        return theme.yellow;
    case alert::AlertRow::Status::Snoozed:
    case alert::AlertRow::Status::Silenced:
    case alert::AlertRow::Status::Inhibited:
        break;
    }
    return theme.secondary;
}

QFont wordFont()
{
    QFont font = textFont(11, QFont::DemiBold);
    font.setLetterSpacing(QFont::PercentageSpacing, 104);
    return font;
}

} // namespace trendscope::ui
