#pragma once

#include "ui/shell/status_line.h"

#include <QTimeZone>

namespace trendscope::alert {
class Monitor;
}

namespace trendscope::ui {

class DashboardPage;
class LogsView;

/// Prometheus, the age of the data on screen, alerts, logs: each as it is at this moment.
std::vector<StatusItem> statusItems(const alert::Monitor &monitor, const DashboardPage &dashboards,
                                    const LogsView &logs, const QTimeZone &zone);

} // namespace trendscope::ui
