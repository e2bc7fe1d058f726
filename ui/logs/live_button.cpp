#include "ui/logs/live_button.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QPainter>

namespace trendscope::ui {
namespace {

/// A dot that says "live"; a ring when paused.
QIcon dot(const QColor &color, bool isFilled, qreal ratio)
{
    QPixmap pixmap(QSize(10, 10) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.5));
    painter.setBrush(isFilled ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawEllipse(QRectF(1.5, 1.5, 7, 7));
    return pixmap;
}

} // namespace

LiveButton::LiveButton(const Theme &theme, QWidget *parent)
    : QToolButton(parent)
    , m_theme(theme)
{
    setProperty("control", true);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setCheckable(true);
    setIconSize({10, 10});
    setFixedWidth(92); // as wide for either word, so that the bar does not jump
    refresh();
}

void LiveButton::setLive(bool isLive)
{
    m_isLive = isLive;
    refresh();
}

void LiveButton::refresh()
{
    setChecked(m_isLive);
    setText(m_isLive ? tr("Live") : tr("Paused"));
    setIcon(dot(m_isLive ? m_theme.green : m_theme.secondary, m_isLive, devicePixelRatioF()));
    setToolTip(m_isLive ? tr("The list follows the newest record; scroll up to pause")
                        : tr("Go to the newest record and follow (End)"));
}

void LiveButton::changeEvent(QEvent *event)
{
    QToolButton::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

} // namespace trendscope::ui
