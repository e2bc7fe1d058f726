#include "core/exporter/push/statsd_collector.h"
#include "core/observability/logging.h"
#include "support/require_program.h"

#include <QFile>
#include <QLocalSocket>
#include <QProcess>
#include <QTemporaryDir>

#include <sys/prctl.h>

#include <csignal>
#include <memory>

using namespace trendscope;

namespace {

/// Debian's, which has Debian's packages.
const QString python = QStringLiteral("/usr/bin/python3");

bool canImport(const char *module)
{
    return QProcess::execute(
               python,
               {QStringLiteral("-c"), QStringLiteral("import ") + QString::fromLatin1(module)})
        == 0;
}

/// A child process that ends with this object. It leaves no files beside the examples.
class Child {
public:
    Child(const QProcessEnvironment &environment, const char *folder)
    {
        m_process.setProcessEnvironment(environment);
        m_process.setWorkingDirectory(QStringLiteral(SOURCE_DIR "/docs/examples/")
                                      + QString::fromLatin1(folder));
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
    }
    ~Child()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(10'000))
            m_process.kill();
        m_process.waitForFinished(10'000);
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    void start(const QString &program, const QStringList &arguments)
    {
        m_process.start(program, arguments);
    }
    QByteArray log()
    {
        m_process.waitForReadyRead(10);
        return m_log += m_process.readAll();
    }

private:
    QProcess m_process;
    QByteArray m_log;
};

} // namespace

/// The examples of docs/examples, as they are, against the agent's intake.
class TestPushExamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsTheRequestsOfAFastApiApplication();
    void showsTheTasksOfACeleryWorker();

private:
    double value(const QByteArray &series);
    static int statusOf(const QString &server, const QByteArray &request);

    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<exporter::PushedMetrics> m_metrics;
    std::unique_ptr<exporter::StatsdCollector> m_collector;
    observability::Logging m_logging{{.level = observability::Level::Critical}};
    QProcessEnvironment m_environment;
};

void TestPushExamples::init()
{
    m_registry = std::make_unique<observability::Registry>();
    m_metrics = std::make_unique<exporter::PushedMetrics>(*m_registry);
    config::StatsdSettings settings;
    settings.udp = {"127.0.0.1:0"};
    auto collector = exporter::StatsdCollector::start(settings, *m_metrics, *m_registry,
                                                      m_logging.logger("statsd"));
    QVERIFY(collector);
    m_collector = std::move(*collector);
    m_environment = QProcessEnvironment::systemEnvironment();
    m_environment.insert(QStringLiteral("TRENDSCOPE_STATSD"),
                         QStringLiteral("127.0.0.1:%1").arg(m_collector->udpPorts().at(0)));
    m_environment.insert(QStringLiteral("PYTHONDONTWRITEBYTECODE"), QStringLiteral("1"));
}

void TestPushExamples::cleanup()
{
    m_collector.reset();
    m_metrics.reset();
    m_registry.reset();
}

double TestPushExamples::value(const QByteArray &series)
{
    (void)m_collector->collect({});
    for (const QByteArray &line : QByteArray::fromStdString(m_registry->expose()).split('\n')) {
        if (line.startsWith(series + " "))
            return line.mid(series.size() + 1).toDouble();
    }
    return -1;
}

int TestPushExamples::statusOf(const QString &server, const QByteArray &request)
{
    QLocalSocket socket;
    socket.connectToServer(server);
    if (!socket.waitForConnected())
        return 0;
    socket.write(request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    while (socket.state() == QLocalSocket::ConnectedState && socket.waitForReadyRead()) { }
    return socket.readAll().split(' ').value(1).toInt();
}

void TestPushExamples::showsTheRequestsOfAFastApiApplication()
{
    if (!canImport("fastapi, uvicorn"))
        REQUIRE_PROGRAM("fastapi and uvicorn");
    const QTemporaryDir directory;
    const QString socket = directory.filePath(QStringLiteral("http.sock"));
    Child server(m_environment, "fastapi");
    server.start(python,
                 {QStringLiteral("-m"), QStringLiteral("uvicorn"), QStringLiteral("main:app"),
                  QStringLiteral("--uds"), socket, QStringLiteral("--workers"),
                  QStringLiteral("2")});
    QTRY_VERIFY2_WITH_TIMEOUT(server.log().count("startup complete") == 2, server.log(), 30'000);

    for (int i = 0; i < 40; ++i)
        QCOMPARE(statusOf(socket, "GET /api/v1/trends/" + QByteArray::number(i)), 200);
    QCOMPARE(statusOf(socket, "GET /api/v1/trends/101"), 404);
    QCOMPARE(statusOf(socket, "GET /api/v1/broken"), 500);
    for (int i = 0; i < 3; ++i)
        QCOMPARE(statusOf(socket, "GET /wp-admin/" + QByteArray::number(i)), 404);
    QCOMPARE(statusOf(socket, "POST /api/v1/trends"), 405);

    const QByteArray route = "method=\"GET\",endpoint=\"/api/v1/trends/{trend_id}\"";
    QTRY_COMPARE(value("api_requests_total{" + route + ",status_code=\"200\"}"), 40.0);
    QTRY_COMPARE(value("trendscope_statsd_packets_total{transport=\"udp\"}"), 2 * 46.0);
    QCOMPARE(value("api_requests_total{" + route + ",status_code=\"404\"}"), 1.0);
    QCOMPARE(value("api_request_duration_seconds_count{" + route + "}"), 41.0);
    QVERIFY(value("api_request_duration_seconds_sum{" + route + "}") < 40);
    QCOMPARE(value("api_requests_total{method=\"GET\",endpoint=\"/api/v1/broken\","
                   "status_code=\"500\"}"),
             1.0);
    QCOMPARE(value("api_requests_total{method=\"GET\",endpoint=\"unmatched\",status_code=\"404\"}"),
             3.0);
    QCOMPARE(value("api_requests_total{method=\"POST\",endpoint=\"/api/v1/trends\","
                   "status_code=\"405\"}"),
             1.0);
    QCOMPARE(value("api_active_requests{endpoint=\"/api/v1/trends/{trend_id}\"}"), 0.0);
    QCOMPARE(value("trendscope_statsd_samples_total{type=\"gauge\"}"), 2 * 46.0);
}

void TestPushExamples::showsTheTasksOfACeleryWorker()
{
    REQUIRE_PROGRAM("redis-server");
    if (!canImport("celery, redis"))
        REQUIRE_PROGRAM("celery and redis for python3");
    const QTemporaryDir directory;
    const QString socket = directory.filePath(QStringLiteral("redis.sock"));
    m_environment.insert(QStringLiteral("BROKER"), QStringLiteral("redis+socket://") + socket);

    Child redis(m_environment, "celery");
    redis.start(QStringLiteral("redis-server"),
                {QStringLiteral("--port"), QStringLiteral("0"), QStringLiteral("--unixsocket"),
                 socket, QStringLiteral("--save"), QString(), QStringLiteral("--dir"),
                 directory.path()});
    QTRY_VERIFY2(QFile::exists(socket), redis.log());
    Child worker(m_environment, "celery");
    worker.start(python,
                 {QStringLiteral("-m"), QStringLiteral("celery"), QStringLiteral("-A"),
                  QStringLiteral("tasks"), QStringLiteral("worker"), QStringLiteral("-c"),
                  QStringLiteral("2"), QStringLiteral("-l"), QStringLiteral("INFO"),
                  QStringLiteral("--without-gossip"), QStringLiteral("--without-mingle")});
    QTRY_VERIFY2_WITH_TIMEOUT(worker.log().contains(" ready."), worker.log(), 40'000);

    Child sender(m_environment, "celery");
    sender.start(python,
                 {QStringLiteral("-c"),
                  QStringLiteral("import tasks\n"
                                 "for i in range(20): tasks.collect.delay('reddit', 3)\n"
                                 "for i in range(5): tasks.collect.delay('reddit', -1)\n"
                                 "for i in range(4): tasks.stubborn.delay()\n")});

    const auto ended = [this](const char *task, const char *status) {
        return value("celery_tasks_total{task_name=\"tasks." + QByteArray(task) + "\",status=\""
                     + status + "\"}");
    };
    QTRY_COMPARE_WITH_TIMEOUT(ended("collect", "success"), 20.0, 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(ended("collect", "failure"), 5.0, 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(ended("stubborn", "success"), 4.0, 30'000);
    QTRY_COMPARE(value("celery_task_duration_seconds_count{task_name=\"tasks.stubborn\"}"), 4.0);
    QCOMPARE(ended("stubborn", "retry"), 4.0);
    QCOMPARE(value("celery_task_retries_total{task_name=\"tasks.stubborn\"}"), 4.0);
    QTRY_COMPARE(value("celery_task_duration_seconds_count{task_name=\"tasks.collect\"}"), 25.0);
    QCOMPARE(value("items_collected_total{source=\"reddit\"}"), 60.0);
    QCOMPARE(value("trendscope_statsd_errors_total{kind=\"wrong_labels\"}"), 0.0);
}

QTEST_GUILESS_MAIN(TestPushExamples)
#include "tst_push_examples.moc"
