#include "ui/dashboard/dashboard_page.h"

#include "core/prom/now.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/dashboard/refresh_control.h"
#include "ui/dashboard/time_range_control.h"
#include "ui/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QShortcut>
#include <QStackedLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr int barHeight = 48;
constexpr auto firstRefresh = 0ms;

} // namespace

DashboardPage::DashboardPage(prom::Client &client, const dashboard::Library &library,
                             const Theme &theme, std::optional<QTimeZone> zone, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_library(library)
    , m_theme(theme)
    , m_chosenZone(std::move(zone))
    , m_picker(new QToolButton(this))
    , m_problems(new QToolButton(this))
    , m_time(new TimeRangeControl(theme, this->zone(), this))
    , m_refresh(new RefreshControl(theme, this))
    , m_stack(new QStackedLayout)
{
    setupBar();
    setupShortcuts();
    fillMenu();
    if (m_library.dashboards.empty())
        m_stack->addWidget(emptyState());
    else
        show(m_library.dashboards.front());
}

void DashboardPage::setupBar()
{
    m_picker->setObjectName(u"dashboardPicker"_s);
    m_picker->setProperty("flat", true);
    m_picker->setPopupMode(QToolButton::InstantPopup);
    m_picker->setFont(textFont(16, QFont::DemiBold));
    m_picker->setStyleSheet(
        u"QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px 8px; font-size: 16px; font-weight: 600; }"_s);
    m_picker->setAccessibleName(u"Dashboard"_s);
    m_picker->setToolTip(u"Choose a dashboard (D); Ctrl+Page Down for the next"_s);
    m_picker->setCursor(Qt::PointingHandCursor);
    m_problems->setObjectName(u"dashboardProblems"_s);

    auto *bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setFixedHeight(barHeight);
    auto *barLayout = new QHBoxLayout(bar);
    barLayout->setContentsMargins(8, 0, 8, 0);
    barLayout->setSpacing(8);
    barLayout->addWidget(m_picker);
    barLayout->addWidget(m_problems);
    barLayout->addStretch(1);
    barLayout->addWidget(m_time);
    barLayout->addWidget(m_refresh);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(bar);
    layout->addLayout(m_stack, 1);

    connect(m_time, &TimeRangeControl::rangeChanged, this,
            [this](const dashboard::TimeRange &range) { setRange(range); });
    connect(m_refresh, &RefreshControl::refreshRequested, this, &DashboardPage::refresh);
}

void DashboardPage::setupShortcuts()
{
    const auto bind = [this](const QKeySequence &keys, auto action) {
        auto *shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, action);
    };
    bind(Qt::Key_F5, [this] { refresh(false); });
    bind(Qt::CTRL | Qt::Key_R, [this] { refresh(false); });
    bind(Qt::ALT | Qt::Key_Left, [this] { m_time->moveBack(); });
    bind(Qt::ALT | Qt::Key_Right, [this] { m_time->moveForward(); });
    bind(Qt::CTRL | Qt::Key_Z, [this] { m_time->zoomOut(); });
    bind(Qt::CTRL | Qt::Key_PageDown, [this] { openNext(1); });
    bind(Qt::CTRL | Qt::Key_PageUp, [this] { openNext(-1); });
    bind(Qt::Key_D, [this] { m_picker->showMenu(); });
    bind(Qt::Key_T, [this] { m_time->findChild<QToolButton *>(u"timeRange"_s)->showMenu(); });
}

void DashboardPage::fillMenu()
{
    auto *menu = new QMenu(this);
    for (const dashboard::Dashboard &dashboard : m_library.dashboards) {
        QString text = dashboard.title;
        auto *action = menu->addAction(text.replace(u'&', u"&&"_s));
        connect(action, &QAction::triggered, this, [this, &dashboard] { show(dashboard); });
    }
    m_picker->setMenu(menu);
    showProblems();
}

void DashboardPage::showProblems()
{
    const auto count = m_library.problems.size();
    m_problems->setVisible(count > 0);
    m_problems->setText(count == 1 ? u"⚠ 1 file could not be read ▾"_s
                                   : u"⚠ %1 files could not be read ▾"_s.arg(count));
    m_problems->setPopupMode(QToolButton::InstantPopup);
    m_problems->setProperty("control", true);
    m_problems->setProperty("role", u"warning"_s);
    m_problems->setFocusPolicy(Qt::StrongFocus);
    auto *menu = new QMenu(m_problems);
    QStringList messages;
    for (const Error &problem : m_library.problems) {
        messages << QString::fromStdString(problem.message);
        menu->addAction(QString(messages.last()).replace(u'&', u"&&"_s));
    }
    m_problems->setMenu(menu);
    m_problems->setAccessibleDescription(messages.join(u'\n'));
}

QTimeZone DashboardPage::zone() const
{
    return m_chosenZone.value_or(dashboard::zoneOf(m_current ? m_current->timezone : QString()));
}

QWidget *DashboardPage::emptyState()
{
    QStringList lines{u"There is no dashboard to show."_s};
    for (const Error &problem : m_library.problems)
        lines << QString::fromStdString(problem.message);
    lines
        << u"Name a Grafana dashboard file or a folder of them: trendscope console --dashboards FOLDER"_s;
    auto *label = new QLabel(lines.join(u"\n\n"_s), this);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setProperty("role", u"secondary"_s);
    return label;
}

bool DashboardPage::open(const QString &name)
{
    const dashboard::Dashboard *found = m_library.find(name);
    if (found)
        show(*found);
    return found != nullptr;
}

void DashboardPage::openNext(int step)
{
    if (!m_current)
        return;
    const auto count = static_cast<std::ptrdiff_t>(m_library.dashboards.size());
    const std::ptrdiff_t index = m_current - m_library.dashboards.data();
    show(m_library.dashboards[static_cast<std::size_t>((index + step + count) % count)]);
}

void DashboardPage::show(const dashboard::Dashboard &dashboard)
{
    m_current = &dashboard;
    DashboardView *&view = m_views[&dashboard];
    if (!view) {
        view = new DashboardView(m_client, dashboard, m_theme, zone(), this);
        m_stack->addWidget(view);
        connect(view, &DashboardView::rangeSelected, this,
                [this](std::int64_t start, std::int64_t end) {
                    setRange({QString::number(start), QString::number(end)});
                });
        connect(view, &DashboardView::zoomOutRequested, m_time, &TimeRangeControl::zoomOut);
        connect(view, &DashboardView::dataChanged, this, &DashboardPage::dataChanged);
    }
    m_view = view;
    m_stack->setCurrentWidget(view);
    setFocusProxy(view); // so that arrows and Page Down scroll at once
    m_time->setZone(zone());
    constexpr int widest = 360; // px; a tool button would cut a longer title at both ends
    m_picker->setText(m_picker->fontMetrics().elidedText(dashboard.title, Qt::ElideRight, widest)
                      + u" ▾"_s);
    m_time->setRange(m_chosenRange.value_or(dashboard::TimeRange{dashboard.from, dashboard.to}));
    m_refresh->setInterval(m_chosenRefresh.value_or(dashboard.refresh));
    // After the event loop has laid the panels out: their width decides how many points are asked
    // for.
    QTimer::singleShot(firstRefresh, this, [this] { refresh(false); });
}

void DashboardPage::setRange(const dashboard::TimeRange &range)
{
    m_chosenRange = range;
    m_time->setRange(range);
    refresh(false);
}

void DashboardPage::setRefresh(std::chrono::milliseconds interval)
{
    m_chosenRefresh = interval;
    m_refresh->setInterval(interval);
}

const dashboard::TimeRange &DashboardPage::range() const
{
    return m_time->range();
}

void DashboardPage::refresh(bool isAutomatic)
{
    const auto range = dashboard::resolve(m_time->range(), prom::now(), zone());
    // A fixed range in the past does not change, however often it is asked for.
    const bool isOver = !m_time->range().isRelative() && isAutomatic;
    if (m_view && range && !isOver)
        m_view->refresh(*range, isAutomatic);
}

} // namespace trendscope::ui
