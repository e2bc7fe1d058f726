#include "ui/plot/reduce.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace trendscope::ui {
namespace {

/// Appends the column's four points in the order of their x.
void appendColumn(std::vector<QPointF> &kept, std::span<const QPointF> column)
{
    if (column.size() <= 4) {
        kept.insert(kept.end(), column.begin(), column.end());
        return;
    }
    const auto [low, high] = std::ranges::minmax_element(column, {}, &QPointF::y);
    std::array indices{std::ptrdiff_t(0), low - column.begin(), high - column.begin(),
                       std::ptrdiff_t(column.size()) - 1};
    std::ranges::sort(indices);
    const auto end = std::ranges::unique(indices).begin();
    for (auto it = indices.begin(); it != end; ++it)
        kept.push_back(column[static_cast<std::size_t>(*it)]);
}

} // namespace

std::vector<QPointF> reduceToColumns(std::span<const QPointF> points)
{
    std::vector<QPointF> kept;
    kept.reserve(std::min<std::size_t>(points.size(), 16'384));
    for (std::size_t from = 0; from < points.size();) {
        const double column = std::floor(points[from].x());
        std::size_t to = from + 1;
        while (to < points.size() && points[to].x() < column + 1)
            ++to;
        appendColumn(kept, points.subspan(from, to - from));
        from = to;
    }
    return kept;
}

} // namespace trendscope::ui
