#include "core/exporter/log_rules/log_collector.h"
#include "core/observability/logging.h"
#include "support/exposition_values.h"
#include "support/require_program.h"
#include "support/suspend.h"

#include <QLocalSocket>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/prctl.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace trendscope;

namespace {

namespace fs = std::filesystem;

const QString python = u"/usr/bin/python3"_s; // Debian's, which has Debian's packages

/// A request as the test sends it, and the endpoint that its line counts for.
struct Route {
    QByteArray method;
    QByteArray path;
    QByteArray endpoint;
};

Route routeOf(int number)
{
    switch (number % 6) {
    case 0:
        return {"POST", "/items", "/items"};
    case 1:
        return {"GET", "/broken?try=" + QByteArray::number(number), "/broken"};
    case 2:
        return {"GET", "/wp-admin", "/wp-admin"}; // nothing is there
    default:
        return {"GET", "/trends/" + QByteArray::number(number), "/trends/{id}"};
    }
}

/// Clients that send so many requests, one after the other each, and count the answers.
class Load {
public:
    Load(const QString &socket, int requests)
        : m_requests(requests)
    {
        for (int i = 0; i < 4; ++i)
            m_threads.emplace_back([this, socket] { run(socket); });
    }
    ~Load()
    {
        m_next = m_requests;
        for (std::thread &thread : m_threads)
            thread.join();
    }
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;

    int answered() const { return m_answered; }
    /// By the labels of api_requests_total.
    std::map<std::string, int> counts()
    {
        const std::scoped_lock lock(m_mutex);
        return m_counts;
    }

private:
    void run(const QString &socket)
    {
        for (int number = m_next++; number < m_requests; number = m_next++) {
            const Route route = routeOf(number);
            const QByteArray status = statusOf(socket, route);
            const QByteArray labels = "method=\"" + route.method + "\",endpoint=\"" + route.endpoint
                + "\",status_code=\"" + status + '"';
            const std::scoped_lock lock(m_mutex);
            ++m_counts[labels.toStdString()];
            ++m_answered;
        }
    }

    static QByteArray statusOf(const QString &server, const Route &route)
    {
        QLocalSocket socket;
        socket.connectToServer(server);
        if (!socket.waitForConnected())
            return "not connected";
        socket.write(route.method + ' ' + route.path
                     + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        while (socket.state() == QLocalSocket::ConnectedState && socket.waitForReadyRead()) { }
        return socket.readAll().split(' ').value(1);
    }

    const int m_requests;
    std::atomic<int> m_next = 0;
    std::atomic<int> m_answered = 0;
    std::mutex m_mutex;
    std::map<std::string, int> m_counts;
    std::vector<std::thread> m_threads;
};

} // namespace

/// The access log of a real FastAPI application under load, as metrics by the built-in rules.
class TestExporterFastApiLogs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsEachRequestOnceWhileTheLogIsRotated_data();
    void countsEachRequestOnceWhileTheLogIsRotated();

private:
    bool startServer(const QString &reopen);
    bool rotate(const QString &how, int round);
    void signalServer(int number) { ::kill(static_cast<pid_t>(m_server->processId()), number); }
    bool collect() { return m_logs->collect(exporter::Collector::Clock::now() + 20s).has_value(); }
    fs::path file() const { return m_directory->filePath(u"access.log"_s).toStdString(); }
    QString socket() const { return m_directory->filePath(u"http.sock"_s); }

    observability::Logging m_logging{{.level = observability::Level::Critical}};
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<QProcess> m_server; ///< ends before its directory
    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<exporter::LogCollector> m_logs;
};

bool TestExporterFastApiLogs::startServer(const QString &reopen)
{
    m_server = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"ACCESS_LOG"_s, QString::fromStdString(file().string()));
    environment.insert(u"REOPEN"_s, reopen);
    environment.insert(u"PYTHONDONTWRITEBYTECODE"_s, u"1"_s);
    m_server->setProcessEnvironment(environment);
    m_server->setWorkingDirectory(QStringLiteral(SOURCE_DIR "/tests/data/fastapi"));
    m_server->setProcessChannelMode(QProcess::MergedChannels);
    m_server->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    m_server->start(
        python, {u"-m"_s, u"uvicorn"_s, u"app:app"_s, u"--uds"_s, socket(), u"--no-access-log"_s});
    QByteArray log;
    const QDeadlineTimer deadline(60'000);
    while (!deadline.hasExpired() && m_server->state() != QProcess::NotRunning) {
        m_server->waitForReadyRead(100);
        log += m_server->readAll();
        if (log.contains("Uvicorn running"))
            return true;
    }
    qWarning("%s", log.constData());
    return false;
}

bool TestExporterFastApiLogs::rotate(const QString &how, int round)
{
    const fs::path old = file().string() + "." + std::to_string(round);
    if (how == u"rename and signal") {
        fs::rename(file(), old);
        signalServer(SIGHUP);
    } else if (how == u"rename, and the application notices") {
        fs::rename(file(), old);
    } else if (how == u"copy and truncate") {
        // What is written between the two is lost for everybody: the application pauses.
        if (!test::suspend(static_cast<pid_t>(m_server->processId())))
            return false;
        fs::copy_file(file(), old);
        fs::resize_file(file(), 0);
        signalServer(SIGCONT);
    } else {
        if (!collect()) // who deletes a file that nobody has opened yet loses it
            return false;
        fs::remove(file());
    }
    return true;
}

void TestExporterFastApiLogs::countsEachRequestOnceWhileTheLogIsRotated_data()
{
    QTest::addColumn<QString>("reopen");
    QTest::newRow("rename and signal") << u"signal"_s;
    QTest::newRow("rename, and the application notices") << u"watch"_s;
    QTest::newRow("copy and truncate") << u"watch"_s;
    QTest::newRow("delete") << u"watch"_s;
}

void TestExporterFastApiLogs::countsEachRequestOnceWhileTheLogIsRotated()
{
    constexpr int requests = 1200;
    constexpr int rotations = 8;
    if (QProcess::execute(python, {u"-c"_s, u"import fastapi, uvicorn"_s}) != 0)
        REQUIRE_PROGRAM("fastapi and uvicorn");
    m_server.reset();
    m_directory = std::make_unique<QTemporaryDir>();
    m_registry = std::make_unique<observability::Registry>();
    m_logs = std::make_unique<exporter::LogCollector>(
        config::LogMetrics{.files = {file().string()}, .builtIn = {"api"}}, *m_registry,
        m_logging.logger("logs"));
    QFETCH(const QString, reopen);
    QVERIFY(startServer(reopen));

    Load load(socket(), requests);
    for (int round = 1; round <= rotations; ++round) {
        QTRY_VERIFY_WITH_TIMEOUT(load.answered() >= round * requests / (rotations + 1), 60'000);
        QTRY_VERIFY(fs::exists(file())); // the application writes to a new one
        QVERIFY(rotate(QString::fromUtf8(QTest::currentDataTag()), round));
    }
    QTRY_COMPARE_WITH_TIMEOUT(load.answered(), requests, 60'000);
    QVERIFY(collect());
    QVERIFY(collect()); // files that are found while the first one reads

    const std::string text = m_registry->expose();
    const auto counts = load.counts();
    for (const auto &[labels, count] : counts)
        QCOMPARE(test::valueOf(text, "api_requests_total{" + labels + '}').value_or(-1), count);
    QCOMPARE(counts.size(), 5U);
    QCOMPARE(test::sumOf(text, "api_requests_total"), requests);
    QCOMPARE(test::sumOf(text, "api_request_duration_seconds_count"), requests);
    QCOMPARE(test::sumOf(text, "trendscope_log_lines_total"), requests);
    QCOMPARE(test::sumOf(text, "trendscope_log_errors_total"), 0);
    QCOMPARE(test::sumOf(text, "trendscope_log_rotations_total"), rotations);
    QCOMPARE(test::sumOf(text, "trendscope_log_files_lost_total"), 0);
    m_server->terminate();
    QVERIFY(m_server->waitForFinished(20'000));
}

QTEST_GUILESS_MAIN(TestExporterFastApiLogs)
#include "tst_exporter_fastapi_logs.moc"
