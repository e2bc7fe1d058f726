#include "core/observability/system_collector.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestObservabilitySystemCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void measuresProcessorsSinceThePreviousScrape();
    void answersTheSameWithinASecond();
    void countsWaitingForADiskAsIdle();
    void survivesCountersThatGoBack();
    void measuresSinceBootBeforeTheFirstTick();
    void reportsUnreadableProcessors_data();
    void reportsUnreadableProcessors();
    void measuresMemoryThatIsNotAvailable();
    void reportsUnreadableMemory_data();
    void reportsUnreadableMemory();
    void countsDisksAsDfDoes();
    void takesTheFullestMountPoint();
    void reportsAMountPointThatIsNotThereAndMeasuresTheOthers();
    void readsThisMachine();

private:
    void write(const QString &name, const QByteArray &text) const;
    void writeTicks(int user, int idle, int waiting = 0) const;
    SystemCollector collector() const;

    std::unique_ptr<QTemporaryDir> m_proc;
    const SystemCollector::Clock::time_point m_start;
};

void TestObservabilitySystemCollector::init()
{
    m_proc = std::make_unique<QTemporaryDir>();
    QVERIFY(m_proc->isValid());
}

void TestObservabilitySystemCollector::write(const QString &name, const QByteArray &text) const
{
    QFile file(m_proc->filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("the fixture can not be written");
}

/// The guest columns hold what is in user and nice already.
void TestObservabilitySystemCollector::writeTicks(int user, int idle, int waiting) const
{
    write(u"stat"_s,
          "cpu  " + QByteArray::number(user) + " 0 0 " + QByteArray::number(idle) + ' '
              + QByteArray::number(waiting) + " 0 0 0 " + QByteArray::number(user)
              + " 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
}

SystemCollector TestObservabilitySystemCollector::collector() const
{
    return SystemCollector({"/"}, m_proc->path().toStdString());
}

void TestObservabilitySystemCollector::measuresProcessorsSinceThePreviousScrape()
{
    writeTicks(1000, 1000);
    auto system = collector();

    writeTicks(1025, 1075);
    QCOMPARE(system.cpuPercent(m_start).value(), 25.0);
    writeTicks(1115, 1085);
    QCOMPARE(system.cpuPercent(m_start + 15s).value(), 90.0);
}

void TestObservabilitySystemCollector::answersTheSameWithinASecond()
{
    writeTicks(0, 0);
    auto system = collector();
    writeTicks(25, 75);
    QCOMPARE(system.cpuPercent(m_start).value(), 25.0);

    writeTicks(125, 75);
    QCOMPARE(system.cpuPercent(m_start + 999ms).value(), 25.0);
    QCOMPARE(system.cpuPercent(m_start + 1s).value(), 100.0);
}

void TestObservabilitySystemCollector::countsWaitingForADiskAsIdle()
{
    writeTicks(0, 0, 0);
    auto system = collector();

    writeTicks(10, 40, 50);

    QCOMPARE(system.cpuPercent(m_start).value(), 10.0);
}

void TestObservabilitySystemCollector::survivesCountersThatGoBack()
{
    writeTicks(1000, 1000);
    auto system = collector();

    writeTicks(50, 50); // a processor went offline

    QCOMPARE(system.cpuPercent(m_start).value(), 50.0);
    writeTicks(50, 150);
    QCOMPARE(system.cpuPercent(m_start + 2s).value(), 0.0);
}

void TestObservabilitySystemCollector::measuresSinceBootBeforeTheFirstTick()
{
    writeTicks(30, 70);
    auto system = collector();

    QCOMPARE(system.cpuPercent(m_start).value(), 30.0);
}

void TestObservabilitySystemCollector::reportsUnreadableProcessors_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("short") << QByteArray("cpu 1 2 3\n");
    QTest::newRow("something else") << QByteArray("intr 1 2 3 4 5 6 7 8 9\n");
    QTest::newRow("no numbers") << QByteArray("cpu a b c d e f g h\n");
}

void TestObservabilitySystemCollector::reportsUnreadableProcessors()
{
    QFETCH(QByteArray, text);
    write(u"stat"_s, text);
    auto system = collector();

    const auto percent = system.cpuPercent(m_start);

    QVERIFY(!percent.has_value());
    QVERIFY(percent.error().message.find(m_proc->filePath(u"stat"_s).toStdString())
            != std::string::npos);
}

void TestObservabilitySystemCollector::measuresMemoryThatIsNotAvailable()
{
    write(u"meminfo"_s,
          "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:   12000 kB\n");

    QCOMPARE(collector().memoryPercent().value(), 25.0);
}

void TestObservabilitySystemCollector::reportsUnreadableMemory_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("nothing available") << QByteArray("MemTotal: 16000 kB\nMemFree: 1000 kB\n");
    QTest::newRow("no memory") << QByteArray("MemTotal: 0 kB\nMemAvailable: 0 kB\n");
    QTest::newRow("no numbers") << QByteArray("MemTotal: x kB\nMemAvailable: y kB\n");
}

void TestObservabilitySystemCollector::reportsUnreadableMemory()
{
    QFETCH(QByteArray, text);
    write(u"meminfo"_s, text);

    QVERIFY(!collector().memoryPercent().has_value());
}

void TestObservabilitySystemCollector::countsDisksAsDfDoes()
{
    QProcess df;
    df.start(u"df"_s, {u"--output=pcent"_s, u"/"_s});
    QVERIFY(df.waitForFinished());
    const double rounded =
        df.readAllStandardOutput().split('\n').value(1).trimmed().chopped(1).toDouble();

    const double percent = collector().diskPercent().value.value();

    QVERIFY2(std::abs(std::ceil(percent) - rounded) <= 1, QByteArray::number(percent).constData());
}

void TestObservabilitySystemCollector::takesTheFullestMountPoint()
{
    const double root = SystemCollector({"/"}).diskPercent().value.value();
    const double empty =
        SystemCollector({"/proc"}).diskPercent().value.value(); // has no blocks at all

    QCOMPARE(empty, 0.0);
    QVERIFY(std::abs(SystemCollector({"/proc", "/"}).diskPercent().value.value() - root) < 1);
}

void TestObservabilitySystemCollector::reportsAMountPointThatIsNotThereAndMeasuresTheOthers()
{
    const auto disks = SystemCollector({"/nonexistent", "/", "/missing"}).diskPercent();

    QVERIFY(disks.error.has_value());
    QVERIFY(disks.error->message.starts_with("/nonexistent "));
    const double root = SystemCollector({"/"}).diskPercent().value.value();
    QVERIFY(std::abs(disks.value.value() - root) < 1);
    QVERIFY(!SystemCollector({"/nonexistent"}).diskPercent().value.has_value());
}

void TestObservabilitySystemCollector::readsThisMachine()
{
    SystemCollector system({"/"});

    for (const double percent :
         {system.cpuPercent(SystemCollector::Clock::now()).value(), system.memoryPercent().value(),
          system.diskPercent().value.value()})
        QVERIFY(percent >= 0 && percent <= 100);
}

QTEST_GUILESS_MAIN(TestObservabilitySystemCollector)
#include "tst_observability_system_collector.moc"
