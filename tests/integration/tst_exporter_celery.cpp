#include "core/exporter/celery/celery_collector.h"
#include "core/exporter/collector_runner.h"
#include "support/celery_worker.h"
#include "support/exposition_values.h"
#include "support/redis_process.h"
#include "support/require_program.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QLocalSocket>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace trendscope;
using config::CelerySettings;
using test::sumOf;
using test::valueOf;

namespace {

const QString ownApplication = QStringLiteral(SOURCE_DIR "/tests/data/celery");
const QString sharedApplication = QStringLiteral(SOURCE_DIR "/../shared/peers/celery");

/// A way to Redis by TCP that can be cut while Redis and its other clients go on. It works in the
/// event loop of the test.
class Relay : public QTcpServer {
public:
    explicit Relay(const QString &socket)
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this, socket] {
            QTcpSocket *const client = nextPendingConnection();
            if (m_isCut)
                return client->abort();
            auto *const server = new QLocalSocket(client);
            connect(client, &QTcpSocket::readyRead, server,
                    [client, server] { server->write(client->readAll()); });
            connect(server, &QLocalSocket::readyRead, client,
                    [client, server] { client->write(server->readAll()); });
            connect(server, &QLocalSocket::disconnected, client, &QTcpSocket::abort);
            connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
            server->connectToServer(socket);
        });
    }

    void setCut(bool isCut)
    {
        m_isCut = isCut;
        for (QTcpSocket *client : isCut ? findChildren<QTcpSocket *>() : QList<QTcpSocket *>())
            client->abort();
    }
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(serverPort()) + "/0"; }

private:
    bool m_isCut = false;
};

} // namespace

/// The collector beside a real Redis and real Celery workers.
class TestExporterCelery : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void countsAThousandTasksExactly_data();
    void countsAThousandTasksExactly();
    void aWorkerThatIsKilledExpires();
    void countsWhatFellInACut();
    void goesOnWhenRedisIsRestarted();
    void countsWhatWorkersHold();
    void sumsThePrioritiesOfAQueue();
    void boundsTheAgeOfMessagesThatNobodyToldOf();
    void skipsMalformedMessages();
    void namesRedisMetricsAsRedisExporterDoes();
    void saysThatThePasswordIsWrong();
    void measuresWhatItsUserMaySee();
    void isNotHeldUpByARedisThatHangs();
    void endsWithinAHundredMilliseconds();

private:
    config::CelerySettings settings() const;
    void startCollector(const config::CelerySettings &settings);
    std::string scrape(); ///< the event loop of the test goes on meanwhile, for the relay
    double sum(const char *metric) { return sumOf(scrape(), metric); }
    double value(const char *series) { return valueOf(scrape(), series).value_or(-1); }
    /// Why the latest scrape failed; empty where it did not.
    std::string reason() const { return m_error ? m_error->message : std::string(); }
    QByteArray log() const;

    std::unique_ptr<test::RedisProcess> m_redis;
    std::unique_ptr<test::CeleryWorker> m_worker;
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<observability::Logging> m_logging;
    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<exporter::CollectorRunner> m_runner;
    std::optional<Error> m_error; ///< of the latest scrape
};

void TestExporterCelery::init()
{
    REQUIRE_PROGRAM("redis-server");
    REQUIRE_PROGRAM("celery");
    m_redis = std::make_unique<test::RedisProcess>();
    QVERIFY2(m_redis->start(), m_redis->log());
    m_worker = std::make_unique<test::CeleryWorker>(ownApplication, u"app"_s, m_redis->celeryUrl());
    m_directory = std::make_unique<QTemporaryDir>();
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.file = m_directory->filePath(u"log"_s).toStdString()});
}

void TestExporterCelery::cleanup()
{
    m_runner.reset();
    m_registry.reset();
    m_worker.reset();
    m_redis.reset();
    m_logging.reset();
    m_directory.reset();
}

config::CelerySettings TestExporterCelery::settings() const
{
    config::CelerySettings settings;
    settings.url = m_redis->url();
    settings.workerTimeout = 3s;
    settings.maxBackoff = 500ms;
    return settings;
}

void TestExporterCelery::startCollector(const config::CelerySettings &settings)
{
    m_runner.reset();
    m_registry = std::make_unique<observability::Registry>();
    exporter::CollectorRunner::Collectors collectors;
    collectors.push_back(std::make_unique<exporter::CeleryCollector>(settings, *m_registry));
    m_runner =
        std::make_unique<exporter::CollectorRunner>(std::move(collectors), *m_registry, *m_logging);
}

std::string TestExporterCelery::scrape()
{
    std::atomic<bool> isDone = false;
    std::thread thread([&] {
        m_runner->collect(std::chrono::steady_clock::now() + 2s);
        isDone = true;
    });
    while (!isDone)
        QTest::qWait(5);
    thread.join();
    m_error = m_runner->states().front().error;
    return m_registry->expose();
}

QByteArray TestExporterCelery::log() const
{
    QFile file(m_directory->filePath(u"log"_s));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestExporterCelery::countsAThousandTasksExactly_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("module");
    QTest::addColumn<QStringList>("sender");
    QTest::newRow("own") << ownApplication << u"app"_s
                         << QStringList{u"app.py"_s, u"mixed"_s, u"1000"_s};
    QTest::newRow("shared") << sharedApplication << u"celapp"_s << QStringList{u"send_1000.py"_s};
}

void TestExporterCelery::countsAThousandTasksExactly()
{
    QFETCH(const QString, folder);
    QFETCH(const QString, module);
    QFETCH(const QStringList, sender);
    if (!QDir(folder).exists())
        QSKIP("that application is not here");
    m_worker = std::make_unique<test::CeleryWorker>(folder, module, m_redis->celeryUrl());
    startCollector(settings());
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QVERIFY2(m_worker->start(), m_worker->log());
    QVERIFY2(m_worker->run(sender), m_worker->log());

    QTRY_COMPARE_WITH_TIMEOUT(sum("celery_task_succeeded_total"), 920, 60'000);
    QTRY_COMPARE(sum("celery_task_failed_total"), 80);
    QTRY_COMPARE(sum("celery_active_tasks"), 0);
    const std::string text = scrape();
    const std::string quick = module.toStdString() + ".quick";
    const std::string slow = module.toStdString() + ".slow";
    const auto status = [&](const std::string &name, const char *which) {
        return valueOf(text,
                       "celery_tasks_total{task_name=\"" + name + "\",status=\"" + which + "\"}");
    };
    QCOMPARE(status(quick, "success"), 720.0);
    QCOMPARE(status(slow, "success"), 200.0);
    QCOMPARE(status(quick, "failure"), 80.0);
    QCOMPARE(status(quick, "retry"), 80.0);
    QCOMPARE(sumOf(text, "celery_tasks_total"), 1080.0);
    QCOMPARE(sumOf(text, "celery_task_retries_total"), 80.0);
    QCOMPARE(sumOf(text, "celery_task_duration_seconds_count"), 1080.0);
    QCOMPARE(sumOf(text, "celery_task_started_total"), 1080.0);
    QCOMPARE(sumOf(text, "celery_task_received_total"), 1080.0);
    QCOMPARE(sumOf(text, "celery_task_sent_total"), 1080.0);
    QCOMPARE(sumOf(text, "celery_task_retried_total"), 80.0);
    QCOMPARE(sumOf(text, "celery_task_runtime_count"), 920.0);
    QCOMPARE(sumOf(text, "trendscope_celery_queue_wait_seconds_count"), 1080.0);
    QVERIFY(text.find("exception=\"ValueError\"") != std::string::npos);
    QVERIFY(sumOf(text, "celery_task_duration_seconds_sum") > 200 * 0.01);
    QTRY_COMPARE(value("celery_workers_online"),
                 1); // a busy machine may make it silent for a while
    QTRY_COMPARE(sum("celery_worker_up"), 1);
    QCOMPARE(valueOf(text, "celery_queue_length{queue_name=\"celery\"}"), 0.0);
    QCOMPARE(valueOf(text, "celery_queue_length{queue_name=\"reports\"}"), 0.0);
    QCOMPARE(valueOf(text, "trendscope_celery_unacked_messages"), 0.0);
    QCOMPARE(sumOf(text, "trendscope_celery_errors_total"), 0.0);
    QCOMPARE(reason(), std::string());

    const double events = sumOf(text, "trendscope_celery_events_total");
    QTRY_VERIFY(value("trendscope_celery_events_total") >= events + 4); // heartbeats: they agree
    QCOMPARE(sum("trendscope_celery_events_missed_total"), 0.0);
}

void TestExporterCelery::aWorkerThatIsKilledExpires()
{
    config::CelerySettings impatient = settings();
    impatient.workerPurge = 2s;
    startCollector(impatient);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QVERIFY2(m_worker->start(), m_worker->log());
    QVERIFY2(m_worker->run({u"app.py"_s, u"sleepers"_s, u"1"_s}), m_worker->log());
    QTRY_COMPARE(value("celery_active_tasks{task_name=\"app.sleeper\"}"), 1);
    QTRY_COMPARE(value("celery_workers_online"), 1);
    QTRY_COMPARE(sum("celery_worker_tasks_active"), 1);
    QTRY_VERIFY(value("celery_oldest_running_task_seconds{task_name=\"app.sleeper\"}") > 1);

    m_worker->kill();
    QTRY_COMPARE_WITH_TIMEOUT(value("celery_workers_online"), 0, 15'000);
    QCOMPARE(value("celery_active_tasks{task_name=\"app.sleeper\"}"), 0);
    QCOMPARE(value("celery_oldest_running_task_seconds{task_name=\"app.sleeper\"}"), 0);
    QVERIFY(scrape().find("hostname=\"") != std::string::npos);

    QTRY_VERIFY_WITH_TIMEOUT(scrape().find("hostname=\"") == std::string::npos, 15'000);
    QCOMPARE(value("trendscope_celery_tasks_lost_total{task_name=\"app.sleeper\"}"), 1);
    QCOMPARE(value("celery_workers_online"), 0);
    QCOMPARE(value("celery_active_tasks{task_name=\"app.sleeper\"}"), 0);
}

void TestExporterCelery::countsWhatFellInACut()
{
    Relay relay(m_redis->socket());
    config::CelerySettings byTcp = settings();
    byTcp.url = relay.url();
    startCollector(byTcp);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QVERIFY2(m_worker->start(), m_worker->log());
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"50"_s}), m_worker->log());
    QTRY_COMPARE_WITH_TIMEOUT(sum("celery_task_succeeded_total"), 50, 20'000);

    relay.setCut(true);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 0);
    QVERIFY(m_error);
    QVERIFY(!valueOf(scrape(), "celery_workers_online"));
    QVERIFY(!valueOf(scrape(), "celery_queue_length{queue_name=\"reports\"}"));
    QCOMPARE(value("redis_up"), 0);
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"70"_s}), m_worker->log());
    QTRY_COMPARE_WITH_TIMEOUT(m_worker->log().count(" succeeded in "), 120, 20'000);

    relay.setCut(false);
    QTRY_COMPARE_WITH_TIMEOUT(value("trendscope_celery_listener_up"), 1, 10'000);
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"30"_s}), m_worker->log());
    QTRY_COMPARE_WITH_TIMEOUT(
        value("trendscope_celery_events_missed_total{event=\"task-started\"}"), 70, 20'000);
    QTRY_COMPARE(sum("celery_task_succeeded_total"), 80);
    QCOMPARE(value("redis_up"), 1);
    QCOMPARE(reason(), std::string());
    QCOMPARE(log().count("Collector failed"), 1);
    QCOMPARE(log().count("Collector works again"), 1);
}

void TestExporterCelery::goesOnWhenRedisIsRestarted()
{
    startCollector(settings());
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QVERIFY2(m_worker->start(), m_worker->log());
    QVERIFY2(m_worker->run({u"app.py"_s, u"mixed"_s, u"100"_s}), m_worker->log());
    QTRY_COMPARE_WITH_TIMEOUT(sum("celery_task_succeeded_total"), 92, 20'000);
    const double processed = value("redis_commands_processed_total");
    QVERIFY2(m_worker->run({u"app.py"_s, u"naps"_s, u"60"_s}), m_worker->log());
    QTRY_VERIFY(sum("celery_active_tasks") > 0);

    // The worker goes on with what it has taken.
    m_redis->stop();
    QTRY_COMPARE(value("redis_up"), 0);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 0);
    QTRY_VERIFY(m_worker->log().count("app.sleeper") > 2);
    QVERIFY2(m_redis->start(), m_redis->log());
    QTRY_COMPARE_WITH_TIMEOUT(value("trendscope_celery_listener_up"), 1, 10'000);
    QTRY_COMPARE_WITH_TIMEOUT(value("celery_workers_online"), 1, 30'000);
    QVERIFY(value("redis_commands_processed_total") < processed); // they began anew, and so do ours

    // Some of its events it kept and sent later, some were lost: both make what its log says.
    const auto ended = [this] {
        const QByteArray text = m_worker->log();
        return static_cast<double>(text.count(" succeeded in ") + text.count(" raised unexpected: ")
                                   + text.count(" retry: Retry in "));
    };
    const char *const missed = "trendscope_celery_events_missed_total{event=\"task-started\"}";
    QTRY_COMPARE_WITH_TIMEOUT(sum("celery_task_started_total") + std::max(0.0, value(missed)),
                              ended(), 30'000);
    // Some heartbeats later it is known which ends were lost.
    const auto running = [this] {
        const std::string text = scrape();
        return QByteArray::number(sumOf(text, "celery_active_tasks")) + ", the worker says "
            + QByteArray::number(sumOf(text, "celery_worker_tasks_active"));
    };
    QTRY_VERIFY2_WITH_TIMEOUT(running().startsWith("0,"), running(), 60'000);

    // Celery 5.2 takes no more tasks after that: another worker does.
    m_worker->kill();
    m_worker = std::make_unique<test::CeleryWorker>(ownApplication, u"app"_s, m_redis->celeryUrl());
    QVERIFY2(m_worker->start(), m_worker->log());
    const double before = sum("celery_task_succeeded_total");
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"50"_s}), m_worker->log());
    QTRY_VERIFY_WITH_TIMEOUT(sum("celery_task_succeeded_total") >= before + 50, 20'000);
}

void TestExporterCelery::countsWhatWorkersHold()
{
    startCollector(settings());
    QTRY_COMPARE(value("trendscope_celery_unacked_messages"), 0);
    QVERIFY2(m_worker->run({u"app.py"_s, u"sleepers"_s, u"12"_s}), m_worker->log());
    QTRY_COMPARE(value("celery_queue_length{queue_name=\"celery\"}"), 12);
    QVERIFY2(m_worker->start(), m_worker->log());

    // Of two processes that prefetch four each: two run, and so are acknowledged.
    QTRY_COMPARE_WITH_TIMEOUT(value("celery_active_tasks{task_name=\"app.sleeper\"}"), 2, 20'000);
    QTRY_COMPARE(value("trendscope_celery_unacked_messages"), 8);
    QCOMPARE(value("celery_queue_length{queue_name=\"celery\"}"), 2);
    QVERIFY(m_redis->ask({u"HLEN"_s, u"unacked"_s}).startsWith("8"));
}

void TestExporterCelery::sumsThePrioritiesOfAQueue()
{
    startCollector(settings());
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QVERIFY2(m_worker->run({u"app.py"_s, u"priorities"_s, u"5"_s}), m_worker->log());

    QTRY_COMPARE(value("celery_queue_length{queue_name=\"celery\"}"), 20);
    QVERIFY(m_redis->ask({u"LLEN"_s, u"celery\x06\x16"_s + u'9'}).contains("5"));
    QTRY_VERIFY(value("trendscope_celery_queue_oldest_message_seconds{queue_name=\"celery\",source="
                      "\"sent\"}")
                > 1);
    QCOMPARE(value("trendscope_celery_queue_oldest_message_seconds{queue_name=\"celery\",source="
                   "\"seen\"}"),
             -1);

    QVERIFY2(m_worker->start(), m_worker->log());
    QTRY_COMPARE_WITH_TIMEOUT(value("celery_queue_length{queue_name=\"celery\"}"), 0, 10'000);
    QCOMPARE(sum("trendscope_celery_queue_oldest_message_seconds"), 0);
    QTRY_COMPARE(sum("celery_task_succeeded_total"), 16);
}

void TestExporterCelery::boundsTheAgeOfMessagesThatNobodyToldOf()
{
    const char *const seen =
        "trendscope_celery_queue_oldest_message_seconds{queue_name=\"reports\",source=\"seen\"}";
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"10"_s}, false), m_worker->log());
    startCollector(settings()); // it finds the queue among the bindings
    QTRY_COMPARE(value("celery_queue_length{queue_name=\"reports\"}"), 10);
    QTRY_VERIFY(value(seen) > 1);

    // Nine of those that it has seen are gone, but not the youngest.
    for (int i = 0; i < 9; ++i)
        m_redis->ask({u"RPOP"_s, u"reports"_s});
    QVERIFY2(m_worker->run({u"app.py"_s, u"slow"_s, u"10"_s}, false), m_worker->log());
    QCOMPARE(value("celery_queue_length{queue_name=\"reports\"}"), 11);
    QVERIFY(value(seen) > 1);
    m_redis->ask({u"RPOP"_s, u"reports"_s});
    QVERIFY(value(seen) < 1.5); // all those that were there are gone
    m_redis->ask({u"DEL"_s, u"reports"_s});
    QCOMPARE(value(seen), -1);
}

void TestExporterCelery::skipsMalformedMessages()
{
    startCollector(settings());
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    const auto publish = [&](const QByteArray &message) {
        m_redis->ask({u"PUBLISH"_s, u"/0.celeryev/task.multi"_s}, message);
    };
    publish("hello");
    publish(
        R"({"body": "!", "content-type": "application/json", "properties": {"body_encoding": "base64"}})");
    publish(
        R"({"body": "gAI=", "content-type": "application/x-python-serialize", "properties": {}})");
    publish("{\"body\": \"" + QByteArray(10 << 20, 'A') + "\"}");
    publish(R"({"body": "abc)");
    publish("[1, 2]");
    publish(R"({"body": [], "content-type": "application/json", "properties": {}})");
    publish(R"({"body": "[3]", "content-type": "application/json", "properties": {}})");
    m_redis->ask({u"PUBLISH"_s, u"/1.celeryev/task.multi"_s}, "another database's");
    m_redis->ask({u"SET"_s, u"celery"_s, u"not a list"_s});
    m_redis->ask({u"LPUSH"_s, u"reports"_s, u"not a message"_s});
    m_redis->ask({u"SADD"_s, u"_kombu.binding.reports"_s, u"no binding"_s});
    m_redis->ask({u"SADD"_s, u"_kombu.binding.x"_s, u"x\x06\x16\x06\x16reports"_s});
    m_redis->ask({u"SADD"_s, u"_kombu.binding.x"_s,
                  u"x\x06\x16\x06\x16"
                  "celery"_s});

    const auto errors = [this](const char *kind) {
        return value(
            (std::string("trendscope_celery_errors_total{kind=\"") + kind + "\"}").c_str());
    };
    QTRY_COMPARE(errors("event"), 1);
    QCOMPARE(errors("json"), 2);
    QCOMPARE(errors("base64"), 1);
    QCOMPARE(errors("serializer"), 1);
    QCOMPARE(errors("too_long"), 1);
    QCOMPARE(errors("envelope"), 2);
    QVERIFY(errors("queue") >= 1);
    QVERIFY(errors("binding") >= 1);
    QTRY_VERIFY(errors("message") >= 1);
    QCOMPARE(value("celery_queue_length{queue_name=\"reports\"}"), 1);
    QVERIFY(!valueOf(scrape(), "celery_queue_length{queue_name=\"celery\"}"));
    QCOMPARE(reason(), std::string());

    publish(
        R"({"body": "{\"type\":\"task-received\",\"hostname\":\"c@h\",\"timestamp\":1,\"uuid\":\"u\",\"name\":\"t\"}", )"
        R"("content-type": "application/json", "properties": {}})");
    QTRY_COMPARE(sum("celery_task_received_total"), 1);
}

void TestExporterCelery::namesRedisMetricsAsRedisExporterDoes()
{
    REQUIRE_PROGRAM("prometheus-redis-exporter");
    m_redis->ask({u"SET"_s, u"key"_s, u"value"_s});
    m_redis->ask({u"SETEX"_s, u"expiring"_s, u"1000"_s, u"value"_s});
    m_redis->ask({u"nonsense"_s});
    startCollector(settings());
    QTcpServer port; // free now; the exporter can not pick one itself
    QVERIFY(port.listen(QHostAddress::LocalHost));
    const QString address = u"127.0.0.1:%1"_s.arg(port.serverPort());
    port.close();
    QProcess peer;
    peer.start(u"prometheus-redis-exporter"_s,
               {u"-redis.addr"_s, QString::fromStdString(m_redis->url()), u"-web.listen-address"_s,
                address});
    QByteArray theirs;
    const auto ask = [&] {
        QTcpSocket socket;
        socket.connectToHost(u"127.0.0.1"_s, address.section(u':', 1).toUShort());
        if (!socket.waitForConnected(200))
            return false;
        socket.write("GET /metrics HTTP/1.0\r\n\r\n");
        while (socket.waitForReadyRead(2000)) { }
        theirs = socket.readAll();
        return theirs.contains("redis_up 1");
    };
    QTRY_VERIFY(ask());
    const std::string ours = scrape();
    peer.kill();
    peer.waitForFinished();

    // Ours is the newer scrape: what always changes is left out, and what theirs adds of its own.
    const QByteArrayList changing = {
        "redis_commands",         "redis_connections", "redis_net",       "redis_cpu",
        "redis_memory",           "redis_allocator",   "redis_mem_",      "redis_total",
        "redis_latency",          "redis_client",      "redis_connected", "redis_start_time",
        "redis_uptime",           "redis_slowlog",     "redis_exporter",  "redis_db_avg_ttl",
        "redis_db_keys{db=\"db0", "redis_last_",       "redis_target",    "redis_config_io_threads",
        "redis_errors",           "redis_unexpected",  "redis_pubsub",    "redis_expired_stale"};
    int same = 0;
    QByteArray differing;
    for (const QByteArray &line : theirs.split('\n')) {
        const auto starts = [&](const QByteArray &prefix) { return line.startsWith(prefix); };
        if (!line.startsWith("redis_") || std::any_of(changing.begin(), changing.end(), starts))
            continue;
        const QByteArray series = line.left(line.lastIndexOf(' '));
        const double expected = line.mid(line.lastIndexOf(' ') + 1).toDouble();
        const auto own = valueOf(ours, series.toStdString());
        if (own != expected)
            differing += line + ", ours: " + (own ? QByteArray::number(*own) : "none") + '\n';
        ++same;
    }
    QVERIFY2(differing.isEmpty(), differing);
    QVERIFY2(same > 50, QByteArray::number(same));

    // Every name of ours is one of theirs, with their type.
    for (const QByteArray &line : QByteArray::fromStdString(ours).split('\n')) {
        if (line.startsWith("# TYPE redis_"))
            QVERIFY2(theirs.contains(line + '\n'), line);
    }
    QCOMPARE(valueOf(ours, "redis_db_keys{db=\"db0\"}"), 2.0);
    QCOMPARE(valueOf(ours, "redis_db_keys_expiring{db=\"db0\"}"), 1.0);
}

void TestExporterCelery::saysThatThePasswordIsWrong()
{
    m_redis = std::make_unique<test::RedisProcess>(QStringList{u"--requirepass"_s, u"r1ght"_s});
    QVERIFY2(m_redis->start(), m_redis->log());
    config::CelerySettings wrong = settings();
    wrong.url = "unix://:wr0ng@" + m_redis->socket().toStdString();
    startCollector(wrong);
    scrape();
    QVERIFY(m_error);
    QCOMPARE(m_error->kind, Error::Kind::Unauthorized);
    QTRY_COMPARE(log().count("Collector failed"), 1);
    QVERIFY(!log().contains("wr0ng"));
    QVERIFY(m_error->message.find("wr0ng") == std::string::npos);

    config::CelerySettings right = settings();
    right.passwordFile = m_directory->filePath(u"password"_s).toStdString();
    QFile file(m_directory->filePath(u"password"_s));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("r1ght\n") > 0);
    file.close();
    startCollector(right);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
    QCOMPARE(reason(), std::string());
}

void TestExporterCelery::measuresWhatItsUserMaySee()
{
    const auto allow = [this](const QStringList &rules) {
        return m_redis->ask(QStringList{u"ACL"_s, u"SETUSER"_s, u"agent"_s} + rules);
    };
    QVERIFY(allow({u"on"_s, u">s3cret"_s, u"~*"_s, u"&*"_s, u"+@read"_s, u"+@connection"_s,
                   u"+psubscribe"_s, u"-@write"_s})
                .contains("OK"));
    m_redis->ask({u"LPUSH"_s, u"reports"_s, u"x"_s});
    config::CelerySettings restricted = settings();
    restricted.url = "unix://agent:s3cret@" + m_redis->socket().toStdString();
    restricted.queues = {"reports"};
    startCollector(restricted);
    QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);

    QCOMPARE(value("redis_up"), 0);
    QCOMPARE(value("celery_queue_length{queue_name=\"reports\"}"), 1);
    QVERIFY2(reason().find("NOPERM") != std::string::npos, reason().c_str());
    QVERIFY2(reason().find("info") != std::string::npos, reason().c_str());
    QTRY_COMPARE(log().count("Collector failed"), 1);

    QVERIFY(allow({u"+info"_s}).contains("OK"));
    QTRY_COMPARE(value("redis_up"), 1);
    QCOMPARE(reason(), std::string());
}

void TestExporterCelery::isNotHeldUpByARedisThatHangs()
{
    startCollector(settings());
    QTRY_COMPARE(value("redis_up"), 1);
    m_redis->signal(SIGSTOP);
    QElapsedTimer timer;
    timer.start();

    m_runner->collect(std::chrono::steady_clock::now() + 300ms);

    QVERIFY(m_runner->states().front().error);
    QVERIFY(timer.elapsed() < 1000);
    QTRY_COMPARE(valueOf(m_registry->expose(), "redis_up"), 0.0);
    m_redis->signal(SIGCONT);
    QTRY_COMPARE(value("redis_up"), 1);
}

void TestExporterCelery::endsWithinAHundredMilliseconds()
{
    for (const int round : {0, 1, 2}) {
        config::CelerySettings there = settings();
        if (round == 1)
            m_redis->signal(SIGSTOP);
        if (round == 2)
            there.url = "redis://192.0.2.1"; // nobody answers there
        startCollector(there);
        if (round == 0)
            QTRY_COMPARE(value("trendscope_celery_listener_up"), 1);
        QElapsedTimer timer;
        timer.start();
        m_runner.reset();
        QVERIFY2(timer.elapsed() < 100, QByteArray::number(round));
    }
}

QTEST_GUILESS_MAIN(TestExporterCelery)
#include "tst_exporter_celery.moc"
