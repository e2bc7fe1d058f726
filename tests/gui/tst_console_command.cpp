#include "support/console_fixture.h"
#include "support/prometheus_process.h"
#include "support/require_program.h"
#include "support/xvfb.h"

#include <QImage>
#include <QTest>

using namespace trendscope;
using namespace Qt::StringLiterals;

/// The real binary, from the outside: its window under a real X server, its pictures, its exit
/// statuses.
class TestConsoleCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void opensAWindowAndObeysTheKeyboard();
    void drawsOnePanel();
    void drawsAWholeDashboardAtTwiceTheSize();
    void saysWhichPanelFailed();
    void namesTheDashboardsThatThereAre();
    void refusesWrongUsage_data();
    void refusesWrongUsage();
    void saysThatThereIsNoDisplay();

private:
    struct Outcome {
        int exitCode;
        QString errors;
    };
    Outcome run(const QStringList &arguments,
                const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment());
    QStringList snapshot(const QStringList &rest, const QString &prometheus = {});

    test::PrometheusProcess m_prometheus;
    QTemporaryDir m_folder;
};

void TestConsoleCommand::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    test::writeDashboards(m_folder);
    QVERIFY2(m_prometheus.start(), m_prometheus.log());
}

TestConsoleCommand::Outcome TestConsoleCommand::run(const QStringList &arguments,
                                                    const QProcessEnvironment &environment)
{
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(TRENDSCOPE_BINARY), arguments);
    if (!process.waitForFinished(30'000))
        return {-1, u"it did not end"_s};
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardError())};
}

QStringList TestConsoleCommand::snapshot(const QStringList &rest, const QString &prometheus)
{
    return QStringList{u"snapshot"_s, u"--prometheus"_s,
                       prometheus.isEmpty() ? m_prometheus.url().toString() : prometheus,
                       u"--dashboards"_s, m_folder.path()}
    + rest;
}

void TestConsoleCommand::opensAWindowAndObeysTheKeyboard()
{
    REQUIRE_PROGRAM("Xvfb");
    REQUIRE_PROGRAM("xdotool");
    test::Xvfb display;
    QVERIFY(display.start());
    QProcess console;
    console.setProcessEnvironment(display.environment());
    console.start(QStringLiteral(TRENDSCOPE_BINARY),
                  {u"console"_s, u"--prometheus"_s, m_prometheus.url().toString(),
                   u"--dashboards"_s, m_folder.path()});
    const auto xdotool = [&](const QStringList &arguments) {
        QProcess process;
        process.setProcessEnvironment(display.environment());
        process.start(u"xdotool"_s, arguments);
        process.waitForFinished();
        return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
    };
    const auto windowNamed = [&](const QString &title) {
        return xdotool({u"search"_s, u"--onlyvisible"_s, u"--name"_s, u"^%1 "_s.arg(title)})
            .section(u'\n', 0, 0);
    };
    QTRY_VERIFY_WITH_TIMEOUT(!windowNamed(u"First"_s).isEmpty(), 15'000);
    xdotool({u"windowfocus"_s, u"--sync"_s, windowNamed(u"First"_s)});

    xdotool({u"key"_s, u"ctrl+Next"_s});

    QTRY_VERIFY_WITH_TIMEOUT(!windowNamed(u"Second"_s).isEmpty(), 15'000);
    QCOMPARE(console.state(), QProcess::Running);
    console.terminate();
    QVERIFY(console.waitForFinished());
}

void TestConsoleCommand::drawsOnePanel()
{
    const QString file = m_folder.filePath(u"panel.png"_s);

    const Outcome outcome =
        run(snapshot({u"--dashboard"_s, u"a-first"_s, u"--panel"_s, u"Left"_s, u"--from"_s,
                      u"now-6h"_s, u"--to"_s, u"now"_s, u"-o"_s, file}));

    QVERIFY2(outcome.exitCode == 0, qPrintable(outcome.errors));
    const QImage image(file);
    QCOMPARE(image.width(), 800);
    // The line of vector(1) is the first series' green somewhere in the right half.
    int green = 0;
    for (int y = 0; y < image.height(); ++y) {
        const QColor color = image.pixelColor(600, y);
        green += color.green() > color.red() + 40 && color.green() > color.blue() + 40 ? 1 : 0;
    }
    QVERIFY(green > 0);
}

void TestConsoleCommand::drawsAWholeDashboardAtTwiceTheSize()
{
    const QString file = m_folder.filePath(u"whole.png"_s);

    const Outcome outcome = run(snapshot({u"--dashboard"_s, u"first"_s, u"--width"_s, u"1280"_s,
                                          u"--scale"_s, u"2"_s, u"-o"_s, file}));

    QVERIFY2(outcome.exitCode == 0, qPrintable(outcome.errors));
    QCOMPARE(QImage(file).width(), 2560);
}

void TestConsoleCommand::saysWhichPanelFailed()
{
    const QString file = m_folder.filePath(u"failed.png"_s);

    const Outcome outcome =
        run(snapshot({u"--dashboard"_s, u"a-first"_s, u"-o"_s, file}, u"http://127.0.0.1:1"_s));

    QCOMPARE(outcome.exitCode, 3);
    QVERIFY2(outcome.errors.contains("panel \"Answer\""_L1), qPrintable(outcome.errors));
    QVERIFY(!QImage(file).isNull());
}

void TestConsoleCommand::namesTheDashboardsThatThereAre()
{
    const Outcome outcome =
        run(snapshot({u"--dashboard"_s, u"nowhere"_s, u"-o"_s, m_folder.filePath(u"x.png"_s)}));

    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.errors.contains("a-first"_L1), qPrintable(outcome.errors));
}

void TestConsoleCommand::refusesWrongUsage_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("named");
    QTest::newRow("zone") << QStringList{u"--timezone"_s, u"Europe/Berln"_s, u"-o"_s, u"x.png"_s}
                          << u"Europe/Berln"_s;
    QTest::newRow("format") << QStringList{u"-o"_s, u"x.svg"_s} << u"x.svg"_s;
    QTest::newRow("range") << QStringList{u"--from"_s, u"yesterday"_s, u"-o"_s, u"x.png"_s}
                           << u"yesterday"_s;
    QTest::newRow("order") << QStringList{u"--from"_s, u"now"_s, u"--to"_s,
                                          u"now-1h"_s, u"-o"_s,  u"x.png"_s}
                           << u"now-1h"_s;
}

void TestConsoleCommand::refusesWrongUsage()
{
    QFETCH(QStringList, options);
    QFETCH(QString, named);

    const Outcome outcome = run(snapshot(QStringList{u"--dashboard"_s, u"a-first"_s} + options));

    QCOMPARE(outcome.exitCode, 2);
    QVERIFY2(outcome.errors.contains(named), qPrintable(outcome.errors));
    QVERIFY(!QFile::exists(options.last()));
}

void TestConsoleCommand::saysThatThereIsNoDisplay()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const auto &name : {u"DISPLAY"_s, u"WAYLAND_DISPLAY"_s, u"QT_QPA_PLATFORM"_s})
        environment.remove(name);

    const Outcome outcome = run({u"console"_s}, environment);

    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.errors.contains("no display"_L1), qPrintable(outcome.errors));
}

QTEST_GUILESS_MAIN(TestConsoleCommand)
#include "tst_console_command.moc"
