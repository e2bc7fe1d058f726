#include "support/exporter_process.h"
#include "support/http_exchange.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTemporaryFile>
#include <QTest>

#include <signal.h>

#include <vector>

using namespace Qt::StringLiterals;

/// The real binary, from outside.
class TestExporterServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void servesMetricsThatPromtoolAccepts();
    void isReady();
    void answersHeadAndRefusesTheRest();
    void namesTheBusyPortAndTheOption();
    void endsCleanlyWithinTwoSeconds_data();
    void endsCleanlyWithinTwoSeconds();
    void mapsNoQtAndNoGuiLibrary();
    void isNotDelayedBySlowClients();
    void reportsACollectorThatFails();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void namesTheMistakeInItsConfiguration();
    void listsOnlyTheCommandsThatExist();
    void saysWhichFileIsMissingForTheConsole();

private:
    struct Outcome {
        int status;
        QByteArray output;
        QByteArray error;
    };
    static Outcome run(const QStringList &arguments,
                       const QString &program = QStringLiteral(TRENDSCOPE_BINARY));
};

TestExporterServer::Outcome TestExporterServer::run(const QStringList &arguments,
                                                    const QString &program)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(10'000))
        return {-1, {}, "it did not end"};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

void TestExporterServer::servesMetricsThatPromtoolAccepts()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());

    const QByteArray answer = test::exchange(exporter.port(), test::request("GET", "/metrics"));

    QVERIFY(answer.startsWith("HTTP/1.1 200 "));
    const QByteArray metrics = test::bodyOf(answer);
    QVERIFY(metrics.contains("\n# TYPE celery_tasks_total counter\n")); // without a sample of it
    for (const char *metric :
         {"system_cpu_usage_percent ", "system_memory_usage_percent ", "system_disk_usage_percent ",
          "trendscope_build_info{version=", "trendscope_collector_success{collector=\"system\"} 1"})
        QVERIFY2(metrics.contains('\n' + QByteArray(metric)), metric);

    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(u"promtool"_s, {u"check"_s, u"metrics"_s});
    QVERIFY2(promtool.waitForStarted(), "promtool is in Debian's package prometheus");
    promtool.write(metrics);
    promtool.closeWriteChannel();
    QVERIFY(promtool.waitForFinished());
    QByteArrayList complaints = promtool.readAll().split('\n');
    // Those names are node_exporter's, and promtool says the same of node_exporter.
    complaints.removeIf(
        [](const QByteArray &line) { return line.isEmpty() || line.startsWith("node_"); });
    QCOMPARE(complaints, QByteArrayList());
}

void TestExporterServer::isReady()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());

    for (const char *path : {"/-/ready", "/-/healthy", "/"})
        QVERIFY(test::exchange(exporter.port(), test::request("GET", path))
                    .startsWith("HTTP/1.1 200 "));
}

void TestExporterServer::answersHeadAndRefusesTheRest()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());

    const QByteArray head = test::exchange(exporter.port(), test::request("HEAD", "/metrics"));
    const QByteArray put = test::exchange(exporter.port(), test::request("PUT", "/metrics"));
    const QByteArray elsewhere =
        test::exchange(exporter.port(), test::request("GET", "/elsewhere"));

    QVERIFY(head.startsWith("HTTP/1.1 200 "));
    QCOMPARE(test::bodyOf(head), QByteArray());
    QVERIFY(put.startsWith("HTTP/1.1 405 "));
    QVERIFY(elsewhere.startsWith("HTTP/1.1 404 "));
    QVERIFY(test::bodyOf(elsewhere).contains("/metrics"));
}

void TestExporterServer::namesTheBusyPortAndTheOption()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());
    const QString address = u"127.0.0.1:%1"_s.arg(exporter.port());

    const Outcome second = run({u"exporter"_s, u"--web.listen-address"_s, address});

    QCOMPARE(second.status, 1);
    QVERIFY2(second.error.contains(address.toUtf8()), second.error.constData());
    QVERIFY2(second.error.contains("--web.listen-address"), second.error.constData());
}

void TestExporterServer::endsCleanlyWithinTwoSeconds_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGTERM") << SIGTERM;
    QTest::newRow("SIGINT") << SIGINT;
}

void TestExporterServer::endsCleanlyWithinTwoSeconds()
{
    QFETCH(int, signal);
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());
    const auto idle = test::connectTo(exporter.port()); // must not hold it up

    ::kill(static_cast<pid_t>(exporter.process().processId()), signal);

    QVERIFY(exporter.process().waitForFinished(2000));
    QCOMPARE(exporter.process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(exporter.process().exitCode(), 0);
}

void TestExporterServer::mapsNoQtAndNoGuiLibrary()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());
    test::exchange(exporter.port(), test::request("GET", "/metrics"));

    QFile maps(u"/proc/%1/maps"_s.arg(exporter.process().processId()));
    QVERIFY(maps.open(QIODevice::ReadOnly));
    const QByteArray mapped = maps.readAll();

    QVERIFY(mapped.contains("libtrendscope-observability"));
    for (const char *library : {"libQt", "libX11", "libxcb", "libGL", "libEGL", "libfontconfig",
                                "libfreetype", "wayland", "libtrendscope-console"})
        QVERIFY2(!mapped.contains(library), library);
}

void TestExporterServer::isNotDelayedBySlowClients()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start());
    std::vector<std::unique_ptr<QTcpSocket>> slow;
    for (int i = 0; i < 200; ++i) {
        slow.push_back(test::connectTo(exporter.port()));
        slow.back()->write("GET /metrics HT");
        slow.back()->flush();
    }

    QElapsedTimer timer;
    timer.start();
    const QByteArray answer = test::exchange(exporter.port(), test::request("GET", "/metrics"));

    QVERIFY(answer.startsWith("HTTP/1.1 200 "));
    QVERIFY2(timer.elapsed() < 2000,
             "slow clients delay a scrape"); // they would be closed after 60 s only
}

void TestExporterServer::reportsACollectorThatFails()
{
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--collector.mount-point"_s, u"/nonexistent"_s}));

    const QByteArray metrics =
        test::bodyOf(test::exchange(exporter.port(), test::request("GET", "/metrics")));

    QVERIFY(metrics.contains("\ntrendscope_collector_success{collector=\"system\"} 0\n"));
    QVERIFY(!metrics.contains("\nsystem_disk_usage_percent "));
    QVERIFY(metrics.contains("\nsystem_memory_usage_percent "));
}

void TestExporterServer::refusesWrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("command") << QStringList{u"explode"_s} << QByteArray("explode");
    QTest::newRow("option") << QStringList{u"exporter"_s, u"--bogus"_s} << QByteArray("--bogus");
    QTest::newRow("option of the console") << QStringList{u"--bogus"_s} << QByteArray("--bogus");
    QTest::newRow("address") << QStringList{u"exporter"_s, u"--web.listen-address"_s, u"nowhere"_s}
                             << QByteArray("nowhere");
    QTest::newRow("level") << QStringList{u"exporter"_s, u"--log.level=loud"_s}
                           << QByteArray("--log.level");
    QTest::newRow("missing option") << QStringList{u"snapshot"_s} << QByteArray("--dashboard");
}

void TestExporterServer::refusesWrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, named);

    const Outcome outcome = run(arguments);

    QCOMPARE(outcome.status, 2);
    QVERIFY2(outcome.error.contains(named), outcome.error.constData());
}

void TestExporterServer::namesTheMistakeInItsConfiguration()
{
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write("exporter:\n  listen_adress: ':1'\n");
    file.close();

    const Outcome outcome = run({u"exporter"_s, u"--config"_s, file.fileName()});

    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.error.contains(file.fileName().toUtf8()
                                    + ":2: unknown key 'exporter.listen_adress'; "
                                      "did you mean 'exporter.listen_address'?"),
             outcome.error.constData());
}

void TestExporterServer::listsOnlyTheCommandsThatExist()
{
    const Outcome help = run({u"--help"_s});
    const Outcome version = run({u"--version"_s});

    QCOMPARE(help.status, 0);
    for (const char *command : {"\n  console ", "\n  exporter ", "\n  snapshot ", "\n  demo ",
                                "\n  audit ", "\n  check ", "Examples:"})
        QVERIFY2(help.output.contains(command), command);
    QVERIFY(!help.output.contains("\n  logs "));
    QCOMPARE(version.status, 0);
    QVERIFY(version.output.startsWith("trendscope "));
    for (const auto &command :
         {u"console"_s, u"exporter"_s, u"snapshot"_s, u"demo"_s, u"audit"_s, u"check"_s}) {
        const Outcome outcome = run({command, u"--help"_s});
        QCOMPARE(outcome.status, 0);
        QVERIFY(outcome.output.contains("Examples:"));
    }
}

void TestExporterServer::saysWhichFileIsMissingForTheConsole()
{
    // A copy of the binary, and of what it links, without the module beside it: the package for
    // servers.
    QTemporaryDir directory;
    const QDir root(directory.path());
    QVERIFY(root.mkpath(u"bin"_s) && root.mkpath(u"lib"_s));
    const QDir build = QFileInfo(QStringLiteral(TRENDSCOPE_BINARY)).dir();
    QVERIFY(QFile::copy(QStringLiteral(TRENDSCOPE_BINARY), root.filePath(u"bin/trendscope"_s)));
    const QDir libraries(build.filePath(u"../lib"_s));
    for (const QString &name : libraries.entryList({u"libtrendscope-observability.so*"_s}))
        QVERIFY(QFile::copy(libraries.filePath(name), root.filePath(u"lib/"_s + name)));

    const Outcome outcome = run({u"console"_s}, root.filePath(u"bin/trendscope"_s));

    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.error.contains("libtrendscope-console.so"), outcome.error.constData());
    QVERIFY2(outcome.error.contains("trendscope-console,"),
             outcome.error.constData()); // the package
    QCOMPARE(run({u"exporter"_s, u"--help"_s}, root.filePath(u"bin/trendscope"_s)).status, 0);
}

QTEST_GUILESS_MAIN(TestExporterServer)
#include "tst_exporter_server.moc"
