#include "ui/panels/plot_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using dashboard::Field;
using dashboard::GraphStyle;

/// Series that pile up on each other.
struct Stack {
    std::vector<PlotLine *> lines;
    bool isPercent = false;
};

bool isMostlyNegative(const std::vector<double> &values)
{
    const auto negatives = std::ranges::count_if(values, [](double v) { return v < 0; });
    const auto positives = std::ranges::count_if(values, [](double v) { return v > 0; });
    return negatives > positives;
}

QString stackKey(const PlotLine &line)
{
    return u"%1|%2|%3|%4|%5|%6"_s.arg(isMostlyNegative(line.values))
        .arg(static_cast<int>(line.style.stacking))
        .arg(line.style.stackingGroup)
        .arg(line.isOnRightAxis)
        .arg(static_cast<int>(line.style.draw))
        .arg(static_cast<int>(line.style.interpolation));
}

std::vector<std::int64_t> unionOfTimes(const Stack &stack)
{
    std::vector<std::int64_t> times;
    for (const PlotLine *line : stack.lines)
        times.insert(times.end(), line->times.begin(), line->times.end());
    std::ranges::sort(times);
    times.erase(std::ranges::unique(times).begin(), times.end());
    return times;
}

/// The line's values at `times`; NaN where it has none.
std::vector<double> valuesAt(const PlotLine &line, const std::vector<std::int64_t> &times)
{
    std::vector<double> values(times.size(), std::nan(""));
    std::size_t at = 0;
    for (std::size_t i = 0; i < times.size() && at < line.times.size(); ++i) {
        if (line.times[at] == times[i])
            values[i] = line.values[at++];
    }
    return values;
}

/// Puts every line on top of those before it. A missing value counts as 0 where another line of the
/// stack has one.
void pileUp(Stack &stack)
{
    const auto times = unionOfTimes(stack);
    std::vector<std::vector<double>> rows;
    for (const PlotLine *line : stack.lines)
        rows.push_back(valuesAt(*line, times));

    std::vector<double> totals(times.size(), std::nan(""));
    for (const auto &row : rows) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (!std::isnan(row[i]))
                totals[i] = (std::isnan(totals[i]) ? 0 : totals[i]) + row[i];
        }
    }
    std::vector<double> floor(times.size(), 0);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        PlotLine &line = *stack.lines[k];
        line.times = times;
        line.bases = floor;
        line.values.assign(times.size(), std::nan(""));
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (std::isnan(totals[i]))
                continue;
            const double share = std::isnan(rows[k][i]) ? 0 : rows[k][i];
            floor[i] += !stack.isPercent ? share : totals[i] == 0 ? 0 : share / std::abs(totals[i]);
            line.values[i] = floor[i];
        }
    }
}

void stackLines(std::vector<PlotLine> &lines)
{
    std::map<QString, Stack> stacks;
    for (PlotLine &line : lines) {
        if (line.style.stacking == GraphStyle::Stacking::None)
            continue;
        Stack &stack = stacks[stackKey(line)];
        stack.lines.push_back(&line);
        stack.isPercent = line.style.stacking == GraphStyle::Stacking::Percent;
    }
    for (auto &[key, stack] : stacks)
        pileUp(stack);
}

PlotLine lineOf(const Field &field, std::size_t index, const Theme &theme)
{
    PlotLine line;
    line.name = field.name;
    line.color = fieldColor(field, index, theme);
    line.style = field.config.graph;
    line.times = field.times;
    line.values = field.values;
    if (line.style.negativeY)
        std::ranges::transform(line.values, line.values.begin(), std::negate<>());
    return line;
}

std::optional<ValueRange> extremesOf(const std::vector<PlotLine> &lines, bool isRight)
{
    ValueRange range{std::numeric_limits<double>::infinity(),
                     -std::numeric_limits<double>::infinity()};
    for (const PlotLine &line : lines) {
        if (line.isOnRightAxis != isRight)
            continue;
        const auto include = [&](double value) {
            if (!std::isnan(value))
                range = {std::min(range.min, value), std::max(range.max, value)};
        };
        std::ranges::for_each(line.values, include);
    }
    return range.min <= range.max ? std::optional(range) : std::nullopt;
}

PlotAxis axisOf(const Field &field, const std::vector<PlotLine> &lines, bool isRight)
{
    const auto &config = field.config;
    PlotAxis axis;
    const bool isPercent = config.graph.stacking == GraphStyle::Stacking::Percent;
    axis.unit = isPercent ? u"percentunit"_s : config.unit;
    axis.decimals = config.decimals;
    axis.label = config.graph.axisLabel;
    const auto extremes = extremesOf(lines, isRight);
    if (isPercent) // shares: the whole is always in sight
        axis.range = {extremes && extremes->min < 0 ? -1.0 : 0.0, 1.0};
    else
        axis.range = valueRange(extremes,
                                {config.min, config.max, config.graph.softMin, config.graph.softMax,
                                 config.decimals == 0});
    return axis;
}

/// A second axis is for what asks for it, or has another unit than the first field.
bool belongsRight(const Field &field, const Field &first)
{
    using Axis = GraphStyle::Axis;
    const Axis placement = field.config.graph.axis;
    return placement == Axis::Right
        || (placement == Axis::Auto && field.config.unit != first.config.unit);
}

void addThresholds(Plot &plot, const Field &field, const Theme &theme)
{
    const auto &config = field.config;
    plot.thresholdStyle = config.graph.thresholds;
    const ValueRange &range = plot.left.range;
    for (const dashboard::Threshold &threshold : config.thresholds) {
        const double value = config.thresholdMode == dashboard::ThresholdMode::Percentage
                && std::isfinite(threshold.value)
            ? range.min + (range.max - range.min) * threshold.value / 100
            : threshold.value;
        plot.thresholds.push_back({value, theme.color(threshold.color)});
    }
}

} // namespace

QColor fieldColor(const Field &field, std::size_t index, const Theme &theme)
{
    const QString &mode = field.config.colorMode;
    if (mode == "fixed"_L1 && !field.config.fixedColor.isEmpty())
        return theme.color(field.config.fixedColor);
    if (mode == "thresholds"_L1 && !field.config.thresholds.empty()) {
        const auto last = std::ranges::find_if(field.values.rbegin(), field.values.rend(),
                                               [](double v) { return !std::isnan(v); });
        const double value = last == field.values.rend() ? std::nan("") : *last;
        return theme.color(dashboard::thresholdColor(field.config, value, field.range));
    }
    return theme.series(static_cast<qsizetype>(index));
}

Plot buildPlot(const dashboard::PanelData &data, const std::set<std::size_t> &hidden,
               const Theme &theme, const QTimeZone &zone)
{
    Plot plot;
    plot.start = data.range.start.time_since_epoch().count();
    plot.end = data.range.end.time_since_epoch().count();
    plot.zone = zone;
    const Field *leftField = nullptr;
    const Field *rightField = nullptr;
    for (std::size_t i = 0; i < data.fields.size(); ++i) {
        const Field &field = data.fields[i];
        if (field.config.graph.isHidden || hidden.contains(i))
            continue;
        plot.lines.push_back(lineOf(field, i, theme));
        plot.lines.back().isOnRightAxis = belongsRight(field, data.fields.front());
        const Field *&axisField = plot.lines.back().isOnRightAxis ? rightField : leftField;
        axisField = axisField ? axisField : &field;
    }
    stackLines(plot.lines);
    if (leftField) {
        plot.left = axisOf(*leftField, plot.lines, false);
        addThresholds(plot, *leftField, theme);
    }
    if (rightField)
        plot.right = axisOf(*rightField, plot.lines, true);
    return plot;
}

} // namespace trendscope::ui
