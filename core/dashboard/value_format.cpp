#include "core/dashboard/value_format.h"

#include <QDateTime>
#include <QHash>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

enum class Style {
    Plain,    ///< value + suffix
    Percent,  ///< value × scale + "%"
    Short,    ///< K, Mil, Bil, …
    Count,    ///< K, M, B, T joined, then the suffix
    Si,       ///< powers of 1000 in front of the suffix
    Binary,   ///< powers of 1024 in front of the suffix
    Currency, ///< symbol in front
    Span,     ///< seconds × scale in the unit that suits
    Locale,   ///< digits in groups
    Bool,
    Time, ///< milliseconds since the epoch
    Text,
};

struct Unit {
    Style style;
    QString suffix;
    double scale =
        1; ///< of Percent and Span; the power of the prefix that the value has of Si and Binary
};

// Ids as in Grafana's list of units, by how they count.
const QHash<QString, Unit> &unitTable()
{
    static const QHash<QString, Unit> table{
        {u""_s, {Style::Plain, {}}},
        {u"none"_s, {Style::Plain, {}}},
        {u"string"_s, {Style::Text, {}}},
        {u"short"_s, {Style::Short, {}}},
        {u"locale"_s, {Style::Locale, {}}},
        {u"percent"_s, {Style::Percent, u"%"_s}},
        {u"percentunit"_s, {Style::Percent, u"%"_s, 100}},
        {u"humidity"_s, {Style::Plain, u" %H"_s}},
        {u"celsius"_s, {Style::Plain, u" °C"_s}},
        {u"fahrenheit"_s, {Style::Plain, u" °F"_s}},
        {u"bool"_s, {Style::Bool, u"True/False"_s}},
        {u"bool_yes_no"_s, {Style::Bool, u"Yes/No"_s}},
        {u"bool_on_off"_s, {Style::Bool, u"On/Off"_s}},
        {u"reqps"_s, {Style::Count, u"req/s"_s}},
        {u"rps"_s, {Style::Count, u"rd/s"_s}},
        {u"wps"_s, {Style::Count, u"wr/s"_s}},
        {u"ops"_s, {Style::Count, u"ops/s"_s}},
        {u"cps"_s, {Style::Count, u"c/s"_s}},
        {u"iops"_s, {Style::Count, u"io/s"_s}},
        {u"eps"_s, {Style::Count, u"evt/s"_s}},
        {u"mps"_s, {Style::Count, u"msg/s"_s}},
        {u"recps"_s, {Style::Count, u"rec/s"_s}},
        {u"rowsps"_s, {Style::Count, u"rows/s"_s}},
        {u"cpm"_s, {Style::Count, u"c/m"_s}},
        {u"opm"_s, {Style::Count, u"ops/m"_s}},
        {u"reqpm"_s, {Style::Count, u"req/m"_s}},
        {u"mpm"_s, {Style::Count, u"msg/m"_s}},
        {u"rpm"_s, {Style::Count, u"rd/m"_s}},
        {u"wpm"_s, {Style::Count, u"wr/m"_s}},
        {u"decbytes"_s, {Style::Si, u"B"_s}},
        {u"deckbytes"_s, {Style::Si, u"B"_s, 1}},
        {u"decmbytes"_s, {Style::Si, u"B"_s, 2}},
        {u"decgbytes"_s, {Style::Si, u"B"_s, 3}},
        {u"decbits"_s, {Style::Si, u"b"_s}},
        {u"Bps"_s, {Style::Si, u"B/s"_s}},
        {u"bps"_s, {Style::Si, u"b/s"_s}},
        {u"KBs"_s, {Style::Si, u"B/s"_s, 1}},
        {u"MBs"_s, {Style::Si, u"B/s"_s, 2}},
        {u"pps"_s, {Style::Si, u"p/s"_s}},
        {u"hertz"_s, {Style::Si, u"Hz"_s}},
        {u"watt"_s, {Style::Si, u"W"_s}},
        {u"volt"_s, {Style::Si, u"V"_s}},
        {u"amp"_s, {Style::Si, u"A"_s}},
        {u"bytes"_s, {Style::Binary, u"B"_s}},
        {u"kbytes"_s, {Style::Binary, u"B"_s, 1}},
        {u"mbytes"_s, {Style::Binary, u"B"_s, 2}},
        {u"gbytes"_s, {Style::Binary, u"B"_s, 3}},
        {u"tbytes"_s, {Style::Binary, u"B"_s, 4}},
        {u"bits"_s, {Style::Binary, u"b"_s}},
        {u"binBps"_s, {Style::Binary, u"B/s"_s}},
        {u"binbps"_s, {Style::Binary, u"b/s"_s}},
        {u"currencyUSD"_s, {Style::Currency, u"$"_s}},
        {u"currencyEUR"_s, {Style::Currency, u"€"_s}},
        {u"currencyGBP"_s, {Style::Currency, u"£"_s}},
        {u"currencyJPY"_s, {Style::Currency, u"¥"_s}},
        {u"ns"_s, {Style::Span, {}, 1e-9}},
        {u"µs"_s, {Style::Span, {}, 1e-6}},
        {u"ms"_s, {Style::Span, {}, 1e-3}},
        {u"s"_s, {Style::Span, {}, 1}},
        {u"m"_s, {Style::Span, {}, 60}},
        {u"h"_s, {Style::Span, {}, 3600}},
        {u"d"_s, {Style::Span, {}, 86400}},
        {u"dateTimeAsIso"_s, {Style::Time, u"yyyy-MM-dd HH:mm:ss"_s}},
    };
    return table;
}

/// Digits after the point for about three significant ones.
int automaticDecimals(double value)
{
    if (value == 0 || std::fmod(value, 1) == 0)
        return 0;
    const double magnitude = std::abs(value);
    int decimals = 1 - static_cast<int>(std::floor(std::log10(magnitude)));
    if (value / std::pow(10.0, -decimals) > 2.25)
        ++decimals;
    return std::clamp(decimals, 0, 20);
}

QString fixed(double value, int decimals)
{
    // Half up, towards +∞, on the scaled value: what JavaScript's Math.round does.
    const double factor = std::pow(10.0, decimals);
    const double scaled = std::floor(value * factor + 0.5) / factor;
    const QString text = QString::number(std::isfinite(scaled) ? scaled : value, 'f', decimals);
    const bool isMinusZero = text.startsWith(u'-')
        && std::ranges::all_of(text.sliced(1), [](QChar c) { return c == u'0' || c == u'.'; });
    return isMinusZero ? text.sliced(1) : text;
}

FormattedValue scaled(double value, double step, std::span<const QString> prefixes, int index,
                      std::optional<int> decimals)
{
    double shown = value;
    if (value != 0 && std::isfinite(value)) {
        const int shift = static_cast<int>(std::floor(std::log(std::abs(value)) / std::log(step)));
        const int target = std::clamp(index + shift, 0, static_cast<int>(prefixes.size()) - 1);
        shown = value / std::pow(step, target - index);
        index = target;
    }
    return {{}, formatNumber(shown, decimals), prefixes[static_cast<std::size_t>(index)]};
}

FormattedValue formatShort(double value, std::optional<int> decimals)
{
    static const std::array<QString, 9> prefixes{u""_s,       u" K"_s,    u" Mil"_s,
                                                 u" Bil"_s,   u" Tri"_s,  u" Quadr"_s,
                                                 u" Quint"_s, u" Sext"_s, u" Sept"_s};
    return scaled(value, 1000, prefixes, 0, decimals);
}

FormattedValue formatCount(double value, const QString &unit, std::optional<int> decimals)
{
    static const std::array<QString, 5> prefixes{u""_s, u"K"_s, u"M"_s, u"B"_s, u"T"_s};
    FormattedValue text = scaled(value, 1000, prefixes, 0, decimals);
    text.suffix += u' ' + unit;
    return text;
}

FormattedValue formatSi(double value, const Unit &unit, std::optional<int> decimals)
{
    constexpr int base = 5; // index of the unit without a prefix
    static const std::array<QString, 14> prefixes{u" f"_s, u" p"_s, u" n"_s, u" µ"_s, u" m"_s,
                                                  u" "_s,  u" k"_s, u" M"_s, u" G"_s, u" T"_s,
                                                  u" P"_s, u" E"_s, u" Z"_s, u" Y"_s};
    FormattedValue text =
        scaled(value, 1000, prefixes, base + static_cast<int>(unit.scale), decimals);
    text.suffix += unit.suffix;
    return text;
}

FormattedValue formatBinary(double value, const Unit &unit, std::optional<int> decimals)
{
    static const std::array<QString, 9> prefixes{u" "_s,   u" Ki"_s, u" Mi"_s, u" Gi"_s, u" Ti"_s,
                                                 u" Pi"_s, u" Ei"_s, u" Zi"_s, u" Yi"_s};
    FormattedValue text = scaled(value, 1024, prefixes, static_cast<int>(unit.scale), decimals);
    text.suffix += unit.suffix;
    return text;
}

FormattedValue formatCurrency(double value, const QString &symbol, std::optional<int> decimals)
{
    static const std::array<QString, 5> prefixes{u""_s, u"K"_s, u"M"_s, u"B"_s, u"T"_s};
    FormattedValue text = scaled(std::abs(value), 1000, prefixes, 0, decimals);
    text.prefix = (value < 0 ? u"-"_s : QString()) + symbol;
    return text;
}

struct Span {
    double below; ///< seconds, exclusive upper bound
    double seconds;
    QLatin1StringView name;
    bool hasPlural;
};

constexpr double week = 7 * 86400.0;
constexpr double year = 31'556'900.0;
constexpr std::array spans{
    Span{1e-6, 1e-9, " ns"_L1, false},  Span{1e-3, 1e-6, " µs"_L1, false},
    Span{1, 1e-3, " ms"_L1, false},     Span{60, 1, " s"_L1, false},
    Span{3600, 60, " min"_L1, true},    Span{86400, 3600, " hour"_L1, true},
    Span{week, 86400, " day"_L1, true}, Span{365 * 86400.0, week, " week"_L1, true},
};

FormattedValue formatSpan(double value, double scale, std::optional<int> decimals)
{
    const double seconds = value * scale;
    if (seconds == 0)
        return {{},
                formatNumber(0, decimals),
                scale == 1e-3       ? u" ms"_s
                    : scale == 1e-6 ? u" µs"_s
                    : scale == 1e-9 ? u" ns"_s
                                    : u" s"_s};
    const auto it =
        std::ranges::find_if(spans, [&](const Span &s) { return std::abs(seconds) < s.below; });
    const Span span = it == spans.end() ? Span{0, year, " year"_L1, true} : *it;
    const double shown = seconds / span.seconds;
    const bool isPlural = span.hasPlural && span.name != " min"_L1 && std::abs(shown) > 1;
    const QString name = QString::fromUtf8(span.name.data(), span.name.size());
    return {{}, formatNumber(shown, decimals), isPlural ? name + u's' : name};
}

FormattedValue formatLocale(double value, std::optional<int> decimals)
{
    QString text = formatNumber(value, decimals);
    const qsizetype first = text.startsWith(u'-') ? 1 : 0;
    const qsizetype point = text.indexOf(u'.');
    for (qsizetype at = (point < 0 ? text.size() : point) - 3; at > first; at -= 3)
        text.insert(at, u',');
    return {{}, text, {}};
}

FormattedValue formatKnown(double value, const Unit &unit, std::optional<int> decimals)
{
    switch (unit.style) {
    case Style::Plain:
        return {{}, formatNumber(value, decimals), unit.suffix};
    case Style::Percent:
        return {{}, formatNumber(value * unit.scale, decimals), unit.suffix};
    case Style::Short:
        return formatShort(value, decimals);
    case Style::Count:
        return formatCount(value, unit.suffix, decimals);
    case Style::Si:
        return formatSi(value, unit, decimals);
    case Style::Binary:
        return formatBinary(value, unit, decimals);
    case Style::Currency:
        return formatCurrency(value, unit.suffix, decimals);
    case Style::Span:
        return formatSpan(value, unit.scale, decimals);
    case Style::Locale:
        return formatLocale(value, decimals);
    case Style::Bool:
        return {{}, unit.suffix.section(u'/', value != 0 ? 0 : 1, value != 0 ? 0 : -1), {}};
    case Style::Time:
        return {{},
                QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(value)).toString(unit.suffix),
                {}};
    case Style::Text:
        break;
    }
    return {{}, QString::number(value, 'g', 17), {}};
}

} // namespace

QString formatNumber(double value, std::optional<int> decimals)
{
    if (std::isnan(value))
        return u"NaN"_s;
    if (std::isinf(value))
        return value > 0 ? u"∞"_s : u"-∞"_s;
    return fixed(value, decimals.value_or(automaticDecimals(value)));
}

FormattedValue formatValue(double value, const QString &unit, std::optional<int> decimals)
{
    if (const auto it = unitTable().constFind(unit); it != unitTable().constEnd())
        return std::isfinite(value) ? formatKnown(value, *it, decimals)
                                    : FormattedValue{{}, formatNumber(value), {}};
    if (unit.startsWith("prefix:"_L1))
        return {unit.sliced(7), formatNumber(value, decimals), {}};
    if (unit.startsWith("suffix:"_L1))
        return {{}, formatNumber(value, decimals), u' ' + unit.sliced(7)};
    if (unit.startsWith("count:"_L1))
        return formatCount(value, unit.sliced(6), decimals);
    if (unit.startsWith("currency:"_L1))
        return formatCurrency(value, unit.sliced(9), decimals);
    return {{}, formatNumber(value, decimals), u' ' + unit};
}

bool isBinaryUnit(const QString &unit)
{
    const auto it = unitTable().constFind(unit);
    return it != unitTable().constEnd() && it->style == Style::Binary;
}

} // namespace trendscope::dashboard
