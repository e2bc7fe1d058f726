#include "ui/plot/trace.h"

#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using dashboard::GraphStyle;

namespace {

using Points = std::vector<QPointF>;

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
constexpr ValueRange percent{0, 100};

/// 100 × 100 pixels for 100 ms and the values 0 to 100: a sample at (t, v) is at (t, 100 − v).
PlotLayout square()
{
    PlotLayout layout;
    layout.area = QRectF(0, 0, 100, 100);
    layout.start = 0;
    layout.end = 100;
    return layout;
}

PlotLine lineOf(std::vector<std::int64_t> times, std::vector<double> values)
{
    PlotLine line;
    line.times = std::move(times);
    line.values = std::move(values);
    return line;
}

std::vector<TraceSegment> traced(const PlotLine &line)
{
    return traceOf(line, square(), percent);
}

} // namespace

class TestPlotTrace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void putsSamplesWhereTheyBelong();
    void hasNothingToDrawWithoutValues();
    void splitsAtGaps();
    void joinsGapsAsTheStyleSays();
    void keepsALonelySample();
    void drawsStepsBeforeAndAfter();
    void curvesThroughItsPointsWithoutOvershoot();
    void standsOnZeroOrTheNearestEnd();
    void standsOnTheStackBelow();
    void keepsOneNeighbourOutsideTheRange();
    void reducesManySamples();
};

void TestPlotTrace::putsSamplesWhereTheyBelong()
{
    const auto segments = traced(lineOf({0, 50, 100}, {0, 25, 100}));

    QCOMPARE(segments.size(), 1u);
    QCOMPARE(segments.front().points, (Points{{0, 100}, {50, 75}, {100, 0}}));
}

void TestPlotTrace::hasNothingToDrawWithoutValues()
{
    QVERIFY(traced({}).empty());
    QVERIFY(traced(lineOf({0, 50}, {gap, gap})).empty());
}

void TestPlotTrace::splitsAtGaps()
{
    const auto segments = traced(lineOf({0, 10, 20, 30, 40, 50}, {gap, 1, 2, gap, 3, 4}));

    QCOMPARE(segments.size(), 2u);
    QCOMPARE(segments[0].points, (Points{{10, 99}, {20, 98}}));
    QCOMPARE(segments[1].points, (Points{{40, 97}, {50, 96}}));
}

void TestPlotTrace::joinsGapsAsTheStyleSays()
{
    PlotLine line = lineOf({0, 10, 20, 30, 60, 70}, {1, gap, 1, gap, 1, 1});

    const auto piecesWith = [&](double spanNulls) {
        line.style.spanNullsMs = spanNulls;
        return traced(line).size();
    };

    QCOMPARE(piecesWith(0), 3u);
    QCOMPARE(piecesWith(20), 3u); // only what is shorter is joined
    QCOMPARE(piecesWith(21), 2u);
    QCOMPARE(piecesWith(std::numeric_limits<double>::infinity()), 1u);
}

void TestPlotTrace::keepsALonelySample()
{
    const auto segments = traced(lineOf({0, 10, 20}, {gap, 7, gap}));

    QCOMPARE(segments.size(), 1u);
    QCOMPARE(segments.front().points, (Points{{10, 93}}));
}

void TestPlotTrace::drawsStepsBeforeAndAfter()
{
    PlotLine line = lineOf({0, 50}, {10, 20});

    line.style.interpolation = GraphStyle::Interpolation::StepAfter;
    QCOMPARE(traced(line).front().points, (Points{{0, 90}, {50, 90}, {50, 80}}));
    line.style.interpolation = GraphStyle::Interpolation::StepBefore;
    QCOMPARE(traced(line).front().points, (Points{{0, 90}, {0, 80}, {50, 80}}));
}

void TestPlotTrace::curvesThroughItsPointsWithoutOvershoot()
{
    PlotLine line = lineOf({0, 20, 40, 60, 80}, {10, 10, 90, 90, 50});
    line.style.interpolation = GraphStyle::Interpolation::Smooth;

    const Points curve = traced(line).front().points;

    QVERIFY(curve.size() > 20);
    for (std::size_t i = 0; i < curve.size(); ++i) {
        QVERIFY(curve[i].y() >= 10 - 1e-9 && curve[i].y() <= 90 + 1e-9);
        QVERIFY(i == 0 || curve[i].x() > curve[i - 1].x());
    }
    for (const QPointF &sample : {QPointF(20, 90), QPointF(40, 10), QPointF(80, 50)})
        QVERIFY(std::ranges::any_of(
            curve, [&](const QPointF &p) { return QLineF(p, sample).length() < 1e-6; }));
    line = lineOf({0, 20}, {1, 2});
    line.style.interpolation = GraphStyle::Interpolation::Smooth;
    QCOMPARE(traced(line).front().points.size(), 2u);
}

void TestPlotTrace::standsOnZeroOrTheNearestEnd()
{
    const PlotLine line = lineOf({0, 50}, {60, 80});

    QCOMPARE(traceOf(line, square(), {0, 100}).front().floor, (Points{{0, 100}, {50, 100}}));
    QCOMPARE(traceOf(line, square(), {-100, 100}).front().floor, (Points{{0, 50}, {50, 50}}));
    QCOMPARE(traceOf(line, square(), {50, 100}).front().floor, (Points{{0, 100}, {50, 100}}));
    QCOMPARE(traceOf(line, square(), {-100, -50}).front().floor, (Points{{0, 0}, {50, 0}}));
    QCOMPARE(traced(line).front().outline(), (Points{{0, 40}, {50, 20}, {50, 100}, {0, 100}}));
}

void TestPlotTrace::standsOnTheStackBelow()
{
    PlotLine line = lineOf({0, 50, 100}, {60, 80, 90});
    line.bases = {10, 20, gap};

    QCOMPARE(traced(line).front().floor, (Points{{0, 90}, {50, 80}, {100, 100}}));
    line.style.interpolation = GraphStyle::Interpolation::StepAfter;
    QCOMPARE(traced(line).front().floor,
             (Points{{0, 90}, {50, 90}, {50, 80}, {100, 80}, {100, 100}}));
}

void TestPlotTrace::keepsOneNeighbourOutsideTheRange()
{
    const auto segments = traced(lineOf({-300, -200, -10, 50, 110, 400}, {1, 2, 3, 4, 5, 6}));

    QCOMPARE(segments.front().points, (Points{{-10, 97}, {50, 96}, {110, 95}}));
    QCOMPARE(traced(lineOf({-300, -200}, {1, 2})).size(), 1u); // the last before the range: no harm
}

void TestPlotTrace::reducesManySamples()
{
    PlotLine line;
    for (int i = 0; i < 10'000; ++i) {
        line.times.push_back(i / 100);
        line.values.push_back(i % 97);
    }

    QVERIFY(traced(line).front().points.size() <= 4 * 100);
}

QTEST_GUILESS_MAIN(TestPlotTrace)

#include "tst_plot_trace.moc"
