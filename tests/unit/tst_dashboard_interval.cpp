#include "core/dashboard/interval.h"
#include "support/grafana_vectors.h"

#include <QTest>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using std::chrono::milliseconds;

namespace {

using Duration = std::optional<milliseconds>;

prom::Timestamp at(std::int64_t millis)
{
    return prom::Timestamp(milliseconds(millis));
}

} // namespace

class TestDashboardInterval : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsDurations_data();
    void readsDurations();
    void writesTheLargestWholeUnit();
    void writesDurationsForPrometheus();
    void roundsToGrafanasSteps();
    void choosesStepAndRateInterval_data();
    void choosesStepAndRateInterval();
    void alignsBothEndsToTheZonesSteps();
    void agreesWithGrafana();
};

void TestDashboardInterval::readsDurations_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<Duration>("duration");

    const auto row = [](const char *text, Duration duration) {
        QTest::addRow("'%s'", text) << QString::fromUtf8(text) << duration;
    };
    row("30s", 30s);
    row("1m", 1min);
    row("500ms", 500ms);
    row("1h30m", 90min);
    row("1d", 24h);
    row("2w", 14 * 24h);
    row("1y", 365 * 24h);
    row(" 5m ", 5min);
    row("10", 10s);
    row("0.5", 500ms);
    row(">10s", 10s);
    row(">=1m", 1min);
    row("", {});
    row("m", {});
    row("5 parsecs", {});
    row("$__interval", {});
    row("-5m", {});
    row("5m-", {});
    row("0s", {});
    row("99999999999999999999d", {});
    row("٣m", {});
    row("nan", {});
}

void TestDashboardInterval::readsDurations()
{
    QFETCH(QString, text);
    QFETCH(Duration, duration);

    QCOMPARE(durationOf(text), duration);
}

void TestDashboardInterval::writesTheLargestWholeUnit()
{
    QCOMPARE(intervalText(90s), u"1m"_s);
    QCOMPARE(intervalText(15s), u"15s"_s);
    QCOMPARE(intervalText(1500ms), u"1s"_s);
    QCOMPARE(intervalText(20ms), u"20ms"_s);
    QCOMPARE(intervalText(7 * 24h), u"7d"_s);
    QCOMPARE(intervalText(365 * 24h), u"1y"_s);
}

void TestDashboardInterval::writesDurationsForPrometheus()
{
    QCOMPARE(durationText(90s), u"1m30s"_s);
    QCOMPARE(durationText(1min), u"1m0s"_s);
    QCOMPARE(durationText(25h), u"25h0m0s"_s);
    QCOMPARE(durationText(1500ms), u"1s500ms"_s);
    for (const milliseconds span : {1ms, 999ms, 15000ms, 60000ms, 3600001ms})
        QCOMPARE(durationOf(durationText(span)), Duration(span));
}

void TestDashboardInterval::roundsToGrafanasSteps()
{
    QCOMPARE(roundedInterval(1ms), 1ms);
    QCOMPARE(roundedInterval(9s), 10s);
    QCOMPARE(roundedInterval(14s), 15s);
    QCOMPARE(roundedInterval(26s), 30s);
    QCOMPARE(roundedInterval(4min), 5min);
    QCOMPARE(roundedInterval(25h), 24h);
    QCOMPARE(roundedInterval(1000 * 24h), 365 * 24h);
}

void TestDashboardInterval::choosesStepAndRateInterval_data()
{
    QTest::addColumn<IntervalInput>("input");
    QTest::addColumn<milliseconds>("step");
    QTest::addColumn<milliseconds>("rateInterval");

    const auto row = [](const char *name, IntervalInput input, milliseconds step,
                        milliseconds rate) { QTest::newRow(name) << input << step << rate; };
    row("an hour on a wide panel is scraped data", {1h, 1000}, 15s, 1min);
    row("six hours", {6h, 500}, 30s, 1min);
    row("a day", {24h, 500}, 2min, 135s);
    row("the panel's own smallest step", {1h, 1000, 1min}, 1min, 75s);
    row("the query's own smallest step", {1h, 1000, 15s, 5min}, 5min, 20min);
    row("intervalFactor", {1h, 1000, 15s, {}, 2}, 30s, 1min);
    row("no points at all", {1h, 0}, 1h, 1h + 15s);
    row("never more steps than the server allows", {30 * 24h, 100'000}, 5min, 1min);
}

void TestDashboardInterval::choosesStepAndRateInterval()
{
    QFETCH(IntervalInput, input);

    const Interval interval = intervalFor(input);

    QTEST(interval.step, "step");
    QTEST(interval.rateInterval, "rateInterval");
    QVERIFY(input.range / interval.step <= 11'000);
}

void TestDashboardInterval::alignsBothEndsToTheZonesSteps()
{
    const auto inUtc = alignedRange(at(1'700'000'007'123), at(1'700'003'607'123), 15s, 0s);
    const auto inIndia = alignedRange(at(1'700'000'000'000), at(1'700'086'400'000), 24h, 19'800s);

    QCOMPARE(inUtc.first, at(1'699'999'995'000));
    QCOMPARE(inUtc.second, at(1'700'003'595'000));
    QCOMPARE((inIndia.first.time_since_epoch() + 19'800s) % 24h, 0ms);
    QCOMPARE(inIndia.second - inIndia.first, milliseconds(24h));
    QVERIFY(inIndia.first <= at(1'700'000'000'000));
    QCOMPARE(alignedRange(at(-5), at(5), 10ms, 0s), std::pair(at(-10), at(0)));
}

void TestDashboardInterval::agreesWithGrafana()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"intervals.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    for (const QJsonValue entry : cases) {
        const double raw = entry["rangeMs"_L1].toDouble() / entry["maxDataPoints"_L1].toDouble();
        const milliseconds minimum = durationOf(entry["minInterval"_L1].toString()).value_or(1ms);
        const milliseconds interval =
            std::max(minimum, roundedInterval(milliseconds(std::llround(raw))));
        if (interval.count() != entry["intervalMs"_L1].toInteger()
            || intervalText(interval) != entry["interval"_L1].toString())
            wrong << intervalText(interval) + u" for "_s + test::caseText(entry.toObject());
    }

    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestDashboardInterval)

#include "tst_dashboard_interval.moc"
