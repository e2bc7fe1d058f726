#pragma once

#include "ui/plot/plot.h"

#include <QPointF>

#include <vector>

namespace trendscope::ui {

/// A piece of a line without gaps, in pixels.
struct TraceSegment {
    std::vector<QPointF> points; ///< ascending in x; never empty
    std::vector<QPointF> floor;  ///< what the fill stands on, in the order of `points`

    /// The line and back along its floor.
    std::vector<QPointF> outline() const;
};

/// The visible pieces of a line: gaps split it, steps and curves are added, columns are reduced
/// (reduceToColumns).
std::vector<TraceSegment> traceOf(const PlotLine &line, const PlotLayout &layout,
                                  const ValueRange &range);

} // namespace trendscope::ui
