#include "core/dashboard/display.h"
#include "support/grafana_vectors.h"

#include <QHash>
#include <QJsonDocument>
#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace Qt::StringLiterals;

namespace {

constexpr double null = std::numeric_limits<double>::quiet_NaN();

FieldConfig configOf(const char *json)
{
    return FieldConfig::fromJson(QJsonDocument::fromJson(json).object());
}

/// Three steps, by value or in percent of the way from min to max.
FieldConfig traffic(const QByteArray &mode)
{
    return configOf(
        R"({"color":{"mode":"thresholds"},"thresholds":{"mode":")" + mode
        + R"(","steps":[{"value":null,"color":"green"},{"value":50,"color":"orange"},{"value":80,"color":"red"}]}})");
}

/// The colours that a dark theme shows for names; other text stands for itself.
QHash<QString, QString> darkColors()
{
    QHash<QString, QString> colors;
    for (const QJsonValue entry : test::vectorCases(u"colors.json"_s)) {
        if (entry["theme"_L1] == "dark"_L1)
            colors.insert(entry["name"_L1].toString(), entry["color"_L1].toString());
    }
    return colors;
}

} // namespace

class TestDashboardDisplay : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesTheLastThresholdAtOrBelowTheValue_data();
    void takesTheLastThresholdAtOrBelowTheValue();
    void hasNoThresholdColorWithoutThresholds();
    void measuresPercentagesBetweenMinAndMax();
    void mapsValues_data();
    void mapsValues();
    void keepsWhatAMappingLeavesOut();
    void showsThatThereIsNoValue();
    void colorsByModeOnly();
    void showsWhatGrafanaShows();
};

void TestDashboardDisplay::takesTheLastThresholdAtOrBelowTheValue_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("color");

    QTest::newRow("far below") << -1e300 << u"green"_s;
    QTest::newRow("just below") << 49.999 << u"green"_s;
    QTest::newRow("at a step") << 50.0 << u"orange"_s;
    QTest::newRow("at the last") << 80.0 << u"red"_s;
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << u"red"_s;
    QTest::newRow("no number") << null << u"green"_s;
}

void TestDashboardDisplay::takesTheLastThresholdAtOrBelowTheValue()
{
    QFETCH(double, value);

    QTEST(thresholdColor(traffic("absolute"), value, {}), "color");
}

void TestDashboardDisplay::hasNoThresholdColorWithoutThresholds()
{
    QCOMPARE(thresholdColor({}, 5, {}), QString());
}

void TestDashboardDisplay::measuresPercentagesBetweenMinAndMax()
{
    FieldConfig config = traffic("percentage");

    QCOMPARE(thresholdColor(config, 6, {0, 10}), u"orange"_s);
    QCOMPARE(thresholdColor(config, 6, {0, 100}), u"green"_s);
    QCOMPARE(thresholdColor(config, 6, {6, 6}), u"green"_s);
    config.min = 0;
    config.max = 7;
    QCOMPARE(thresholdColor(config, 6, {0, 100}), u"red"_s);
}

void TestDashboardDisplay::mapsValues_data()
{
    QTest::addColumn<QByteArray>("mapping");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("text");

    const auto row = [](const char *name, const QByteArray &mapping, double value,
                        const QString &text) { QTest::newRow(name) << mapping << value << text; };
    const QByteArray upDown =
        R"({"type":"value","options":{"0":{"text":"DOWN"},"1":{"text":"UP"}}})";
    const QByteArray range =
        R"({"type":"range","options":{"from":10,"to":20,"result":{"text":"teens"}}})";
    const QByteArray open =
        R"({"type":"range","options":{"from":null,"to":20,"result":{"text":"low"}}})";
    row("a value", upDown, 1, u"UP"_s);
    row("no value hit", upDown, 2, u"2"_s);
    row("no value hits nothing", upDown, null, u"No data"_s);
    row("a range's lower end", range, 10, u"teens"_s);
    row("a range's upper end", range, 20, u"teens"_s);
    row("outside a range", range, 20.1, u"20.1"_s);
    row("an open range", open, -1e9, u"low"_s);
    row("null", R"({"type":"special","options":{"match":"null","result":{"text":"gone"}}})", null,
        u"gone"_s);
    row("null+nan", R"({"type":"special","options":{"match":"null+nan","result":{"text":"gone"}}})",
        null, u"gone"_s);
    row("null is not zero",
        R"({"type":"special","options":{"match":"null","result":{"text":"gone"}}})", 0, u"0"_s);
    row("a pattern is for texts",
        R"({"type":"regex","options":{"pattern":".*","result":{"text":"x"}}})", 1, u"1"_s);
    row("true is no number",
        R"({"type":"special","options":{"match":"true","result":{"text":"x"}}})", 1, u"1"_s);
    row("an unknown kind", R"({"type":"other","options":{"text":"x"}})", 1, u"1"_s);
}

void TestDashboardDisplay::mapsValues()
{
    QFETCH(QByteArray, mapping);
    QFETCH(double, value);

    const FieldConfig config = configOf(R"({"mappings":[)" + mapping + "]}");

    QTEST(displayValue(config, value).text.full(), "text");
}

void TestDashboardDisplay::keepsWhatAMappingLeavesOut()
{
    const FieldConfig config = configOf(R"({"unit":"bytes","mappings":[
        {"type":"value","options":{"1":{"color":"red"}}},
        {"type":"range","options":{"from":0,"to":5,"result":{"text":"few","color":"blue"}}}]})");

    const DisplayValue colored = displayValue(config, 1);
    const DisplayValue mapped = displayValue(config, 2);

    QCOMPARE(colored.text.full(), u"1 B"_s);
    QCOMPARE(colored.color, u"red"_s); // the first hit wins
    QCOMPARE(mapped.text.full(), u"few"_s);
    QCOMPARE(mapped.color, u"blue"_s);
}

void TestDashboardDisplay::showsThatThereIsNoValue()
{
    QCOMPARE(displayValue({}, null).text.full(), u"No data"_s);
    QCOMPARE(displayValue(configOf(R"({"noValue":"-","unit":"s"})"), null).text.full(), u"-"_s);
    QCOMPARE(displayValue(configOf(R"({"noValue":0})"), null).text.full(), u"0"_s);
}

void TestDashboardDisplay::colorsByModeOnly()
{
    FieldConfig config = traffic("absolute");

    QCOMPARE(displayValue(config, 60).color, u"orange"_s);
    config.colorMode = u"fixed"_s;
    config.fixedColor = u"purple"_s;
    QCOMPARE(displayValue(config, 60).color, u"purple"_s);
    config.colorMode = u"palette-classic"_s;
    QCOMPARE(displayValue(config, 60).color, QString());
}

void TestDashboardDisplay::showsWhatGrafanaShows()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"display_values.json"_s);
    const QHash<QString, QString> colors = darkColors();
    QVERIFY(!cases.isEmpty() && !colors.isEmpty());

    QStringList wrong;
    int compared = 0;
    for (const QJsonValue entry : cases) {
        const FieldConfig config = FieldConfig::fromJson(entry["fieldConfig"_L1].toObject());
        const bool isMissing = entry["value"_L1].isNull();
        const QJsonArray extremes = entry["fieldValues"_L1].toArray();
        const DisplayValue display =
            displayValue(config, isMissing ? null : entry["value"_L1].toDouble(),
                         {extremes[0].toDouble(), extremes[1].toDouble()});
        // Where Grafana leaves a value empty, we say what that means.
        const QString text =
            isMissing && entry["text"_L1] == ""_L1 ? u"No data"_s : entry["text"_L1].toString();
        // A missing value and NaN are one to us, so a mapping of NaN takes both.
        if (isMissing && test::caseText(entry.toObject()).contains(u"\"match\":\"nan\""))
            continue;
        const bool hasScheme = config.colorMode.startsWith("continuous"_L1);
        ++compared;
        if (display.text.full() != text
            || (!hasScheme
                && colors.value(display.color, display.color) != entry["color"_L1].toString()))
            wrong << u"%1, %2 for %3"_s.arg(display.text.full(), display.color,
                                            test::caseText(entry.toObject()));
    }

    qInfo("%d values compared", compared);
    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestDashboardDisplay)

#include "tst_dashboard_display.moc"
