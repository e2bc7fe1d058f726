#include "core/dashboard/field_config.h"

#include <QJsonDocument>
#include <QTest>

using namespace trendscope::dashboard;
using namespace Qt::StringLiterals;

namespace {

QJsonObject objectOf(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

FieldConfig configOf(const QByteArray &json)
{
    return FieldConfig::fromJson(objectOf(json));
}

GraphStyle styleOf(const QByteArray &custom)
{
    return configOf(R"({"custom":)" + custom + "}").graph;
}

} // namespace

class TestDashboardFieldConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasGrafanasDefaults();
    void readsTheStandardOptions();
    void readsNumbersWrittenAsText();
    void sortsThresholdsAndPutsTheBaseFirst();
    void readsTheGraphStyle();
    void keepsSizesWithinReason();
    void readsHowGapsAreJoined();
    void takesAWrongTypeForAbsent();
    void appliesOverridesInOrder();
    void matchesFields_data();
    void matchesFields();
    void setsNestedProperties();
};

void TestDashboardFieldConfig::hasGrafanasDefaults()
{
    const FieldConfig config = FieldConfig::fromJson({});

    QCOMPARE(config.unit, QString());
    QVERIFY(!config.decimals && !config.min && !config.max);
    QVERIFY(config.thresholds.empty() && config.mappings.empty());
    QCOMPARE(config.graph.draw, GraphStyle::Draw::Line);
    QCOMPARE(config.graph.lineWidth, 1.0);
    QCOMPARE(config.graph.stacking, GraphStyle::Stacking::None);
    QCOMPARE(config.graph.spanNullsMs, 0.0);
    QVERIFY(config.graph.isInLegend && config.graph.isInTooltip && !config.graph.isHidden);
}

void TestDashboardFieldConfig::readsTheStandardOptions()
{
    const FieldConfig config =
        configOf(R"({"unit":"reqps","decimals":2,"min":0,"max":1,"displayName":"n",
        "noValue":"-","color":{"mode":"fixed","fixedColor":"dark-red"},"thresholds":{"mode":"percentage"}})");

    QCOMPARE(config.unit, u"reqps"_s);
    QCOMPARE(config.decimals, std::optional(2));
    QCOMPARE(config.min, std::optional(0.0));
    QCOMPARE(config.max, std::optional(1.0));
    QCOMPARE(config.displayName, u"n"_s);
    QCOMPARE(config.noValue, u"-"_s);
    QCOMPARE(config.colorMode, u"fixed"_s);
    QCOMPARE(config.fixedColor, u"dark-red"_s);
    QCOMPARE(config.thresholdMode, ThresholdMode::Percentage);
}

void TestDashboardFieldConfig::readsNumbersWrittenAsText()
{
    const FieldConfig config = configOf(
        R"({"min":"0.5","max":"","decimals":"3","thresholds":{"steps":[{"value":"80","color":"red"}]}})");

    QCOMPARE(config.min, std::optional(0.5));
    QVERIFY(!config.max);
    QCOMPARE(config.decimals, std::optional(3));
    QCOMPARE(config.thresholds.front().value, 80.0);
}

void TestDashboardFieldConfig::sortsThresholdsAndPutsTheBaseFirst()
{
    const auto thresholds = configOf(R"({"thresholds":{"steps":[{"value":90,"color":"red"},
        {"color":"green"},{"value":50,"color":"yellow"}]}})")
                                .thresholds;

    QCOMPARE(thresholds.size(), 3u);
    QCOMPARE(thresholds[0].value, -std::numeric_limits<double>::infinity());
    QCOMPARE(thresholds[0].color, u"green"_s);
    QCOMPARE(thresholds[2].color, u"red"_s);
}

void TestDashboardFieldConfig::readsTheGraphStyle()
{
    const GraphStyle style =
        styleOf(R"({"drawStyle":"bars","lineInterpolation":"stepAfter","showPoints":"always",
        "stacking":{"mode":"percent","group":"B"},"axisPlacement":"right","axisLabel":"load","lineWidth":2,
        "fillOpacity":30,"pointSize":7,"gradientMode":"opacity","lineStyle":{"fill":"dash"},
        "transform":"negative-Y","thresholdsStyle":{"mode":"line+area"},"axisSoftMin":-1,"axisSoftMax":10,
        "hideFrom":{"viz":true,"legend":true,"tooltip":true}})");

    QCOMPARE(style.draw, GraphStyle::Draw::Bars);
    QCOMPARE(style.interpolation, GraphStyle::Interpolation::StepAfter);
    QCOMPARE(style.points, GraphStyle::Points::Always);
    QCOMPARE(style.stacking, GraphStyle::Stacking::Percent);
    QCOMPARE(style.stackingGroup, u"B"_s);
    QCOMPARE(style.axis, GraphStyle::Axis::Right);
    QCOMPARE(style.axisLabel, u"load"_s);
    QCOMPARE(style.thresholds, GraphStyle::ThresholdStyle::LineAndArea);
    QCOMPARE(style.lineWidth, 2.0);
    QCOMPARE(style.fillOpacity, 30.0);
    QCOMPARE(style.pointSize, 7.0);
    QVERIFY(style.fillGradient && style.dashed && style.negativeY);
    QVERIFY(style.isHidden && !style.isInLegend && !style.isInTooltip);
    QCOMPARE(style.softMin, std::optional(-1.0));
    QCOMPARE(style.softMax, std::optional(10.0));
}

void TestDashboardFieldConfig::keepsSizesWithinReason()
{
    const FieldConfig config = configOf(
        R"({"decimals":1e300,"custom":{"lineWidth":1e9,"fillOpacity":-5,"pointSize":0,"spanNulls":-1}})");

    QCOMPARE(config.decimals, std::optional(20));
    QCOMPARE(config.graph.lineWidth, 20.0);
    QCOMPARE(config.graph.fillOpacity, 0.0);
    QCOMPARE(config.graph.pointSize, 1.0);
    QCOMPARE(config.graph.spanNullsMs, 0.0);
}

void TestDashboardFieldConfig::readsHowGapsAreJoined()
{
    QCOMPARE(styleOf(R"({"spanNulls":false})").spanNullsMs, 0.0);
    QCOMPARE(styleOf(R"({"spanNulls":true})").spanNullsMs, std::numeric_limits<double>::infinity());
    QCOMPARE(styleOf(R"({"spanNulls":60000})").spanNullsMs, 60'000.0);
}

void TestDashboardFieldConfig::takesAWrongTypeForAbsent()
{
    const FieldConfig config =
        configOf(R"({"unit":5,"decimals":{},"min":[],"thresholds":"x","mappings":{"a":1},
        "color":[1],"custom":{"drawStyle":7,"stacking":"normal","lineWidth":"thick","hideFrom":[],"axisSoftMin":true}})");

    QCOMPARE(config.unit, QString());
    QVERIFY(!config.decimals && !config.min);
    QVERIFY(config.thresholds.empty() && config.mappings.empty());
    QCOMPARE(config.graph.draw, GraphStyle::Draw::Line);
    QCOMPARE(config.graph.stacking, GraphStyle::Stacking::None);
    QCOMPARE(config.graph.lineWidth, 1.0);
    QVERIFY(!config.graph.softMin);
}

void TestDashboardFieldConfig::appliesOverridesInOrder()
{
    const QJsonObject json = objectOf(R"({"defaults":{"unit":"short","min":1},"overrides":[
        {"matcher":{"id":"byName","options":"errors"},"properties":[{"id":"unit","value":"ops"}]},
        {"matcher":{"id":"byRegexp","options":"err.*"},"properties":[{"id":"unit","value":"reqps"},{"id":"max","value":9}]},
        {"matcher":{"id":"byName","options":"other"},"properties":[{"id":"unit","value":"bytes"}]}]})");
    const FieldConfigSource source{json["defaults"_L1].toObject(), json["overrides"_L1].toArray()};

    const FieldConfig errors = source.configFor({u"errors"_s, u"A"_s});
    const FieldConfig plain = source.configFor({u"requests"_s, u"A"_s});

    QCOMPARE(errors.unit, u"reqps"_s);
    QCOMPARE(errors.min, std::optional(1.0));
    QCOMPARE(errors.max, std::optional(9.0));
    QCOMPARE(plain.unit, u"short"_s);
    QVERIFY(!plain.max);
}

void TestDashboardFieldConfig::matchesFields_data()
{
    QTest::addColumn<QByteArray>("matcher");
    QTest::addColumn<bool>("matches");

    const auto row = [](const QByteArray &matcher, bool matches) {
        QTest::newRow(matcher.constData()) << matcher << matches;
    };
    row(R"({"id":"byName","options":"p95 latency"})", true);
    row(R"({"id":"byName","options":"p95"})", false);
    row(R"({"id":"byNames","options":{"mode":"include","names":["x","p95 latency"]}})", true);
    row(R"({"id":"byNames","options":{"mode":"exclude","names":["x","p95 latency"]}})", false);
    row(R"({"id":"byNames","options":{"mode":"exclude","names":["x"]}})", true);
    row(R"({"id":"byRegexp","options":"p9\\d.*"})", true);
    row(R"({"id":"byRegexp","options":"p9"})", false);
    row(R"({"id":"byRegexp","options":"/p9/"})", true);
    row(R"({"id":"byRegexp","options":"/LATENCY$/i"})", true);
    row(R"({"id":"byRegexp","options":"/LATENCY$/"})", false);
    row(R"({"id":"byRegexp","options":"(["})", false);
    row(R"({"id":"byRegexp","options":"/"})", false);
    row(R"({"id":"byFrameRefID","options":"B"})", true);
    row(R"({"id":"byFrameRefID","options":"A"})", false);
    row(R"({"id":"byType","options":"number"})", true);
    row(R"({"id":"byType","options":"time"})", false);
    row(R"({"id":"noSuchMatcher","options":"p95 latency"})", false);
    row(R"({})", false);
}

void TestDashboardFieldConfig::matchesFields()
{
    QFETCH(QByteArray, matcher);
    const QJsonArray overrides =
        objectOf(R"({"o":[{"matcher":)" + matcher
                 + R"(,"properties":[{"id":"unit","value":"hit"}]}]})")["o"_L1]
            .toArray();

    const FieldConfig config =
        FieldConfigSource{{}, overrides}.configFor({u"p95 latency"_s, u"B"_s});

    QTEST(config.unit == u"hit"_s, "matches");
}

void TestDashboardFieldConfig::setsNestedProperties()
{
    const QJsonObject json =
        objectOf(R"({"overrides":[{"matcher":{"id":"byName","options":"x"},"properties":[
        {"id":"custom.lineWidth","value":3},{"id":"custom.hideFrom.viz","value":true},{"id":"custom.hideFrom","value":{"legend":true}},
        {"id":"color","value":{"mode":"fixed","fixedColor":"blue"}},{"id":"","value":1},{"value":1}]}]})");
    const FieldConfigSource source{objectOf(R"({"custom":{"fillOpacity":10}})"),
                                   json["overrides"_L1].toArray()};

    const FieldConfig config = source.configFor({u"x"_s, {}});

    QCOMPARE(config.graph.lineWidth, 3.0);
    QCOMPARE(config.graph.fillOpacity, 10.0);
    QVERIFY(!config.graph.isInLegend);
    QCOMPARE(config.fixedColor, u"blue"_s);
}

QTEST_GUILESS_MAIN(TestDashboardFieldConfig)

#include "tst_dashboard_field_config.moc"
