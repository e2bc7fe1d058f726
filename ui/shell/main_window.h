#pragma once

#include "core/dashboard/loader.h"
#include "ui/theme/theme.h"

#include <QTimeZone>
#include <QWidget>

#include <functional>

class QStackedWidget;

namespace trendscope::alert {
class Monitor;
}
namespace trendscope::prom {
class Client;
class TargetFeed;
} // namespace trendscope::prom

namespace trendscope::ui {

class AlertBanners;
class DashboardPage;
class LogsView;
class Rail;
class RailButton;
class StatusLine;

/// What the main window shows; all of it must outlive the window.
struct MainWindowParts {
    prom::Client &client;
    alert::Monitor &monitor;
    prom::TargetFeed &targets;
    const dashboard::Library &library;
    const Theme &theme;
    QTimeZone zone;
    bool isZoneChosen;                 ///< by a person; else each dashboard has its own
    std::function<void()> switchTheme; ///< from dark to light and back
};

/// Assembles rail, banners, pages and status line; each of them knows its own business.
class MainWindow final : public QWidget {
    Q_OBJECT

public:
    enum class Page { Dashboards, Explore, Alerts, Logs, Targets };

    explicit MainWindow(const MainWindowParts &parts, QWidget *parent = nullptr);

    DashboardPage &dashboards() { return *m_dashboards; }
    LogsView &logs() { return *m_logs; }
    void showPage(Page page);
    Page page() const;

private:
    void setupPages(const MainWindowParts &parts);
    void setupRail(const MainWindowParts &parts);
    void setupLayout();
    void updateTitle();

    Rail *m_rail;
    RailButton *m_alertsButton = nullptr;
    AlertBanners *m_banners;
    QStackedWidget *m_pages;
    DashboardPage *m_dashboards;
    LogsView *m_logs;
    StatusLine *m_status;
};

} // namespace trendscope::ui
