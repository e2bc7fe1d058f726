#include "core/dashboard/reducer.h"
#include "support/grafana_vectors.h"

#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace Qt::StringLiterals;

namespace {

using Values = std::vector<double>;

constexpr double null = std::numeric_limits<double>::quiet_NaN();

const QStringList known{u"lastNotNull"_s, u"last"_s, u"firstNotNull"_s, u"first"_s,    u"min"_s,
                        u"max"_s,         u"mean"_s, u"sum"_s,          u"count"_s,    u"range"_s,
                        u"delta"_s,       u"diff"_s, u"diffperc"_s,     u"variance"_s, u"stdDev"_s};

const QStringList spreads{u"delta"_s, u"diffperc"_s, u"variance"_s, u"stdDev"_s};

} // namespace

class TestDashboardReducer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesOneNumberOfASeries_data();
    void makesOneNumberOfASeries();
    void namesTheCalculationAsGrafanaDoes();
    void countsAndPercentagesHaveUnitsOfTheirOwn();
    void agreesWithGrafana();
};

void TestDashboardReducer::makesOneNumberOfASeries_data()
{
    QTest::addColumn<QString>("calculation");
    QTest::addColumn<Values>("values");
    QTest::addColumn<double>("result");

    const Values gaps{null, 4, 1, null, 7, null};
    const auto row = [](const char *calculation, const Values &values, double result) {
        QTest::addRow("%s of %zu", calculation, values.size())
            << QString::fromLatin1(calculation) << values << result;
    };
    row("lastNotNull", gaps, 7);
    row("last", gaps, null);
    row("firstNotNull", gaps, 4);
    row("first", gaps, null);
    row("min", gaps, 1);
    row("max", gaps, 7);
    row("mean", gaps, 4);
    row("sum", gaps, 12);
    row("count", gaps, 3);
    row("range", gaps, 6);
    row("diff", gaps, 3);
    row("diffperc", {4, 5}, 25);
    row("delta", {10, 15, 2, 4, 7}, 8);
    row("variance", {1, 3}, 1);
    row("stdDev", {1, 3}, 1);
    row("current", gaps, 7);
    row("avg", gaps, 4);
    row("total", gaps, 12);
    row("no such calculation", gaps, 7);
    row("mean", {null, null}, null);
    row("sum", {null, null, null}, 0);
    row("max", {}, null);
    row("lastNotNull", {}, null);
    row("sum", {}, 0);
    row("count", {}, 0);
}

void TestDashboardReducer::makesOneNumberOfASeries()
{
    QFETCH(QString, calculation);
    QFETCH(Values, values);
    QFETCH(double, result);

    const double actual = reduce(values, calculation);

    QVERIFY2(test::isClose(actual, result), qPrintable(QString::number(actual)));
}

void TestDashboardReducer::namesTheCalculationAsGrafanaDoes()
{
    QCOMPARE(calculationTitle(u"lastNotNull"_s), u"Last *"_s);
    QCOMPARE(calculationTitle(u"last"_s), u"Last"_s);
    QCOMPARE(calculationTitle(u"firstNotNull"_s), u"First *"_s);
    QCOMPARE(calculationTitle(u"mean"_s), u"Mean"_s);
    QCOMPARE(calculationTitle(u"avg"_s), u"Mean"_s);
    QCOMPARE(calculationTitle(u"sum"_s), u"Total"_s);
    QCOMPARE(calculationTitle(u"p95"_s), u"p95"_s);
}

void TestDashboardReducer::countsAndPercentagesHaveUnitsOfTheirOwn()
{
    QCOMPARE(unitOf(u"mean"_s, u"bytes"_s), u"bytes"_s);
    QCOMPARE(unitOf(u"last"_s, u"bytes"_s), u"bytes"_s);
    QCOMPARE(unitOf(u"no such calculation"_s, u"bytes"_s), u"bytes"_s);
    QCOMPARE(unitOf(u"count"_s, u"bytes"_s), QString());
    QCOMPARE(unitOf(u"diffperc"_s, u"bytes"_s), u"percent"_s);
}

void TestDashboardReducer::agreesWithGrafana()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"reducers.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    int compared = 0;
    for (const QJsonValue entry : cases) {
        // The old graph panel's way to count nulls as zeros is not read from dashboards.
        const QJsonValue mode = entry["nullValueMode"_L1];
        if (mode == "null as zero"_L1)
            continue;
        Values values;
        for (const QJsonValue value : entry["values"_L1].toArray())
            values.push_back(value.isDouble() ? value.toDouble() : null);
        for (const QString &calculation : known) {
            const QJsonValue expected = entry["results"_L1][calculation];
            // Gaps are marked by nulls of our own, which do not count; nothing at all has no spread
            // and no growth.
            if ((calculation == "count"_L1 && mode == "null"_L1)
                || (entry["results"_L1]["allIsNull"_L1].toBool() && spreads.contains(calculation)))
                continue;
            const double actual = reduce(values, calculation);
            ++compared;
            if (!test::isClose(actual, expected.isDouble() ? expected.toDouble() : null))
                wrong << u"%1 %2 for %3"_s.arg(calculation)
                             .arg(actual)
                             .arg(test::caseText(entry.toObject()));
        }
    }

    qInfo("%d results compared", compared);
    QVERIFY(test::allAgree(wrong));
}

QTEST_GUILESS_MAIN(TestDashboardReducer)

#include "tst_dashboard_reducer.moc"
