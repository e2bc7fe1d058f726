#pragma once

#include "ui/plot/plot.h"
#include "ui/theme/theme.h"

class QPainter;

namespace trendscope::ui {

/// Paints grid, axes, fills, lines, bars, points and thresholds: to a screen, an image, SVG or PDF
/// alike.
void paintPlot(QPainter &painter, const Plot &plot, const PlotLayout &layout, const Theme &theme);

/// A series without axes that fills `rect`, for stats; the area below it is filled with the fading
/// colour.
void paintSparkline(QPainter &painter, const QRectF &rect, const PlotLine &line, std::int64_t start,
                    std::int64_t end, const ValueRange &range);

} // namespace trendscope::ui
