#include "core/dashboard/reducer.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;
using Values = std::span<const double>; ///< never empty and without NaN below

constexpr double null = std::numeric_limits<double>::quiet_NaN();

double sumOf(Values values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

double meanOf(Values values)
{
    return sumOf(values) / static_cast<double>(values.size());
}

double varianceOf(Values values)
{
    const double mean = meanOf(values);
    const double squares =
        std::accumulate(values.begin(), values.end(), 0.0,
                        [mean](double sum, double v) { return sum + (v - mean) * (v - mean); });
    return squares / static_cast<double>(values.size());
}

double rangeOf(Values values)
{
    const auto [low, high] = std::ranges::minmax(values);
    return high - low;
}

/// Growth of a counter as Grafana counts it: a fall is a restart, and the first rise after it is
/// left out.
double deltaOf(Values values)
{
    double delta = 0;
    bool wasRising = true;
    for (std::size_t i = 1; i < values.size(); ++i) {
        const double step = values[i] - values[i - 1];
        if (step >= 0 && wasRising)
            delta += step;
        wasRising = step >= 0;
    }
    return delta;
}

double differencePercentOf(Values values)
{
    return (values.back() - values.front()) / values.front() * 100;
}

struct Calculation {
    QString title;
    std::function<double(Values)> run;
    std::optional<QString> unit = {}; ///< nothing: that of the values
};

const QHash<QString, Calculation> &calculations()
{
    static const QHash<QString, Calculation> table{
        {u"lastNotNull"_s, {u"Last *"_s, [](Values v) { return v.back(); }}},
        {u"firstNotNull"_s, {u"First *"_s, [](Values v) { return v.front(); }}},
        {u"min"_s, {u"Min"_s, [](Values v) { return std::ranges::min(v); }}},
        {u"max"_s, {u"Max"_s, [](Values v) { return std::ranges::max(v); }}},
        {u"mean"_s, {u"Mean"_s, meanOf}},
        {u"sum"_s, {u"Total"_s, sumOf}},
        {u"count"_s,
         {u"Count"_s, [](Values v) { return static_cast<double>(v.size()); }, QString()}},
        {u"range"_s, {u"Range"_s, rangeOf}},
        {u"delta"_s, {u"Delta"_s, deltaOf}},
        {u"diff"_s, {u"Difference"_s, [](Values v) { return v.back() - v.front(); }}},
        {u"diffperc"_s, {u"Difference percent"_s, differencePercentOf, u"percent"_s}},
        {u"variance"_s, {u"Variance"_s, varianceOf}},
        {u"stdDev"_s, {u"StdDev"_s, [](Values v) { return std::sqrt(varianceOf(v)); }}},
    };
    return table;
}

QString currentName(const QString &calculation)
{
    static const QHash<QString, QString> old{
        {u"current"_s, u"lastNotNull"_s}, {u"avg"_s, u"mean"_s}, {u"total"_s, u"sum"_s}};
    return old.value(calculation, calculation);
}

} // namespace

double reduce(Values values, const QString &calculation)
{
    const QString id = currentName(calculation);
    if (id == "last"_L1)
        return values.empty() ? null : values.back();
    if (id == "first"_L1)
        return values.empty() ? null : values.front();
    std::vector<double> present;
    std::ranges::copy_if(values, std::back_inserter(present),
                         [](double v) { return !std::isnan(v); });
    if (present.empty())
        return id == "sum"_L1 || id == "count"_L1 ? 0 : null;
    const auto it = calculations().constFind(id);
    return it == calculations().constEnd() ? present.back() : it->run(present);
}

QString calculationTitle(const QString &calculation)
{
    const QString id = currentName(calculation);
    if (id == "last"_L1)
        return u"Last"_s;
    if (id == "first"_L1)
        return u"First"_s;
    const auto it = calculations().constFind(id);
    return it == calculations().constEnd() ? calculation : it->title;
}

QString unitOf(const QString &calculation, const QString &unit)
{
    const auto it = calculations().constFind(currentName(calculation));
    return it == calculations().constEnd() ? unit : it->unit.value_or(unit);
}

} // namespace trendscope::dashboard
