#include "support/painted.h"
#include "ui/panels/legend.h"

#include <QJsonArray>
#include <QTest>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::Field;

namespace {

const QColor background(0, 0, 0);

std::vector<Field> fieldsNamed(const QStringList &names)
{
    std::vector<Field> fields;
    for (const QString &name : names) {
        Field field;
        field.name = name;
        field.times = {0, 1};
        field.values = {1, 3};
        fields.push_back(field);
    }
    return fields;
}

QStringList manyNames(int count)
{
    QStringList names;
    for (int i = 0; i < count; ++i)
        names
            << u"%1 %2"_s.arg(u"a bc def ghijkl"_s.sliced(0, i * 7 % 15)).arg(i); // of all lengths
    return names;
}

Legend legendOf(const QString &mode, const QString &placement, const std::vector<Field> &fields,
                const QStringList &calcs = {})
{
    Legend legend({{u"displayMode"_s, mode},
                   {u"placement"_s, placement},
                   {u"calcs"_s, QJsonArray::fromStringList(calcs)}});
    legend.setFields(fields, std::vector<QColor>(fields.size(), Qt::red));
    return legend;
}

QImage painted(Legend &legend, const QRectF &rect, double ratio = 1,
               const std::set<std::size_t> &hidden = {})
{
    QImage image =
        test::blankImage(QSizeF(rect.right() + 50, rect.bottom() + 50), ratio, background);
    QPainter painter(&image);
    legend.paint(painter, rect, hidden, Theme::dark());
    return image;
}

/// The fields that the mouse finds anywhere in `rect`.
std::set<std::size_t> reachable(const Legend &legend, const QRectF &rect)
{
    std::set<std::size_t> fields;
    for (double y = rect.top(); y < rect.bottom(); y += 3) {
        for (double x = rect.left(); x < rect.right(); x += 3) {
            if (const auto field = legend.fieldAt({x, y}))
                fields.insert(*field);
        }
    }
    return fields;
}

} // namespace

class TestPanelsLegend : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsItsOptions();
    void hasNoHeightWithoutEntries();
    void fitsInTheHeightItAskedFor_data();
    void fitsInTheHeightItAskedFor();
    void sumsUpWhatDoesNotFit_data();
    void sumsUpWhatDoesNotFit();
    void staysInsideItsRectangle_data();
    void staysInsideItsRectangle();
    void showsAColorForEachField();
    void leavesFieldsOutThatAreNotForIt();
    void makesHiddenFieldsFaint();
    void wantsAWidthInWhichNothingIsElided();
};

void TestPanelsLegend::readsItsOptions()
{
    QVERIFY(Legend({}).isVisible() && !Legend({}).isRight());
    QVERIFY(!Legend({{u"showLegend"_s, false}}).isVisible());
    QVERIFY(!Legend({{u"displayMode"_s, u"hidden"_s}}).isVisible());
    QVERIFY(Legend({{u"placement"_s, u"right"_s}}).isRight());
}

void TestPanelsLegend::hasNoHeightWithoutEntries()
{
    QCOMPARE(legendOf(u"list"_s, u"bottom"_s, {}).heightFor(400), 0.0);
    Legend hidden({{u"showLegend"_s, false}});
    hidden.setFields(fieldsNamed({u"a"_s}), {Qt::red});
    QCOMPARE(hidden.heightFor(400), 0.0);
}

void TestPanelsLegend::fitsInTheHeightItAskedFor_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("width");
    for (const char *mode : {"list", "table"}) {
        for (const int count : {1, 3, 12}) {
            for (const double width : {150.0, 400.0, 900.0})
                QTest::addRow("%s of %d, %g wide", mode, count, width)
                    << QString::fromLatin1(mode) << count << width;
        }
    }
}

void TestPanelsLegend::fitsInTheHeightItAskedFor()
{
    QFETCH(QString, mode);
    QFETCH(int, count);
    QFETCH(double, width);
    Legend legend = legendOf(mode, u"bottom"_s, fieldsNamed(manyNames(count)), {u"mean"_s});
    const QRectF rect(20, 20, width, legend.heightFor(width));

    const QImage image = painted(legend, rect);

    QCOMPARE(reachable(legend, rect).size(), std::size_t(count));
    QVERIFY(rect.adjusted(-1, -1, 2, 2).contains(test::inkOf(image, background)));
}

void TestPanelsLegend::sumsUpWhatDoesNotFit_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("placement");
    QTest::addColumn<double>("height");
    for (const char *mode : {"list", "table"}) {
        for (const char *placement : {"bottom", "right"}) {
            for (const double height : {22.0, 50.0, 90.0})
                QTest::addRow("%s %s %g", mode, placement, height)
                    << QString::fromLatin1(mode) << QString::fromLatin1(placement) << height;
        }
    }
}

void TestPanelsLegend::sumsUpWhatDoesNotFit()
{
    QFETCH(QString, mode);
    QFETCH(QString, placement);
    QFETCH(double, height);
    Legend legend = legendOf(mode, placement, fieldsNamed(manyNames(40)), {u"mean"_s});
    const QRectF rect(20, 20, 300, height);

    const QImage image = painted(legend, rect);

    QVERIFY(reachable(legend, rect).size() < 40);
    QVERIFY(!test::inkOf(image, background).isEmpty());
    QVERIFY(rect.adjusted(-1, -1, 2, 2).contains(test::inkOf(image, background)));
}

void TestPanelsLegend::staysInsideItsRectangle_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("placement");
    QTest::addColumn<double>("width");
    QTest::addColumn<double>("ratio");
    for (const char *mode : {"list", "table"}) {
        for (const char *placement : {"bottom", "right"}) {
            for (const double width : {60.0, 150.0, 400.0}) {
                for (const double ratio : {1.0, 2.0})
                    QTest::addRow("%s %s %g at %g", mode, placement, width, ratio)
                        << QString::fromLatin1(mode) << QString::fromLatin1(placement) << width
                        << ratio;
            }
        }
    }
}

void TestPanelsLegend::staysInsideItsRectangle()
{
    QFETCH(QString, mode);
    QFETCH(QString, placement);
    QFETCH(double, width);
    QFETCH(double, ratio);
    const QString endless = u"<b>name</b>\n without end "_s.repeated(20);
    Legend legend = legendOf(mode, placement, fieldsNamed({endless, u"short"_s, endless}),
                             {u"mean"_s, u"max"_s, u"lastNotNull"_s});
    const QRectF rect(20, 20, width, 100);

    const QImage image = painted(legend, rect, ratio);

    const QRectF ink = test::inkOf(image, background);
    QVERIFY2(
        rect.adjusted(-1, -1, 2, 2).contains(ink),
        qPrintable(
            u"%1 %2 to %3 %4"_s.arg(ink.left()).arg(ink.top()).arg(ink.right()).arg(ink.bottom())));
}

void TestPanelsLegend::showsAColorForEachField()
{
    Legend legend({});
    legend.setFields(fieldsNamed({u"a"_s, u"b"_s}), {Qt::red, Qt::green});
    const QRectF rect(20, 20, 400, 60);

    const QImage image = painted(legend, rect);

    QVERIFY(test::countLike(image, rect, Qt::red) > 20);
    QVERIFY(test::countLike(image, rect, Qt::green) > 20);
}

void TestPanelsLegend::leavesFieldsOutThatAreNotForIt()
{
    std::vector<Field> fields = fieldsNamed({u"a"_s, u"b"_s, u"c"_s});
    fields[1].config.graph.isInLegend = false;
    Legend legend = legendOf(u"list"_s, u"bottom"_s, fields);
    const QRectF rect(0, 0, 400, 60);

    painted(legend, rect);

    QCOMPARE(reachable(legend, rect), (std::set<std::size_t>{0, 2}));
    QVERIFY(!legend.fieldAt({399, 59}));
}

void TestPanelsLegend::makesHiddenFieldsFaint()
{
    Legend legend = legendOf(u"table"_s, u"bottom"_s, fieldsNamed({u"a"_s}));
    const QRectF rect(20, 20, 400, 60);

    QVERIFY(test::countLike(painted(legend, rect), rect, Qt::red) > 20);
    QCOMPARE(test::countLike(painted(legend, rect, 1, {0}), rect, Qt::red), 0);
}

void TestPanelsLegend::wantsAWidthInWhichNothingIsElided()
{
    for (const QString &mode : {u"list"_s, u"table"_s}) {
        Legend legend = legendOf(mode, u"right"_s,
                                 fieldsNamed({u"a rather long name of a series"_s}), {u"mean"_s});
        const double width = legend.preferredWidth();
        const auto inkIn = [&](double w) {
            return test::countLike(painted(legend, QRectF(20, 20, w, 60)), QRectF(0, 0, 2'000, 200),
                                   Theme::dark().text, 60);
        };

        QCOMPARE(inkIn(width), inkIn(width + 200));
    }
}

QTEST_MAIN(TestPanelsLegend)

#include "tst_panels_legend.moc"
