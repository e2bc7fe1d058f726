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
    void hasTheCatalogueWithoutMetricsBeforeIt();
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
    Family &family = metrics().registry().add(
        {.name = "own_things", .type = Gauge::type, .help = "Own.", .labels = {"thing"}});
    for (int i = 0; i < 50; ++i)
        family.set({std::to_string(i)}, i);

    QVERIFY(!noSeries);
    QCOMPARE(noSeries.error().kind, trendscope::Error::Kind::Invalid);
    QVERIFY(!negative);
    QVERIFY(good.has_value()); // the others did not make the metrics
    VERIFY_HAS(R"(own_things{thing="39"} 39)");
    VERIFY_HAS(R"(trendscope_series_dropped_total{metric="own_things"} 10)");
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

void TestObservabilityDefaults::hasTheCatalogueWithoutMetricsBeforeIt()
{
    apiRequestsTotal.labels({.method = "GET", .endpoint = "/x", .statusCode = 200}).increment();
    apiRequestDurationSeconds.labels({.method = "GET", .endpoint = "/x"}).observe(0.5);
    apiActiveRequests.labels({.endpoint = "/x"}).set(1);
    celeryTasksTotal.labels({.taskName = "x", .status = TaskStatus::Retry}).increment();
    celeryTaskDurationSeconds.labels({.taskName = "x"}).observe(0.5);
    celeryTaskRetriesTotal.labels({.taskName = "x"}).increment();
    celeryActiveTasks.labels({.taskName = "x"}).set(2);
    celeryQueueLength.labels({.queueName = "x"}).set(3);
    celeryOldestRunningTaskSeconds.labels({.taskName = "x"}).set(4);
    dbQueryDurationSeconds.labels({.operation = "x", .table = "x"}).observe(0.5);
    itemsCollectedTotal.labels({.source = "x"}).increment(5);
    trendsCreatedTotal.labels({.category = "x"}).increment(6);
    topicsCreatedTotal.labels({.category = "x"}).increment(7);
    activeTrends.labels({.state = "x"}).set(8);
    for (const auto &sample :
         {R"(api_requests_total{method="GET",endpoint="/x",status_code="200"} 1)",
          R"(api_request_duration_seconds_sum{method="GET",endpoint="/x"} 0.5)",
          R"(api_active_requests{endpoint="/x"} 1)",
          R"(celery_tasks_total{task_name="x",status="retry"} 1)",
          R"(celery_task_duration_seconds_sum{task_name="x"} 0.5)",
          R"(celery_task_retries_total{task_name="x"} 1)",
          R"(celery_active_tasks{task_name="x"} 2)", R"(celery_queue_length{queue_name="x"} 3)",
          R"(celery_oldest_running_task_seconds{task_name="x"} 4)",
          R"(db_query_duration_seconds_sum{operation="x",table="x"} 0.5)",
          R"(items_collected_total{source="x"} 5)", R"(trends_created_total{category="x"} 6)",
          R"(topics_created_total{category="x"} 7)", R"(active_trends{state="x"} 8)"})
        VERIFY_HAS(sample);
    activeTrends.remove({.state = "x"});
    QVERIFY(!has(R"(active_trends{state="x"} 8)"));

    celeryWorkersOnline.set(9);
    celeryWorkersOnline.increment();
    celeryWorkersOnline.decrement(6);
    QCOMPARE(celeryWorkersOnline.value(), 4.0);
    dbConnectionPoolSize.set(10);
    dbConnectionPoolAvailable.set(11);
    systemCpuUsagePercent.set(12);
    systemMemoryUsagePercent.set(13);
    systemDiskUsagePercent.set(14);
    pgUp.set(0);
    for (const auto &sample :
         {"celery_workers_online 4", "db_connection_pool_size 10",
          "db_connection_pool_available 11", "system_cpu_usage_percent 12",
          "system_memory_usage_percent 13", "system_disk_usage_percent 14", "pg_up 0"})
        VERIFY_HAS(sample);
    pgUp.remove();
    QVERIFY(!has("pg_up 0"));
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
