#include "core/observability/metrics.h"
#include "core/observability/registry.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <limits>
#include <thread>
#include <vector>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestObservabilityMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void announcesTheWholeCatalogueBeforeItsFirstSample();
    void writesTheGoldenExposition();
    void hasNothingForPromtoolToSay();
    void countsManyAlikeEventsAtOnce();
    void givesEachTaskStatusItsLabel();
    void refusesBadValues_data();
    void refusesBadValues();
    void refusesGaugesOfLessThanNothing();
    void cutsLabelsBetweenCharacters();
    void recordsBothHalvesOrNeither();
    void leavesRetriesToTheirOwnCall();
    void mendsLabelsThatAreNotUtf8();
    void escapesLabels();
    void keepsLabelValuesApart();
    void endsTheSeriesOfAnUnknownUsage();
    void writesLinesOfHistory();
    void losesNothingBetweenThreads();
    void addsForeignMetricsToTheCatalogue();
};

namespace {

/// One of everything.
void record(Metrics &metrics)
{
    metrics.recordApiRequest("GET", "/api/v1/trends", 200, 42ms);
    metrics.recordApiRequest("GET", "/api/v1/trends", 503, 3s);
    metrics.recordApiRequest("POST", "/api/v1/topics", 201, 50ms); // on a bucket's bound
    metrics.setActiveRequests("/api/v1/trends", 3);
    metrics.recordTask("collect_reddit", TaskStatus::Success, 12s);
    metrics.recordTask("collect_reddit", TaskStatus::Failure, 2000s);
    metrics.recordTaskRetry("collect_reddit");
    metrics.setActiveTasks("collect_reddit", 2);
    metrics.setOldestRunningTask("collect_reddit", 90500ms);
    metrics.setQueueLength("default", 17);
    metrics.setWorkersOnline(4);
    metrics.recordDbQuery("select", "trends", 4ms);
    metrics.setDbPool(20, 13);
    metrics.recordItemCollected("reddit", 250000);
    metrics.recordTrendCreated("technology");
    metrics.recordTopicCreated("science");
    metrics.updateActiveTrends("viral", 5);
    metrics.setSystemUsage(12.5, 1.0 / 3, 100);
    metrics.setPostgresUp(true);
}

QByteArray exposition(const Metrics &metrics)
{
    return QByteArray::fromStdString(metrics.expose());
}

/// The lines that are not comments.
QList<QByteArray> samples(const Metrics &metrics)
{
    QList<QByteArray> lines = exposition(metrics).split('\n');
    lines.removeIf([](const QByteArray &line) { return line.isEmpty() || line.startsWith('#'); });
    return lines;
}

/// The samples of one metric.
QList<QByteArray> samplesOf(const Metrics &metrics, const QByteArray &name)
{
    QList<QByteArray> lines = samples(metrics);
    lines.removeIf([&](const QByteArray &line) { return !line.startsWith(name); });
    return lines;
}

} // namespace

void TestObservabilityMetrics::announcesTheWholeCatalogueBeforeItsFirstSample()
{
    const Metrics metrics;

    const QByteArray text = exposition(metrics);

    QCOMPARE(samples(metrics), QList<QByteArray>());
    QCOMPARE(text.count("# TYPE "), 21); // the 20 of the catalogue, and trendscope_bad_values_total
    QCOMPARE(text.count("# HELP "), 21);
    QVERIFY(text.contains("# TYPE celery_oldest_running_task_seconds gauge\n"));
    QVERIFY(!text.contains("pg_up"));
}

void TestObservabilityMetrics::writesTheGoldenExposition()
{
    Metrics metrics;
    record(metrics);
    QFile golden(QStringLiteral(SOURCE_DIR "/tests/golden/catalogue.prom"));
    QVERIFY(golden.open(QIODevice::ReadOnly));

    // By line, so that a difference is shown where it is.
    const QList<QByteArray> expected = golden.readAll().split('\n');
    const QList<QByteArray> written = exposition(metrics).split('\n');
    for (qsizetype i = 0; i < std::min(expected.size(), written.size()); ++i)
        QCOMPARE(written[i], expected[i]);
    QCOMPARE(written.size(), expected.size());
}

void TestObservabilityMetrics::hasNothingForPromtoolToSay()
{
    Metrics metrics;
    record(metrics);
    QProcess promtool;

    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(u"promtool"_s, {u"check"_s, u"metrics"_s});
    QVERIFY2(promtool.waitForStarted(), "promtool is in Debian's package prometheus");
    promtool.write(exposition(metrics));
    promtool.closeWriteChannel();
    QVERIFY(promtool.waitForFinished());

    QCOMPARE(promtool.readAll(), QByteArray());
    QCOMPARE(promtool.exitCode(), 0);
}

void TestObservabilityMetrics::countsManyAlikeEventsAtOnce()
{
    Metrics metrics;

    metrics.recordApiRequest("GET", "/", 200, 200ms, 3);
    metrics.recordApiRequest("GET", "/", 200, 200ms);

    const auto lines = samples(metrics);
    QVERIFY(lines.contains(R"(api_requests_total{method="GET",endpoint="/",status_code="200"} 4)"));
    QVERIFY(lines.contains(
        R"(api_request_duration_seconds_bucket{method="GET",endpoint="/",le="0.1"} 0)"));
    QVERIFY(lines.contains(
        R"(api_request_duration_seconds_bucket{method="GET",endpoint="/",le="0.5"} 4)"));
    QVERIFY(lines.contains(
        R"(api_request_duration_seconds_bucket{method="GET",endpoint="/",le="+Inf"} 4)"));
    QVERIFY(lines.contains(R"(api_request_duration_seconds_count{method="GET",endpoint="/"} 4)"));
    const auto sum = samplesOf(metrics, "api_request_duration_seconds_sum");
    QCOMPARE(sum.value(0).split(' ').last().toDouble(), 0.8);
}

void TestObservabilityMetrics::givesEachTaskStatusItsLabel()
{
    Metrics metrics;

    for (const auto status :
         {TaskStatus::Success, TaskStatus::Failure, TaskStatus::Retry, TaskStatus::Revoked})
        metrics.recordTask("t", status, 1s);

    for (const char *name : {"success", "failure", "retry", "revoked"})
        QVERIFY(samples(metrics).contains("celery_tasks_total{task_name=\"t\",status=\""
                                          + QByteArray(name) + "\"} 1"));
}

void TestObservabilityMetrics::refusesBadValues_data()
{
    QTest::addColumn<double>("value");
    QTest::newRow("not a number") << qQNaN();
    QTest::newRow("infinite") << qInf();
    QTest::newRow("negative") << -1.0;
}

void TestObservabilityMetrics::refusesBadValues()
{
    QFETCH(double, value);
    Metrics metrics;

    metrics.recordItemCollected("reddit", value);
    metrics.recordDbQuery("select", "trends", Seconds(value));
    metrics.recordTrendCreated("science", 1);
    metrics.recordTrendCreated("science", value);

    QCOMPARE(
        samples(metrics),
        QList<QByteArray>({R"(trends_created_total{category="science"} 1)",
                           R"(trendscope_bad_values_total{metric="db_query_duration_seconds"} 1)",
                           R"(trendscope_bad_values_total{metric="items_collected_total"} 1)",
                           R"(trendscope_bad_values_total{metric="trends_created_total"} 1)"}));
}

void TestObservabilityMetrics::refusesGaugesOfLessThanNothing()
{
    Metrics metrics;

    metrics.setQueueLength("q", -3);
    metrics.setOldestRunningTask("t", -5s);
    metrics.setSystemUsage(250, 50, -4);

    QCOMPARE(samples(metrics),
             QList<QByteArray>(
                 {"system_memory_usage_percent 50",
                  R"(trendscope_bad_values_total{metric="celery_oldest_running_task_seconds"} 1)",
                  R"(trendscope_bad_values_total{metric="celery_queue_length"} 1)",
                  R"(trendscope_bad_values_total{metric="system_cpu_usage_percent"} 1)",
                  R"(trendscope_bad_values_total{metric="system_disk_usage_percent"} 1)"}));
}

void TestObservabilityMetrics::cutsLabelsBetweenCharacters()
{
    Metrics metrics;

    metrics.recordItemCollected(std::string(1023, 'x') + "\xc3\xa4");

    QCOMPARE(
        samples(metrics),
        QList<QByteArray>({"items_collected_total{source=\"" + QByteArray(1023, 'x') + "\"} 1"}));
}

void TestObservabilityMetrics::recordsBothHalvesOrNeither()
{
    Metrics metrics;

    metrics.recordApiRequest("GET", "/", 200, Seconds(qQNaN()));
    metrics.recordApiRequest("GET", "/", 200, -1s);
    metrics.recordApiRequest("GET", "/", 200, 1s, 2.5);
    metrics.recordTask("collect", TaskStatus::Success, Seconds(qInf()));
    metrics.recordTask("collect", TaskStatus::Success, 1s, -1);

    QCOMPARE(samples(metrics),
             QList<QByteArray>(
                 {R"(trendscope_bad_values_total{metric="api_request_duration_seconds"} 3)",
                  R"(trendscope_bad_values_total{metric="celery_task_duration_seconds"} 2)"}));
}

void TestObservabilityMetrics::leavesRetriesToTheirOwnCall()
{
    Metrics metrics;

    metrics.recordTask("collect", TaskStatus::Retry, 1s);
    QVERIFY(samplesOf(metrics, "celery_task_retries_total").isEmpty());
    metrics.recordTaskRetry("collect");

    QCOMPARE(samplesOf(metrics, "celery_task_retries_total"),
             QList<QByteArray>({R"(celery_task_retries_total{task_name="collect"} 1)"}));
    QCOMPARE(samplesOf(metrics, "celery_tasks_total").size(), 1);
}

void TestObservabilityMetrics::mendsLabelsThatAreNotUtf8()
{
    Metrics metrics;

    metrics.recordItemCollected("a\xff");
    metrics.recordItemCollected("a\xfe"); // becomes the same text, so it is the same series
    metrics.recordItemCollected(std::string_view("nul\0", 4));
    metrics.recordItemCollected("\xed\xa0\x80"); // a surrogate
    metrics.recordItemCollected("\xc3\xa4\xf0\x9f\x98\x80");

    QCOMPARE(samples(metrics),
             QList<QByteArray>(
                 {"items_collected_total{source=\"a\xef\xbf\xbd\"} 2",
                  "items_collected_total{source=\"nul\xef\xbf\xbd\"} 1",
                  "items_collected_total{source=\"\xc3\xa4\xf0\x9f\x98\x80\"} 1",
                  "items_collected_total{source=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"} 1"}));
}

void TestObservabilityMetrics::escapesLabels()
{
    Metrics metrics;

    metrics.recordItemCollected("say \"hi\"\\\n");

    QCOMPARE(samples(metrics),
             QList<QByteArray>({R"(items_collected_total{source="say \"hi\"\\\n"} 1)"}));
}

void TestObservabilityMetrics::keepsLabelValuesApart()
{
    Metrics metrics;
    const std::string large(1000, 'x'); // more than a key has on the stack

    metrics.recordTask("ab", TaskStatus::Success, 1s);
    metrics.recordDbQuery("ab", "c", 1s);
    metrics.recordDbQuery("a", "bc", 1s);
    metrics.recordDbQuery("", "abc", 1s);
    metrics.recordDbQuery(large, large, 1s);
    metrics.recordDbQuery(large, large, 1s);

    QCOMPARE(samplesOf(metrics, "db_query_duration_seconds_count").size(), 4);
    QVERIFY(exposition(metrics).contains(QByteArray::fromStdString(large) + "\"} 2\n"));
}

void TestObservabilityMetrics::endsTheSeriesOfAnUnknownUsage()
{
    Metrics metrics;
    metrics.setSystemUsage(1, 2, 3);

    metrics.setSystemUsage(std::nullopt, 4, std::nullopt);

    QCOMPARE(samples(metrics), QList<QByteArray>({"system_memory_usage_percent 4"}));
}

void TestObservabilityMetrics::writesLinesOfHistory()
{
    Metrics metrics;
    metrics.setWorkersOnline(4);
    metrics.setQueueLength("default", 0.5);
    std::string out = "before\n";

    metrics.appendSamples(out, R"(job="celery",instance="w:1")", 1700000000.5);
    metrics.appendSamples(out, "", 1);

    QCOMPARE(QByteArray::fromStdString(out),
             QByteArray("before\n"
                        "celery_queue_length{queue_name=\"default\",job=\"celery\",instance=\"w:"
                        "1\"} 0.5 1700000000.500\n"
                        "celery_workers_online{job=\"celery\",instance=\"w:1\"} 4 1700000000.500\n"
                        "celery_queue_length{queue_name=\"default\"} 0.5 1.000\n"
                        "celery_workers_online 4 1.000\n"));
}

void TestObservabilityMetrics::losesNothingBetweenThreads()
{
    constexpr int threads = 4;
    constexpr int events = 5000;
    Metrics metrics;

    std::vector<std::thread> recorders;
    for (int i = 0; i < threads; ++i) {
        recorders.emplace_back([&metrics] {
            for (int event = 0; event < events; ++event) {
                metrics.recordApiRequest("GET", std::to_string(event % 50), 200, 1ms);
                metrics.setWorkersOnline(event);
                if (event % 100 == 0)
                    metrics.setSystemUsage(1, std::nullopt,
                                           event % 200 == 0 ? std::optional(1.0) : std::nullopt);
            }
        });
    }
    for (int i = 0; i < 20; ++i)
        QVERIFY(!metrics.expose().empty());
    for (std::thread &recorder : recorders)
        recorder.join();

    double total = 0;
    for (const QByteArray &line : samplesOf(metrics, "api_requests_total"))
        total += line.split(' ').last().toDouble();
    QCOMPARE(total, double(threads) * events);
}

void TestObservabilityMetrics::addsForeignMetricsToTheCatalogue()
{
    Metrics metrics;

    Family &family = metrics.registry().add({.name = "own_sum_seconds",
                                             .type = MetricDescription::Type::Histogram,
                                             .help = "One\nand\\another.",
                                             .buckets = {0.5, 100000}});
    family.observe({}, 0.25);

    QVERIFY(exposition(metrics).contains("# HELP own_sum_seconds One\\nand\\\\another.\n"
                                         "# TYPE own_sum_seconds histogram\n"
                                         "own_sum_seconds_bucket{le=\"0.5\"} 1\n"
                                         "own_sum_seconds_bucket{le=\"100000\"} 1\n"
                                         "own_sum_seconds_bucket{le=\"+Inf\"} 1\n"
                                         "own_sum_seconds_sum 0.25\n"
                                         "own_sum_seconds_count 1\n"));
}

QTEST_GUILESS_MAIN(TestObservabilityMetrics)
#include "tst_observability_metrics.moc"
