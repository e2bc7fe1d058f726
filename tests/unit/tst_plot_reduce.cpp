#include "ui/plot/reduce.h"

#include <QTest>

#include <cmath>

using namespace trendscope::ui;

namespace {

using Points = std::vector<QPointF>;

/// `count` points over `width` columns, with a different height each.
Points wave(int count, double width)
{
    Points points;
    for (int i = 0; i < count; ++i)
        points.emplace_back(width * i / count, 100 * std::sin(i * 0.7) + 37 * std::sin(i * 0.013));
    return points;
}

} // namespace

class TestPlotReduce : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsFewPointsAsTheyAre();
    void keepsFirstLowestHighestAndLastOfAColumn();
    void keepsTheirOrder();
    void keepsTheExtremesOfEveryColumn();
    void givesNoMoreThanFourAColumn();
};

void TestPlotReduce::keepsFewPointsAsTheyAre()
{
    QCOMPARE(reduceToColumns({}), Points());
    const Points sparse = wave(30, 100);
    QCOMPARE(reduceToColumns(sparse), sparse);
    const Points four{{0, 5}, {0.2, 1}, {0.4, 9}, {0.6, 3}};
    QCOMPARE(reduceToColumns(four), four);
}

void TestPlotReduce::keepsFirstLowestHighestAndLastOfAColumn()
{
    const Points column{{3.0, 5}, {3.1, 6}, {3.2, 1}, {3.3, 4}, {3.4, 9}, {3.5, 5}, {3.6, 2}};

    QCOMPARE(reduceToColumns(column), (Points{{3.0, 5}, {3.2, 1}, {3.4, 9}, {3.6, 2}}));
}

void TestPlotReduce::keepsTheirOrder()
{
    const Points highFirst{{-0.9, 5}, {-0.8, 9}, {-0.7, 5}, {-0.6, 1}, {-0.5, 5}};
    const Points extremesAtTheEnds{{0, 9}, {0.1, 5}, {0.2, 4}, {0.3, 5}, {0.4, 1}};

    QCOMPARE(reduceToColumns(highFirst), (Points{{-0.9, 5}, {-0.8, 9}, {-0.6, 1}, {-0.5, 5}}));
    QCOMPARE(reduceToColumns(extremesAtTheEnds), (Points{{0, 9}, {0.4, 1}}));
}

void TestPlotReduce::keepsTheExtremesOfEveryColumn()
{
    const Points points = wave(20'000, 300);

    const Points kept = reduceToColumns(points);

    for (int column = 0; column < 300; ++column) {
        const auto extremesIn = [column](const Points &all) {
            double low = 1e9;
            double high = -1e9;
            for (const QPointF &point : all) {
                if (std::floor(point.x()) == column) {
                    low = std::min(low, point.y());
                    high = std::max(high, point.y());
                }
            }
            return std::pair(low, high);
        };
        QCOMPARE(extremesIn(kept), extremesIn(points));
    }
}

void TestPlotReduce::givesNoMoreThanFourAColumn()
{
    QVERIFY(reduceToColumns(wave(100'000, 250)).size() <= 4 * 250);
}

QTEST_GUILESS_MAIN(TestPlotReduce)

#include "tst_plot_reduce.moc"
