#include "ui/plot/plot.h"

#include "core/dashboard/value_format.h"
#include "ui/theme/theme.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int labelSize = 12;
constexpr double timeLabelPadding = 18;
constexpr double largestAxisShare = 0.4; ///< of the width, for the labels of one axis

/// Digits after the point that an increment needs; labels are trimmed afterwards.
int decimalsOf(double increment)
{
    const QString text = QString::number(increment, 'f', 12);
    const qsizetype digits = text.size() - 1 - text.indexOf(u'.');
    const auto zeros = std::find_if(text.crbegin(), text.crend(), [](QChar c) { return c != u'0'; })
        - text.crbegin();
    return std::max(2, static_cast<int>(digits - zeros));
}

/// "1.0" and "1.50" as "1" and "1.5".
QString trimmedZeros(QString text)
{
    if (!text.contains(u'.'))
        return text;
    while (text.endsWith(u'0'))
        text.chop(1);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text;
}

std::vector<AxisLabel> labelsOf(const PlotAxis &axis, const QRectF &area)
{
    const ValueTicks ticks = valueTicks(axis.range, area.height(),
                                        dashboard::isBinaryUnit(axis.unit), axis.decimals == 0);
    std::vector<AxisLabel> labels;
    for (const double value : ticks.values) {
        const double share = (value - axis.range.min) / (axis.range.max - axis.range.min);
        auto text = dashboard::formatValue(value, axis.unit,
                                           axis.decimals.value_or(decimalsOf(ticks.increment)));
        if (!axis.decimals)
            text.text = trimmedZeros(text.text);
        labels.push_back({area.bottom() - area.height() * share, text.full()});
    }
    return labels;
}

double widthOf(const std::vector<AxisLabel> &labels, const QFontMetricsF &metrics)
{
    double width = 0;
    for (const AxisLabel &label : labels)
        width = std::max(width, metrics.horizontalAdvance(label.text));
    return width;
}

} // namespace

double captionHeight(const PlotAxis &axis, const QFont &font)
{
    return axis.label.isEmpty() ? 0 : QFontMetricsF(font).height() + 2;
}

PlotLayout layoutOf(const Plot &plot, const QRectF &rect)
{
    PlotLayout layout;
    layout.rect = rect;
    layout.font = textFont(labelSize);
    layout.start = plot.start;
    layout.end = std::max(plot.end, plot.start + 1);
    const QFontMetricsF metrics(layout.font);
    const double halfLine = metrics.height() / 2;
    layout.area = rect.adjusted(0, halfLine, 0, -(metrics.height() + axisLabelGap));

    const auto sideOf = [&](const PlotAxis &axis, std::vector<AxisLabel> &labels) {
        labels = labelsOf(axis, layout.area);
        return std::min(widthOf(labels, metrics) + axisLabelGap + captionHeight(axis, layout.font),
                        rect.width() * largestAxisShare);
    };
    layout.area.setLeft(rect.left() + sideOf(plot.left, layout.left));
    layout.area.setRight(rect.right() - (plot.right ? sideOf(*plot.right, layout.right) : 4));

    const double labelSpace =
        metrics.horizontalAdvance(sampleTimeLabel(plot.start, plot.end)) + timeLabelPadding;
    for (TimeTick &tick :
         timeTicks(plot.start, plot.end, layout.area.width(), labelSpace, plot.zone))
        layout.times.push_back({layout.xOf(tick.time), std::move(tick.label)});
    return layout;
}

} // namespace trendscope::ui
