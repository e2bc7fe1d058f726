#include "core/dashboard/field_config.h"

#include <QRegularExpression>

#include <algorithm>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
using Words = std::initializer_list<std::pair<QLatin1StringView, T>>;

template <class T>
T wordOf(const QJsonValue &value, T fallback, Words<T> words)
{
    const QString text = value.toString();
    for (const auto &[word, meaning] : words) {
        if (text == word)
            return meaning;
    }
    return fallback;
}

std::optional<double> numberOf(const QJsonValue &value)
{
    if (value.isDouble())
        return value.toDouble();
    bool ok = false;
    const double number = value.toString().toDouble(&ok); // dashboards hold "80" as often as 80
    return ok ? std::optional(number) : std::nullopt;
}

std::vector<Threshold> thresholdsOf(const QJsonArray &steps)
{
    std::vector<Threshold> thresholds;
    for (const QJsonValue step : steps) {
        const QJsonObject object = step.toObject();
        thresholds.push_back(
            {numberOf(object["value"_L1]).value_or(-infinity), object["color"_L1].toString()});
    }
    std::ranges::stable_sort(thresholds, {}, &Threshold::value);
    return thresholds;
}

ValueMapping mappingWith(ValueMapping::Kind kind, const QJsonObject &result)
{
    ValueMapping mapping{};
    mapping.kind = kind;
    mapping.text = result["text"_L1].toString();
    mapping.color = result["color"_L1].toString();
    return mapping;
}

void appendMappings(std::vector<ValueMapping> &mappings, const QJsonObject &json)
{
    using Kind = ValueMapping::Kind;
    const QString type = json["type"_L1].toString();
    const QJsonObject options = json["options"_L1].toObject();
    const QJsonObject result = options["result"_L1].toObject();
    if (type == "value"_L1) {
        for (auto it = options.begin(); it != options.end(); ++it) {
            mappings.push_back(mappingWith(Kind::Value, it->toObject()));
            mappings.back().match = it.key();
        }
    } else if (type == "range"_L1) {
        mappings.push_back(mappingWith(Kind::Range, result));
        mappings.back().from = numberOf(options["from"_L1]).value_or(-infinity);
        mappings.back().to = numberOf(options["to"_L1]).value_or(infinity);
    } else if (type == "regex"_L1) {
        mappings.push_back(mappingWith(Kind::Regex, result));
        mappings.back().match = options["pattern"_L1].toString();
    } else if (type == "special"_L1) {
        const Kind kind = wordOf<Kind>(options["match"_L1], Kind::Null,
                                       {{"nan"_L1, Kind::NaN},
                                        {"null+nan"_L1, Kind::NullOrNaN},
                                        {"true"_L1, Kind::True},
                                        {"false"_L1, Kind::False},
                                        {"empty"_L1, Kind::Empty}});
        mappings.push_back(mappingWith(kind, result));
    }
}

double spanNullsOf(const QJsonValue &value)
{
    return value.isBool() ? (value.toBool() ? infinity : 0) : std::max(0.0, value.toDouble());
}

GraphStyle graphOf(const QJsonObject &custom)
{
    using Style = GraphStyle;
    Style style;
    style.draw = wordOf(custom["drawStyle"_L1], style.draw,
                        {{"bars"_L1, Style::Draw::Bars}, {"points"_L1, Style::Draw::Points}});
    style.interpolation = wordOf(custom["lineInterpolation"_L1], style.interpolation,
                                 {{"smooth"_L1, Style::Interpolation::Smooth},
                                  {"stepBefore"_L1, Style::Interpolation::StepBefore},
                                  {"stepAfter"_L1, Style::Interpolation::StepAfter}});
    style.points =
        wordOf(custom["showPoints"_L1], style.points,
               {{"never"_L1, Style::Points::Never}, {"always"_L1, Style::Points::Always}});
    const QJsonObject stacking = custom["stacking"_L1].toObject();
    style.stacking =
        wordOf(stacking["mode"_L1], style.stacking,
               {{"normal"_L1, Style::Stacking::Normal}, {"percent"_L1, Style::Stacking::Percent}});
    style.stackingGroup = stacking["group"_L1].toString(style.stackingGroup);
    style.axis = wordOf(custom["axisPlacement"_L1], style.axis,
                        {{"left"_L1, Style::Axis::Left},
                         {"right"_L1, Style::Axis::Right},
                         {"hidden"_L1, Style::Axis::Hidden}});
    style.axisLabel = custom["axisLabel"_L1].toString();
    style.thresholds = wordOf(custom["thresholdsStyle"_L1].toObject()["mode"_L1], style.thresholds,
                              {{"line"_L1, Style::ThresholdStyle::Line},
                               {"dashed"_L1, Style::ThresholdStyle::Line},
                               {"area"_L1, Style::ThresholdStyle::Area},
                               {"line+area"_L1, Style::ThresholdStyle::LineAndArea},
                               {"dashed+area"_L1, Style::ThresholdStyle::LineAndArea}});
    style.lineWidth = std::clamp(custom["lineWidth"_L1].toDouble(style.lineWidth), 0.0, 20.0);
    style.fillOpacity = std::clamp(custom["fillOpacity"_L1].toDouble(), 0.0, 100.0);
    style.pointSize = std::clamp(custom["pointSize"_L1].toDouble(style.pointSize), 1.0, 40.0);
    style.fillGradient = custom["gradientMode"_L1] == "opacity"_L1;
    style.dashed = custom["lineStyle"_L1].toObject()["fill"_L1] == "dash"_L1;
    style.negativeY = custom["transform"_L1] == "negative-Y"_L1;
    const QJsonObject hideFrom = custom["hideFrom"_L1].toObject();
    style.isHidden = hideFrom["viz"_L1].toBool();
    style.isInLegend = !hideFrom["legend"_L1].toBool();
    style.isInTooltip = !hideFrom["tooltip"_L1].toBool();
    style.spanNullsMs = spanNullsOf(custom["spanNulls"_L1]);
    style.softMin = numberOf(custom["axisSoftMin"_L1]);
    style.softMax = numberOf(custom["axisSoftMax"_L1]);
    return style;
}

/// Grafana's string matchers: `/pattern/flags`, or a pattern that must match the whole text.
bool matchesPattern(const QString &pattern, const QString &text)
{
    QRegularExpression regex(QRegularExpression::anchoredPattern(pattern));
    if (const qsizetype end = pattern.lastIndexOf(u'/'); pattern.startsWith(u'/') && end > 0) {
        regex.setPattern(pattern.mid(1, end - 1));
        if (pattern.mid(end + 1).contains(u'i'))
            regex.setPatternOptions(QRegularExpression::CaseInsensitiveOption);
    }
    return regex.isValid() && regex.match(text).hasMatch();
}

bool isMatch(const QJsonObject &matcher, const FieldIdentity &field)
{
    const QString id = matcher["id"_L1].toString();
    const QJsonValue options = matcher["options"_L1];
    if (id == "byName"_L1)
        return options.toString() == field.name;
    if (id == "byNames"_L1) {
        const bool isListed = options["names"_L1].toArray().contains(field.name);
        return isListed != (options["mode"_L1] == "exclude"_L1);
    }
    if (id == "byRegexp"_L1)
        return matchesPattern(options.toString(), field.name);
    if (id == "byFrameRefID"_L1)
        return options.toString() == field.refId;
    if (id == "byType"_L1)
        return options.toString() == "number"_L1;
    return false;
}

/// Sets `path` ("custom.lineWidth") inside `object`; properties are at most three levels deep.
void setPath(QJsonObject &object, const QStringList &path, const QJsonValue &value)
{
    if (path.size() == 1) {
        object[path.first()] = value;
        return;
    }
    QJsonObject child = object[path.first()].toObject();
    setPath(child, path.mid(1), value);
    object[path.first()] = child;
}

} // namespace

FieldConfig FieldConfig::fromJson(const QJsonObject &defaults)
{
    FieldConfig config;
    config.unit = defaults["unit"_L1].toString();
    if (const auto decimals = numberOf(defaults["decimals"_L1]))
        config.decimals = static_cast<int>(std::clamp(*decimals, 0.0, 20.0));
    config.min = numberOf(defaults["min"_L1]);
    config.max = numberOf(defaults["max"_L1]);
    config.displayName = defaults["displayName"_L1].toString();
    config.noValue = defaults["noValue"_L1].toVariant().toString();
    const QJsonObject thresholds = defaults["thresholds"_L1].toObject();
    if (thresholds["mode"_L1] == "percentage"_L1)
        config.thresholdMode = ThresholdMode::Percentage;
    config.thresholds = thresholdsOf(thresholds["steps"_L1].toArray());
    for (const QJsonValue mapping : defaults["mappings"_L1].toArray())
        appendMappings(config.mappings, mapping.toObject());
    const QJsonObject color = defaults["color"_L1].toObject();
    config.colorMode = color["mode"_L1].toString();
    config.fixedColor = color["fixedColor"_L1].toString();
    config.graph = graphOf(defaults["custom"_L1].toObject());
    return config;
}

FieldConfig FieldConfigSource::configFor(const FieldIdentity &field) const
{
    QJsonObject merged = defaults;
    for (const QJsonValue override : overrides) {
        if (!isMatch(override["matcher"_L1].toObject(), field))
            continue;
        for (const QJsonValue property : override["properties"_L1].toArray()) {
            const QString id = property["id"_L1].toString();
            if (!id.isEmpty())
                setPath(merged, id.split(u'.'), property["value"_L1]);
        }
    }
    return FieldConfig::fromJson(merged);
}

} // namespace trendscope::dashboard
