#include "support/grafana_vectors.h"
#include "ui/plot/axis.h"

#include <QDateTime>
#include <QTest>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;

namespace {

using Ticks = std::vector<double>;
using Data = std::optional<ValueRange>;

constexpr double infinity = std::numeric_limits<double>::infinity();

std::int64_t at(const QString &iso)
{
    return QDateTime::fromString(iso, Qt::ISODate).toMSecsSinceEpoch();
}

QString labelsOf(const std::vector<TimeTick> &ticks)
{
    QStringList labels;
    for (const TimeTick &tick : ticks)
        labels << tick.label;
    return labels.join(u' ');
}

ValueLimits limitsOf(const QJsonObject &options)
{
    const auto number = [&](QLatin1StringView key) {
        const QJsonValue value = options[key];
        return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
    };
    return {number("min"_L1), number("max"_L1), number("softMin"_L1), number("softMax"_L1),
            options["decimals"_L1] == 0};
}

bool areClose(const Ticks &actual, const QJsonArray &expected)
{
    bool isSame = actual.size() == std::size_t(expected.size());
    for (std::size_t i = 0; isSame && i < actual.size(); ++i)
        isSame = test::isClose(actual[i], expected[qsizetype(i)].toDouble());
    return isSame;
}

} // namespace

class TestPlotAxis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void choosesTheRange_data();
    void choosesTheRange();
    void alwaysHasARangeToDivideBy();
    void choosesTicks_data();
    void choosesTicks();
    void staysSaneForExtremeRanges();
    void putsTimeTicksAtRoundTimes_data();
    void putsTimeTicksAtRoundTimes();
    void startsDaysAtMidnightAcrossAClockChange();
    void leavesRoomBetweenTimeLabels();
    void measuresALabelAsLongAsTheRealOnes();
    void agreesWithGrafana();
};

void TestPlotAxis::choosesTheRange_data()
{
    QTest::addColumn<Data>("data");
    QTest::addColumn<ValueLimits>("limits");
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");

    const auto row = [](const char *name, Data data, ValueLimits limits, double low, double high) {
        QTest::newRow(name) << data << limits << low << high;
    };
    row("padding stops at zero", ValueRange{2, 18}, {}, 0, 20);
    row("far from zero", ValueRange{95, 100}, {}, 94.5, 100.5);
    row("from zero", ValueRange{0, 100}, {}, 0, 110);
    row("below zero", ValueRange{-100, 0}, {}, -110, 0);
    row("a constant", ValueRange{5, 5}, {}, 0, 10);
    row("zeros", ValueRange{0, 0}, {}, 0, 100);
    row("nothing", {}, {}, 0, 100);
    row("nothing within limits", {}, {{}, 5}, 0, 5);
    row("fixed ends", ValueRange{-3, 900}, {0, 100}, 0, 100);
    row("a fixed low end", ValueRange{40, 60}, {0}, 0, 66);
    row("a soft end that holds", ValueRange{0, 1}, {{}, {}, {}, 100}, 0, 100);
    row("a soft end that gives way", ValueRange{0, 200}, {{}, {}, {}, 100}, 0, 220);
    row("integers", ValueRange{0, 1}, {{}, {}, {}, {}, true}, 0, 2);
}

void TestPlotAxis::choosesTheRange()
{
    QFETCH(Data, data);
    QFETCH(ValueLimits, limits);

    const ValueRange range = valueRange(data, limits);

    QTEST(range.min, "low");
    QTEST(range.max, "high");
}

void TestPlotAxis::alwaysHasARangeToDivideBy()
{
    const std::vector<ValueRange> hostile{{1e308, 1e308},   {-1e308, 1e308}, {5e-324, 5e-324},
                                          {1, 1 + 1e-15},   {-5, -5},        {1e-30, 2e-30},
                                          {1e15, 1e15 + 1}, {0, infinity}};
    const std::vector<ValueLimits> limits{{}, {10, 5}, {5, 5}, {{}, -5}, {50}, {{}, {}, 5, -5}};

    for (const ValueRange &data : hostile) {
        for (const ValueLimits &limit : limits) {
            const ValueRange range = valueRange(data, limit);
            QVERIFY2(range.max > range.min && std::isfinite(range.max - range.min),
                     qPrintable(u"%1 to %2"_s.arg(data.min).arg(data.max)));
        }
    }
}

void TestPlotAxis::choosesTicks_data()
{
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::addColumn<double>("height");
    QTest::addColumn<int>("kind"); // 0: decimal, 1: binary, 2: integers
    QTest::addColumn<Ticks>("ticks");

    QTest::newRow("tens") << 0.0 << 66.0 << 200.0 << 0 << Ticks{0, 10, 20, 30, 40, 50, 60};
    QTest::newRow("closer where it is low")
        << 0.0 << 66.0 << 100.0 << 0 << Ticks{0, 10, 20, 30, 40, 50, 60};
    QTest::newRow("inside the range only")
        << 94.5 << 100.5 << 200.0 << 0 << Ticks{95, 96, 97, 98, 99, 100};
    QTest::newRow("no dust") << 0.0 << 0.6 << 200.0 << 0 << Ticks{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    QTest::newRow("powers of two")
        << 0.0 << 2000.0 << 150.0 << 1 << Ticks{0, 256, 512, 768, 1024, 1280, 1536, 1792};
    QTest::newRow("at least one byte") << 0.0 << 1.0 << 400.0 << 1 << Ticks{0, 1};
    QTest::newRow("whole numbers") << 0.0 << 2.0 << 400.0 << 2 << Ticks{0, 1, 2};
    QTest::newRow("no two and a half") << 0.0 << 20.0 << 270.0 << 2 << Ticks{0, 5, 10, 15, 20};
}

void TestPlotAxis::choosesTicks()
{
    QFETCH(double, low);
    QFETCH(double, high);
    QFETCH(double, height);
    QFETCH(int, kind);

    QTEST(valueTicks({low, high}, height, kind == 1, kind == 2).values, "ticks");
}

void TestPlotAxis::staysSaneForExtremeRanges()
{
    for (const ValueRange &range : std::vector<ValueRange>{{0, 1e308},
                                                           {-1e308, 1e308},
                                                           {0, 5e-324},
                                                           {1e15, 1e15 + 1},
                                                           {0, infinity},
                                                           {0, 1e-30}}) {
        for (const double height : {0.0, 1.0, 300.0, 1e9}) {
            QVERIFY(valueTicks(range, height, false).values.size() <= 1'000);
            QVERIFY(valueTicks(range, height, true).values.size() <= 1'000);
            QVERIFY(valueTicks(range, height, false, true).values.size() <= 1'000);
        }
    }
}

void TestPlotAxis::putsTimeTicksAtRoundTimes_data()
{
    QTest::addColumn<QString>("start");
    QTest::addColumn<QString>("end");
    QTest::addColumn<QString>("labels");

    const auto row = [](const char *name, const QString &start, const QString &end,
                        const QString &labels) { QTest::newRow(name) << start << end << labels; };
    row("a minute", u"2024-05-15T10:00:05Z"_s, u"2024-05-15T10:01:05Z"_s,
        u"10:00:15 10:00:30 10:00:45 10:01:00"_s);
    row("an hour", u"2024-05-15T10:07:00Z"_s, u"2024-05-15T11:07:00Z"_s,
        u"10:15 10:30 10:45 11:00"_s);
    row("a day", u"2024-05-15T00:00:00Z"_s, u"2024-05-16T00:00:00Z"_s,
        u"00:00 06:00 12:00 18:00 00:00"_s);
    row("two days", u"2024-05-15T00:00:00Z"_s, u"2024-05-17T00:00:00Z"_s,
        u"05/15 00:00 05/15 12:00 05/16 00:00 05/16 12:00 05/17 00:00"_s);
    row("a month", u"2024-05-01T00:00:00Z"_s, u"2024-05-31T00:00:00Z"_s,
        u"05/02 05/09 05/16 05/23 05/30"_s);
    row("two years", u"2023-01-01T00:00:00Z"_s, u"2025-01-01T00:00:00Z"_s,
        u"2023-01 2023-07 2024-01 2024-07 2025-01"_s);
    row("nothing", u"2024-05-15T10:00:00Z"_s, u"2024-05-15T10:00:00Z"_s, {});
    row("backwards", u"2024-05-15T10:00:00Z"_s, u"2024-05-14T10:00:00Z"_s, {});
}

void TestPlotAxis::putsTimeTicksAtRoundTimes()
{
    QFETCH(QString, start);
    QFETCH(QString, end);

    QTEST(labelsOf(timeTicks(at(start), at(end), 400, 90, QTimeZone::utc())), "labels");
}

void TestPlotAxis::startsDaysAtMidnightAcrossAClockChange()
{
    const QTimeZone berlin("Europe/Berlin"); // forward on 31 March, back on 27 October

    for (const auto &[start, end] :
         {std::pair(u"2024-03-29T12:00:00Z"_s, u"2024-04-02T12:00:00Z"_s),
          std::pair(u"2024-10-25T12:00:00Z"_s, u"2024-10-29T12:00:00Z"_s)}) {
        const auto ticks = timeTicks(at(start), at(end), 400, 90, berlin);
        QVERIFY(ticks.size() >= 4);
        for (const TimeTick &tick : ticks)
            QVERIFY2(tick.label.endsWith(u"00:00") || tick.label.size() == 5,
                     qPrintable(labelsOf(ticks)));
    }
}

void TestPlotAxis::leavesRoomBetweenTimeLabels()
{
    const std::int64_t start = at(u"2024-01-01T00:00:00Z"_s);
    for (const std::int64_t span : {1LL, 50LL, 999LL, 60'000LL, 3'600'000LL, 86'400'000LL,
                                    31'536'000'000LL, 3'153'600'000'000LL}) {
        for (const double width : {0.0, 40.0, 300.0, 4000.0}) {
            const auto ticks = timeTicks(start, start + span, width, 90, QTimeZone::utc());
            QVERIFY(ticks.size() <= std::size_t(width / 60) + 2);
            for (const TimeTick &tick : ticks)
                QVERIFY(tick.time >= start && tick.time <= start + span);
        }
    }
}

void TestPlotAxis::measuresALabelAsLongAsTheRealOnes()
{
    const std::int64_t start = at(u"2024-01-01T00:00:00Z"_s);
    for (const std::int64_t span : {30'000LL, 3'600'000LL, 86'400'000LL, 3 * 86'400'000LL,
                                    90 * 86'400'000LL, 700 * 86'400'000LL}) {
        const QString sample = sampleTimeLabel(start, start + span);
        for (const TimeTick &tick : timeTicks(start, start + span, 800, 90, QTimeZone::utc()))
            QVERIFY2(tick.label.size() <= sample.size(),
                     qPrintable(tick.label + u" is longer than "_s + sample));
    }
}

void TestPlotAxis::agreesWithGrafana()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"axis.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    int compared = 0;
    for (const QJsonValue entry : cases) {
        const QJsonObject options = entry["opts"_L1].toObject();
        if (options.contains("centeredZero"_L1))
            continue; // an axis that is not drawn
        const QJsonArray data = entry["data"_L1].toArray();
        const ValueRange range =
            valueRange(ValueRange{data[0].toDouble(), data[1].toDouble()}, limitsOf(options));
        ++compared;
        if (!areClose({range.min, range.max}, entry["range"_L1].toArray())) {
            wrong << u"%1 to %2 for %3"_s.arg(range.min).arg(range.max).arg(
                test::caseText(entry.toObject()));
            continue;
        }
        const QJsonObject heights = entry["plotHeight"_L1].toObject();
        for (auto height = heights.begin(); height != heights.end(); ++height) {
            const ValueTicks ticks = valueTicks(range, height.key().toDouble(), false);
            const ValueTicks binary = valueTicks(range, height.key().toDouble(), true);
            if (!areClose(ticks.values, height.value()["ticks"_L1].toArray())
                || binary.increment != height.value()["iecIncr"_L1].toDouble())
                wrong << u"every %1, binary %2 at %3 for %4"_s.arg(ticks.increment)
                             .arg(binary.increment)
                             .arg(height.key(), test::caseText(entry.toObject()));
        }
    }

    qInfo("%d of %lld axes compared", compared, qlonglong(cases.size()));
    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestPlotAxis)

#include "tst_plot_axis.moc"
