#include "ui/plot/axis.h"

#include <QDateTime>

#include <algorithm>
#include <array>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A multiple of a power of ten, without the dust that binary fractions leave.
double cleaned(double value)
{
    return value == 0 || !std::isfinite(value) ? value : QString::number(value, 'g', 14).toDouble();
}

double roundedDown(double value, double increment)
{
    return cleaned(std::floor(cleaned(value / increment)) * increment);
}

double roundedUp(double value, double increment)
{
    return cleaned(std::ceil(cleaned(value / increment)) * increment);
}

/// A limit that holds as long as the data keep to it. `always`: also when the data stay far from
/// it.
struct SoftLimit {
    double value;
    bool always;
};

/// The lower end of an axis; the upper one is the same with all signs turned.
double lowerEnd(double low, double padding, double rounding, SoftLimit soft)
{
    const double padded = roundedDown(low - padding, rounding);
    const bool holds = low >= soft.value && (soft.always || padded <= soft.value);
    return holds ? soft.value : padded;
}

/// Values that stay finite, and no dust, when a range is computed from them.
double tamed(double value)
{
    constexpr double largest = 1e300;
    return std::abs(value) < 1 / largest ? 0 : std::clamp(value, -largest, largest);
}

/// The range from `low`, made wide enough to divide by where `high` is not above it.
ValueRange orderedRange(double low, double high)
{
    return {low, low < high ? high : low + std::max(1.0, std::abs(low))};
}

bool isFlat(double low, double high)
{
    const double span = high - low;
    const double magnitude = std::max(std::abs(low), std::abs(high));
    // Spans ten orders of magnitude below the values are rounding errors, not data.
    return span < 1e-24
        || (magnitude > 0 && std::abs(std::log10(magnitude) - std::log10(span)) > 10);
}

constexpr std::array<std::int64_t, 30> timeIncrements{
    1,          2,          5,          10,          20,          50,
    100,        200,        500,        1'000,       5'000,       10'000,
    15'000,     30'000,     60'000,     300'000,     600'000,     900'000,
    1'800'000,  3'600'000,  7'200'000,  10'800'000,  14'400'000,  21'600'000,
    28'800'000, 43'200'000, 86'400'000, 172'800'000, 345'600'000, 604'800'000};
constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t month = 30 * day;
constexpr std::int64_t year = 365 * day;

QString timeFormat(std::int64_t range, std::int64_t increment)
{
    if (increment < 1'000)
        return u"HH:mm:ss.zzz"_s;
    if (increment < 60'000)
        return u"HH:mm:ss"_s;
    if (range <= day)
        return u"HH:mm"_s;
    if (increment < day)
        return u"MM/dd HH:mm"_s;
    if (range < year)
        return u"MM/dd"_s;
    return increment < year ? u"yyyy-MM"_s : u"yyyy"_s;
}

std::vector<TimeTick> monthTicks(std::int64_t start, std::int64_t end, int months,
                                 const QTimeZone &zone)
{
    std::vector<TimeTick> ticks;
    const QDate first = QDateTime::fromMSecsSinceEpoch(start, zone).date();
    QDate date(first.year(), months >= 12 ? 1 : first.month(), 1);
    const QString format = timeFormat(end - start, months >= 12 ? year : month);
    for (; ticks.size() < 1'000; date = date.addMonths(months)) {
        const QDateTime time = date.startOfDay(zone);
        if (time.toMSecsSinceEpoch() > end)
            break;
        if (time.toMSecsSinceEpoch() >= start)
            ticks.push_back({time.toMSecsSinceEpoch(), time.toString(format)});
    }
    return ticks;
}

/// The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `smallest`.
double decimalIncrement(double smallest, bool isInteger)
{
    const double base = std::pow(10.0, std::floor(std::log10(smallest)));
    for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0, 20.0}) {
        const double increment = cleaned(step * base);
        const bool isAllowed = !isInteger || increment == std::floor(increment);
        if (isAllowed && increment >= cleaned(smallest))
            return increment;
    }
    return 1; // integers, and less than one of them fits
}

} // namespace

ValueRange valueRange(std::optional<ValueRange> data, const ValueLimits &limits)
{
    if (limits.min && limits.max && !limits.softMin && !limits.softMax && *limits.min < *limits.max)
        return {*limits.min, *limits.max};
    if (!data)
        return orderedRange(limits.min.value_or(limits.softMin.value_or(0)),
                            limits.max.value_or(limits.softMax.value_or(100)));
    const ValueRange known{tamed(data->min), tamed(data->max)};
    const bool isFixedLow = limits.min && !limits.softMin;
    const bool isFixedHigh = limits.max && !limits.softMax;
    const double low = isFixedLow ? *limits.min : known.min;
    const double high = std::max(low, isFixedHigh ? *limits.max : known.max);

    const bool flat = isFlat(low, high);
    const double magnitude = std::max(std::abs(low), std::abs(high));
    const double span = !flat ? high - low : magnitude > 0 ? magnitude : 0;
    const double rounding = span > 0 ? std::pow(10.0, std::floor(std::log10(span))) / 10 : 1;
    const double padding = flat ? span : span * 0.1;

    ValueRange range;
    range.min =
        lowerEnd(low, padding, rounding, {limits.softMin.value_or(0), limits.softMin.has_value()});
    range.max = -lowerEnd(-high, padding, rounding,
                          {-limits.softMax.value_or(0), limits.softMax.has_value()});
    if (limits.isInteger)
        range = {std::floor(range.min), std::ceil(range.max)};
    range.min = isFixedLow ? *limits.min : std::max(range.min, limits.min.value_or(-infinity));
    range.max = isFixedHigh ? *limits.max : std::min(range.max, limits.max.value_or(infinity));
    if (range.min == 0 && range.max == 0)
        range.max = 100;
    return orderedRange(range.min, range.max);
}

ValueTicks valueTicks(const ValueRange &range, double height, bool isBinary, bool isInteger)
{
    const double space = height <= 150 ? 15 : 30;
    const double smallest = (range.max - range.min) * space / std::max(height, 1.0);
    ValueTicks ticks;
    ticks.increment = isBinary ? std::max(1.0, std::exp2(std::ceil(std::log2(smallest) - 1e-9)))
                               : decimalIncrement(smallest, isInteger);
    double value = roundedUp(range.min, ticks.increment);
    for (int i = 1; value <= range.max && ticks.values.size() < 1'000; ++i) {
        ticks.values.push_back(value);
        value = cleaned(ticks.values.front() + i * ticks.increment);
    }
    return ticks;
}

std::vector<TimeTick> timeTicks(std::int64_t start, std::int64_t end, double width,
                                double labelSpace, const QTimeZone &zone)
{
    if (end <= start || width <= 0)
        return {};
    const double smallest = static_cast<double>(end - start) * labelSpace / width;
    const auto it = std::ranges::find_if(
        timeIncrements, [&](std::int64_t i) { return static_cast<double>(i) >= smallest; });
    if (it == timeIncrements.end()) {
        constexpr std::array months{1, 2, 3, 6, 12, 24, 60, 120, 600};
        const auto count = std::ranges::find_if(
            months, [&](int m) { return static_cast<double>(m * month) >= smallest; });
        return monthTicks(start, end, count == months.end() ? months.back() : *count, zone);
    }
    std::vector<TimeTick> ticks;
    const std::int64_t increment = *it;
    const QString format = timeFormat(end - start, increment);
    const auto offsetAt = [&](std::int64_t ms) {
        return std::int64_t(zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC)))
            * 1'000;
    };
    // Steps are taken in local time, so that a day begins at midnight on both sides of a clock
    // change.
    std::int64_t local = start + offsetAt(start);
    local -= ((local % increment) + increment) % increment;
    for (; ticks.size() < 1'000; local += increment) {
        const std::int64_t guess = local - offsetAt(local - offsetAt(start));
        if (guess > end)
            break;
        const bool exists =
            guess + offsetAt(guess) == local; // not an hour that a clock change left out
        if (guess >= start && exists)
            ticks.push_back({guess, QDateTime::fromMSecsSinceEpoch(guess, zone).toString(format)});
    }
    return ticks;
}

QString sampleTimeLabel(std::int64_t start, std::int64_t end)
{
    const std::int64_t range = end - start;
    return range <= 60'000 ? u"00:00:00"_s
        : range <= day     ? u"00:00"_s
        : range <= 7 * day ? u"00/00 00:00"_s
                           : u"0000-00"_s;
}

} // namespace trendscope::ui
