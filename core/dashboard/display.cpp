#include "core/dashboard/display.h"

#include <algorithm>
#include <cmath>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

bool isMatch(const ValueMapping &mapping, double value, const QString &text)
{
    using Kind = ValueMapping::Kind;
    const bool isMissing = std::isnan(value);
    switch (mapping.kind) {
    case Kind::Value: {
        bool ok = false;
        const double number = mapping.match.toDouble(&ok);
        return !isMissing && ok ? number == value : mapping.match == text;
    }
    case Kind::Range:
        return !isMissing && value >= mapping.from && value <= mapping.to;
    case Kind::Null:
    case Kind::NaN:
    case Kind::NullOrNaN:
        return isMissing;
    case Kind::Regex: // these match texts and truth values; what a query gives are numbers
    case Kind::True:
    case Kind::False:
    case Kind::Empty:
        break;
    }
    return false;
}

} // namespace

QString thresholdColor(const FieldConfig &config, double value, ValueRange range)
{
    if (config.thresholds.empty())
        return {};
    double compared = value;
    if (config.thresholdMode == ThresholdMode::Percentage) {
        const double span = config.max.value_or(range.max) - config.min.value_or(range.min);
        compared = span == 0 ? 0 : (value - config.min.value_or(range.min)) / span * 100;
    }
    const auto above =
        std::ranges::find_if(config.thresholds.begin() + 1, config.thresholds.end(),
                             [&](const Threshold &t) { return !(compared >= t.value); });
    return std::prev(above)->color;
}

DisplayValue displayValue(const FieldConfig &config, double value, ValueRange range)
{
    DisplayValue display;
    if (!std::isnan(value))
        display.text = formatValue(value, config.unit, config.decimals);
    else
        display.text.text = config.noValue.isEmpty() ? u"No data"_s : config.noValue;
    if (config.colorMode == "fixed"_L1)
        display.color = config.fixedColor;
    else if (config.colorMode == "thresholds"_L1)
        display.color = thresholdColor(config, value, range);

    const auto mapping = std::ranges::find_if(config.mappings, [&](const ValueMapping &m) {
        return isMatch(m, value, std::isnan(value) ? QString() : display.text.text);
    });
    if (mapping != config.mappings.end()) {
        if (!mapping->text.isEmpty())
            display.text = {{}, mapping->text, {}};
        if (!mapping->color.isEmpty())
            display.color = mapping->color;
    }
    return display;
}

} // namespace trendscope::dashboard
