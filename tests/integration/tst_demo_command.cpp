#include "support/require_program.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;

namespace {

/// Processes whose command line names `folder`.
QStringList processesIn(const QString &folder)
{
    QStringList found;
    for (const QString &entry : QDir(u"/proc"_s).entryList(QDir::Dirs)) {
        QFile file(u"/proc/%1/cmdline"_s.arg(entry));
        if (entry.toInt() > 0 && file.open(QIODevice::ReadOnly)) {
            const QByteArray line = file.readAll();
            if (line.contains(folder.toUtf8()))
                found << entry;
        }
    }
    return found;
}

} // namespace

/// `trendscope demo` as a person starts and ends it, without a display.
class TestDemoCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void drawsEveryDashboardOnceAndLeavesNothing();
    void servesUntilItIsToldToEnd();
    void leavesNoProcessWhenKilledAndCleansUpNextTime();
    void takesADisplayThatDoesNotAnswerForNone();
    void namesThePackageOfAMissingServer();

private:
    std::unique_ptr<QProcess> start(const QStringList &arguments, const QString &path = {});
    QStringList demoFolders() const
    {
        return QDir(m_temporary.path()).entryList({u"trendscope-demo-*"_s}, QDir::Dirs);
    }

    QTemporaryDir m_temporary; ///< TMPDIR of the demos
};

void TestDemoCommand::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    REQUIRE_PROGRAM("prometheus-alertmanager");
}

std::unique_ptr<QProcess> TestDemoCommand::start(const QStringList &arguments, const QString &path)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto &name : {u"DISPLAY"_s, u"WAYLAND_DISPLAY"_s, u"QT_QPA_PLATFORM"_s})
        environment.remove(name);
    environment.insert(u"TMPDIR"_s, m_temporary.path());
    if (!path.isEmpty())
        environment.insert(u"PATH"_s, path);
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment);
    process->setProcessChannelMode(QProcess::MergedChannels);
    process->setWorkingDirectory(m_temporary.path());
    process->start(QStringLiteral(TRENDSCOPE_BINARY), QStringList{u"demo"_s} + arguments);
    return process;
}

void TestDemoCommand::drawsEveryDashboardOnceAndLeavesNothing()
{
    const auto demo = start({u"--once"_s});

    QVERIFY(demo->waitForFinished(120'000));

    const QByteArray said = demo->readAll();
    QVERIFY2(demo->exitStatus() == QProcess::NormalExit && demo->exitCode() == 0, said);
    QVERIFY2(said.contains("no display"), said);
    QVERIFY2(said.contains("Every panel had data"), said);
    const QDir pictures(m_temporary.filePath(u"demo-out"_s));
    QCOMPARE(pictures.entryList({u"*.png"_s}, QDir::Files).size(), 4);
    QVERIFY(demoFolders().isEmpty());
    QVERIFY(processesIn(m_temporary.path()).isEmpty());
}

void TestDemoCommand::servesUntilItIsToldToEnd()
{
    auto demo = start({});
    QByteArray said;
    QVERIFY2(QTest::qWaitFor([&] { return (said += demo->readAll()).contains("Serving until"); },
                             120'000),
             said);
    const QByteArray url = said.mid(said.indexOf("http://")).split('/').value(2);

    // Long after the last picture Prometheus still answers: it is asked ten times, a tenth of a
    // second apart and more.
    for (int i = 0; i < 10; ++i) {
        QTcpSocket socket;
        socket.connectToHost(QString::fromLatin1(url.split(':').value(0)),
                             url.split(':').value(1).toUShort());
        QVERIFY2(socket.waitForConnected(), url);
        QVERIFY(!demo->waitForFinished(200));
    }
    ::kill(static_cast<pid_t>(demo->processId()), SIGINT);
    QVERIFY(demo->waitForFinished());
    QCOMPARE(demo->exitCode(), 0);
    QTRY_VERIFY(processesIn(m_temporary.path()).isEmpty());
    QVERIFY(demoFolders().isEmpty());
}

void TestDemoCommand::takesADisplayThatDoesNotAnswerForNone()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(u"QT_QPA_PLATFORM"_s);
    environment.insert(u"DISPLAY"_s, u":9876"_s);
    QProcess console;
    console.setProcessEnvironment(environment);
    console.start(QStringLiteral(TRENDSCOPE_BINARY), {u"console"_s});

    QVERIFY(console.waitForFinished());

    QCOMPARE(console.exitStatus(), QProcess::NormalExit);
    QCOMPARE(console.exitCode(), 1);
    QVERIFY(console.readAllStandardError().contains("no display"));
}

void TestDemoCommand::leavesNoProcessWhenKilledAndCleansUpNextTime()
{
    auto demo = start({});
    QByteArray said;
    QVERIFY2(QTest::qWaitFor([&] { return (said += demo->readAll()).contains("Serving until"); },
                             120'000),
             said);
    QVERIFY(!processesIn(m_temporary.path()).isEmpty());

    ::kill(static_cast<pid_t>(demo->processId()), SIGKILL);

    QVERIFY(demo->waitForFinished());
    QTRY_VERIFY(processesIn(m_temporary.path()).isEmpty());
    const QStringList left = demoFolders();
    QCOMPARE(left.size(), 1);

    demo = start({});
    QVERIFY(QTest::qWaitFor(
        [&] { return !demoFolders().isEmpty() && !demoFolders().contains(left.first()); }, 60'000));
    demo->terminate();
    QVERIFY(demo->waitForFinished());
    QTRY_VERIFY(demoFolders().isEmpty());
    QTRY_VERIFY(processesIn(m_temporary.path()).isEmpty());
}

void TestDemoCommand::namesThePackageOfAMissingServer()
{
    const auto demo = start({u"--once"_s}, u"/nonexistent"_s);

    QVERIFY(demo->waitForFinished(30'000));

    const QByteArray said = demo->readAll();
    QCOMPARE(demo->exitCode(), 1);
    QVERIFY2(said.contains("prometheus") && said.contains("package"), said);
}

QTEST_GUILESS_MAIN(TestDemoCommand)
#include "tst_demo_command.moc"
