#include "core/exporter/celery/celery_metrics_p.h"
#include "core/exporter/celery/celery_state.h"
#include "support/exposition_values.h"

#include <QTest>

using namespace std::chrono_literals;
using namespace trendscope;
using exporter::CeleryEvent;
using exporter::Moment;
using Type = CeleryEvent::Type;
using test::sumOf;
using test::valueOf;

class TestExporterCeleryState : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void countsATaskFromSendingToEnd();
    void namesMetricsAsCeleryExporterDoes_data();
    void namesMetricsAsCeleryExporterDoes();
    void labelsAFailureWithItsException();
    void measuresARetryAndItsSecondRun();
    void aRetryMayBeginBeforeItsFirstRunHasEnded();
    void takesTheQueueOfTasksOfThatName();
    void measuresTheWaitWhereTheSenderIsHeardLate();
    void countsTheWaitFromTheEta();
    void showsWhatRunsAndForHowLong();
    void countsARevokedTaskThatRan();
    void isNotMisledByClocksThatDiffer();
    void endsWorkersThatAreSilent();
    void losesTheTasksOfAWorkerThatWasRestarted();
    void countsWhatWasStartedInACut();
    void countsNothingWhereAHeartbeatOvertakesEvents();
    void countsWorkersThatBeganInACut();
    void ignoresWhatHappenedBeforeItCame();
    void endsTasksWhoseEndFellInACut();
    void endsNoTaskWhereHeartbeatsOvertakeEnds();
    void endsNoTaskOfAWorkerThatHung();
    void goesOnWithTheTasksOfAWorkerThatWasSilent();
    void takesWhatAWorkerTellsOfTasksAsASignOfLife();
    void showsTasksThatItNeverHeardStart();
    void saysNothingWhileNobodyListens();
    void forgetsTasksPastTheirEnd();
    void staysWithinItsLimits();
    void endsTheSeriesOfAHost();

private:
    void tell(Type type, const CeleryEvent &fields = {});
    void task(Type type, const char *uuid, const char *name = "");
    void beat(std::uint64_t processed, std::uint64_t active = 0);
    void pass(std::chrono::milliseconds time);
    std::string publish();
    std::optional<double> value(const std::string &series) { return valueOf(publish(), series); }

    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<exporter::CeleryMetrics> m_metrics;
    std::unique_ptr<exporter::CeleryState> m_state;
    Moment m_now{};
    std::uint64_t m_clock = 0;
    std::uint64_t m_pid = 7;
    std::string_view m_node = "celery@web-1";
};

void TestExporterCeleryState::init()
{
    m_state.reset();
    m_metrics.reset();
    m_registry = std::make_unique<observability::Registry>();
    m_metrics = std::make_unique<exporter::CeleryMetrics>(*m_registry);
    config::CelerySettings settings;
    settings.maxTasks = 1000;
    m_state = std::make_unique<exporter::CeleryState>(*m_metrics, settings);
    m_now = {std::chrono::steady_clock::time_point(1h), 1.7e9};
    m_clock = 0;
    m_pid = 7;
    m_node = "celery@web-1";
    m_state->connected(m_now);
}

void TestExporterCeleryState::tell(Type type, const CeleryEvent &fields)
{
    CeleryEvent event = fields;
    event.type = type;
    event.node = m_node;
    event.pid = m_pid;
    if (event.clock == 0)
        event.clock = ++m_clock;
    if (event.timestamp == 0)
        event.timestamp = m_now.wall;
    m_state->apply(event, m_now);
}

void TestExporterCeleryState::task(Type type, const char *uuid, const char *name)
{
    tell(type, {.uuid = uuid, .name = name});
}

void TestExporterCeleryState::beat(std::uint64_t processed, std::uint64_t active)
{
    tell(Type::WorkerHeartbeat, {.active = active, .processed = processed});
}

void TestExporterCeleryState::pass(std::chrono::milliseconds time)
{
    m_now.steady += time;
    m_now.wall += std::chrono::duration<double>(time).count();
    m_state->expire(m_now);
}

std::string TestExporterCeleryState::publish()
{
    m_state->publish(m_now);
    return m_registry->expose();
}

void TestExporterCeleryState::countsATaskFromSendingToEnd()
{
    tell(Type::TaskSent, {.uuid = "a", .name = "app.x", .queue = "reports"});
    pass(3s);
    task(Type::TaskReceived, "a", "app.x");
    pass(2s);
    task(Type::TaskStarted, "a");
    pass(2s);
    tell(Type::TaskSucceeded, {.uuid = "a", .runtime = 1.5});

    const std::string text = publish();
    const std::string labels = "{name=\"app.x\",hostname=\"web-1\",queue_name=\"reports\"}";
    QCOMPARE(valueOf(text, "celery_tasks_total{task_name=\"app.x\",status=\"success\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 1.5);
    for (const char *type : {"sent", "received", "started", "succeeded"})
        QCOMPARE(valueOf(text, std::string("celery_task_") + type + "_total" + labels), 1.0);
    QCOMPARE(valueOf(text, "celery_task_retried_total" + labels), 0.0);
    QCOMPARE(valueOf(text, "celery_task_runtime_sum" + labels), 1.5);
    QCOMPARE(valueOf(text,
                     "trendscope_celery_queue_wait_seconds_sum{task_name=\"app.x\",queue_name="
                     "\"reports\",since=\"sent\"}"),
             5.0);
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), std::nullopt);
    QCOMPARE(valueOf(text, "trendscope_celery_events_total"), 4.0);
}

/// https://github.com/danihodovic/celery-exporter#metrics, and src/exporter.py there for
/// the labels. Not here: celery_active_consumer_count, which Redis does not have, and
/// celery_active_{worker,process}_count, which take remote control, that is, writing to the broker.
void TestExporterCeleryState::namesMetricsAsCeleryExporterDoes_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArrayList>("labels");
    const QByteArrayList ofTask{"name", "hostname", "queue_name"};
    for (const char *event :
         {"sent", "received", "started", "succeeded", "rejected", "revoked", "retried"})
        QTest::newRow(("celery_task_" + QByteArray(event) + "_total").constData())
            << QByteArray("counter") << ofTask;
    QTest::newRow("celery_task_failed_total")
        << QByteArray("counter") << QByteArrayList{"name", "hostname", "exception", "queue_name"};
    QTest::newRow("celery_task_runtime") << QByteArray("histogram") << ofTask;
    QTest::newRow("celery_worker_up") << QByteArray("gauge") << QByteArrayList{"hostname"};
    QTest::newRow("celery_worker_tasks_active")
        << QByteArray("gauge") << QByteArrayList{"hostname"};
    QTest::newRow("celery_queue_length") << QByteArray("gauge") << QByteArrayList{"queue_name"};
}

void TestExporterCeleryState::namesMetricsAsCeleryExporterDoes()
{
    QFETCH(const QByteArray, type);
    QFETCH(const QByteArrayList, labels);
    const QByteArray name = QTest::currentDataTag();
    beat(1);
    task(Type::TaskReceived, "a", "app.x");
    tell(Type::TaskSucceeded, {.uuid = "a", .runtime = 1.5});
    m_metrics->queueLength.set({"celery"}, 1);

    const QByteArray text = QByteArray::fromStdString(publish());

    QVERIFY2(text.contains("# TYPE " + name + ' ' + type + '\n'), text);
    const QByteArray sample = type == "histogram" ? name + "_bucket{" : name + '{';
    const QByteArray line = text.mid(text.indexOf('\n' + sample) + 1).split('\n').front();
    QVERIFY2(line.startsWith(sample), text);
    QByteArrayList found;
    for (const QByteArray &pair : line.mid(sample.size()).split(','))
        found.append(pair.split('=').front());
    found.removeAll("le");
    QCOMPARE(found, labels);
}

void TestExporterCeleryState::labelsAFailureWithItsException()
{
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    pass(4s);
    tell(Type::TaskFailed, {.uuid = "a", .exception = "ValueError('boom')"});

    const std::string text = publish();
    QCOMPARE(valueOf(text,
                     "celery_task_failed_total{name=\"app.x\",hostname=\"web-1\",exception="
                     "\"ValueError\",queue_name=\"celery\"}"),
             1.0);
    QCOMPARE(valueOf(text, "celery_tasks_total{task_name=\"app.x\",status=\"failure\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 4.0);
}

void TestExporterCeleryState::measuresARetryAndItsSecondRun()
{
    tell(Type::TaskSent, {.uuid = "a", .name = "app.x", .queue = "q"});
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    pass(2s);
    // The task itself sends its retry, before the worker tells of it.
    tell(Type::TaskSent, {.uuid = "a", .name = "app.x", .queue = "q"});
    task(Type::TaskRetried, "a");
    pass(3s);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    pass(1s);
    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 1.0);
    task(Type::TaskFailed, "a");

    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_tasks_total{task_name=\"app.x\",status=\"retry\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_task_retries_total{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 3.0);
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), 0.0);
    QCOMPARE(sumOf(text, "trendscope_celery_queue_wait_seconds_sum"), 3.0);
    QCOMPARE(sumOf(text, "trendscope_celery_queue_wait_seconds_count"), 2.0);
}

void TestExporterCeleryState::aRetryMayBeginBeforeItsFirstRunHasEnded()
{
    for (const bool endsFirst : {false, true}) {
        task(Type::TaskReceived, "a", "app.x");
        task(Type::TaskStarted, "a");
        pass(2s);
        task(Type::TaskReceived, "a", "app.x");
        task(Type::TaskStarted, "a");
        pass(1s);
        if (endsFirst)
            tell(Type::TaskSucceeded, {.uuid = "a", .runtime = 1.0});
        task(Type::TaskRetried, "a");
        QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}").value_or(0),
                 endsFirst ? 0.0 : 1.0);
        if (!endsFirst)
            tell(Type::TaskSucceeded, {.uuid = "a", .runtime = 1.0});
    }

    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_count{task_name=\"app.x\"}"), 4.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 8.0);
    QCOMPARE(sumOf(text, "celery_active_tasks"), 0.0);
}

void TestExporterCeleryState::takesTheQueueOfTasksOfThatName()
{
    tell(Type::TaskSent, {.uuid = "a", .name = "app.x", .queue = "reports"});
    task(Type::TaskReceived, "b", "app.x");
    task(Type::TaskReceived, "c", "app.y");

    const std::string text = publish();
    QCOMPARE(valueOf(text,
                     "celery_task_received_total{name=\"app.x\",hostname=\"web-1\","
                     "queue_name=\"reports\"}"),
             1.0);
    QCOMPARE(valueOf(text,
                     "celery_task_received_total{name=\"app.y\",hostname=\"web-1\","
                     "queue_name=\"celery\"}"),
             1.0);
    QCOMPARE(m_state->queues(), std::vector<std::string>{"reports"});
    QVERIFY(m_state->sentAt("a"));
    QVERIFY(!m_state->sentAt("b"));
}

void TestExporterCeleryState::measuresTheWaitWhereTheSenderIsHeardLate()
{
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    const double sent = m_now.wall - 2;
    pass(1s);
    tell(Type::TaskSent, {.timestamp = sent, .uuid = "a", .name = "app.x", .queue = "q"});
    task(Type::TaskSucceeded, "a");

    const std::string text = publish();
    QCOMPARE(valueOf(text,
                     "trendscope_celery_queue_wait_seconds_sum{task_name=\"app.x\",queue_name="
                     "\"q\",since=\"sent\"}"),
             2.0);
    QCOMPARE(sumOf(text, "trendscope_celery_queue_wait_seconds_count"), 1.0);
}

void TestExporterCeleryState::countsTheWaitFromTheEta()
{
    m_now.wall = 1700000000; // 2023-11-14T22:13:20Z
    tell(Type::TaskSent,
         {.uuid = "a", .name = "app.x", .queue = "q", .eta = "2023-11-14T22:13:50+00:00"});
    pass(34s);
    task(Type::TaskStarted, "a");

    QCOMPARE(sumOf(publish(), "trendscope_celery_queue_wait_seconds_sum"), 4.0);
}

void TestExporterCeleryState::showsWhatRunsAndForHowLong()
{
    for (const char *uuid : {"a", "b"}) {
        task(Type::TaskReceived, uuid, "app.x");
        task(Type::TaskStarted, uuid);
        pass(10s);
        beat(0, 2);
    }

    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 2.0);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 20.0);
    task(Type::TaskSucceeded, "a");
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 10.0);
    task(Type::TaskSucceeded, "b");
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 0.0);
}

void TestExporterCeleryState::countsARevokedTaskThatRan()
{
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    task(Type::TaskRevoked, "a");

    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_tasks_total{task_name=\"app.x\",status=\"revoked\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_count{task_name=\"app.x\"}"),
             std::nullopt);
    QCOMPARE(sumOf(text, "celery_active_tasks"), 0.0);
}

void TestExporterCeleryState::isNotMisledByClocksThatDiffer()
{
    const double hourAgo = m_now.wall - 3600;
    tell(Type::TaskReceived, {.timestamp = hourAgo, .uuid = "a", .name = "app.x"});
    tell(Type::TaskStarted, {.timestamp = hourAgo + 1, .uuid = "a"});
    pass(5s);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 5.0);

    tell(Type::TaskFailed, {.timestamp = hourAgo + 7, .uuid = "a"});
    QCOMPARE(value("celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 6.0);
}

void TestExporterCeleryState::endsWorkersThatAreSilent()
{
    QCOMPARE(value("celery_workers_online"), std::nullopt); // not yet known
    beat(0);
    m_node = "other@web-1";
    beat(0, 3);
    QCOMPARE(value("celery_workers_online"), 2.0);
    QCOMPARE(value("celery_worker_up{hostname=\"web-1\"}"), 1.0);
    QCOMPARE(value("celery_worker_tasks_active{hostname=\"web-1\"}"), 3.0);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");

    pass(29s);
    QCOMPARE(value("celery_workers_online"), 2.0);
    pass(2s);
    QCOMPARE(value("celery_workers_online"), 0.0);
    QCOMPARE(value("celery_worker_up{hostname=\"web-1\"}"), 0.0);
    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 0.0);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 0.0);

    m_node = "other@web-1";
    tell(Type::WorkerOnline);
    QCOMPARE(value("celery_workers_online"), 1.0);
    tell(Type::WorkerOffline);
    QCOMPARE(value("celery_workers_online"), 0.0);
}

void TestExporterCeleryState::losesTheTasksOfAWorkerThatWasRestarted()
{
    beat(10);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    m_pid = 8;
    tell(Type::WorkerOnline);

    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), std::nullopt);
    QCOMPARE(valueOf(text, "trendscope_celery_tasks_lost_total{task_name=\"app.x\"}"), 1.0);
}

void TestExporterCeleryState::countsWhatWasStartedInACut()
{
    beat(5);
    task(Type::TaskStarted, "a");
    task(Type::TaskSucceeded, "a");
    beat(6);
    m_state->disconnected(m_now);
    pass(60s);
    m_state->connected(m_now);
    task(Type::TaskStarted, "b");
    task(Type::TaskSucceeded, "b");
    beat(107); // a hundred of them unheard

    QCOMPARE(value("celery_workers_online"), 1.0);
    for (int i = 0; i < 4; ++i) {
        pass(2s);
        beat(107);
    }
    QCOMPARE(value("trendscope_celery_events_missed_total{event=\"task-started\"}"), 100.0);
    QCOMPARE(sumOf(publish(), "celery_task_started_total"), 2.0);
}

void TestExporterCeleryState::countsNothingWhereAHeartbeatOvertakesEvents()
{
    beat(0);
    std::uint64_t processed = 0;
    for (int round = 0; round < 20; ++round) {
        // Three begin and end, of which the heartbeat knows two; the events come after it.
        const std::uint64_t base = m_clock;
        m_clock += 7;
        processed += 2;
        tell(Type::WorkerHeartbeat, {.clock = base + 5, .processed = processed});
        tell(Type::TaskStarted, {.clock = base + 1, .uuid = "a"});
        tell(Type::TaskSucceeded, {.clock = base + 2, .uuid = "a"});
        tell(Type::TaskStarted, {.clock = base + 3, .uuid = "b"});
        tell(Type::TaskSucceeded, {.clock = base + 4, .uuid = "b"});
        tell(Type::TaskStarted, {.clock = base + 6, .uuid = "c"});
        tell(Type::TaskSucceeded, {.clock = base + 7, .uuid = "c"});
        ++processed;
        pass(2s);
    }

    QCOMPARE(sumOf(publish(), "trendscope_celery_events_missed_total"), 0.0);
}

void TestExporterCeleryState::countsWorkersThatBeganInACut()
{
    pass(30s);
    m_state->disconnected(m_now);
    m_state->connected(m_now);
    m_node = "celery@new";
    for (int i = 0; i < 4; ++i)
        beat(40);

    QCOMPARE(value("trendscope_celery_events_missed_total{event=\"task-started\"}"), 40.0);
}

void TestExporterCeleryState::ignoresWhatHappenedBeforeItCame()
{
    task(Type::TaskStarted, "a"); // counted by the worker before its first heartbeat comes
    task(Type::TaskSucceeded, "a");
    for (int i = 0; i < 5; ++i)
        beat(1000);

    QCOMPARE(sumOf(publish(), "trendscope_celery_events_missed_total"), 0.0);
    QCOMPARE(value("celery_tasks_total{task_name=\"unknown\",status=\"success\"}"), 1.0);
}

void TestExporterCeleryState::endsTasksWhoseEndFellInACut()
{
    for (const char *uuid : {"hangs", "ends"}) {
        task(Type::TaskReceived, uuid, "app.x");
        task(Type::TaskStarted, uuid);
        pass(2s);
        beat(2, 2);
    }
    m_state->disconnected(m_now);
    pass(20s);
    m_state->connected(m_now);
    for (int i = 0; i < 2; ++i) {
        beat(2, 1);
        QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 2.0);
        pass(1s);
    }
    beat(2, 1);

    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 26.0);
    QCOMPARE(value("trendscope_celery_events_missed_total{event=\"task-ended\"}"), 1.0);
}

void TestExporterCeleryState::endsNoTaskWhereHeartbeatsOvertakeEnds()
{
    for (const char *uuid : {"a", "b", "c"}) {
        task(Type::TaskReceived, uuid, "app.x");
        task(Type::TaskStarted, uuid);
    }
    pass(2s);
    beat(3, 3);
    std::uint64_t active = 3;
    for (const char *uuid : {"a", "b", "c"}) { // each ends right before a heartbeat
        pass(2s);
        const std::uint64_t ended = ++m_clock;
        beat(3, --active);
        tell(Type::TaskFailed, {.clock = ended, .uuid = uuid});
    }

    const std::string text = publish();
    QCOMPARE(sumOf(text, "trendscope_celery_events_missed_total"), 0.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_count{task_name=\"app.x\"}"), 3.0);
    QCOMPARE(sumOf(text, "celery_active_tasks"), 0.0);
}

void TestExporterCeleryState::endsNoTaskOfAWorkerThatHung()
{
    beat(0);
    for (const char *uuid : {"a", "b"}) {
        task(Type::TaskReceived, uuid, "app.x");
        task(Type::TaskStarted, uuid);
    }
    pass(2s);
    beat(2, 2);
    const std::uint64_t ended = ++m_clock;
    pass(4s);
    beat(2, 1); // both at once, and only then what it kept
    beat(2, 1);
    tell(Type::TaskFailed, {.clock = ended, .uuid = "a"});
    for (int i = 0; i < 3; ++i) {
        pass(2s);
        beat(2, 1);
    }

    const std::string text = publish();
    QCOMPARE(sumOf(text, "trendscope_celery_events_missed_total"), 0.0);
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_count{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), 1.0);
}

void TestExporterCeleryState::goesOnWithTheTasksOfAWorkerThatWasSilent()
{
    beat(0);
    for (const char *uuid : {"a", "b"}) {
        task(Type::TaskReceived, uuid, "app.x");
        task(Type::TaskStarted, uuid);
    }
    pass(40s);
    QCOMPARE(sumOf(publish(), "celery_active_tasks"), 0.0);
    tell(Type::TaskFailed, {.uuid = "a"}); // it was only slow
    beat(2, 1);

    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_task_duration_seconds_sum{task_name=\"app.x\"}"), 40.0);
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_oldest_running_task_seconds{task_name=\"app.x\"}"), 40.0);
    QCOMPARE(sumOf(text, "trendscope_celery_tasks_lost_total"), 0.0);

    pass(11min); // now it is surely dead
    QCOMPARE(value("trendscope_celery_tasks_lost_total{task_name=\"app.x\"}"), 1.0);
    task(Type::TaskFailed, "b");
    QCOMPARE(value("celery_task_duration_seconds_count{task_name=\"app.x\"}"), 1.0);
}

void TestExporterCeleryState::takesWhatAWorkerTellsOfTasksAsASignOfLife()
{
    beat(0);
    pass(29s);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    pass(29s); // no heartbeat for 58 s

    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(value("celery_workers_online"), 1.0);

    m_node = "sender@web-1";
    pass(2s);
    tell(Type::TaskSent, {.uuid = "b", .name = "app.x", .queue = "celery"});
    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 0.0); // now it is silent
}

void TestExporterCeleryState::showsTasksThatItNeverHeardStart()
{
    beat(50, 2);
    pass(2s);
    beat(50, 2);
    pass(30s);
    beat(50, 2);

    QCOMPARE(value("celery_active_tasks{task_name=\"unknown\"}"), 2.0);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"unknown\"}"), 32.0);
    pass(2s);
    beat(50, 0);
    QCOMPARE(value("celery_active_tasks{task_name=\"unknown\"}"), 0.0);
}

void TestExporterCeleryState::saysNothingWhileNobodyListens()
{
    beat(0, 1);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 1.0);

    m_state->disconnected(m_now);
    const std::string text = publish();
    QCOMPARE(valueOf(text, "celery_active_tasks{task_name=\"app.x\"}"), std::nullopt);
    QCOMPARE(valueOf(text, "celery_oldest_running_task_seconds{task_name=\"app.x\"}"),
             std::nullopt);
    QCOMPARE(valueOf(text, "celery_workers_online"), std::nullopt);
    QCOMPARE(valueOf(text, "celery_worker_up{hostname=\"web-1\"}"), std::nullopt);
    QCOMPARE(valueOf(text, "trendscope_celery_listener_up"), 0.0);

    pass(1h);
    m_state->connected(m_now);
    QCOMPARE(value("celery_active_tasks{task_name=\"app.x\"}"), 1.0);
    QCOMPARE(value("celery_workers_online"), 1.0);
}

void TestExporterCeleryState::forgetsTasksPastTheirEnd()
{
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    task(Type::TaskSucceeded, "a");
    pass(4min);
    task(Type::TaskFailed, "a"); // late, but its name is known
    QCOMPARE(value("celery_tasks_total{task_name=\"app.x\",status=\"failure\"}"), 1.0);
    pass(6min);
    task(Type::TaskFailed, "a");
    QCOMPARE(value("celery_tasks_total{task_name=\"unknown\",status=\"failure\"}"), 1.0);
}

void TestExporterCeleryState::staysWithinItsLimits()
{
    beat(0);
    for (int i = 0; i < 20'000; ++i) {
        const std::string text = std::to_string(i);
        tell(Type::TaskReceived, {.uuid = text, .name = text});
        tell(Type::TaskStarted, {.uuid = text});
    }

    const std::string text = publish();
    QCOMPARE(valueOf(text, "trendscope_celery_tasks_forgotten_total"), 19'000.0);
    QCOMPARE(sumOf(text, "celery_active_tasks"), 1000.0);
    QVERIFY(valueOf(text, "celery_active_tasks{task_name=\"other\"}"));
}

void TestExporterCeleryState::endsTheSeriesOfAHost()
{
    beat(0);
    task(Type::TaskReceived, "a", "app.x");
    task(Type::TaskStarted, "a");
    tell(Type::TaskFailed, {.uuid = "a", .exception = "E()"});
    pass(31s);
    QVERIFY(publish().find("hostname=\"web-1\"") != std::string::npos);

    pass(11min);
    const std::string text = publish();
    QVERIFY(text.find("hostname=\"web-1\"") == std::string::npos);
    QCOMPARE(valueOf(text, "celery_tasks_total{task_name=\"app.x\",status=\"failure\"}"), 1.0);
    QCOMPARE(valueOf(text, "celery_workers_online"), 0.0);
}

QTEST_GUILESS_MAIN(TestExporterCeleryState)
#include "tst_exporter_celery_state.moc"
