#include "ui/plot/trace.h"

#include "ui/plot/reduce.h"

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using dashboard::GraphStyle;

/// First and one-past-last index of the samples that lie in the range, with one neighbour on each
/// side.
std::pair<std::size_t, std::size_t> visibleSamples(const PlotLine &line, const PlotLayout &layout)
{
    const auto first = std::ranges::lower_bound(line.times, layout.start) - line.times.begin();
    const auto last = std::ranges::upper_bound(line.times, layout.end) - line.times.begin();
    return {static_cast<std::size_t>(std::max<std::ptrdiff_t>(first - 1, 0)),
            std::min(line.times.size(), static_cast<std::size_t>(last) + 1)};
}

std::vector<QPointF> stepped(const std::vector<QPointF> &points, bool isAfter)
{
    std::vector<QPointF> steps;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (i > 0)
            steps.push_back(isAfter ? QPointF(points[i].x(), points[i - 1].y())
                                    : QPointF(points[i - 1].x(), points[i].y()));
        steps.push_back(points[i]);
    }
    return steps;
}

/// Slopes of a monotone cubic through the points: it never overshoots them (Fritsch and Carlson,
/// 1980).
std::vector<double> monotoneSlopes(const std::vector<QPointF> &points)
{
    const std::size_t n = points.size();
    std::vector<double> secants(n - 1), slopes(n);
    for (std::size_t i = 0; i + 1 < n; ++i)
        secants[i] =
            (points[i + 1].y() - points[i].y()) / std::max(points[i + 1].x() - points[i].x(), 1e-9);
    slopes.front() = secants.front();
    slopes.back() = secants.back();
    for (std::size_t i = 1; i + 1 < n; ++i) {
        const double product = secants[i - 1] * secants[i];
        slopes[i] = product <= 0 ? 0 : 2 * product / (secants[i - 1] + secants[i]);
    }
    return slopes;
}

std::vector<QPointF> smoothed(const std::vector<QPointF> &points)
{
    if (points.size() < 3)
        return points;
    const std::vector<double> slopes = monotoneSlopes(points);
    std::vector<QPointF> curve{points.front()};
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
        const double width = points[i + 1].x() - points[i].x();
        const int pieces = std::clamp(static_cast<int>(width / 2), 1, 32);
        for (int piece = 1; piece <= pieces; ++piece) {
            const double t = double(piece) / pieces;
            const double s = 1 - t;
            const double y = points[i].y() * (1 + 2 * t) * s * s + slopes[i] * width * t * s * s
                + points[i + 1].y() * t * t * (3 - 2 * t) - slopes[i + 1] * width * t * t * s;
            curve.emplace_back(points[i].x() + width * t, y);
        }
    }
    return curve;
}

std::vector<QPointF> shaped(std::vector<QPointF> points, GraphStyle::Interpolation interpolation)
{
    points = reduceToColumns(points);
    switch (interpolation) {
    case GraphStyle::Interpolation::StepAfter:
        return stepped(points, true);
    case GraphStyle::Interpolation::StepBefore:
        return stepped(points, false);
    case GraphStyle::Interpolation::Smooth:
        return smoothed(points);
    case GraphStyle::Interpolation::Linear:
        break;
    }
    return points;
}

/// Splits at gaps while it walks over the samples.
class Tracer {
public:
    Tracer(const PlotLine &line, const PlotLayout &layout, const ValueRange &range)
        : m_line(line)
        , m_layout(layout)
        , m_range(range)
        , m_zero(layout.yOf(std::clamp(0.0, range.min, range.max), range))
    {
    }

    std::vector<TraceSegment> run()
    {
        const auto [first, last] = visibleSamples(m_line, m_layout);
        for (std::size_t i = first; i < last; ++i) {
            if (std::isnan(m_line.values[i]))
                m_gapStart = m_gapStart < 0 ? m_lastTime : m_gapStart;
            else
                add(i);
        }
        close();
        return std::move(m_segments);
    }

private:
    void add(std::size_t i)
    {
        const std::int64_t time = m_line.times[i];
        if (m_gapStart >= 0 && static_cast<double>(time - m_gapStart) >= m_line.style.spanNullsMs)
            close();
        m_gapStart = -1;
        m_lastTime = time;
        const double x = m_layout.xOf(time);
        m_points.emplace_back(x, m_layout.yOf(m_line.values[i], m_range));
        const bool hasBase = i < m_line.bases.size() && !std::isnan(m_line.bases[i]);
        m_floor.emplace_back(x, hasBase ? m_layout.yOf(m_line.bases[i], m_range) : m_zero);
    }

    void close()
    {
        if (m_points.empty())
            return;
        const auto interpolation = m_line.style.interpolation;
        if (m_line.bases.empty())
            m_floor = {m_floor.front(), m_floor.back()};
        m_segments.push_back({shaped(std::exchange(m_points, {}), interpolation),
                              shaped(std::exchange(m_floor, {}), interpolation)});
    }

    const PlotLine &m_line;
    const PlotLayout &m_layout;
    const ValueRange &m_range;
    double m_zero;
    std::int64_t m_gapStart = -1; ///< time of the last sample before the gap; −1: no gap
    std::int64_t m_lastTime = 0;
    std::vector<QPointF> m_points, m_floor;
    std::vector<TraceSegment> m_segments;
};

} // namespace

std::vector<QPointF> TraceSegment::outline() const
{
    std::vector<QPointF> outline = points;
    outline.insert(outline.end(), floor.rbegin(), floor.rend());
    return outline;
}

std::vector<TraceSegment> traceOf(const PlotLine &line, const PlotLayout &layout,
                                  const ValueRange &range)
{
    return Tracer(line, layout, range).run();
}

} // namespace trendscope::ui
