#include "ui/logs/live_button.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QPainter>

namespace trendscope::ui {
namespace {

constexpr int dotSize = 10;
constexpr int gap = 3; // to the word, beside what the style leaves

/// A dot that says "live"; else a ring.
QIcon dot(const QColor &color, bool isFilled, qreal ratio)
{
    QPixmap pixmap(QSize(dotSize + gap, dotSize) * ratio);
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
    setIconSize({dotSize + gap, dotSize});
    setFixedWidth(96); // as wide for each word, so that the bar does not jump
    refresh();
}

void LiveButton::setLive(bool isLive)
{
    m_isLive = isLive;
    refresh();
}

void LiveButton::setFollowing(bool isFollowing)
{
    if (isFollowing == m_isFollowing)
        return;
    m_isFollowing = isFollowing;
    refresh();
}

void LiveButton::refresh()
{
    const bool isGreen = m_isLive && m_isFollowing;
    setChecked(m_isLive);
    setText(!m_isLive ? tr("Paused") : m_isFollowing ? tr("Live") : tr("Waiting"));
    setIcon(dot(isGreen ? m_theme.green : m_theme.secondary, isGreen, devicePixelRatioF()));
    setToolTip(!m_isLive     ? tr("Go to the newest record and follow (End)")
                   : isGreen ? tr("The list follows the newest record; scroll up to pause")
                             : tr("No source brings records at the moment"));
}

void LiveButton::changeEvent(QEvent *event)
{
    QToolButton::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

} // namespace trendscope::ui
