#include "ui/shell/status_line.h"

#include "ui/alerts/duration_text.h"
#include "ui/theme/tabular.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <chrono>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr int lineHeight = 26;
constexpr int padding = 14;
constexpr int itemGap = 20;
constexpr double dotRadius = 3.5;

} // namespace

StatusLine::StatusLine(std::function<std::vector<StatusItem>()> items, const Theme &theme,
                       QWidget *parent)
    : QWidget(parent)
    , m_source(std::move(items))
    , m_theme(theme)
{
    setObjectName(u"statusLine"_s);
    setFixedHeight(lineHeight);
    setAccessibleName(u"Status"_s);
    connect(&m_timer, &QTimer::timeout, this, &StatusLine::refresh);
    m_timer.start(1s);
}

void StatusLine::refresh()
{
    m_items = m_source();
    setAccessibleDescription(text());
    update();
}

QString StatusLine::text() const
{
    QStringList parts;
    for (const StatusItem &item : m_items)
        parts << (item.name + u' ' + item.text).trimmed();
    return parts.join(u", "_s);
}

void StatusLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.rail);
    painter.fillRect(QRect(0, 0, width(), 1), m_theme.border);
    painter.setRenderHint(QPainter::Antialiasing);
    m_rects.clear();
    double x = padding;
    for (const StatusItem &item : m_items) {
        const double left = x;
        if (item.health != StatusItem::Health::None) {
            const bool isHollow = item.health == StatusItem::Health::Unknown;
            const QColor color = item.health == StatusItem::Health::Good ? m_theme.green
                : isHollow                                               ? m_theme.secondary
                                                                         : m_theme.red;
            painter.setPen(isHollow ? QPen(color, 1.5) : QPen(Qt::NoPen));
            painter.setBrush(isHollow ? QBrush(Qt::NoBrush) : QBrush(color));
            painter.drawEllipse(QPointF(x + dotRadius, height() / 2.0), dotRadius, dotRadius);
            x += 2 * dotRadius + 6;
        }
        const auto write = [&](const QString &text, const QColor &color, QFont::Weight weight) {
            painter.setFont(textFont(12, weight));
            const QFontMetricsF metrics(painter.font());
            const QString fitted =
                metrics.elidedText(text, Qt::ElideRight, std::max(0.0, width() - padding - x));
            painter.setPen(color);
            drawTabular(painter, x, height() / 2.0 + (metrics.ascent() - metrics.descent()) / 2,
                        fitted);
            x += tabularWidth(metrics, fitted);
        };
        write(item.name, m_theme.text, QFont::Medium);
        x += item.name.isEmpty() ? 0 : 5;
        write(item.text, item.health == StatusItem::Health::Bad ? m_theme.red : m_theme.secondary,
              QFont::Normal);
        m_rects.push_back(QRect(static_cast<int>(left), 0, static_cast<int>(x - left), height()));
        x += itemGap;
    }
}

bool StatusLine::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    QString tip;
    for (std::size_t i = 0; i < m_rects.size() && i < m_items.size(); ++i) {
        if (m_rects[i].contains(help->pos()))
            tip = m_items[i].tip;
    }
    QToolTip::showText(help->globalPos(), plainToolTip(tip), this);
    return true;
}

} // namespace trendscope::ui
