#include "core/demo/child_process.h"
#include "core/demo/signal_watch.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

#include <unistd.h>

#include <csignal>
#include <cstdio>

using namespace Qt::StringLiterals;
using namespace trendscope;
using demo::ChildProcess;
using demo::Command;

namespace {

Command shell(const QString &script)
{
    return {u"sh"_s, {u"-c"_s, script}, u"dash"_s};
}

/// Whether it still runs: a zombie that init has not collected yet does not.
bool isRunning(qint64 pid)
{
    QFile status(u"/proc/%1/stat"_s.arg(pid));
    if (!status.open(QIODevice::ReadOnly))
        return false;
    const QByteArray text = status.readAll();
    const qsizetype name = text.lastIndexOf(')');
    return text.mid(name + 2, 1) != "Z";
}

} // namespace

class TestDemoChildProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsItsOutputByLines();
    void namesThePackageOfAMissingProgram();
    void findsTheAddressInALogLine_data();
    void findsTheAddressInALogLine();
    void endsWithSigterm();
    void killsWhatIgnoresSigterm();
    void reportsAnUnexpectedEndWithTheLastLines();
    void namesTheSignalAndTheLastWords();
    void runsInItsDirectory();
    void staysSilentWhenStopped();
    void waitsForAProgramThatEnds();
    void stopsWaitingOnRequest();
    void hidesOurEnvironmentFromTheChild();
    void diesWithAKilledParent();
    void turnsSigtermIntoASignal();
};

void TestDemoChildProcess::readsItsOutputByLines()
{
    ChildProcess child(shell(u"echo one; echo two >&2; sleep 100"_s));
    QSignalSpy lines(&child, &ChildProcess::lineRead);
    QVERIFY(lines.isValid());

    QVERIFY(child.start().has_value());

    QTRY_COMPARE(lines.count(), 2);
    QCOMPARE(lines[0][0].toByteArray(), "one");
    QCOMPARE(lines[1][0].toByteArray(), "two");
}

void TestDemoChildProcess::namesThePackageOfAMissingProgram()
{
    ChildProcess child({u"no-such-prometheus"_s, {}, u"prometheus"_s});
    const auto started = child.start();

    QVERIFY(!started.has_value());
    QCOMPARE(started.error().kind, Error::Kind::NotFound);
    const QString message = QString::fromStdString(started.error().message);
    QVERIFY(message.contains("Debian package prometheus"_L1));
    QVERIFY(message.contains("packaging/install-deps.sh run"_L1));
}

void TestDemoChildProcess::findsTheAddressInALogLine_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QString>("address");
    QTest::newRow("prometheus") << QByteArray(
        R"(ts=2024-01-15T10:30:45.123Z caller=tls_config.go:232 level=info component=web msg="Listening on" address=127.0.0.1:35813)")
                                << u"127.0.0.1:35813"_s;
    QTest::newRow("exporter") << QByteArray(
        R"({"level":"INFO","message":"Listening","context":{"address":"127.0.0.1:9787"}})")
                              << u"127.0.0.1:9787"_s;
    QTest::newRow("another address")
        << QByteArray(R"(msg="TLS is disabled." address=127.0.0.1:1)") << QString();
    QTest::newRow("another record")
        << QByteArray(R"({"message":"Scraped","address":"127.0.0.1:1"})") << QString();
    QTest::newRow("not UTF-8") << QByteArray("\xff\xfe msg=") << QString();
}

void TestDemoChildProcess::findsTheAddressInALogLine()
{
    QFETCH(QByteArray, line);
    QFETCH(QString, address);
    QCOMPARE(demo::listenAddressIn(line).value_or(QString()), address);
}

void TestDemoChildProcess::endsWithSigterm()
{
    ChildProcess child({u"sleep"_s, {u"100"_s}, {}});
    QVERIFY(child.start().has_value());
    const qint64 pid = child.processId();
    QVERIFY(isRunning(pid));

    child.stop();

    QVERIFY(!isRunning(pid));
}

void TestDemoChildProcess::killsWhatIgnoresSigterm()
{
    ChildProcess child(shell(u"trap '' TERM; echo ready; while :; do sleep 1; done"_s));
    QSignalSpy lines(&child, &ChildProcess::lineRead);
    QVERIFY(child.start().has_value());
    QTRY_COMPARE(lines.count(), 1);
    const qint64 pid = child.processId();

    child.stop();

    QVERIFY(!isRunning(pid));
}

void TestDemoChildProcess::reportsAnUnexpectedEndWithTheLastLines()
{
    ChildProcess child(shell(u"echo opening storage failed; exit 3"_s));
    std::optional<Error> error;
    connect(&child, &ChildProcess::ended, this, [&](const Error &reported) { error = reported; });

    QVERIFY(child.start().has_value());

    QTRY_VERIFY(error.has_value());
    QCOMPARE(error->kind, Error::Kind::Execution);
    QCOMPARE(error->message, "sh ended with status 3. The last it said: opening storage failed");
    QCOMPARE(error->detail, "opening storage failed");
}

void TestDemoChildProcess::namesTheSignalAndTheLastWords()
{
    Command command = shell(u"printf 'no space left'; kill -SEGV $$"_s);
    command.name = u"Prometheus"_s;
    ChildProcess child(command);
    std::optional<Error> error;
    connect(&child, &ChildProcess::ended, this, [&](const Error &reported) { error = reported; });

    QVERIFY(child.start().has_value());

    QTRY_VERIFY(error.has_value());
    QCOMPARE(error->message,
             "Prometheus was killed by signal 11 (Segmentation fault). The last it said: "
             "no space left");
}

void TestDemoChildProcess::runsInItsDirectory()
{
    Command command = shell(u"pwd; exec sleep 100"_s);
    command.directory = u"/proc"_s;
    ChildProcess child(command);
    QSignalSpy lines(&child, &ChildProcess::lineRead);

    QVERIFY(child.start().has_value());

    QTRY_COMPARE(lines.count(), 1);
    QCOMPARE(lines[0][0].toByteArray(), "/proc");
}

void TestDemoChildProcess::staysSilentWhenStopped()
{
    int reports = 0;
    qint64 pid = 0;
    {
        ChildProcess child({u"sleep"_s, {u"100"_s}, {}});
        connect(&child, &ChildProcess::ended, this, [&] { ++reports; });
        QVERIFY(child.start().has_value());
        pid = child.processId();
    }
    QCoreApplication::processEvents();
    QVERIFY(!isRunning(pid));
    QCOMPARE(reports, 0);
}

void TestDemoChildProcess::waitsForAProgramThatEnds()
{
    ChildProcess good(shell(u"exit 0"_s));
    QVERIFY(good.start().has_value());
    QVERIFY(good.waitUntilEnded({}).has_value());

    ChildProcess bad(shell(u"echo bad line >&2; exit 1"_s));
    QVERIFY(bad.start().has_value());
    const auto result = bad.waitUntilEnded({});
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().detail, "bad line");
}

void TestDemoChildProcess::stopsWaitingOnRequest()
{
    ChildProcess child({u"sleep"_s, {u"100"_s}, {}});
    QVERIFY(child.start().has_value());
    const qint64 pid = child.processId();
    std::stop_source stop;
    stop.request_stop();

    const auto result = child.waitUntilEnded(stop.get_token());

    QVERIFY(!result.has_value());
    QCOMPARE(result.error().kind, Error::Kind::Canceled);
    QVERIFY(!isRunning(pid));
}

void TestDemoChildProcess::hidesOurEnvironmentFromTheChild()
{
    qputenv("LOG_FILE", "/nowhere/x.log");
    qputenv("TRENDSCOPE_LISTEN_ADDRESS", "0.0.0.0:1");
    ChildProcess child(shell(u"echo \"[$LOG_FILE$TRENDSCOPE_LISTEN_ADDRESS]\"; sleep 100"_s));
    QSignalSpy lines(&child, &ChildProcess::lineRead);

    QVERIFY(child.start().has_value());

    QTRY_COMPARE(lines.count(), 1);
    QCOMPARE(lines[0][0].toByteArray(), "[]");
    qunsetenv("LOG_FILE");
    qunsetenv("TRENDSCOPE_LISTEN_ADDRESS");
}

void TestDemoChildProcess::diesWithAKilledParent()
{
    // This very program, as a parent that says its child's id and then waits to be killed.
    QProcess parent;
    parent.start(QCoreApplication::applicationFilePath(), {u"--be-a-parent"_s});
    QTRY_VERIFY(parent.canReadLine() || parent.state() == QProcess::NotRunning);
    const qint64 grandchild = parent.readLine().trimmed().toLongLong();
    QVERIFY(grandchild > 0);
    QVERIFY(isRunning(grandchild));

    parent.kill();

    QVERIFY(parent.waitForFinished());
    QTRY_VERIFY(!isRunning(grandchild));
}

void TestDemoChildProcess::turnsSigtermIntoASignal()
{
    demo::SignalWatch watch;
    QSignalSpy requests(&watch, &demo::SignalWatch::stopRequested);
    QVERIFY(requests.isValid());

    std::raise(SIGTERM);

    QTRY_COMPARE(requests.count(), 1);
}

namespace {

int beAParent()
{
    ChildProcess child({u"sleep"_s, {u"100"_s}, {}});
    if (!child.start())
        return 1;
    std::printf("%lld\n", static_cast<long long>(child.processId()));
    std::fflush(stdout);
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().contains(u"--be-a-parent"_s))
        return beAParent();
    TestDemoChildProcess test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_demo_child_process.moc"
