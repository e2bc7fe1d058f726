#include "ui/dashboard/refresh_control.h"

#include "core/dashboard/interval.h"
#include "ui/theme/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

#include <array>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr std::array<std::chrono::milliseconds, 8> intervals{0s,  5s,   10s,  15s,
                                                             30s, 1min, 5min, 15min};

QString intervalName(std::chrono::milliseconds interval)
{
    return interval == 0ms ? u"Off"_s : dashboard::intervalText(interval);
}

} // namespace

RefreshControl::RefreshControl(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_now(new QToolButton(this))
    , m_interval(new QToolButton(this))
{
    m_now->setProperty("control", true);
    m_now->setProperty("joined", u"left"_s);
    m_now->setAccessibleName(u"Refresh"_s);
    m_now->setToolTip(u"Ask for new data now (F5)"_s);
    m_interval->setProperty("control", true);
    m_interval->setProperty("joined", u"right"_s);
    m_interval->setPopupMode(QToolButton::InstantPopup);
    m_interval->setAccessibleName(u"Refresh interval"_s);
    m_interval->setToolTip(u"How often data is asked for by itself"_s);
    for (QToolButton *button : {m_now, m_interval}) {
        button->setCursor(Qt::PointingHandCursor);
        button->setFocusPolicy(Qt::StrongFocus);
    }
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_now);
    layout->addWidget(m_interval);

    auto *menu = new QMenu(this);
    for (const auto interval : intervals)
        connect(menu->addAction(intervalName(interval)), &QAction::triggered, this,
                [this, interval] { setInterval(interval); });
    m_interval->setMenu(menu);
    connect(m_now, &QToolButton::clicked, this, [this] { Q_EMIT refreshRequested(false); });
    connect(&m_timer, &QTimer::timeout, this, [this] { Q_EMIT refreshRequested(true); });
    setInterval(0ms);
    setIcons();
}

void RefreshControl::setInterval(std::chrono::milliseconds interval)
{
    m_timer.setInterval(interval);
    if (interval > 0ms)
        m_timer.start();
    else
        m_timer.stop();
    m_interval->setText(intervalName(interval) + u" ▾"_s);
}

void RefreshControl::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        setIcons();
    QWidget::changeEvent(event);
}

void RefreshControl::setIcons()
{
    m_now->setIcon(lineIcon(u"refresh"_s, m_theme.secondary));
}

} // namespace trendscope::ui
