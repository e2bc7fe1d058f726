#include "core/dashboard/span_format_p.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// How values below a bound are written. Bounds and divisors are in the unit's own numbers.
struct Step {
    double below; ///< exclusive
    double divisor;
    QStringView name;
    bool hasPlural = false;
};

// Grafana's, each unit with bounds and years of its own: @grafana/data
// valueFormats/dateTimeFormatters (Apache-2.0).
constexpr Step nanoseconds[]{
    {1e3, 1, u"ns"},
    {1e6, 1e3, u"µs"},
    {1e9, 1e6, u"ms"},
    {6e10, 1e9, u"s"},
    {3.6e12, 6e10, u"min", true},
    {8.64e13, 3.6e12, u"hour", true},
    {unbounded, 8.64e13, u"day", true},
};
constexpr Step microseconds[]{{1e3, 1, u"µs"}, {1e6, 1e3, u"ms"}, {unbounded, 1e6, u"s"}};
constexpr Step milliseconds[]{
    {1e3, 1, u"ms"},
    {6e4, 1e3, u"s"},
    {3.6e6, 6e4, u"min", true},
    {8.64e7, 3.6e6, u"hour", true},
    {3.1536e10, 8.64e7, u"day", true},
    {unbounded, 3.1536e10, u"year", true},
};
constexpr Step seconds[]{
    {1e-6, 1e-9, u"ns"},
    {1e-3, 1e-6, u"µs"},
    {1, 1e-3, u"ms"},
    {60, 1, u"s"},
    {3600, 60, u"min", true},
    {86'400, 3600, u"hour", true},
    {604'800, 86'400, u"day", true},
    {31'536'000, 604'800, u"week", true},
    {unbounded, 31'556'900, u"year", true},
};
constexpr Step minutes[]{
    {60, 1, u"min"},
    {1440, 60, u"hour", true},
    {10'080, 1440, u"day", true},
    {604'800, 10'080, u"week", true},
    {unbounded, 525'948, u"year", true},
};
constexpr Step hours[]{{24, 1, u"hour"},
                       {168, 24, u"day", true},
                       {8760, 168, u"week", true},
                       {unbounded, 8760, u"year", true}};
constexpr Step days[]{{7, 1, u"day"}, {365, 7, u"week", true}, {unbounded, 365, u"year", true}};

std::span<const Step> stepsOf(const QString &unit)
{
    if (unit == "ns"_L1)
        return nanoseconds;
    if (unit == u"µs")
        return microseconds;
    if (unit == "ms"_L1)
        return milliseconds;
    if (unit == "m"_L1)
        return minutes;
    if (unit == "h"_L1)
        return hours;
    return unit == "d"_L1 ? std::span<const Step>(days) : std::span<const Step>(seconds);
}

} // namespace

FormattedValue formatSpan(double value, const QString &unit, std::optional<int> decimals)
{
    if (value == 0 && unit == "s"_L1)
        return {{}, u"0"_s, u" s"_s};
    const auto steps = stepsOf(unit);
    // The last step has no bound: where no other fits, the search ends on it.
    const Step &step = *std::ranges::find_if(
        steps.first(steps.size() - 1), [&](const Step &s) { return std::abs(value) < s.below; });
    const double shown = value / step.divisor;
    const bool isPlural = step.hasPlural && std::abs(shown) > 1;
    return {{},
            formatNumber(shown, decimals),
            u' ' + step.name.toString() + (isPlural ? u"s"_s : QString())};
}

} // namespace trendscope::dashboard
