#include "support/painted.h"
#include "ui/panels/reduced_values.h"
#include "ui/panels/stat_view.h"

#include <QJsonArray>
#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::Field;
using dashboard::Panel;
using dashboard::PanelData;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
const QColor background(0, 0, 0);

Panel panelWith(const QJsonObject &options)
{
    Panel panel;
    panel.type = u"stat"_s;
    panel.options = options;
    return panel;
}

QJsonObject reducing(const QStringList &calcs)
{
    return {{u"reduceOptions"_s, QJsonObject{{u"calcs"_s, QJsonArray::fromStringList(calcs)}}}};
}

/// Values a minute apart, green below 50 and red from there.
Field fieldOf(const QString &name, std::vector<double> values)
{
    Field field;
    field.name = name;
    field.values = std::move(values);
    for (std::size_t i = 0; i < field.values.size(); ++i)
        field.times.push_back(std::int64_t(i) * 60'000);
    field.config.colorMode = u"thresholds"_s;
    field.config.thresholds = {{-std::numeric_limits<double>::infinity(), u"green"_s},
                               {50, u"red"_s}};
    field.range = {0, 100};
    return field;
}

PanelData dataOf(std::vector<Field> fields)
{
    PanelData data;
    data.fields = std::move(fields);
    data.range = {prom::Timestamp(std::chrono::milliseconds(0)),
                  prom::Timestamp(std::chrono::milliseconds(240'000))};
    return data;
}

} // namespace

class TestPanelsStat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reducesEachFieldByEachCalculation();
    void saysWhenThereIsNoField();
    void givesCountsNoUnit();
    void describesItsValuesInWords();
    void paintsTheValueInItsColor_data();
    void paintsTheValueInItsColor();
    void fillsTheBackgroundOnlyWhereThereIsAValue();
    void drawsASparklineBelowTheNumber();
    void shrinksTextUntilItFits_data();
    void shrinksTextUntilItFits();
    void placesSeveralValuesApart();
    void saysSinceWhenASeriesHasEnded();
    void fadesOldData();

private:
    const Theme m_theme = Theme::dark();
};

void TestPanelsStat::reducesEachFieldByEachCalculation()
{
    const PanelData data = dataOf({fieldOf(u"a"_s, {1, 2, gap}), fieldOf(u"b"_s, {60, 70})});

    const auto last = reducedValues(data, panelWith({}));
    const auto both = reducedValues(data, panelWith(reducing({u"mean"_s, u"max"_s})));

    QCOMPARE(last.size(), 2u);
    QCOMPARE(last[0].value, 2.0);
    QCOMPARE(last[0].display.color, u"green"_s);
    QCOMPARE(last[1].display.color, u"red"_s);
    QCOMPARE(last[1].field, &data.fields[1]);
    QCOMPARE(both.size(), 4u);
    QCOMPARE(both[0].name, u"Mean a"_s);
    QCOMPARE(both[3].value, 70.0);
    QCOMPARE(both[3].index, std::size_t(1));
}

void TestPanelsStat::saysWhenThereIsNoField()
{
    Panel panel = panelWith({});
    const auto none = reducedValues(dataOf({}), panel);
    panel.fieldConfig.defaults = {{u"noValue"_s, u"nobody asked"_s}};
    const auto said = reducedValues(dataOf({}), panel);

    QCOMPARE(none.size(), 1u);
    QVERIFY(!none.front().field && std::isnan(none.front().value));
    QCOMPARE(none.front().display.text.full(), u"No data"_s);
    QCOMPARE(said.front().display.text.full(), u"nobody asked"_s);
}

void TestPanelsStat::givesCountsNoUnit()
{
    Field field = fieldOf(u"a"_s, {1, 2});
    field.config.unit = u"bytes"_s;
    const PanelData data = dataOf({field});

    QCOMPARE(reducedValues(data, panelWith(reducing({u"count"_s}))).front().display.text.full(),
             u"2"_s);
    QCOMPARE(reducedValues(data, panelWith(reducing({u"diffperc"_s}))).front().display.text.full(),
             u"100%"_s);
    QCOMPARE(reducedValues(data, panelWith(reducing({u"max"_s}))).front().display.text.full(),
             u"2 B"_s);
}

void TestPanelsStat::describesItsValuesInWords()
{
    const PanelData data = dataOf({fieldOf(u"up"_s, {1}), fieldOf(u"down"_s, {gap})});
    StatView view(panelWith({}), m_theme, QTimeZone::utc());

    view.setData(data);

    QCOMPARE(view.accessibleDescription(), u"up 1, down No data"_s);
    QVERIFY(view.showsEmptyData());
}

void TestPanelsStat::paintsTheValueInItsColor_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("colorMode");
    QTest::addColumn<QString>("color");
    for (const char *mode : {"value", "background", ""}) {
        QTest::addRow("low, %s", mode) << 20.0 << QString::fromLatin1(mode) << u"green"_s;
        QTest::addRow("high, %s", mode) << 80.0 << QString::fromLatin1(mode) << u"red"_s;
    }
    QTest::newRow("none") << 80.0 << u"none"_s << u"text"_s;
}

void TestPanelsStat::paintsTheValueInItsColor()
{
    QFETCH(double, value);
    QFETCH(QString, colorMode);
    QFETCH(QString, color);
    const PanelData data = dataOf({fieldOf(u"a"_s, {value})});
    StatView view(panelWith({{u"colorMode"_s, colorMode}, {u"graphMode"_s, u"none"_s}}), m_theme,
                  QTimeZone::utc());
    view.resize(200, 120);
    view.setData(data);

    for (const double ratio : {1.0, 2.0}) {
        const QImage image = test::paintedWidget(view, ratio, background);
        QVERIFY(test::countLike(image, view.rect(), m_theme.color(color)) > 40);
        const QString other = color == u"red" ? u"green"_s : u"red"_s;
        QCOMPARE(test::countLike(image, view.rect(), m_theme.color(other)), 0);
    }
}

void TestPanelsStat::fillsTheBackgroundOnlyWhereThereIsAValue()
{
    const PanelData some = dataOf({fieldOf(u"a"_s, {80})});
    const PanelData none = dataOf({fieldOf(u"a"_s, {gap})});
    StatView view(panelWith({{u"colorMode"_s, u"background_solid"_s}, {u"graphMode"_s, u"none"_s}}),
                  m_theme, QTimeZone::utc());
    view.resize(200, 120);

    view.setData(some);
    QVERIFY(test::countLike(test::paintedWidget(view, 1, background), view.rect(),
                            m_theme.color(u"red"_s))
            > 200 * 120 / 2);
    view.setData(none);
    QCOMPARE(test::countLike(test::paintedWidget(view, 1, background), QRectF(0, 0, 200, 20),
                             background),
             200 * 20);
}

void TestPanelsStat::drawsASparklineBelowTheNumber()
{
    const PanelData data = dataOf({fieldOf(u"a"_s, {20, 40, 10, 30, 20})});
    StatView with(panelWith({}), m_theme, QTimeZone::utc());
    StatView without(panelWith({{u"graphMode"_s, u"none"_s}}), m_theme, QTimeZone::utc());
    for (StatView *view : {&with, &without}) {
        view->resize(200, 120);
        view->setData(data);
    }
    const QRectF foot(0, 100, 200, 20);

    for (const double ratio : {1.0, 2.0}) {
        QCOMPARE(
            test::countLike(test::paintedWidget(without, ratio, background), foot, background, 2),
            int(200 * 20 * ratio * ratio));
        QVERIFY(test::countLike(test::paintedWidget(with, ratio, background), foot, background, 2)
                < 200 * 10 * ratio * ratio);
    }
}

void TestPanelsStat::shrinksTextUntilItFits_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<double>("ratio");
    for (const double ratio : {1.0, 2.0}) {
        QTest::addRow("narrow at %g", ratio) << QSize(90, 200) << u"reqps"_s << ratio;
        QTest::addRow("low at %g", ratio) << QSize(300, 40) << u"reqps"_s << ratio;
        QTest::addRow("a long unit at %g", ratio)
            << QSize(220, 120) << u"suffix:<b>widgets</b> per fortnight"_s << ratio;
    }
}

void TestPanelsStat::shrinksTextUntilItFits()
{
    QFETCH(QSize, size);
    QFETCH(QString, unit);
    QFETCH(double, ratio);
    Field field = fieldOf(u"a"_s, {-1234.5678});
    field.config.unit = unit;
    field.config.decimals = 2;
    const PanelData data = dataOf({field});
    StatView view(panelWith({{u"graphMode"_s, u"none"_s}}), m_theme, QTimeZone::utc());
    view.resize(size);
    view.setData(data);

    const QRectF ink = test::inkOf(test::paintedWidget(view, ratio, background), background);

    QVERIFY(!ink.isEmpty());
    QVERIFY2(QRectF(view.rect()).adjusted(2, 0, -2, 0).contains(ink),
             qPrintable(u"%1 to %2"_s.arg(ink.left()).arg(ink.right())));
}

void TestPanelsStat::placesSeveralValuesApart()
{
    const PanelData data = dataOf({fieldOf(u"first"_s, {20}), fieldOf(u"second"_s, {80})});
    StatView view(panelWith({{u"graphMode"_s, u"none"_s}}), m_theme, QTimeZone::utc());
    view.setData(data);
    const auto has = [&](const QRectF &rect, const QString &color) {
        return test::countLike(test::paintedWidget(view, 1, background), rect, m_theme.color(color))
            > 10;
    };

    view.resize(400, 100);
    QVERIFY(has({0, 0, 200, 100}, u"green"_s) && has({200, 0, 200, 100}, u"red"_s));
    QVERIFY(!has({0, 0, 200, 100}, u"red"_s));
    view.resize(150, 300);
    QVERIFY(has({0, 0, 150, 150}, u"green"_s) && has({0, 150, 150, 150}, u"red"_s));
}

void TestPanelsStat::saysSinceWhenASeriesHasEnded()
{
    const PanelData fresh = dataOf({fieldOf(u"a"_s, {20, 40, 10, 5})});
    PanelData data = dataOf({fieldOf(u"a"_s, {20, 40, 10, gap, gap})});
    data.range.end += std::chrono::hours(1);
    StatView view(panelWith({{u"graphMode"_s, u"none"_s}}), m_theme, QTimeZone::utc());
    view.resize(200, 120);
    view.setData(data);

    QCOMPARE(reducedValues(data, panelWith({})).front().endedAt,
             std::optional<std::int64_t>(120'000));
    QVERIFY(!reducedValues(data, panelWith(reducing({u"max"_s}))).front().endedAt);
    QVERIFY(!reducedValues(fresh, panelWith({})).front().endedAt);
    QCOMPARE(view.accessibleDescription(), u"a 10 until 1970-01-01 00:02"_s);
    const QImage image = test::paintedWidget(view, 1, background);
    QVERIFY(test::countLike(image, view.rect(), m_theme.orange) > 5);
    QCOMPARE(test::countLike(image, view.rect(), m_theme.color(u"green"_s)), 0);
}

void TestPanelsStat::fadesOldData()
{
    const PanelData data = dataOf({fieldOf(u"a"_s, {80})});
    StatView view(panelWith({{u"graphMode"_s, u"none"_s}}), m_theme, QTimeZone::utc());
    view.resize(200, 120);
    view.setData(data);
    const auto reds = [&] {
        return test::countLike(test::paintedWidget(view, 1, background), view.rect(),
                               m_theme.color(u"red"_s));
    };

    QVERIFY(reds() > 0);
    view.setStale(true);
    QCOMPARE(reds(), 0);
}

QTEST_MAIN(TestPanelsStat)

#include "tst_panels_stat.moc"
