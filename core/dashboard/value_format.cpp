#include "core/dashboard/value_format.h"

#include "core/dashboard/span_format_p.h"

#include <QDateTime>
#include <QHash>
#include <QLocale>
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
    Span,     ///< a length of time, in the unit that suits
    Locale,   ///< digits in groups
    Bool,
    Time, ///< milliseconds since the epoch
    Text,
};

struct Unit {
    Style style;
    QString suffix;
    double scale = 0; ///< factor of Percent; of Si and Binary the power of the prefix that
                      ///< the value has
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
        {u"percent"_s, {Style::Percent, u"%"_s, 1}},
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
        {u"mpm"_s, {Style::Count, u"msgs/m"_s}},
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
        {u"ns"_s, {Style::Span, u"ns"_s}},
        {u"µs"_s, {Style::Span, u"µs"_s}},
        {u"ms"_s, {Style::Span, u"ms"_s}},
        {u"s"_s, {Style::Span, u"s"_s}},
        {u"m"_s, {Style::Span, u"m"_s}},
        {u"h"_s, {Style::Span, u"h"_s}},
        {u"d"_s, {Style::Span, u"d"_s}},
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
    if (magnitude / std::pow(10.0, -decimals) > 2.25)
        ++decimals;
    return std::clamp(decimals, 0, 20);
}

bool needsExponent(double value)
{
    const double magnitude = std::abs(value);
    return value != 0 && (magnitude < 1e-6 || magnitude >= 1e21);
}

/// The number as JavaScript writes it: all its digits, an exponent only where it is very large or
/// small.
QString plainText(double value)
{
    if (!needsExponent(value))
        return QString::number(value, 'f', QLocale::FloatingPointShortest);
    QString text = QString::number(value, 'e', QLocale::FloatingPointShortest);
    return text.replace("e-0"_L1, "e-"_L1);
}

QString fixed(double value, int decimals)
{
    // Half up, towards +∞, on the scaled value: what JavaScript's Math.round does.
    const double factor = std::pow(10.0, decimals);
    const double rounded = std::floor(value * factor + 0.5) / factor;
    const double shown = std::isfinite(rounded) ? rounded : value;
    if (needsExponent(shown))
        return plainText(shown);
    const QString text = QString::number(shown, 'f', decimals);
    const bool isMinusZero = text.startsWith(u'-')
        && std::ranges::all_of(text.sliced(1), [](QChar c) { return c == u'0' || c == u'.'; });
    return isMinusZero ? text.sliced(1) : text;
}

QString withoutTrailingZeros(QString text)
{
    if (!text.contains(u'.'))
        return text;
    while (text.endsWith(u'0'))
        text.chop(1);
    return text.endsWith(u'.') ? text.chopped(1) : text;
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

/// Digits in groups of three; `decimals` is the most there may be.
FormattedValue formatLocale(double value, std::optional<int> decimals)
{
    QString text = withoutTrailingZeros(formatNumber(value, decimals.value_or(3)));
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
        return formatSpan(value, unit.suffix, decimals);
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
    return {{}, plainText(value), {}};
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
