#include "ui/plot/paint.h"

#include <QBuffer>
#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QTest>

#include <cmath>
#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::GraphStyle;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int margin = 40;                       ///< around the plot, must stay empty
const QRectF plotRect(margin, margin, 400, 200); ///< in device-independent pixels
const QColor background(0, 0, 0);

PlotLine lineOf(std::vector<double> values, const QColor &color = Qt::red)
{
    PlotLine line;
    line.color = color;
    line.style.points = GraphStyle::Points::Never;
    line.values = std::move(values);
    const auto last = std::max<std::size_t>(line.values.size(), 2) - 1;
    for (std::size_t i = 0; i < line.values.size(); ++i)
        line.times.push_back(std::int64_t(i * 3'600'000 / last));
    return line;
}

/// One hour, from 0 to 100.
Plot plotOf(std::vector<PlotLine> lines)
{
    Plot plot;
    plot.lines = std::move(lines);
    plot.end = 3'600'000;
    plot.left.range = {0, 100};
    return plot;
}

/// A theme in which only what is tested has a colour of its own.
Theme plainTheme()
{
    Theme theme = Theme::dark();
    theme.grid = Qt::transparent;
    theme.secondary = Qt::white;
    return theme;
}

/// What a plot looks like, read in device-independent pixels.
class Picture {
public:
    Picture(const Plot &plot, double ratio)
        : layout(layoutOf(plot, plotRect))
        , m_ratio(ratio)
        , m_image(((plotRect.bottomRight() + QPointF(margin, margin)) * ratio).toPoint().x(),
                  ((plotRect.bottomRight() + QPointF(margin, margin)) * ratio).toPoint().y(),
                  QImage::Format_ARGB32_Premultiplied)
    {
        m_image.setDevicePixelRatio(ratio);
        m_image.fill(background);
        QPainter painter(&m_image);
        paintPlot(painter, plot, layout, plainTheme());
    }

    QColor at(double x, double y) const
    {
        return m_image.pixelColor(int(std::floor(x * m_ratio)), int(std::floor(y * m_ratio)));
    }

    double yOf(double value) const { return layout.yOf(value, {0, 100}); }
    double middle() const { return layout.area.center().x(); }

    /// Whether a pixel of that hue is within `reach` of a height, in the column at `x`.
    bool hasNear(double x, double y, const QColor &color, double reach = 1.5) const
    {
        for (double dy = -reach; dy <= reach; dy += 0.5) {
            if (isLike(at(x, y + dy), color))
                return true;
        }
        return false;
    }

    static bool isLike(const QColor &seen, const QColor &wanted)
    {
        const auto near = [](int a, int b) { return std::abs(a - b) < 110; };
        return near(seen.red(), wanted.red()) && near(seen.green(), wanted.green())
            && near(seen.blue(), wanted.blue());
    }

    /// What is painted, in device-independent pixels.
    QRectF ink() const
    {
        QRect ink;
        for (int y = 0; y < m_image.height(); ++y) {
            for (int x = 0; x < m_image.width(); ++x) {
                if (m_image.pixelColor(x, y) != background)
                    ink |= QRect(x, y, 1, 1);
            }
        }
        return {QPointF(ink.topLeft()) / m_ratio, QSizeF(ink.size()) / m_ratio};
    }

    /// How many columns right of `from` have a pixel, and how many runs of such columns there are.
    int columnGroups(double from, double to) const
    {
        int groups = 0;
        int blank = 1'000;
        for (int x = int(from * m_ratio); x < int(to * m_ratio); ++x) {
            bool hasInk = false;
            for (int y = 0; y < m_image.height() && !hasInk; ++y)
                hasInk = m_image.pixelColor(x, y) != background;
            groups += hasInk && blank >= int(2 * m_ratio);
            blank = hasInk ? 0 : blank + 1;
        }
        return groups;
    }

    PlotLayout layout;

private:
    double m_ratio;
    QImage m_image;
};

} // namespace

class TestPlotPaint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void paintsALineOnItsRow_data();
    void paintsALineOnItsRow();
    void leavesGapsEmpty();
    void showsALonelySampleAsADot();
    void paintsPointsWhereTheyAreAskedFor();
    void fillsDownToZero();
    void letsTheFillsOfAStackTouch();
    void fadesAGradientOut();
    void paintsBarsFromTheirBase();
    void paintsThresholdLinesAtTheirHeight();
    void tintsThresholdAreas();
    void measuresTheRightAxisByItsOwnRange();
    void paintsNothingOutsideItsRectangle_data();
    void paintsNothingOutsideItsRectangle();
    void keepsCaptionsApartFromLabels();
    void keepsTimeLabelsApart();
    void staysQuickFarOutsideTheAxis();
    void paintsToPaperToo();
    void paintsASparklineInItsRectangle();
};

void TestPlotPaint::initTestCase_data()
{
    QTest::addColumn<double>("ratio");
    QTest::newRow("ordinary screen") << 1.0;
    QTest::newRow("dense screen") << 2.0;
}

void TestPlotPaint::paintsALineOnItsRow_data()
{
    QTest::addColumn<double>("width");
    QTest::addColumn<bool>("isDashed");
    QTest::newRow("thin") << 1.0 << false;
    QTest::newRow("wide") << 3.0 << false;
    QTest::newRow("dashed") << 2.0 << true;
}

void TestPlotPaint::paintsALineOnItsRow()
{
    QFETCH_GLOBAL(double, ratio);
    QFETCH(double, width);
    QFETCH(bool, isDashed);
    PlotLine line = lineOf({50, 50, 50, 50});
    line.style.lineWidth = width;
    line.style.dashed = isDashed;

    const Picture picture(plotOf({line}), ratio);

    int hits = 0;
    for (double x = picture.layout.area.left() + 5; x < picture.layout.area.right() - 5; x += 1) {
        hits += picture.hasNear(x, picture.yOf(50), Qt::red, 1);
        QVERIFY(!picture.hasNear(x, picture.yOf(50) - width - 3, Qt::red));
        QVERIFY(!picture.hasNear(x, picture.yOf(50) + width + 3, Qt::red));
    }
    const double share = hits / (picture.layout.area.width() - 10);
    QVERIFY2(isDashed ? share > 0.35 && share < 0.75 : share > 0.99,
             qPrintable(QString::number(share)));
}

void TestPlotPaint::leavesGapsEmpty()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({50, 50, gap, 50, 50});
    line.style.fillOpacity = 100;

    const Picture picture(plotOf({line}), ratio);

    for (double x = -0.2; x <= 0.2; x += 0.01) {
        const double column = picture.middle() + x * picture.layout.area.width();
        for (double value : {5.0, 25.0, 50.0})
            QCOMPARE(picture.at(column, picture.yOf(value)), background);
    }
    QVERIFY(picture.hasNear(picture.layout.area.left() + 20, picture.yOf(50), Qt::red));
    QVERIFY(picture.hasNear(picture.layout.area.right() - 20, picture.yOf(50), Qt::red));
}

void TestPlotPaint::showsALonelySampleAsADot()
{
    QFETCH_GLOBAL(double, ratio);

    const Picture picture(plotOf({lineOf({gap, 50, gap})}), ratio);

    QVERIFY(Picture::isLike(picture.at(picture.middle(), picture.yOf(50)), Qt::red));
}

void TestPlotPaint::paintsPointsWhereTheyAreAskedFor()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({20, 80, 20});
    line.style.draw = GraphStyle::Draw::Points;
    line.style.pointSize = 9;

    const Picture picture(plotOf({line}), ratio);

    for (const double dy : {-3.0, 0.0, 3.0})
        QVERIFY(Picture::isLike(picture.at(picture.middle(), picture.yOf(80) + dy), Qt::red));
    QCOMPARE(picture.at(picture.middle(), picture.yOf(80) + 8), background);
    QCOMPARE(picture.at(picture.middle() - picture.layout.area.width() / 4, picture.yOf(50)),
             background);
}

void TestPlotPaint::fillsDownToZero()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({50, 50});
    line.style.fillOpacity = 50;

    const Picture picture(plotOf({line}), ratio);

    const QColor fill = picture.at(picture.middle(), picture.yOf(25));
    QVERIFY(fill.red() > 100 && fill.red() < 160 && fill.green() == 0);
    QCOMPARE(picture.at(picture.middle(), picture.yOf(2)), fill);
    QCOMPARE(picture.at(picture.middle(), picture.yOf(75)), background);
}

void TestPlotPaint::letsTheFillsOfAStackTouch()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine low = lineOf({20, 30, 25, 40}, Qt::red);
    PlotLine high = lineOf({60, 55, 70, 80}, Qt::blue);
    low.bases = {0, 0, 0, 0};
    high.bases = low.values;
    for (PlotLine *line : {&low, &high}) {
        line->style.fillOpacity = 100;
        line->style.lineWidth = 0;
    }

    const Picture picture(plotOf({low, high}), ratio);

    for (double x = picture.layout.area.left() + 5; x < picture.layout.area.right() - 5; x += 7) {
        for (double value = 2; value < 53; value += 0.4) {
            const QColor color = picture.at(x, picture.yOf(value));
            QVERIFY2(color.red() + color.blue() > 180,
                     qPrintable(u"%1 at %2"_s.arg(color.name()).arg(value)));
        }
        QVERIFY(Picture::isLike(picture.at(x, picture.yOf(10)), Qt::red));
        QVERIFY(Picture::isLike(picture.at(x, picture.yOf(48)), Qt::blue));
    }
}

void TestPlotPaint::fadesAGradientOut()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({95, 95});
    line.style.fillOpacity = 80;
    line.style.fillGradient = true;

    const Picture picture(plotOf({line}), ratio);

    QVERIFY(picture.at(picture.middle(), picture.yOf(85)).red() > 150);
    QVERIFY(picture.at(picture.middle(), picture.yOf(5)).red() < 30);
}

void TestPlotPaint::paintsBarsFromTheirBase()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({40, 80, gap, 60, 20});
    line.style.draw = GraphStyle::Draw::Bars;
    line.style.fillOpacity = 100;
    line.style.lineWidth = 0;

    const Picture picture(plotOf({line}), ratio);

    const auto columnOf = [&](int index) { return picture.layout.xOf(index * 900'000); };
    QVERIFY(Picture::isLike(picture.at(columnOf(1), picture.yOf(78)), Qt::red));
    QVERIFY(Picture::isLike(picture.at(columnOf(1), picture.yOf(2)), Qt::red));
    QCOMPARE(picture.at(columnOf(1), picture.yOf(84)), background);
    QCOMPARE(picture.at(columnOf(2), picture.yOf(10)), background);
    QCOMPARE(picture.at((columnOf(3) + columnOf(4)) / 2, picture.yOf(10)), background);
}

void TestPlotPaint::paintsThresholdLinesAtTheirHeight()
{
    QFETCH_GLOBAL(double, ratio);
    Plot plot = plotOf({});
    plot.thresholds = {{-infinity, Qt::green}, {60, Qt::red}, {500, Qt::blue}};
    plot.thresholdStyle = GraphStyle::ThresholdStyle::Line;

    const Picture picture(plot, ratio);

    for (const double x :
         {picture.layout.area.left() + 3, picture.middle(), picture.layout.area.right() - 3})
        QVERIFY(picture.hasNear(x, picture.yOf(60), Qt::red, 1));
    QCOMPARE(picture.at(picture.middle(), picture.yOf(50)), background);
    QCOMPARE(picture.at(picture.middle(), picture.yOf(70)), background);
}

void TestPlotPaint::tintsThresholdAreas()
{
    QFETCH_GLOBAL(double, ratio);
    Plot plot = plotOf({});
    plot.thresholds = {{-infinity, Qt::green}, {60, Qt::red}};
    plot.thresholdStyle = GraphStyle::ThresholdStyle::Area;

    const Picture picture(plot, ratio);

    const QColor above = picture.at(picture.middle(), picture.yOf(80));
    const QColor below = picture.at(picture.middle(), picture.yOf(30));
    QVERIFY(above.red() > 15 && above.green() == 0);
    QVERIFY(below.green() > 15 && below.red() == 0);
    QCOMPARE(picture.at(picture.middle(), picture.yOf(59)), below);
}

void TestPlotPaint::measuresTheRightAxisByItsOwnRange()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({5, 5}, Qt::blue);
    line.isOnRightAxis = true;
    Plot plot = plotOf({lineOf({25, 25}), line});
    plot.right = PlotAxis{{0, 10}, u"bytes"_s, {}, {}};

    const Picture picture(plot, ratio);

    QVERIFY(picture.hasNear(picture.middle(), picture.yOf(25), Qt::red));
    QVERIFY(picture.hasNear(picture.middle(), picture.yOf(50), Qt::blue));
    QVERIFY(picture.columnGroups(picture.layout.area.right() + 4, plotRect.right())
            > 0); // its labels
}

void TestPlotPaint::paintsNothingOutsideItsRectangle_data()
{
    QTest::addColumn<Plot>("plot");

    PlotLine wild = lineOf({-500, 1e6, -1e9, 50, 1e12});
    wild.style.lineWidth = 4;
    wild.style.fillOpacity = 40;
    wild.style.points = GraphStyle::Points::Always;
    QTest::newRow("values far outside") << plotOf({wild});

    Plot named = plotOf({});
    named.left.unit = u"suffix:of a unit whose name has no end and <b>no sense</b> whatsoever"_s;
    named.right = named.left;
    QTest::newRow("endless units") << named;

    Plot captioned = plotOf({});
    captioned.left.label = u"left caption that is longer than the whole plot is high"_s;
    captioned.left.range = {0, 1e9};
    captioned.right = PlotAxis{{0, 1}, {}, {}, u"right"_s};
    QTest::newRow("captions") << captioned;

    Plot timed = plotOf({});
    timed.start = 1'704'067'200'000; // ticks at both ends
    timed.end = timed.start + 2 * 86'400'000;
    QTest::newRow("labels at both ends") << timed;
}

void TestPlotPaint::paintsNothingOutsideItsRectangle()
{
    QFETCH_GLOBAL(double, ratio);
    QFETCH(Plot, plot);

    const QRectF ink = Picture(plot, ratio).ink();

    QVERIFY(!ink.isEmpty());
    QVERIFY2(
        plotRect.adjusted(-1, -1, 1, 1).contains(ink),
        qPrintable(
            u"%1 %2 to %3 %4"_s.arg(ink.left()).arg(ink.top()).arg(ink.right()).arg(ink.bottom())));
}

void TestPlotPaint::keepsCaptionsApartFromLabels()
{
    QFETCH_GLOBAL(double, ratio);
    Plot plot = plotOf({});
    plot.left = {{0, 1}, u"percent"_s, {}, u"Left"_s};
    plot.right = PlotAxis{{0, 1e6}, u"locale"_s, {}, u"Right"_s};
    for (const bool isWideOnTheLeft : {false, true}) {
        const Picture captioned(plot, ratio);
        Plot bare = plot;
        bare.left.label.clear();
        bare.right->label.clear();
        const Picture plain(bare, ratio);
        // The same columns again without captions: each caption is a group of columns more, or
        // overlaps.
        const auto left = [](const Picture &p) {
            return p.columnGroups(plotRect.left(), p.layout.area.left() - 3);
        };
        const auto right = [](const Picture &p) {
            return p.columnGroups(p.layout.area.right() + 3, plotRect.right());
        };
        QVERIFY2(left(captioned) > left(plain), qPrintable(QString::number(left(captioned))));
        QVERIFY2(right(captioned) > right(plain), qPrintable(QString::number(isWideOnTheLeft)));
        std::swap(plot.left, *plot.right);
    }
}

void TestPlotPaint::keepsTimeLabelsApart()
{
    for (const std::int64_t span :
         {60'000LL, 3'600'000LL, 86'400'000LL, 4 * 86'400'000LL, 400 * 86'400'000LL}) {
        Plot plot = plotOf({});
        plot.start = 1'704'067'200'000;
        plot.end = plot.start + span;
        const PlotLayout layout = layoutOf(plot, plotRect);
        const QFontMetricsF metrics(layout.font);
        double right = -infinity;
        QVERIFY(layout.times.size() >= 2);
        for (const AxisLabel &label : layout.times) {
            const double half = metrics.horizontalAdvance(label.text) / 2;
            QVERIFY(label.position - half > right);
            right = label.position + half;
        }
    }
}

void TestPlotPaint::staysQuickFarOutsideTheAxis()
{
    QFETCH_GLOBAL(double, ratio);
    PlotLine line = lineOf({1e300, -1e300, 50, 1e300, 50, -1e300, 1e15});
    QElapsedTimer clock;
    clock.start();

    for (const bool isDashed : {false, true}) {
        for (const double width : {1.0, 3.0}) {
            line.style.dashed = isDashed;
            line.style.lineWidth = width;
            line.style.fillOpacity = 20;
            const Picture picture(plotOf({line}), ratio);
            QVERIFY(!picture.ink().isEmpty());
        }
    }
    line.style.draw = GraphStyle::Draw::Bars;
    QVERIFY(!Picture(plotOf({line}), ratio).ink().isEmpty());

    QVERIFY2(clock.elapsed() < 5'000, qPrintable(QString::number(clock.elapsed())));
}

void TestPlotPaint::paintsToPaperToo()
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    QVERIFY(buffer.open(QIODevice::WriteOnly));
    {
        QPdfWriter writer(&buffer);
        QPainter painter(&writer);
        const Plot plot = plotOf({lineOf({20, 80, 40})});
        paintPlot(painter, plot, layoutOf(plot, plotRect), Theme::light());
    }

    QVERIFY(bytes.startsWith("%PDF"));
    QVERIFY(!bytes.contains("/Subtype /Image"));
}

void TestPlotPaint::paintsASparklineInItsRectangle()
{
    QFETCH_GLOBAL(double, ratio);
    QImage image(QSize(200, 100) * ratio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    image.fill(background);
    PlotLine line = lineOf({50, 50, 50});
    line.style.fillOpacity = 50;

    QPainter painter(&image);
    paintSparkline(painter, QRectF(20, 20, 160, 60), line, 0, 3'600'000, {0, 100});
    painter.end();

    const auto at = [&](double x, double y) {
        return image.pixelColor(int(x * ratio), int(y * ratio));
    };
    QVERIFY(at(100, 70).red() > 80);
    QCOMPARE(at(100, 40), background);
    QCOMPARE(at(100, 83), background);
    QCOMPARE(at(15, 70), background);
    QCOMPARE(at(185, 70), background);
}

QTEST_MAIN(TestPlotPaint)

#include "tst_plot_paint.moc"
