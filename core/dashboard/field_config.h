#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <limits>
#include <optional>
#include <vector>

/// How the values of a field are shown, as Grafana's fieldConfig says it.
/// https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/
namespace trendscope::dashboard {

/// From `value` upwards the field has `color` (a Grafana colour name or a CSS colour).
struct Threshold {
    double value; ///< −∞ for the base step
    QString color;
};

enum class ThresholdMode {
    Absolute,
    Percentage, ///< of the way from the field's min to its max, 0–100
};

/// Replaces what a value reads and which colour it has.
struct ValueMapping {
    enum class Kind { Value, Range, Regex, Null, NaN, NullOrNaN, True, False, Empty };

    Kind kind;
    QString match; ///< the text of a Value, the pattern of a Regex
    double from = -std::numeric_limits<double>::infinity(); ///< of a Range, inclusive like `to`
    double to = std::numeric_limits<double>::infinity();
    QString text;  ///< empty: the value's own text stays
    QString color; ///< empty: the value's own colour stays
};

/// How a time series panel draws a field: `fieldConfig.defaults.custom`.
struct GraphStyle {
    enum class Draw { Line, Bars, Points };
    enum class Interpolation { Linear, Smooth, StepBefore, StepAfter };
    enum class Points { Auto, Never, Always };
    enum class Stacking { None, Normal, Percent };
    enum class Axis { Auto, Left, Right, Hidden };
    enum class ThresholdStyle { Off, Line, Area, LineAndArea };

    Draw draw = Draw::Line;
    Interpolation interpolation = Interpolation::Linear;
    Points points = Points::Auto;
    Stacking stacking = Stacking::None;
    Axis axis = Axis::Auto;
    ThresholdStyle thresholds = ThresholdStyle::Off;
    QString stackingGroup = QStringLiteral("A");
    QString axisLabel;
    double lineWidth = 1;      ///< device-independent pixels
    double fillOpacity = 0;    ///< percent
    double pointSize = 5;      ///< diameter, device-independent pixels
    bool fillGradient = false; ///< the fill fades out downwards
    bool dashed = false;
    bool negativeY = false; ///< values are drawn with the opposite sign
    bool isHidden = false;  ///< hideFrom.viz: neither drawn nor stacked
    bool isInLegend = true;
    bool isInTooltip = true;
    double spanNullsMs = 0; ///< gaps shorter than this are joined; 0: never, ∞: always
    std::optional<double> softMin, softMax;
};

struct FieldConfig {
    QString unit; ///< a Grafana unit id; empty: plain numbers
    std::optional<int> decimals;
    std::optional<double> min, max;
    QString
        displayName; ///< overrides the legend; may hold ${__field.labels.x} and ${__series.name}
    QString noValue; ///< shown where there is no value
    ThresholdMode thresholdMode = ThresholdMode::Absolute;
    std::vector<Threshold> thresholds; ///< ascending, the base first
    std::vector<ValueMapping> mappings;
    QString
        colorMode; ///< "palette-classic", "thresholds", "fixed", …; empty: the panel type's default
    QString fixedColor; ///< of mode "fixed"
    GraphStyle graph;

    /// Reads `fieldConfig.defaults`. A member of the wrong type counts as absent.
    static FieldConfig fromJson(const QJsonObject &defaults);
};

/// What identifies a field to override matchers.
struct FieldIdentity {
    QString name; ///< display name
    QString refId;
};

/// `fieldConfig` of a panel: its defaults and, in order, what overrides them for some of the
/// fields.
struct FieldConfigSource {
    QJsonObject defaults;
    QJsonArray overrides;

    FieldConfig configFor(const FieldIdentity &field) const;
};

} // namespace trendscope::dashboard
