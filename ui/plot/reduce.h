#pragma once

#include <QPointF>

#include <span>
#include <vector>

namespace trendscope::ui {

/// M4: keeps the first, lowest, highest and last point of every pixel column, so that the line
/// painted is the same.
///
/// `points` ascend in x and hold no NaN. Fewer than four a column come back as they are.
/// U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.
std::vector<QPointF> reduceToColumns(std::span<const QPointF> points);

} // namespace trendscope::ui
