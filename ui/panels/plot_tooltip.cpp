#include "ui/panels/plot_tooltip.h"

#include "ui/theme/tabular.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int fontSize = 12;
constexpr double rowHeight = 19;
constexpr double padding = 10;
constexpr double swatch = 12;
constexpr double gap = 8;
constexpr double largestName = 320;
constexpr std::size_t largestCount = 24;
constexpr int pointerDistance = 16;

} // namespace

PlotTooltip::PlotTooltip(const Theme &theme, QWidget *window)
    : QWidget(window)
    , m_theme(theme)
{
    setObjectName(u"plotTooltip"_s);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void PlotTooltip::showAt(const QPoint &pointer, const QString &time, std::vector<Row> rows)
{
    m_time = time;
    m_more =
        rows.size() > largestCount ? u"+ %1 more"_s.arg(rows.size() - largestCount) : QString();
    rows.resize(std::min(rows.size(), largestCount));
    m_rows = std::move(rows);

    const QFontMetricsF metrics(textFont(fontSize));
    double names = 0;
    m_valueWidth = 0;
    for (const Row &row : m_rows) {
        names = std::max(names, std::min(metrics.horizontalAdvance(row.name), largestName));
        m_valueWidth = std::max(m_valueWidth, tabularWidth(metrics, row.value));
    }
    const double content =
        std::max(swatch + gap + names + 2 * gap + m_valueWidth, tabularWidth(metrics, m_time));
    const double lines = static_cast<double>(m_rows.size()) + 1 + (m_more.isEmpty() ? 0 : 1);
    resize(static_cast<int>(std::ceil(content + 2 * padding)),
           static_cast<int>(std::ceil(lines * rowHeight + 2 * padding - 4)));

    const QSize room = parentWidget()->size();
    int x = pointer.x() + pointerDistance;
    if (x + width() > room.width() - 4)
        x = pointer.x() - pointerDistance - width();
    const int y =
        std::clamp(pointer.y() - height() / 2, 4, std::max(4, room.height() - height() - 4));
    move(std::max(4, x), y);
    raise();
    show();
    update();
}

void PlotTooltip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.strong);
    painter.setBrush(m_theme.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setFont(textFont(fontSize));
    const QFontMetricsF metrics(painter.font());
    double y = padding - 2;
    const auto baseline = [&] {
        return y + rowHeight / 2 + (metrics.ascent() - metrics.descent()) / 2;
    };
    painter.setPen(m_theme.secondary);
    drawTabular(painter, padding, baseline(), m_time);
    for (const Row &row : m_rows) {
        y += rowHeight;
        painter.setPen(Qt::NoPen);
        painter.setBrush(row.color);
        painter.drawRoundedRect(QRectF(padding, y + rowHeight / 2 - 1.5, swatch, 3), 1.5, 1.5);
        painter.setPen(m_theme.text);
        const double nameLeft = padding + swatch + gap;
        const double valueLeft = width() - padding - tabularWidth(metrics, row.value);
        painter.drawText(QPointF(nameLeft, baseline()),
                         metrics.elidedText(row.name, Qt::ElideMiddle,
                                            width() - padding - m_valueWidth - gap - nameLeft));
        drawTabular(painter, valueLeft, baseline(), row.value);
    }
    if (!m_more.isEmpty()) {
        y += rowHeight;
        painter.setPen(m_theme.secondary);
        painter.drawText(QPointF(padding + swatch + gap, baseline()), m_more);
    }
}

} // namespace trendscope::ui
