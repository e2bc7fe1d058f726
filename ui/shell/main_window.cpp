#include "ui/shell/main_window.h"

#include "core/alert/monitor.h"
#include "ui/alerts/alert_banner.h"
#include "ui/alerts/alerts_view.h"
#include "ui/dashboard/dashboard_page.h"
#include "ui/explore/explore_page.h"
#include "ui/logs/logs_view.h"
#include "ui/shell/rail.h"
#include "ui/shell/status_items.h"
#include "ui/targets/targets_view.h"

#include <QHBoxLayout>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

MainWindow::MainWindow(const MainWindowParts &parts, QWidget *parent)
    : QWidget(parent)
    , m_rail(new Rail(parts.theme, this))
    , m_banners(new AlertBanners(parts.monitor, parts.theme, this))
    , m_pages(new QStackedWidget(this))
    , m_dashboards(new DashboardPage(parts.client, parts.library, parts.theme,
                                     parts.isZoneChosen ? std::optional(parts.zone) : std::nullopt,
                                     this))
    , m_logs(new LogsView(parts.theme, this))
    , m_status(new StatusLine(
          [=, &monitor = parts.monitor, this] {
              return statusItems(monitor, *m_dashboards, *m_logs, parts.zone);
          },
          parts.theme, this))
{
    setObjectName(u"canvas"_s);
    setAttribute(Qt::WA_StyledBackground);
    m_logs->setTimeZone(parts.zone);
    setupPages(parts);
    setupRail(parts);
    setupLayout();
    connect(&parts.monitor, &alert::Monitor::changed, m_status, &StatusLine::refresh);
    connect(m_dashboards, &DashboardPage::dataChanged, this, &MainWindow::updateTitle);
    connect(m_dashboards, &DashboardPage::dataChanged, m_status, &StatusLine::refresh);
    m_status->refresh();
    updateTitle();
    setMinimumSize(860, 480);
    resize(QSize(1440, 900).boundedTo(screen()->availableSize()).expandedTo(minimumSize()));
    m_dashboards->setFocus();
}

void MainWindow::setupPages(const MainWindowParts &parts)
{
    m_pages->addWidget(m_dashboards);
    m_pages->addWidget(new ExplorePage(parts.client, parts.theme, parts.zone, this));
    auto *alerts = new AlertsView(parts.monitor, parts.theme, this);
    m_pages->addWidget(alerts);
    m_pages->addWidget(m_logs);
    m_pages->addWidget(new TargetsView(parts.targets, parts.theme, this));
    connect(m_banners, &AlertBanners::showAllRequested, this, [this] { showPage(Page::Alerts); });
    connect(m_banners, &AlertBanners::alertActivated, this,
            [this, alerts](const prom::Labels &labels) {
                showPage(Page::Alerts);
                alerts->select(labels);
            });
}

void MainWindow::setupRail(const MainWindowParts &parts)
{
    struct Entry {
        QString icon;
        QString name;
    };
    const QList<Entry> entries{{u"dashboards"_s, u"Dashboards"_s},
                               {u"explore"_s, u"Explore"_s},
                               {u"alerts"_s, u"Alerts"_s},
                               {u"logs"_s, u"Logs"_s},
                               {u"targets"_s, u"Targets"_s}};
    for (int page = 0; page < entries.size(); ++page) {
        const QKeySequence keys(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + page));
        auto *button = m_rail->addPage(entries[page].icon, entries[page].name,
                                       keys.toString(QKeySequence::NativeText));
        if (page == static_cast<int>(Page::Alerts))
            m_alertsButton = button;
        connect(new QShortcut(keys, this), &QShortcut::activated, this,
                [this, page] { showPage(static_cast<Page>(page)); });
    }
    const bool isDark = parts.theme.kind == Theme::Kind::Dark;
    auto *themeButton =
        m_rail->addAction(isDark ? u"sun"_s : u"moon"_s, u"Switch between dark and light"_s);
    connect(themeButton, &RailButton::clicked, this,
            [themeButton, &theme = parts.theme, switchTheme = parts.switchTheme] {
                switchTheme();
                themeButton->setIconName(theme.kind == Theme::Kind::Dark ? u"sun"_s : u"moon"_s);
            });
    connect(m_rail, &Rail::pageRequested, this,
            [this](int page) { showPage(static_cast<Page>(page)); });
    connect(&parts.monitor, &alert::Monitor::changed, m_rail, [this, &monitor = parts.monitor] {
        m_alertsButton->setCount(monitor.counts().firing);
    });
    m_rail->setCurrent(0);
}

void MainWindow::setupLayout()
{
    auto *content = new QVBoxLayout;
    content->setSpacing(0);
    content->addWidget(m_banners);
    content->addWidget(m_pages, 1);
    content->addWidget(m_status);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_rail);
    layout->addLayout(content, 1);
}

void MainWindow::showPage(Page page)
{
    m_pages->setCurrentIndex(static_cast<int>(page));
    m_rail->setCurrent(static_cast<int>(page));
    m_pages->currentWidget()->setFocus();
    updateTitle();
}

MainWindow::Page MainWindow::page() const
{
    return static_cast<Page>(m_pages->currentIndex());
}

void MainWindow::updateTitle()
{
    const auto *dashboard = m_dashboards->current();
    const bool isDashboard = page() == Page::Dashboards && dashboard;
    setWindowTitle(isDashboard ? u"%1 – Trendscope"_s.arg(dashboard->title) : u"Trendscope"_s);
}

} // namespace trendscope::ui
