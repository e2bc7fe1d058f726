#pragma once

#include "core/dashboard/loader.h"
#include "core/dashboard/time_range.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <chrono>
#include <map>
#include <optional>

class QStackedLayout;
class QToolButton;

namespace trendscope::prom {
class Client;
}

namespace trendscope::ui {

class DashboardView;
class RefreshControl;
class TimeRangeControl;

/// One dashboard at a time with the bar above it: which dashboard, which time range, how often it
/// is refreshed.
class DashboardPage final : public QWidget {
    Q_OBJECT

public:
    /// All must outlive the page. Dashboards keep their panels' data while another one is shown.
    /// `zone` is what a person chose; without it each dashboard's own is used.
    DashboardPage(prom::Client &client, const dashboard::Library &library, const Theme &theme,
                  std::optional<QTimeZone> zone, QWidget *parent = nullptr);

    /// Opens by uid, file name or title. Returns whether there is such a dashboard.
    bool open(const QString &name);
    void openNext(int step); ///< the next in the library's order, or with −1 the one before

    /// In place of what the dashboard says.
    void setRange(const dashboard::TimeRange &range);
    void setRefresh(std::chrono::milliseconds interval);

    const dashboard::TimeRange &range() const;
    DashboardView *view() const { return m_view; } ///< null when the library is empty
    const dashboard::Dashboard *current() const { return m_current; }

Q_SIGNALS:
    void dataChanged(); ///< of the dashboard that is shown

private:
    void setupBar();
    void setupShortcuts();
    void fillMenu();
    void show(const dashboard::Dashboard &dashboard);
    void refresh(bool isAutomatic);
    void showProblems();
    QTimeZone zone() const; ///< of the dashboard that is shown
    QWidget *emptyState();

    prom::Client &m_client;
    const dashboard::Library &m_library;
    const Theme &m_theme;
    std::optional<QTimeZone> m_chosenZone;
    const dashboard::Dashboard *m_current = nullptr;
    DashboardView *m_view = nullptr;
    std::map<const dashboard::Dashboard *, DashboardView *> m_views; ///< children of the stack
    std::optional<dashboard::TimeRange>
        m_chosenRange; ///< a person's choice holds for all dashboards
    std::optional<std::chrono::milliseconds> m_chosenRefresh;

    QToolButton *m_picker;
    QToolButton *m_problems;
    TimeRangeControl *m_time;
    RefreshControl *m_refresh;
    QStackedLayout *m_stack;
};

} // namespace trendscope::ui
