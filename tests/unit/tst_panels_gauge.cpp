#include "support/painted.h"
#include "ui/panels/gauge_view.h"

#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::Field;
using dashboard::PanelData;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
const QColor background(0, 0, 0);

Field fieldOf(double value)
{
    Field field;
    field.name = u"disk"_s;
    field.times = {0};
    field.values = {value};
    field.config.colorMode = u"thresholds"_s;
    field.config.unit = u"percent"_s;
    field.config.thresholds = {{-std::numeric_limits<double>::infinity(), u"blue"_s},
                               {80, u"red"_s}};
    return field;
}

PanelData dataOf(std::vector<Field> fields)
{
    PanelData data;
    data.fields = std::move(fields);
    return data;
}

/// Pixels of a colour left and right of the middle: how far the arc has come.
std::pair<int, int> halves(const QImage &image, const QSize &size, const QColor &color)
{
    return {test::countLike(image, QRectF(0, 0, size.width() / 2.0, size.height()), color),
            test::countLike(image, QRectF(size.width() / 2.0, 0, size.width() / 2.0, size.height()),
                            color)};
}

} // namespace

class TestPanelsGauge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fillsTheArcUpToTheValue();
    void takesMinAndMaxFromTheFieldConfiguration();
    void staysFullOrEmptyOutsideItsScale();
    void marksThresholdsUnlessToldNotTo();
    void showsNoArcWithoutAValue();
    void staysInsideItself_data();
    void staysInsideItself();
    void describesItselfInWords();

private:
    QImage painted(const PanelData &data, const QSize &size = {240, 200},
                   bool hasThresholds = false, double ratio = 1) const;

    const Theme m_theme = Theme::dark();
};

QImage TestPanelsGauge::painted(const PanelData &data, const QSize &size, bool hasThresholds,
                                double ratio) const
{
    dashboard::Panel panel;
    panel.options = {{u"showThresholdMarkers"_s, hasThresholds}};
    GaugeView view(panel, m_theme, QTimeZone::utc());
    view.resize(size);
    view.setData(data);
    return test::paintedWidget(view, ratio, background);
}

void TestPanelsGauge::fillsTheArcUpToTheValue()
{
    const QColor blue = m_theme.color(u"blue"_s);
    const auto [lowLeft, lowRight] = halves(painted(dataOf({fieldOf(25)})), {240, 200}, blue);
    const auto [highLeft, highRight] = halves(painted(dataOf({fieldOf(75)})), {240, 200}, blue);

    QVERIFY(lowLeft > 500);
    QVERIFY(lowRight < lowLeft / 4); // the number in the middle, no arc
    QVERIFY(highRight > highLeft / 3);
    QVERIFY(highLeft > lowLeft);
}

void TestPanelsGauge::takesMinAndMaxFromTheFieldConfiguration()
{
    Field field = fieldOf(25);
    field.config.min = 20;
    field.config.max = 30;
    Field share = fieldOf(0.5);
    share.config.unit = u"percentunit"_s;
    const auto blueIn = [&](const Field &f) {
        const auto [left, right] =
            halves(painted(dataOf({f})), {240, 200}, m_theme.color(u"blue"_s));
        return left + right;
    };

    const int half = blueIn(fieldOf(50));
    QVERIFY(std::abs(blueIn(field) - half) < half / 5);
    QVERIFY(std::abs(blueIn(share) - half) < half / 5);
}

void TestPanelsGauge::staysFullOrEmptyOutsideItsScale()
{
    const auto redIn = [&](double value) {
        const auto [left, right] =
            halves(painted(dataOf({fieldOf(value)})), {240, 200}, m_theme.color(u"red"_s));
        return left + right;
    };

    QVERIFY(redIn(100) > 1'000);
    QVERIFY(std::abs(redIn(1e9) - redIn(100)) < redIn(100) / 4);
    QVERIFY(std::abs(redIn(std::numeric_limits<double>::infinity()) - redIn(100)) < redIn(100) / 4);
    QVERIFY(!test::inkOf(painted(dataOf({fieldOf(-1e9)})), background).isEmpty());
}

void TestPanelsGauge::marksThresholdsUnlessToldNotTo()
{
    const QColor red = m_theme.color(u"red"_s);

    QVERIFY(test::countLike(painted(dataOf({fieldOf(10)}), {240, 200}, true), {0, 0, 240, 200}, red)
            > 20);
    QCOMPARE(
        test::countLike(painted(dataOf({fieldOf(10)}), {240, 200}, false), {0, 0, 240, 200}, red),
        0);
}

void TestPanelsGauge::showsNoArcWithoutAValue()
{
    for (const PanelData &data : {dataOf({fieldOf(gap)}), dataOf({})}) {
        const QImage image = painted(data);
        QCOMPARE(test::countLike(image, {0, 0, 240, 200}, m_theme.color(u"blue"_s)), 0);
        QVERIFY(test::countLike(image, {60, 60, 120, 100}, m_theme.secondary, 60) > 5); // "No data"
    }
}

void TestPanelsGauge::staysInsideItself_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("ratio");
    for (const double ratio : {1.0, 2.0}) {
        QTest::addRow("wide at %g", ratio) << QSize(600, 100) << 1 << ratio;
        QTest::addRow("high at %g", ratio) << QSize(100, 300) << 1 << ratio;
        QTest::addRow("three at %g", ratio) << QSize(420, 160) << 3 << ratio;
        QTest::addRow("tiny at %g", ratio) << QSize(40, 30) << 1 << ratio;
    }
}

void TestPanelsGauge::staysInsideItself()
{
    QFETCH(QSize, size);
    QFETCH(int, count);
    QFETCH(double, ratio);
    Field field = fieldOf(81.5);
    field.name = u"a name far too long for the little room that there is"_s;

    // The widget lies in a larger one, where it must leave everything else alone.
    QWidget around;
    around.resize(size + QSize(80, 80));
    dashboard::Panel panel;
    auto *view = new GaugeView(panel, m_theme, QTimeZone::utc(), &around);
    view->setGeometry(QRect(QPoint(40, 40), size));
    const PanelData data = dataOf(std::vector<Field>(std::size_t(count), field));
    view->setData(data);
    QImage image = test::blankImage(around.size(), ratio, background);
    view->render(&image, QPoint(40, 40), {}, QWidget::DrawChildren);
    const QRectF ink = test::inkOf(image, background);

    QVERIFY(!ink.isEmpty());
    QVERIFY(QRectF(view->geometry()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(ink));
}

void TestPanelsGauge::describesItselfInWords()
{
    const PanelData data = dataOf({fieldOf(81.5)});
    GaugeView view({}, m_theme, QTimeZone::utc());

    view.setData(data);

    QCOMPARE(view.accessibleDescription(), u"disk 81.5%"_s);
}

QTEST_MAIN(TestPanelsGauge)

#include "tst_panels_gauge.moc"
