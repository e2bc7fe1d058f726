#include "core/demo/recorded_series.h"

#include <QTest>

#include <cmath>
#include <functional>
#include <map>
#include <sstream>

using trendscope::demo::histogramQuantile;
using trendscope::demo::RecordedSeries;

namespace {

constexpr std::array<double, 8> bounds{0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10};

/// The values after `scrapes` of them, 15 s apart, each of which `samplesAt` writes.
std::map<std::string, double> valuesAfter(int scrapes,
                                          const std::function<std::string(int)> &samplesAt)
{
    RecordedSeries recorded(20);
    std::string out;
    for (int i = 0; i < scrapes; ++i) {
        out.clear();
        recorded.read(samplesAt(i));
        recorded.append(out, 1700000000.0 + 15 * i);
    }
    std::map<std::string, double> values;
    std::istringstream lines(out);
    for (std::string name, value, time; lines >> name >> value >> time;)
        values[name] = std::stod(value);
    return values;
}

std::string sample(const std::string &name, const std::string &labels, double value)
{
    std::ostringstream line;
    line << name << '{' << labels << ",job=\"x\"} " << value << " 1700000000.000\n";
    return line.str();
}

} // namespace

class TestDemoRecordedSeries : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isSilentUntilTheWindowIsFull();
    void sumsRatesOverAllLabels();
    void givesTheShareOfServerErrors();
    void isZeroWithTrafficAndNoError();
    void hasNoShareWithoutTraffic();
    void averagesTaskDurations();
    void interpolatesQuantiles_data();
    void interpolatesQuantiles();
};

void TestDemoRecordedSeries::isSilentUntilTheWindowIsFull()
{
    const auto samples = [](int i) {
        return sample("api_requests_total", "status_code=\"200\"", 10 * i);
    };
    QVERIFY(valuesAfter(20, samples).empty());
    QVERIFY(!valuesAfter(21, samples).empty());
}

void TestDemoRecordedSeries::sumsRatesOverAllLabels()
{
    const auto values = valuesAfter(50, [](int i) {
        return sample("api_requests_total", "endpoint=\"/a\",status_code=\"200\"", 30 * i)
            + sample("api_requests_total", "endpoint=\"/b\",status_code=\"404\"", 15 * i)
            + sample("celery_tasks_total", "task_name=\"t\",status=\"success\"", 3 * i);
    });
    QCOMPARE(values.at("api:requests_per_second"), 3.0);
    QCOMPARE(values.at("celery:tasks_per_second"), 0.2);
}

void TestDemoRecordedSeries::givesTheShareOfServerErrors()
{
    const auto values = valuesAfter(21, [](int i) {
        return sample("api_requests_total", "status_code=\"200\"", 90 * i)
            + sample("api_requests_total", "status_code=\"503\"", 10 * i)
            + sample("celery_tasks_total", "status=\"success\"", 3 * i)
            + sample("celery_tasks_total", "status=\"failure\"", 1 * i);
    });
    QCOMPARE(values.at("api:error_rate"), 0.1);
    QCOMPARE(values.at("celery:failure_rate"), 0.25);
}

void TestDemoRecordedSeries::isZeroWithTrafficAndNoError()
{
    const auto values = valuesAfter(
        21, [](int i) { return sample("api_requests_total", "status_code=\"200\"", i); });
    QCOMPARE(values.at("api:error_rate"), 0.0);
}

void TestDemoRecordedSeries::hasNoShareWithoutTraffic()
{
    const auto values =
        valuesAfter(21, [](int) { return sample("api_requests_total", "status_code=\"200\"", 5); });
    QCOMPARE(values.at("api:requests_per_second"), 0.0);
    QVERIFY(!values.contains("api:error_rate"));
    QVERIFY(!values.contains("api:request_duration_p95"));
}

void TestDemoRecordedSeries::averagesTaskDurations()
{
    const auto values = valuesAfter(30, [](int i) {
        return sample("celery_task_duration_seconds_sum", "task_name=\"t\"", 7.5 * i)
            + sample("celery_task_duration_seconds_count", "task_name=\"t\"", 3 * i);
    });
    QCOMPARE(values.at("celery:task_duration_average"), 2.5);
}

void TestDemoRecordedSeries::interpolatesQuantiles_data()
{
    QTest::addColumn<QList<double>>("buckets");
    QTest::addColumn<double>("expected");
    QTest::newRow("within a bucket")
        << QList<double>{0, 50, 90, 100, 100, 100, 100, 100, 100} << 0.1 + 0.4 * 5 / 10;
    QTest::newRow("in the first") << QList<double>{100, 100, 100, 100, 100, 100, 100, 100, 100}
                                  << 0.0095;
    QTest::newRow("beyond the last") << QList<double>{0, 0, 0, 0, 0, 0, 0, 0, 100} << 10.0;
    QTest::newRow("empty") << QList<double>{0, 0, 0, 0, 0, 0, 0, 0, 0} << std::nan("");
}

void TestDemoRecordedSeries::interpolatesQuantiles()
{
    QFETCH(QList<double>, buckets);
    QFETCH(double, expected);
    std::array<double, 9> counts;
    std::copy(buckets.begin(), buckets.end(), counts.begin());
    QCOMPARE(histogramQuantile(0.95, bounds, counts), expected);
}

QTEST_GUILESS_MAIN(TestDemoRecordedSeries)
#include "tst_demo_recorded_series.moc"
