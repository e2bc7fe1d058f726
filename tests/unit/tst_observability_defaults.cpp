#include "core/observability/observability.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope::observability;
using namespace std::chrono_literals;

/// The process-wide set of objects.
class TestObservabilityDefaults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesSettingsBeforeItsFirstUse(); // so it is the first
    void refusesSettingsAfterItsFirstUse();
    void recordsInTheSameMetrics();
    void tracksInTheSameMetrics();
    void exposesInTheFormatThatIsAskedFor();
    void countsWhatLoggingLoses();
    void lastsToTheVeryEnd();
};

namespace {

/// Logs and records after main(), as static objects of a program may.
struct Late {
    ~Late()
    {
        recordItemCollected("late");
        logger("late").info("Still there");
    }
};

bool has(std::string_view sample)
{
    return ('\n' + expose()).find('\n' + std::string(sample) + '\n') != std::string::npos;
}

} // namespace

#define VERIFY_HAS(sample) QVERIFY2(has(sample), expose().c_str())

void TestObservabilityDefaults::takesSettingsBeforeItsFirstUse()
{
    const auto noSeries = setupMetrics({.maxSeries = 0});
    const auto negative = setupMetrics({.timeToLive = -1ms});
    const auto good = setupMetrics({.maxSeries = 40});
    for (int i = 0; i < 50; ++i)
        setQueueLength("queue " + std::to_string(i), i);

    QVERIFY(!noSeries);
    QCOMPARE(noSeries.error().kind, trendscope::Error::Kind::Invalid);
    QVERIFY(!negative);
    QVERIFY(good.has_value()); // the others did not make the metrics
    VERIFY_HAS(R"(celery_queue_length{queue_name="queue 39"} 39)");
    VERIFY_HAS(R"(trendscope_series_dropped_total{metric="celery_queue_length"} 10)");
    metrics().celeryQueueLength.remove({.queueName = "queue 0"}); // room for the other tests
}

void TestObservabilityDefaults::refusesSettingsAfterItsFirstUse()
{
    setWorkersOnline(4);

    const auto late = setupMetrics({.maxSeries = 1});

    QVERIFY(!late);
    QCOMPARE(late.error().kind, trendscope::Error::Kind::Invalid);
    QVERIFY(late.error().message.find("before") != std::string::npos);
    recordItemCollected("one");
    recordItemCollected("another");
    VERIFY_HAS(R"(items_collected_total{source="another"} 1)");
}

void TestObservabilityDefaults::recordsInTheSameMetrics()
{
    recordApiRequest("GET", "/trends", 200, 42ms);
    setActiveRequests("/trends", 3);
    recordTask("collect", TaskStatus::Failure, 12s);
    recordTaskRetry("collect");
    setActiveTasks("collect", 2);
    setOldestRunningTask("collect", 90s);
    setQueueLength("default", 17);
    setWorkersOnline(4);
    recordDbQuery("select", "trends", 4ms);
    setDbPool(20, 13);
    recordItemCollected("reddit", 10);
    recordTrendCreated("technology");
    recordTopicCreated("science");
    updateActiveTrends("viral", 5);
    setSystemUsage(1, 2, 3);
    setPostgresUp(true);
    metrics()
        .apiRequestsTotal.labels({.method = "GET", .endpoint = "/trends", .statusCode = 200})
        .increment();

    for (const char *sample :
         {R"(api_requests_total{method="GET",endpoint="/trends",status_code="200"} 2)",
          R"(api_request_duration_seconds_count{method="GET",endpoint="/trends"} 1)",
          R"(api_active_requests{endpoint="/trends"} 3)",
          R"(celery_tasks_total{task_name="collect",status="failure"} 1)",
          R"(celery_task_retries_total{task_name="collect"} 1)",
          R"(celery_active_tasks{task_name="collect"} 2)",
          R"(celery_oldest_running_task_seconds{task_name="collect"} 90)",
          R"(celery_queue_length{queue_name="default"} 17)", "celery_workers_online 4",
          R"(db_query_duration_seconds_count{operation="select",table="trends"} 1)",
          "db_connection_pool_size 20", "db_connection_pool_available 13",
          R"(items_collected_total{source="reddit"} 10)",
          R"(trends_created_total{category="technology"} 1)",
          R"(topics_created_total{category="science"} 1)", R"(active_trends{state="viral"} 5)",
          "system_disk_usage_percent 3", "pg_up 1"})
        VERIFY_HAS(sample);
    QVERIFY(updateSystemMetrics().empty());
    QVERIFY(!has("system_disk_usage_percent 3"));
    QCOMPARE(&metrics(), &metrics());
}

void TestObservabilityDefaults::tracksInTheSameMetrics()
{
    {
        const auto request = trackApiRequest("PUT", "/a");
        const auto task = trackCeleryTask("sum");
        const auto query = trackDbQuery("update", "a");
    }
    QCOMPARE(trackApiRequest("PUT", "/a", [] { return 1; }), 1);
    QCOMPARE(trackCeleryTask("sum", [] { return 2; }), 2);
    QCOMPARE(trackDbQuery("update", "a", [] { return 3; }), 3);
    QCOMPARE(trackedApiRequest("PUT", "/a", [](int i) { return i; })(4), 4);
    QCOMPARE(trackedCeleryTask("sum", [](int i) { return i; })(5), 5);
    QCOMPARE(trackedDbQuery("update", "a", [](int i) { return i; })(6), 6);

    VERIFY_HAS(R"(api_requests_total{method="PUT",endpoint="/a",status_code="200"} 3)");
    VERIFY_HAS(R"(celery_tasks_total{task_name="sum",status="success"} 3)");
    VERIFY_HAS(R"(db_query_duration_seconds_count{operation="update",table="a"} 3)");
}

void TestObservabilityDefaults::exposesInTheFormatThatIsAskedFor()
{
    QVERIFY(expose(openMetricsContentType).ends_with("# EOF\n"));
    QVERIFY(!expose().ends_with("# EOF\n"));
}

void TestObservabilityDefaults::countsWhatLoggingLoses()
{
    if (!QFile::exists(QStringLiteral("/dev/full")))
        QSKIP("this system has no /dev/full");
    QVERIFY(setupLogging({.file = "/dev/full", .flushWithin = 0ms}).has_value());

    const std::string message(900'000, 'x');
    for (int i = 0; i < 3; ++i) // more than waits in memory during an outage
        logger("defaults").info(message);

    QVERIFY(logging().droppedRecords() > 0);
    const std::string text = expose();
    QVERIFY2(text.find("trendscope_log_records_dropped_total{reason=\"write\"} ")
                 != std::string::npos,
             text.c_str());
    QVERIFY(setupLogging({}).has_value());
}

void TestObservabilityDefaults::lastsToTheVeryEnd()
{
    static const Late late; // destroyed after main(): the test fails if that crashes
    QVERIFY(has("celery_workers_online 4"));
}

QTEST_GUILESS_MAIN(TestObservabilityDefaults)
#include "tst_observability_defaults.moc"
