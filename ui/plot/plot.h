#pragma once

#include "core/dashboard/field_config.h"
#include "ui/plot/axis.h"

#include <QColor>
#include <QFont>
#include <QRectF>
#include <QString>
#include <QTimeZone>

#include <array>
#include <cstdint>
#include <vector>

namespace trendscope::ui {

/// One series as it is drawn.
struct PlotLine {
    QString name;
    QColor color;
    dashboard::GraphStyle style;
    std::vector<std::int64_t> times; ///< ms since the epoch, ascending
    std::vector<double> values;      ///< heights on the axis, stacking included; NaN is a gap
    std::vector<double> bases;       ///< what a stacked fill stands on; empty: the axis' zero
    bool isOnRightAxis = false;
};

struct PlotAxis {
    ValueRange range;
    QString unit; ///< Grafana unit id of the labels
    std::optional<int> decimals;
    QString label; ///< written along the axis; may be empty
};

struct PlotThreshold {
    double value; ///< −∞ for the base
    QColor color;
};

/// Everything one plot shows; a value that can be painted to any device.
struct Plot {
    std::vector<PlotLine> lines;
    std::int64_t start =
        0; ///< ms since the epoch; the time axis is what was asked for, not what the data span
    std::int64_t end = 0;
    PlotAxis left;
    std::optional<PlotAxis> right;
    std::vector<PlotThreshold> thresholds; ///< ascending
    dashboard::GraphStyle::ThresholdStyle thresholdStyle =
        dashboard::GraphStyle::ThresholdStyle::Off;
    QTimeZone zone = QTimeZone::utc();
};

struct AxisLabel {
    double position; ///< y, or x for times
    QString text;
};

/// Where the parts of a plot are.
struct PlotLayout {
    QRectF rect; ///< all of it; nothing is painted outside
    QRectF area; ///< where the lines are
    std::vector<AxisLabel> left, right, times;
    QFont font;
    std::int64_t start = 0;
    std::int64_t end = 1;

    double xOf(std::int64_t time) const
    {
        return area.left()
            + area.width() * static_cast<double>(time - start) / static_cast<double>(end - start);
    }
    std::int64_t timeOf(double x) const
    {
        return start
            + static_cast<std::int64_t>((x - area.left()) / area.width()
                                        * static_cast<double>(end - start));
    }
    double yOf(double value, const ValueRange &range) const
    {
        return area.bottom() - area.height() * (value - range.min) / (range.max - range.min);
    }
};

constexpr double axisLabelGap = 6; ///< between the area and the labels of an axis

/// Height that the caption of an axis takes beside its labels; 0 without one.
double captionHeight(const PlotAxis &axis, const QFont &font);

/// Places axes, ticks and labels of `plot` in `rect` (device-independent pixels).
PlotLayout layoutOf(const Plot &plot, const QRectF &rect);

} // namespace trendscope::ui
