#include "core/exporter/log_rules/log_collector.h"
#include "core/exporter/log_rules/log_series_p.h"
#include "core/logs/checkpoint.h"
#include "support/suspend.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using namespace trendscope;

namespace {

namespace fs = std::filesystem;

void append(const fs::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

config::LogMetrics settingsFor(const fs::path &folder)
{
    auto read = config::parseLogMetrics(
        "files: app.log\ncheckpoint: checkpoint\nbuilt_in: []\nrules:\n"
        "  - {metric: m_sum, value: n}\n  - {metric: m_squares, value: n2}\n",
        folder / "rules.yml");
    return *read;
}

/// Writes so many numbered lines to a file that it opens anew every few lines, as logs do that may
/// be rotated; says on its output how many there are.
int writeLines(const char *path, int count)
{
    int descriptor = -1;
    for (int i = 1; i <= count; ++i) {
        if (i % 20 == 1) {
            ::close(descriptor);
            descriptor = ::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        }
        const std::string line = R"({"level":"INFO","n":)" + std::to_string(i) + R"(,"n2":)"
            + std::to_string(i * i) + "}\n";
        // In two writes at times: whoever reads sees a part of a line.
        const std::size_t part = i % 7 == 0 ? line.size() / 2 : line.size();
        if (::write(descriptor, line.data(), part) < 0
            || ::write(descriptor, line.data() + part, line.size() - part) < 0)
            return 1;
        ::usleep(100);
    }
    return 0;
}

int followUntilKilled(const fs::path &folder)
{
    observability::Logging logging({.level = observability::Level::Critical});
    observability::Registry registry;
    exporter::LogCollector collector(settingsFor(folder), registry, logging.logger("logs"));
    for (;;)
        ::pause();
}

} // namespace

class TestExporterLogCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();

    void countsEveryLineOnceWhileFilesAreRotated_data();
    void countsEveryLineOnceWhileFilesAreRotated();
    void repeatsASecondAtMostAfterAKill();
    void readsWithoutBeingAsked();
    void countsWhatIsNoRecord();
    void appliesRulesToTheirFiles();
    void saysWhatItCanNotDoAndGoesOn();
    void stopsSoonWhateverIsLeft();

private:
    fs::path folder() const { return m_directory->path().toStdString(); }
    fs::path file(const char *name = "app.log") const { return folder() / name; }
    /// What is counted by collectors, one after the other.
    void start(const config::LogMetrics &settings);
    void stop();
    double value(const std::string &sample) const;
    double sumOf(const std::string &sample) const
    {
        return m_before.value(QString::fromStdString(sample)) + value(sample);
    }
    bool collect()
    {
        return m_collector->collect(exporter::Collector::Clock::now() + 20s).has_value();
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    observability::Logging m_logging{{.level = observability::Level::Critical}};
    std::unique_ptr<observability::Registry> m_registry;
    std::shared_ptr<exporter::LogSeries> m_series; ///< what was counted is read after the end, too
    std::unique_ptr<exporter::LogCollector> m_collector;
    QHash<QString, double> m_before;
};

void TestExporterLogCollector::init()
{
    m_collector.reset();
    m_registry.reset();
    m_before.clear();
    m_directory = std::make_unique<QTemporaryDir>();
}

void TestExporterLogCollector::start(const config::LogMetrics &settings)
{
    m_registry = std::make_unique<observability::Registry>();
    m_series = std::make_shared<exporter::LogSeries>(*m_registry);
    m_collector = std::make_unique<exporter::LogCollector>(settings, *m_registry,
                                                           m_logging.logger("logs"), m_series);
}

void TestExporterLogCollector::stop()
{
    m_collector.reset();
    for (const QString &line :
         QString::fromStdString(m_registry->expose()).split(QLatin1Char('\n')))
        m_before[line.section(QLatin1Char(' '), 0, 0)] +=
            line.section(QLatin1Char(' '), 1).toDouble();
}

double TestExporterLogCollector::value(const std::string &sample) const
{
    for (const QString &line :
         QString::fromStdString(m_registry->expose()).split(QLatin1Char('\n'))) {
        if (line.section(QLatin1Char(' '), 0, 0) == QString::fromStdString(sample))
            return line.section(QLatin1Char(' '), 1).toDouble();
    }
    return 0;
}

void TestExporterLogCollector::countsEveryLineOnceWhileFilesAreRotated_data()
{
    QTest::addColumn<QString>("how");
    for (const char *how : {"rename", "copytruncate", "recreate"})
        QTest::newRow(how) << QString::fromLatin1(how);
}

void TestExporterLogCollector::countsEveryLineOnceWhileFilesAreRotated()
{
    constexpr int lines = 8000;
    QFETCH(QString, how);
    start(settingsFor(folder()));
    QVERIFY(collect());
    QProcess writer;
    writer.start(QCoreApplication::applicationFilePath(),
                 {QStringLiteral("--write"), QString::fromStdString(file().string()),
                  QString::number(lines)});
    QVERIFY(writer.waitForStarted());
    const auto pid = static_cast<pid_t>(writer.processId());

    for (int round = 1; writer.state() == QProcess::Running; ++round) {
        QTest::qWait(60);
        if (writer.state() != QProcess::Running) // its id may be another's
            break;
        const std::string old = file().string() + "." + std::to_string(round);
        if (how == QLatin1String("rename")) {
            if (fs::exists(file()))
                fs::rename(file(), old);
        } else {
            // What is written between the copy, or the last read, and the end of the file is lost
            // by whoever rotates it so.
            QVERIFY(test::suspend(pid));
            if (how == QLatin1String("copytruncate") && fs::exists(file())) {
                fs::copy_file(file(), old);
                fs::resize_file(file(), 0);
            } else if (how == QLatin1String("recreate") && collect()) {
                fs::remove(file());
            }
            ::kill(pid, SIGCONT);
        }
        // What is left in a file that is gone is only read by who has it open: the writer must have
        // gone over to the new one.
        const bool mayStop = how != QLatin1String("recreate") || (fs::exists(file()) && collect());
        if (round % 4 == 0 && mayStop) {
            stop();
            start(settingsFor(folder()));
        }
        writer.waitForFinished(0);
    }
    QCOMPARE(writer.exitCode(), 0);
    QVERIFY(collect());
    QVERIFY(collect()); // files that are found while the first one reads

    const std::string name =
        R"(trendscope_log_lines_total{file=")" + file().string() + R"(",level="INFO"})";
    QCOMPARE(sumOf(name), double(lines));
    QCOMPARE(sumOf("m_sum"), double(lines) * (lines + 1) / 2);
    QCOMPARE(sumOf("m_squares"), double(lines) * (lines + 1) * (2 * lines + 1) / 6);
    QVERIFY(!QString::fromStdString(m_registry->expose()).contains(QLatin1String("kind=")));
}

void TestExporterLogCollector::repeatsASecondAtMostAfterAKill()
{
    QProcess writer;
    QProcess follower;
    follower.start(QCoreApplication::applicationFilePath(),
                   {QStringLiteral("--follow"), m_directory->path()});
    QVERIFY(follower.waitForStarted());
    QTRY_VERIFY(fs::exists(file("checkpoint"))); // otherwise it would begin at the end
    writer.start(QCoreApplication::applicationFilePath(),
                 {QStringLiteral("--write"), QString::fromStdString(file().string()),
                  QStringLiteral("8000")});
    const auto marked = [this] {
        const auto loaded = logs::loadCheckpoint(file("checkpoint"));
        return loaded && *loaded && !(*loaded)->entries.empty() ? (*loaded)->entries[0].mark.offset
                                                                : 0;
    };
    QTRY_VERIFY(marked() > 0);

    const auto sizeBefore = fs::file_size(file());
    QTest::qWait(2000); // an interval, and as much for a busy machine
    ::kill(static_cast<pid_t>(follower.processId()), SIGKILL);
    QVERIFY(follower.waitForFinished());
    const std::uint64_t mark = marked();
    QVERIFY(mark >= sizeBefore);
    writer.kill();
    QTRY_COMPARE(writer.state(), QProcess::NotRunning);
    std::ifstream text(file(), std::ios::binary);
    text.seekg(static_cast<std::streamoff>(mark));
    const auto left = std::count(std::istreambuf_iterator<char>(text), {}, '\n');
    start(settingsFor(folder()));
    QVERIFY(collect());
    QCOMPARE(value(R"(trendscope_log_lines_total{file=")" + file().string() + R"(",level="INFO"})"),
             double(left));
}

void TestExporterLogCollector::readsWithoutBeingAsked()
{
    start(settingsFor(folder()));
    QVERIFY(collect());

    append(file(),
           R"({"n":5})"
           "\n");
    QTRY_COMPARE(value("m_sum"), 5.0);
    append(file(),
           R"({"n":6})"
           "\n");
    QTRY_COMPARE(value("m_sum"), 11.0);
    QCOMPARE(value("trendscope_log_files"), 1.0);
    QTRY_COMPARE(value("trendscope_log_unread_bytes"), 0.0);
    QCOMPARE(value("trendscope_logs_up"), 1.0);
}

void TestExporterLogCollector::countsWhatIsNoRecord()
{
    start(settingsFor(folder()));
    QVERIFY(collect());

    append(file(),
           R"({"n":1,"level":"error"})"
           "\r\n\n  \n\r\nno JSON\n{\"n\":1\n{\"n\":1,\"a\":\"\xc3\"}\n");
    append(file(), "{\"a\":\"" + std::string(10'000'000, 'x') + "\"}\n");
    append(file(), std::string(5000, '\0') + "{\"n\":2}\n");
    append(file(), "{\"n\":4,\"a\":\"\0\"}\n{\"\0\":1}\n"sv);
    append(file(),
           R"({"n":8,"level":"very loud"})"
           "\n{\"n\":16");
    QVERIFY(collect());

    const std::string lines =
        "trendscope_log_lines_total{file=\"" + file().string() + "\",level=\"";
    const std::string errors =
        "trendscope_log_errors_total{file=\"" + file().string() + "\",kind=\"";
    QCOMPARE(value("m_sum"), 11.0);
    QCOMPARE(value(lines + "ERROR\"}"), 1.0);
    QCOMPARE(value(lines + "UNKNOWN\"}"), 2.0);
    QCOMPARE(value(errors + "not_json\"}"), 4.0);
    QCOMPARE(value(errors + "invalid_utf8\"}"), 1.0);
    QCOMPARE(value(errors + "too_long\"}"), 1.0);
    QCOMPARE(value(errors + "cut\"}"), 0.0);
}

void TestExporterLogCollector::appliesRulesToTheirFiles()
{
    const auto settings =
        config::parseLogMetrics("files: ['*.log']\nbuilt_in: []\nrules:\n"
                                "  - {metric: a, files: 'a*.log'}\n  - {metric: all}\n",
                                folder() / "rules.yml");
    QVERIFY(settings.has_value());
    start(*settings);
    QVERIFY(collect());

    for (const char *name : {"a1.log", "a2.log", "b.log"})
        append(file(name), "{}\n");
    QVERIFY(collect());

    QCOMPARE(value("a"), 2.0);
    QCOMPARE(value("all"), 3.0);
}

void TestExporterLogCollector::saysWhatItCanNotDoAndGoesOn()
{
    auto settings = settingsFor(folder());
    settings.checkpoint = folder() / "state/checkpoint";
    start(settings);
    QVERIFY(!collect());
    QCOMPARE(value("trendscope_logs_up"), 0.0);

    append(file(), "{\"n\":3}\n");
    QVERIFY(!collect());
    QCOMPARE(value("m_sum"), 3.0);
    fs::create_directory(folder() / "state");
    QTRY_VERIFY(collect());
    QTRY_COMPARE(value("trendscope_logs_up"), 1.0);
}

void TestExporterLogCollector::stopsSoonWhateverIsLeft()
{
    {
        std::ofstream out(file(), std::ios::binary);
        const std::string line = "{\"n\":1,\"text\":\"" + std::string(1000, 'x') + "\"}\n";
        for (int i = 0; i < 200'000; ++i)
            out << line;
    }
    auto settings = settingsFor(folder());
    settings.start = config::LogMetrics::Start::Beginning;
    start(settings);
    QTRY_VERIFY(value("m_sum") > 0);

    QElapsedTimer timer;
    timer.start();
    stop();
    QVERIFY(timer.elapsed() < 2000);
    start(settings);
    QVERIFY(collect());
    QCOMPARE(sumOf("m_sum"), 200'000.0);
}

int main(int argc, char *argv[])
{
    if (argc == 4 && std::string_view(argv[1]) == "--write")
        return writeLines(argv[2], std::atoi(argv[3]));
    if (argc == 3 && std::string_view(argv[1]) == "--follow")
        return followUntilKilled(argv[2]);
    QCoreApplication application(argc, argv);
    TestExporterLogCollector test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_exporter_log_collector.moc"
