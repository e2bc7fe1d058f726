#include "ui/plot/paint.h"

#include "ui/plot/trace.h"

#include <QLinearGradient>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace trendscope::ui {
namespace {

using dashboard::GraphStyle;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largestBar = 200;
constexpr double thresholdWidth = 2;
constexpr double smallestSlot =
    4; ///< px; bars that are closer stand side by side, without space between them
constexpr double barShare = 0.6; ///< of the slot between two samples

QColor withOpacity(QColor color, double percent)
{
    color.setAlphaF(static_cast<float>(color.alphaF() * percent / 100));
    return color;
}

const ValueRange &rangeFor(const Plot &plot, const PlotLine &line)
{
    return line.isOnRightAxis && plot.right ? plot.right->range : plot.left.range;
}

void paintGrid(QPainter &painter, const PlotLayout &layout, const Theme &theme)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.grid, 1));
    for (const AxisLabel &label : layout.left)
        painter.drawLine(QPointF(layout.area.left(), std::round(label.position)),
                         QPointF(layout.area.right(), std::round(label.position)));
    for (const AxisLabel &label : layout.times)
        painter.drawLine(QPointF(std::round(label.position), layout.area.top()),
                         QPointF(std::round(label.position), layout.area.bottom()));
}

void paintValueLabels(QPainter &painter, const std::vector<AxisLabel> &labels, const QRectF &column,
                      Qt::Alignment side)
{
    const QFontMetricsF metrics(painter.font());
    for (const AxisLabel &label : labels) {
        const QRectF cell(column.left(), label.position - metrics.height() / 2, column.width(),
                          metrics.height());
        painter.drawText(cell, static_cast<int>(side | Qt::AlignVCenter),
                         metrics.elidedText(label.text, Qt::ElideRight, column.width() + 1));
    }
}

void paintAxisCaption(QPainter &painter, const QString &caption, double x, const QRectF &area)
{
    if (caption.isEmpty())
        return;
    painter.save();
    painter.translate(x, area.center().y());
    painter.rotate(-90);
    const QFontMetricsF metrics(painter.font());
    const QRectF cell(-area.height() / 2, 0, area.height(), metrics.height());
    painter.drawText(cell, Qt::AlignHCenter | Qt::AlignTop,
                     metrics.elidedText(caption, Qt::ElideRight, cell.width()));
    painter.restore();
}

/// Centred below their ticks, but never beyond the edges; what would touch its neighbour is left
/// out.
void paintTimeLabels(QPainter &painter, const PlotLayout &layout)
{
    const QFontMetricsF metrics(layout.font);
    double lastRight = -infinity;
    for (const AxisLabel &label : layout.times) {
        const double width = metrics.horizontalAdvance(label.text);
        const double left = std::clamp(label.position - width / 2, layout.rect.left(),
                                       std::max(layout.rect.left(), layout.rect.right() - width));
        if (left < lastRight + 4)
            continue;
        painter.drawText(QRectF(left, layout.area.bottom() + 4, width + 1, metrics.height()),
                         Qt::AlignLeft | Qt::AlignTop, label.text);
        lastRight = left + width;
    }
}

void paintLabels(QPainter &painter, const Plot &plot, const PlotLayout &layout, const Theme &theme)
{
    painter.setFont(layout.font);
    painter.setPen(theme.secondary);
    QRectF left(layout.rect.topLeft(),
                QPointF(layout.area.left() - axisLabelGap, layout.rect.bottom()));
    paintAxisCaption(painter, plot.left.label, left.left(), layout.area);
    left.setLeft(left.left() + captionHeight(plot.left, layout.font));
    paintValueLabels(painter, layout.left, left, Qt::AlignRight);
    if (plot.right) {
        const double caption = captionHeight(*plot.right, layout.font);
        const double from = layout.area.right() + axisLabelGap;
        paintAxisCaption(painter, plot.right->label, layout.rect.right() - caption + 2,
                         layout.area);
        paintValueLabels(painter, layout.right,
                         QRectF(from, 0, layout.rect.right() - caption - from, 0), Qt::AlignLeft);
    }
    paintTimeLabels(painter, layout);
}

void paintThresholdAreas(QPainter &painter, const Plot &plot, const PlotLayout &layout)
{
    constexpr double opacity = 12;
    for (std::size_t i = 0; i < plot.thresholds.size(); ++i) {
        const double next =
            i + 1 < plot.thresholds.size() ? plot.thresholds[i + 1].value : infinity;
        const double low = std::max(plot.thresholds[i].value, plot.left.range.min);
        const double high = std::min(next, plot.left.range.max);
        if (low >= high)
            continue;
        const double top = layout.yOf(high, plot.left.range);
        painter.fillRect(QRectF(layout.area.left(), top, layout.area.width(),
                                layout.yOf(low, plot.left.range) - top),
                         withOpacity(plot.thresholds[i].color, opacity));
    }
}

void paintThresholdLines(QPainter &painter, const Plot &plot, const PlotLayout &layout)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const PlotThreshold &threshold : plot.thresholds) {
        if (threshold.value < plot.left.range.min || threshold.value > plot.left.range.max)
            continue;
        painter.setPen(QPen(threshold.color, thresholdWidth));
        const double y = std::round(layout.yOf(threshold.value, plot.left.range));
        painter.drawLine(QPointF(layout.area.left(), y), QPointF(layout.area.right(), y));
    }
}

QBrush fillBrush(const PlotLine &line, const QRectF &area)
{
    if (!line.style.fillGradient)
        return withOpacity(line.color, line.style.fillOpacity);
    QLinearGradient gradient(area.topLeft(), area.bottomLeft());
    gradient.setColorAt(0, withOpacity(line.color, line.style.fillOpacity));
    gradient.setColorAt(1, withOpacity(line.color, 0));
    return gradient;
}

/// Pens wider than one device pixel are 13 to 50 times slower as a polyline than segment by
/// segment.
void strokeTrace(QPainter &painter, const std::vector<QPointF> &points, const PlotLine &line)
{
    QPen pen(line.color, line.style.lineWidth);
    if (line.style.dashed)
        pen.setDashPattern({10 / line.style.lineWidth, 10 / line.style.lineWidth});
    const bool isWide = line.style.lineWidth * painter.device()->devicePixelRatioF() > 1;
    if (!isWide || line.style.dashed || points.size() < 3) {
        painter.setPen(pen);
        painter.drawPolyline(points.data(), static_cast<int>(points.size()));
        return;
    }
    pen.setCapStyle(Qt::RoundCap);
    painter.setPen(pen);
    std::vector<QLineF> segments;
    segments.reserve(points.size());
    for (std::size_t i = 1; i < points.size(); ++i)
        segments.emplace_back(points[i - 1], points[i]);
    painter.drawLines(segments.data(), static_cast<int>(segments.size()));
}

void fillTrace(QPainter &painter, const TraceSegment &segment)
{
    const std::vector<QPointF> outline = segment.outline();
    painter.drawPolygon(outline.data(), static_cast<int>(outline.size()));
}

void paintDots(QPainter &painter, const std::vector<QPointF> &points, const PlotLine &line)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(line.color);
    const double radius = std::max(line.style.pointSize, line.style.lineWidth) / 2;
    for (const QPointF &point : points)
        painter.drawEllipse(point, radius, radius);
}

bool showsDots(const PlotLine &line, std::size_t count, double width)
{
    constexpr double space = 2; // of a point on both sides, in its own sizes
    if (line.style.draw == GraphStyle::Draw::Points
        || line.style.points == GraphStyle::Points::Always)
        return true;
    return line.style.points == GraphStyle::Points::Auto
        && static_cast<double>(count) - 1 <= width / (space * std::max(1.0, line.style.pointSize));
}

void paintLine(QPainter &painter, const Plot &plot, const PlotLine &line, const PlotLayout &layout)
{
    const auto segments = traceOf(line, layout, rangeFor(plot, line));
    painter.setRenderHint(QPainter::Antialiasing, true);
    const bool hasDots = showsDots(line, line.times.size(), layout.area.width());
    for (const TraceSegment &segment : segments) {
        if (line.style.draw == GraphStyle::Draw::Line && segment.points.size() > 1) {
            if (line.style.fillOpacity > 0) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(fillBrush(line, layout.area));
                fillTrace(painter, segment);
            }
            if (line.style.lineWidth > 0)
                strokeTrace(painter, segment.points, line);
        }
        // A sample between two gaps would be invisible without its dot.
        if (hasDots || segment.points.size() == 1)
            paintDots(painter, segment.points, line);
    }
}

void paintBars(QPainter &painter, const Plot &plot, const PlotLine &line, const PlotLayout &layout)
{
    const ValueRange &range = rangeFor(plot, line);
    double slot = layout.area.width();
    for (std::size_t i = 1; i < line.times.size(); ++i)
        slot = std::min(slot, layout.xOf(line.times[i]) - layout.xOf(line.times[i - 1]));
    const bool isDense = slot < smallestSlot;
    const double width = isDense ? std::max(slot, 1.0) : std::min(slot * barShare, largestBar);
    painter.setRenderHint(QPainter::Antialiasing, !isDense);
    painter.setPen(line.style.lineWidth > 0 && !isDense ? QPen(line.color, line.style.lineWidth)
                                                        : QPen(Qt::NoPen));
    painter.setBrush(withOpacity(line.color, line.style.fillOpacity));
    for (std::size_t i = 0; i < line.times.size(); ++i) {
        if (std::isnan(line.values[i]))
            continue;
        const double base = line.bases.empty() || std::isnan(line.bases[i]) ? 0 : line.bases[i];
        const double top = layout.yOf(line.values[i], range);
        const double bottom = layout.yOf(std::clamp(base, range.min, range.max), range);
        painter.drawRect(QRectF(layout.xOf(line.times[i]) - width / 2, std::min(top, bottom), width,
                                std::abs(bottom - top)));
    }
}

} // namespace

void paintPlot(QPainter &painter, const Plot &plot, const PlotLayout &layout, const Theme &theme)
{
    using Threshold = GraphStyle::ThresholdStyle;
    painter.save();
    paintGrid(painter, layout, theme);
    paintLabels(painter, plot, layout, theme);
    painter.setClipRect(layout.area.adjusted(-3, -3, 3, 1));
    if (plot.thresholdStyle == Threshold::Area || plot.thresholdStyle == Threshold::LineAndArea)
        paintThresholdAreas(painter, plot, layout);
    // The first series is drawn last, so that it lies on top: of a stack, at the bottom of the
    // pile.
    for (auto line = plot.lines.rbegin(); line != plot.lines.rend(); ++line) {
        if (line->style.draw == GraphStyle::Draw::Bars)
            paintBars(painter, plot, *line, layout);
        else
            paintLine(painter, plot, *line, layout);
    }
    if (plot.thresholdStyle == Threshold::Line || plot.thresholdStyle == Threshold::LineAndArea)
        paintThresholdLines(painter, plot, layout);
    painter.restore();
}

void paintSparkline(QPainter &painter, const QRectF &rect, const PlotLine &line, std::int64_t start,
                    std::int64_t end, const ValueRange &range)
{
    PlotLayout layout;
    layout.area = rect;
    layout.start = start;
    layout.end = std::max(end, start + 1);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const TraceSegment &segment : traceOf(line, layout, range)) {
        if (segment.points.size() < 2)
            continue;
        painter.setPen(Qt::NoPen);
        painter.setBrush(fillBrush(line, rect));
        fillTrace(painter, segment);
        strokeTrace(painter, segment.points, line);
    }
    painter.restore();
}

} // namespace trendscope::ui
