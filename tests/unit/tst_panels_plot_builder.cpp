#include "support/grafana_vectors.h"
#include "ui/panels/plot_builder.h"

#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::Field;
using dashboard::GraphStyle;

namespace {

using Values = std::vector<double>;

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

Field fieldOf(const QString &name, Values values)
{
    Field field;
    field.name = name;
    field.values = std::move(values);
    for (std::size_t i = 0; i < field.values.size(); ++i)
        field.times.push_back(std::int64_t(i) * 1'000);
    return field;
}

Field stacked(const QString &name, Values values,
              GraphStyle::Stacking stacking = GraphStyle::Stacking::Normal)
{
    Field field = fieldOf(name, std::move(values));
    field.config.graph.stacking = stacking;
    return field;
}

Plot built(std::vector<Field> fields, const std::set<std::size_t> &hidden = {})
{
    dashboard::PanelData data;
    data.fields = std::move(fields);
    data.range = {prom::Timestamp(std::chrono::milliseconds(0)),
                  prom::Timestamp(std::chrono::milliseconds(60'000))};
    return buildPlot(data, hidden, Theme::dark(), QTimeZone::utc());
}

/// Equal, gaps included.
bool areSame(const Values &actual, const Values &expected)
{
    return std::ranges::equal(actual, expected, test::isClose);
}

} // namespace

class TestPanelsPlotBuilder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void spansWhatWasAskedFor();
    void colorsByThePaletteInFieldOrder();
    void colorsByMode();
    void leavesHiddenFieldsOutButKeepsTheirColors();
    void pilesUpAStack();
    void countsAMissingValueOfAStackAsZero();
    void pilesUpSeriesOfDifferentTimes();
    void pilesUpPercentages();
    void keepsStacksOfDifferentKindsApart();
    void hiddenFieldsDoNotStack();
    void turnsNegativeSeriesDown();
    void putsAnotherUnitOnTheRightAxis();
    void showsTheWholeOfAPercentStack();
    void keepsAnAxisWithoutDecimalsWhole();
    void takesLimitsFromTheFieldConfiguration();
    void placesThresholds();
    void isEmptyWithoutFields();
    void hasGrafanasColors();
};

void TestPanelsPlotBuilder::spansWhatWasAskedFor()
{
    const Plot plot = built({fieldOf(u"a"_s, {1, 2})});

    QCOMPARE(plot.start, 0);
    QCOMPARE(plot.end, 60'000);
    QCOMPARE(plot.lines.front().name, u"a"_s);
    QCOMPARE(plot.lines.front().values, (Values{1, 2}));
}

void TestPanelsPlotBuilder::colorsByThePaletteInFieldOrder()
{
    const Plot plot = built({fieldOf(u"a"_s, {1}), fieldOf(u"b"_s, {1}), fieldOf(u"c"_s, {1})});

    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(plot.lines[i].color, Theme::dark().series(qsizetype(i)));
}

void TestPanelsPlotBuilder::colorsByMode()
{
    const Theme theme = Theme::dark();
    Field field = fieldOf(u"a"_s, {10, 90, gap});
    field.config.thresholds = {{-std::numeric_limits<double>::infinity(), u"green"_s},
                               {80, u"red"_s}};

    field.config.colorMode = u"thresholds"_s;
    QCOMPARE(fieldColor(field, 5, theme), theme.color(u"red"_s)); // by its last value
    field.values.assign(3, gap);
    QCOMPARE(fieldColor(field, 5, theme), theme.color(u"green"_s));
    field.config.colorMode = u"fixed"_s;
    field.config.fixedColor = u"#123456"_s;
    QCOMPARE(fieldColor(field, 5, theme), QColor(0x12, 0x34, 0x56));
    field.config.colorMode = u"palette-classic"_s;
    QCOMPARE(fieldColor(field, 5, theme), theme.series(5));
}

void TestPanelsPlotBuilder::leavesHiddenFieldsOutButKeepsTheirColors()
{
    Field invisible = fieldOf(u"b"_s, {1});
    invisible.config.graph.isHidden = true;

    const Plot plot = built({fieldOf(u"a"_s, {1}), invisible, fieldOf(u"c"_s, {1})}, {0});

    QCOMPARE(plot.lines.size(), 1u);
    QCOMPARE(plot.lines.front().name, u"c"_s);
    QCOMPARE(plot.lines.front().color, Theme::dark().series(2));
}

void TestPanelsPlotBuilder::pilesUpAStack()
{
    const Plot plot =
        built({stacked(u"a"_s, {1, 2}), stacked(u"b"_s, {10, 20}), fieldOf(u"c"_s, {5, 5})});

    QCOMPARE(plot.lines[0].values, (Values{1, 2}));
    QCOMPARE(plot.lines[0].bases, (Values{0, 0}));
    QCOMPARE(plot.lines[1].values, (Values{11, 22}));
    QCOMPARE(plot.lines[1].bases, (Values{1, 2}));
    QCOMPARE(plot.lines[2].values, (Values{5, 5}));
    QVERIFY(plot.left.range.max >= 22);
}

void TestPanelsPlotBuilder::countsAMissingValueOfAStackAsZero()
{
    const Plot plot = built({stacked(u"a"_s, {1, gap, gap}), stacked(u"b"_s, {10, 20, gap})});

    QVERIFY(areSame(plot.lines[0].values, {1, 0, gap}));
    QVERIFY(areSame(plot.lines[1].values, {11, 20, gap}));
}

void TestPanelsPlotBuilder::pilesUpSeriesOfDifferentTimes()
{
    Field late = stacked(u"b"_s, {10, 20});
    late.times = {1'000, 2'000};

    const Plot plot = built({stacked(u"a"_s, {1, 2}), late});

    QCOMPARE(plot.lines[1].times, (std::vector<std::int64_t>{0, 1'000, 2'000}));
    QCOMPARE(plot.lines[1].values, (Values{1, 12, 20}));
    QCOMPARE(plot.lines[1].bases, (Values{1, 2, 0}));
}

void TestPanelsPlotBuilder::pilesUpPercentages()
{
    using enum GraphStyle::Stacking;

    const Plot plot = built({stacked(u"a"_s, {1, 0}, Percent), stacked(u"b"_s, {3, 0}, Percent)});

    QVERIFY(areSame(plot.lines[0].values, {0.25, 0}));
    QVERIFY(areSame(plot.lines[1].values, {1, 0}));
    QCOMPARE(plot.left.unit, u"percentunit"_s);
}

void TestPanelsPlotBuilder::keepsStacksOfDifferentKindsApart()
{
    Field other = stacked(u"other group"_s, {5});
    other.config.graph.stackingGroup = u"B"_s;
    Field bars = stacked(u"bars"_s, {6});
    bars.config.graph.draw = GraphStyle::Draw::Bars;

    const Plot plot = built(
        {stacked(u"a"_s, {1}), other, bars, stacked(u"below zero"_s, {-2}), stacked(u"b"_s, {3})});

    QCOMPARE(plot.lines[1].values, Values{5});
    QCOMPARE(plot.lines[2].values, Values{6});
    QCOMPARE(plot.lines[3].values, Values{-2});
    QCOMPARE(plot.lines[4].values, Values{4});
}

void TestPanelsPlotBuilder::hiddenFieldsDoNotStack()
{
    const Plot plot = built({stacked(u"a"_s, {1}), stacked(u"b"_s, {10})}, {0});

    QCOMPARE(plot.lines.front().values, Values{10});
    QCOMPARE(plot.lines.front().bases, Values{0});
}

void TestPanelsPlotBuilder::turnsNegativeSeriesDown()
{
    Field down = fieldOf(u"out"_s, {5, gap});
    down.config.graph.negativeY = true;

    const Plot plot = built({fieldOf(u"in"_s, {3, 3}), down});

    QVERIFY(areSame(plot.lines[1].values, {-5, gap}));
    QVERIFY(plot.left.range.min <= -5);
}

void TestPanelsPlotBuilder::putsAnotherUnitOnTheRightAxis()
{
    Field bytes = fieldOf(u"b"_s, {1'000'000});
    bytes.config.unit = u"bytes"_s;
    Field left = bytes;
    left.config.graph.axis = GraphStyle::Axis::Left;

    const Plot two = built({fieldOf(u"a"_s, {1}), bytes});
    const Plot one = built({fieldOf(u"a"_s, {1}), left});

    QVERIFY(two.right && two.lines[1].isOnRightAxis);
    QCOMPARE(two.right->unit, u"bytes"_s);
    QVERIFY(two.left.range.max < 10);
    QVERIFY(!one.right && one.left.range.max >= 1'000'000);
}

void TestPanelsPlotBuilder::showsTheWholeOfAPercentStack()
{
    using enum GraphStyle::Stacking;

    const Plot plot = built({stacked(u"a"_s, {1, 2}, Percent), stacked(u"b"_s, {3, 2}, Percent)});

    QCOMPARE(plot.left.range.min, 0.0);
    QCOMPARE(plot.left.range.max, 1.0);
}

void TestPanelsPlotBuilder::keepsAnAxisWithoutDecimalsWhole()
{
    Field field = fieldOf(u"a"_s, {0, 1});
    field.config.decimals = 0;

    QCOMPARE(built({field}).left.range.max, 2.0);
}

void TestPanelsPlotBuilder::takesLimitsFromTheFieldConfiguration()
{
    Field field = fieldOf(u"a"_s, {3, 5});
    field.config.min = 0;
    field.config.max = 100;
    field.config.graph.axisLabel = u"share"_s;
    field.config.decimals = 2;

    const Plot plot = built({field});

    QCOMPARE(plot.left.range.min, 0.0);
    QCOMPARE(plot.left.range.max, 100.0);
    QCOMPARE(plot.left.label, u"share"_s);
    QCOMPARE(plot.left.decimals, std::optional(2));
}

void TestPanelsPlotBuilder::placesThresholds()
{
    Field field = fieldOf(u"a"_s, {3, 5});
    field.config.min = 0;
    field.config.max = 200;
    field.config.graph.thresholds = GraphStyle::ThresholdStyle::Line;
    field.config.thresholds = {{-std::numeric_limits<double>::infinity(), u"green"_s},
                               {80, u"red"_s}};

    QCOMPARE(built({field}).thresholds.back().value, 80.0);
    QCOMPARE(built({field}).thresholds.back().color, Theme::dark().color(u"red"_s));
    field.config.thresholdMode = dashboard::ThresholdMode::Percentage;
    const Plot percent = built({field});

    QCOMPARE(percent.thresholds.back().value, 160.0);
    QCOMPARE(percent.thresholds.front().value, -std::numeric_limits<double>::infinity());
    QCOMPARE(percent.thresholdStyle, GraphStyle::ThresholdStyle::Line);
}

void TestPanelsPlotBuilder::isEmptyWithoutFields()
{
    const Plot plot = built({});

    QVERIFY(plot.lines.empty() && !plot.right);
    QVERIFY(plot.left.range.max > plot.left.range.min);
    QVERIFY(built({fieldOf(u"a"_s, {}), fieldOf(u"b"_s, {gap})}).left.range.max > 0);
}

void TestPanelsPlotBuilder::hasGrafanasColors()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"colors.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    int compared = 0;
    for (const QJsonValue entry : cases) {
        const Theme theme = entry["theme"_L1] == "dark"_L1 ? Theme::dark() : Theme::light();
        const QString name = entry["name"_L1].toString();
        if (name == "text"_L1 || name == "transparent"_L1 || name == "panel-bg"_L1)
            continue; // roles of our own theme
        const QColor color = name.startsWith("palette-classic:"_L1)
            ? theme.series(name.section(u':', 1).toInt())
            : theme.color(name);
        ++compared;
        if (color != QColor(entry["color"_L1].toString()))
            wrong << color.name() + u" for "_s + test::caseText(entry.toObject());
    }

    qInfo("%d colours compared", compared);
    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestPanelsPlotBuilder)

#include "tst_panels_plot_builder.moc"
