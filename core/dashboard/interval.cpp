#include "core/dashboard/interval.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct Unit {
    QLatin1StringView name;
    milliseconds span;
};

constexpr std::array units{
    Unit{"y"_L1, 365 * 24h}, Unit{"w"_L1, 7 * 24h}, Unit{"d"_L1, 24h},  Unit{"h"_L1, 1h},
    Unit{"m"_L1, 1min},      Unit{"s"_L1, 1s},      Unit{"ms"_L1, 1ms},
};

struct Rounding {
    milliseconds below; ///< exclusive upper bound
    milliseconds value;
};

constexpr std::array roundings{
    Rounding{10ms, 1ms},
    Rounding{15ms, 10ms},
    Rounding{35ms, 20ms},
    Rounding{75ms, 50ms},
    Rounding{150ms, 100ms},
    Rounding{350ms, 200ms},
    Rounding{750ms, 500ms},
    Rounding{1500ms, 1s},
    Rounding{3500ms, 2s},
    Rounding{7500ms, 5s},
    Rounding{12500ms, 10s},
    Rounding{17500ms, 15s},
    Rounding{25s, 20s},
    Rounding{45s, 30s},
    Rounding{90s, 1min},
    Rounding{210s, 2min},
    Rounding{450s, 5min},
    Rounding{750s, 10min},
    Rounding{1050s, 15min},
    Rounding{25min, 20min},
    Rounding{45min, 30min},
    Rounding{90min, 1h},
    Rounding{150min, 2h},
    Rounding{270min, 3h},
    Rounding{9h, 6h},
    Rounding{24h, 12h},
    Rounding{7 * 24h, 24h},
    Rounding{21 * 24h, 7 * 24h},
    Rounding{42 * 24h, 30 * 24h},
};

constexpr int maximumSteps = 11'000; ///< the server's own limit

milliseconds rounded(double ms)
{
    return milliseconds(std::llround(ms));
}

} // namespace

std::optional<milliseconds> durationOf(QStringView text)
{
    text = text.trimmed();
    while (text.startsWith(u'<') || text.startsWith(u'>') || text.startsWith(u'='))
        text = text.sliced(1).trimmed();
    bool isNumber = false;
    if (const double seconds = text.toDouble(&isNumber); isNumber)
        return seconds >= 0 && seconds < 1e9 ? std::optional(rounded(seconds * 1000))
                                             : std::nullopt;

    milliseconds total{};
    while (!text.isEmpty()) {
        const auto digits =
            std::ranges::find_if_not(text, [](QChar c) { return c.isDigit(); }) - text.begin();
        const QStringView rest = text.sliced(digits);
        const auto unitLength =
            std::ranges::find_if_not(rest, [](QChar c) { return c.isLetter(); }) - rest.begin();
        const auto unit = std::ranges::find_if(
            units, [&](const Unit &u) { return rest.first(unitLength) == u.name; });
        if (digits == 0 || digits > 9 || unit == units.end())
            return {};
        total += text.first(digits).toLongLong() * unit->span;
        text = rest.sliced(unitLength);
    }
    return total > 0ms ? std::optional(total) : std::nullopt;
}

QString intervalText(milliseconds span)
{
    for (const Unit &unit : units) {
        if (unit.name != "w"_L1 && span >= unit.span)
            return QString::number(span / unit.span) + unit.name;
    }
    return u"1ms"_s;
}

QString durationText(milliseconds span)
{
    QString text;
    for (const Unit &unit : units) {
        if (unit.span > 1h || (span < unit.span && text.isEmpty()))
            continue;
        if (unit.name == "ms"_L1 && span == 0ms)
            break;
        text += QString::number(span / unit.span) + unit.name;
        span %= unit.span;
    }
    return text.isEmpty() ? u"0s"_s : text;
}

milliseconds roundedInterval(milliseconds raw)
{
    const auto it =
        std::ranges::find_if(roundings, [raw](const Rounding &r) { return raw < r.below; });
    return it == roundings.end() ? milliseconds(365 * 24h) : it->value;
}

Interval intervalFor(const IntervalInput &input)
{
    const double raw = static_cast<double>(input.range.count()) / std::max(1, input.maxDataPoints);
    const milliseconds frontEnd = std::max(input.minimum, roundedInterval(rounded(raw)));
    const milliseconds minimum = input.query.value_or(frontEnd);
    const milliseconds calculated =
        rounded(raw) < minimum ? minimum : roundedInterval(rounded(raw));
    const milliseconds safe =
        roundedInterval(rounded(static_cast<double>(input.range.count()) / maximumSteps));
    const milliseconds scrape = input.query.value_or(input.scrape);
    return {std::max(calculated, safe) * std::max(1, input.factor),
            std::max(frontEnd + scrape, 4 * scrape)};
}

std::pair<prom::Timestamp, prom::Timestamp> alignedRange(prom::Timestamp start, prom::Timestamp end,
                                                         milliseconds step,
                                                         std::chrono::seconds utcOffset)
{
    const auto down = [&](prom::Timestamp time) {
        const milliseconds local = time.time_since_epoch() + utcOffset;
        const auto remainder = ((local % step) + step) % step;
        return time - remainder;
    };
    return {down(start), down(end)};
}

} // namespace trendscope::dashboard
