#include "ui/panels/plot_overlay.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

constexpr double dotRadius = 3.5;
constexpr int stripHalfWidth = 6;

} // namespace

PlotOverlay::PlotOverlay(const Plot &plot, const PlotLayout &layout, const Theme &theme,
                         QWidget *parent)
    : QWidget(parent)
    , m_plot(plot)
    , m_layout(layout)
    , m_theme(theme)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
}

void PlotOverlay::setCrosshair(std::optional<std::int64_t> time)
{
    if (time == m_crosshair)
        return;
    updateStrip(m_crosshair);
    m_crosshair = time;
    updateStrip(m_crosshair);
}

void PlotOverlay::setSelection(std::optional<std::pair<double, double>> edges)
{
    m_selection = edges;
    update();
}

void PlotOverlay::updateStrip(std::optional<std::int64_t> time)
{
    if (time)
        update(static_cast<int>(m_layout.xOf(*time)) - stripHalfWidth, 0, 2 * stripHalfWidth + 1,
               height());
}

void PlotOverlay::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    if (m_selection) {
        const auto [from, to] = *m_selection;
        const QRectF rect(QPointF(std::min(from, to), m_layout.area.top()),
                          QPointF(std::max(from, to), m_layout.area.bottom()));
        painter.fillRect(rect, m_theme.accentBackground);
        painter.setPen(m_theme.accent);
        painter.drawLine(rect.topLeft(), rect.bottomLeft());
        painter.drawLine(rect.topRight(), rect.bottomRight());
    }
    if (!m_crosshair || *m_crosshair < m_layout.start || *m_crosshair > m_layout.end)
        return;
    const double x = m_layout.xOf(*m_crosshair);
    painter.setPen(QPen(m_theme.secondary, 1, Qt::DashLine));
    painter.drawLine(QPointF(std::round(x) + 0.5, m_layout.area.top()),
                     QPointF(std::round(x) + 0.5, m_layout.area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme.panel, 1.5));
    for (const PlotLine &line : m_plot.lines) {
        const auto at = std::ranges::lower_bound(line.times, *m_crosshair);
        if (at == line.times.end() || *at != *m_crosshair)
            continue;
        const double value = line.values[static_cast<std::size_t>(at - line.times.begin())];
        if (std::isnan(value))
            continue;
        painter.setBrush(line.color);
        const ValueRange &range =
            line.isOnRightAxis && m_plot.right ? m_plot.right->range : m_plot.left.range;
        painter.drawEllipse(QPointF(x, m_layout.yOf(value, range)), dotRadius, dotRadius);
    }
}

} // namespace trendscope::ui
