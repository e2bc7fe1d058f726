#include "core/logs/line_follower.h"
#include "core/logs/rotated_files.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

using namespace std::chrono_literals;
using namespace trendscope;

namespace {

namespace fs = std::filesystem;

/// Lines joined by '|': those without an end are marked, those that are too long are only that.
struct Lines final : logs::LineReceiver {
    void takeLines(const std::string &, std::string_view lines) override
    {
        while (!lines.empty()) {
            const auto end = lines.find('\n');
            add(std::string(lines.substr(0, end)));
            lines.remove_prefix(end + 1);
        }
    }
    void takeUnended(const std::string &, std::string_view line) override
    {
        add(std::string(line) + "…");
    }
    void skipLine(const std::string &) override { add("(long)"); }
    void add(const std::string &line) { text += (text.empty() ? "" : "|") + line; }

    std::string text;
};

void append(const fs::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

void rewrite(const fs::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
}

/// Until files that are made from now on are younger than those that are there.
void waitForTheFileClock()
{
    const auto now = [] {
        timespec time{};
        ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
        return std::pair{time.tv_sec, time.tv_nsec};
    };
    for (const auto begin = now(); now() == begin;)
        QTest::qWait(1);
}

/// A program that follows logs: what it knows is gone when it ends, but for its checkpoint.
class Program {
public:
    Program(logs::LineFollowerSettings settings, std::optional<logs::Checkpoint> checkpoint)
        : m_follower(std::move(settings), std::move(checkpoint))
    {
    }

    /// What is new since the last time.
    std::string read(std::chrono::seconds later = 0s)
    {
        Lines lines;
        m_now += later;
        m_error = m_follower.scan(m_now).has_value() ? "" : "failed";
        while (m_follower.read(64 << 20, m_now, lines)) { }
        m_now += later;
        while (m_follower.read(64 << 20, m_now, lines)) { }
        return lines.text;
    }
    std::string error() const { return m_error; }
    logs::LineFollower::Counts counts() const { return m_follower.counts(); }
    logs::Checkpoint checkpoint() const { return m_follower.checkpoint(); }

private:
    logs::LineFollower m_follower;
    logs::LineFollower::Clock::time_point m_now = logs::LineFollower::Clock::now();
    std::string m_error;
};

} // namespace

class TestLogsLineFollower : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();

    void beginsAtTheEndAndFollowsByWholeLines();
    void beginsAtTheBeginningWhereAsked();
    void readsFilesThatComeLaterWhole();
    void followsRenameAndCreate();
    void readsAnOldFileWhileItIsWrittenTo();
    void readsAFileThatCameAndWentBetweenTwoLooks();
    void givesTheRestOfALineThatNeverEnds();
    void followsCopyAndTruncate();
    void readsWhatOnlyTheCopyHas();
    void tellsFilesThatBeginAlikeFromCopies();
    void noticesATruncationThatTheFileHasOutgrown();
    void followsDeleteAndRecreate();
    void followsASymbolicLinkThatIsSwitched();
    void readsAFileOfSeveralNamesOnce();
    void doesNotReadRotatedFilesTwiceWhereTheGlobMatchesThem();
    void readsLogsThatAreAlike();
    void leavesOutWhatIsCompressed();
    void goesOnWhereItStopped();
    void readsWhatWasRotatedWhileItWasDown_data();
    void readsWhatWasRotatedWhileItWasDown();
    void readsAFileThatGotTheInodeOfAnother();
    void skipsLinesThatAreTooLong();
    void skipsZeroes();
    void reportsAFileItMayNotRead();
    void leavesOutWhatIsNoRegularFile();
    void losesAndDoublesNothingWhateverHappens_data();
    void losesAndDoublesNothingWhateverHappens();
    void keepsCheckpointsInAFile();
    void refusesADamagedCheckpoint();
    void knowsRotatedNames();

private:
    logs::LineFollowerSettings settings(const std::string &pattern = "app.log") const
    {
        return {.globs = {file(pattern).string()}, .padding = 64};
    }
    Program started(const std::string &pattern = "app.log") const
    {
        return Program(settings(pattern), logs::Checkpoint{.scannedAt = {}});
    }
    fs::path file(const std::string &name = "app.log") const
    {
        return fs::path(m_directory->path().toStdString()) / name;
    }
    void copyAndTruncate()
    {
        fs::copy_file(file(), file("app.log.1"), fs::copy_options::overwrite_existing);
        fs::resize_file(file(), 0);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
};

void TestLogsLineFollower::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
}

void TestLogsLineFollower::beginsAtTheEndAndFollowsByWholeLines()
{
    append(file(), "old\nhal");
    Program program(settings(), {});

    QCOMPARE(program.read(), "");
    append(file(), "f\nnew");
    QCOMPARE(program.read(), "half");
    append(file(), "er\n");
    QCOMPARE(program.read(), "newer");
    QCOMPARE(program.read(), "");
}

void TestLogsLineFollower::beginsAtTheBeginningWhereAsked()
{
    append(file(), "old\n");
    auto fromBeginning = settings();
    fromBeginning.startsAtEnd = false;

    QCOMPARE(Program(fromBeginning, {}).read(), "old");
}

void TestLogsLineFollower::readsFilesThatComeLaterWhole()
{
    Program program(settings("*/*.log"), {});
    QCOMPARE(program.read(), "");

    fs::create_directory(file("api"));
    append(file("api/a.log"), "a\n");
    QCOMPARE(program.read(), "a");
    append(file("api/b.log"), "b\n");
    QCOMPARE(program.read(), "b");
    QCOMPARE(program.counts().files, std::size_t(2));
}

void TestLogsLineFollower::tellsFilesThatBeginAlikeFromCopies()
{
    Program program(settings("*.log"), {});
    QCOMPARE(program.read(), "");
    const std::string head(2000, 'h');

    append(file("worker.log"), (head + "\n1\n").c_str());
    append(file("worker-1.log"), (head + "\n2\n").c_str());

    const QByteArray both = QByteArray::fromStdString(head);
    const auto read = QByteArray::fromStdString(program.read());
    QCOMPARE(read.count(both), 2);
    QVERIFY(read.contains("1") && read.contains("2"));
}

void TestLogsLineFollower::followsRenameAndCreate()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    append(file(), "2\n");
    fs::rename(file(), file("app.log.1"));
    append(file(), "3\n");
    QCOMPARE(program.read(), "2|3");
    QCOMPARE(program.read(11s), "");
    QCOMPARE(program.counts().files, std::size_t(1));
}

void TestLogsLineFollower::readsAnOldFileWhileItIsWrittenTo()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    fs::rename(file(), file("app.log.1"));
    append(file(), "");
    QCOMPARE(program.read(11s), "");
    append(file("app.log.1"), "2\n"); // the writer has not gone over to the new file
    QCOMPARE(program.read(11s), "2");
    append(file(), "3\n");
    append(file("app.log.1"), "4\n"); // another writer has not, either
    QCOMPARE(program.read(), "4|3");
    QCOMPARE(program.read(11s), "");
    QCOMPARE(program.counts().files, std::size_t(1));
}

void TestLogsLineFollower::readsAFileThatCameAndWentBetweenTwoLooks()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    fs::rename(file(), file("app.log.1"));
    QCOMPARE(program.read(), "");
    append(file(), "2\n");
    fs::rename(file(), file("app.log.2"));
    QCOMPARE(program.read(), "2");
    append(file(), "3\n");
    QCOMPARE(program.read(), "3");
}

void TestLogsLineFollower::givesTheRestOfALineThatNeverEnds()
{
    append(file(), "1\nhal");
    Program program = started();
    QCOMPARE(program.read(), "1");

    fs::remove(file());
    QCOMPARE(program.read(11s), "hal…");
}

void TestLogsLineFollower::followsCopyAndTruncate()
{
    append(file(), "1\n2\n");
    Program program = started();
    QCOMPARE(program.read(), "1|2");

    copyAndTruncate();
    append(file(), "3\n");
    QCOMPARE(program.read(), "3");
    copyAndTruncate();
    QCOMPARE(program.read(), std::string());
    append(file(), "4\n");
    QCOMPARE(program.read(11s), "4");
    QCOMPARE(program.read(11s), "");
}

void TestLogsLineFollower::readsWhatOnlyTheCopyHas()
{
    append(file(), "1\n2");
    Program program = started();
    QCOMPARE(program.read(), "1");

    append(file(), "2\n3\n");
    copyAndTruncate();
    append(file(), "4\n");
    QCOMPARE(program.read(), "22|3|4");
}

void TestLogsLineFollower::noticesATruncationThatTheFileHasOutgrown()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    append(file(), "2\n");
    copyAndTruncate();
    append(file(), "3\n4\n5\n");
    QCOMPARE(program.read(), "2|3|4|5");
}

void TestLogsLineFollower::followsDeleteAndRecreate()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    append(file(), "2\n");
    fs::remove(file());
    append(file(), "3\n");
    QCOMPARE(program.read(), "2|3");
}

void TestLogsLineFollower::followsASymbolicLinkThatIsSwitched()
{
    append(file("a"), "1\n");
    fs::create_symlink("a", file());
    Program program = started();
    QCOMPARE(program.read(), "1");

    append(file("a"), "2\n");
    append(file("b"), "3\n");
    fs::create_symlink("b", file("new"));
    fs::rename(file("new"), file());
    QCOMPARE(program.read(), "2|3");
    append(file("b"), "4\n");
    QCOMPARE(program.read(), "4");
}

void TestLogsLineFollower::readsAFileOfSeveralNamesOnce()
{
    append(file("app-1.log"), "1\n");
    fs::create_symlink("app-1.log", file("current.log"));
    fs::create_hard_link(file("app-1.log"), file("other.log"));
    Program program = started("*.log");

    QCOMPARE(program.read(), "1");
}

void TestLogsLineFollower::doesNotReadRotatedFilesTwiceWhereTheGlobMatchesThem()
{
    append(file(), "1\n");
    Program program = started("app.log*");
    QCOMPARE(program.read(), "1");

    fs::rename(file(), file("app.log.1"));
    append(file(), "2\n");
    QCOMPARE(program.read(), "2");

    append(file(), "3\n");
    fs::copy_file(file(), file("app.log.2"));
    QCOMPARE(program.read(), "3"); // the copy is there, but not yet the truncation
    append(file(), "4\n");
    fs::resize_file(file(), 0);
    append(file(), "5\n");
    QCOMPARE(program.read(), "5"); // 4 came between copy and truncation: nobody has it
    QCOMPARE(program.read(11s), "");
    Program next(settings("app.log*"), program.checkpoint());
    QCOMPARE(next.read(), "");
}

void TestLogsLineFollower::readsLogsThatAreAlike()
{
    append(file("a.log"), "same\n");
    append(file("b.log"), "same\n");
    Program program = started("*.log");
    QCOMPARE(program.read(), "same|same");

    rewrite(file("a.log"), ""); // b is no copy of it
    QCOMPARE(program.read(), "");
}

void TestLogsLineFollower::leavesOutWhatIsCompressed()
{
    append(file("app.log.1.gz"), "packed\n");
    append(file(), "1\n");
    Program program = started("app.log*");

    QCOMPARE(program.read(), "1");
}

void TestLogsLineFollower::goesOnWhereItStopped()
{
    append(file(), "1\n2\nhal");
    Program first = started();
    QCOMPARE(first.read(), "1|2");

    append(file(), "f\n");
    Program second(settings(), first.checkpoint());
    QCOMPARE(second.read(), "half");
}

void TestLogsLineFollower::readsWhatWasRotatedWhileItWasDown_data()
{
    QTest::addColumn<QString>("pattern");
    for (const char *pattern : {"app.log", "app.log*", "*"})
        QTest::newRow(pattern) << QString::fromLatin1(pattern);
}

void TestLogsLineFollower::readsWhatWasRotatedWhileItWasDown()
{
    QFETCH(QString, pattern);
    append(file(), "1\n");
    Program first = started(pattern.toStdString());
    QCOMPARE(first.read(), "1");

    append(file(), "2\n");
    fs::rename(file(), file("app.log.3"));
    append(file(), "3\n");
    fs::rename(file(), file("app.log.2"));
    append(file(), "4\n");
    Program second(settings(pattern.toStdString()), first.checkpoint());
    std::string lines = second.read();
    QCOMPARE(QString::fromStdString(lines).split(QLatin1Char('|')).size(), 3);
    for (const char *line : {"2", "3", "4"})
        QVERIFY2(lines.find(line) != std::string::npos, lines.c_str());

    append(file(), "5\n");
    copyAndTruncate();
    append(file(), "6\n");
    Program third(settings(pattern.toStdString()), second.checkpoint());
    lines = third.read();
    QVERIFY2(lines == "5|6" || lines == "6|5", lines.c_str());
    QCOMPARE(third.read(11s), "");
    QCOMPARE(third.counts().lost, std::uint64_t(0));
}

void TestLogsLineFollower::readsAFileThatGotTheInodeOfAnother()
{
    append(file(), "1\n");
    Program first = started();
    QCOMPARE(first.read(), "1");
    logs::Checkpoint checkpoint = first.checkpoint();

    // As if the file had been deleted, and the new one had got its inode.
    rewrite(file(), "7\n8\n");
    Program second(settings(), checkpoint);
    QCOMPARE(second.read(), "7|8");
}

void TestLogsLineFollower::skipsLinesThatAreTooLong()
{
    const std::string limit(1 << 20, 'x');
    append(file(), "1\n" + limit + "\n2\n" + limit + "x\n3\n" + std::string(10'000'000, 'y'));
    Program program = started();
    const std::string lines = program.read();

    QCOMPARE(lines, "1|" + limit + "|2|(long)|3");
    append(file(), "y\n4\n");
    QCOMPARE(program.read(), "(long)|4");
}

void TestLogsLineFollower::skipsZeroes()
{
    append(file(), "1\n");
    Program program = started();
    QCOMPARE(program.read(), "1");

    // A writer that does not append goes on where it was, after the truncation.
    rewrite(file(), std::string(3'000'000, '\0') + "2\n");
    QCOMPARE(program.read(), "2");
    append(file(), "3\n");
    QCOMPARE(program.read(), "3");
}

void TestLogsLineFollower::reportsAFileItMayNotRead()
{
    append(file("b.log"), "1\n");
    fs::create_directory(file("a.log"));
    if (::geteuid() == 0)
        QVERIFY(::symlink("/proc/1/mem", file("c.log").c_str()) == 0);
    Program program = started("*.log");

    QCOMPARE(program.read(), "1");
}

void TestLogsLineFollower::leavesOutWhatIsNoRegularFile()
{
    QCOMPARE(::mkfifo(file("pipe.log").c_str(), 0600), 0);
    append(file(), "1\n");
    Program program = started("*.log");

    QCOMPARE(program.read(), "1");
}

void TestLogsLineFollower::losesAndDoublesNothingWhateverHappens_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 8; ++seed)
        QTest::addRow("%u", seed) << seed;
}

/// Writes, rotations of all kinds, reads and restarts, in any order.
void TestLogsLineFollower::losesAndDoublesNothingWhateverHappens()
{
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const std::string pattern = seed % 2 == 0 ? "app.log" : "app.log*";
    auto program = std::make_unique<Program>(settings(pattern), logs::Checkpoint{.scannedAt = {}});
    int written = 0;
    int copies = 0;
    std::map<std::string, int> read;
    bool isFresh = true; // no one knows of the file yet: what becomes of it could not be told
    const auto readAll = [&](std::chrono::seconds later) {
        waitForTheFileClock();
        isFresh = false;
        for (const QString &line : QString::fromStdString(program->read(later))
                                       .split(QLatin1Char('|'), Qt::SkipEmptyParts))
            ++read[line.toStdString()];
        waitForTheFileClock();
    };
    for (int step = 0; step < 200; ++step) {
        const unsigned action = random() % 16;
        const std::string next = file("app.log." + std::to_string(++copies)).string();
        if ((action == 11 || action == 12) && isFresh)
            readAll(0s);
        isFresh = isFresh || !fs::exists(file());
        if (action < 8)
            append(file(), "line " + std::to_string(++written) + "\n");
        else if (action < 11)
            readAll(std::chrono::seconds(random() % 12));
        else if (action == 11 && fs::exists(file())) {
            fs::rename(file(), next);
            isFresh = true;
        } else if (action == 12 && fs::exists(file()) && fs::file_size(file()) > 0) {
            isFresh = true;
            fs::copy_file(file(), next);
            fs::resize_file(file(), 0);
        } else if (action == 13) {
            readAll(0s);
            isFresh = true;
            fs::remove(file());
        } else if (action > 13)
            program = std::make_unique<Program>(settings(pattern), program->checkpoint());
    }
    readAll(0s);
    readAll(11s);

    for (int i = 1; i <= written; ++i)
        QCOMPARE((std::pair{i, read["line " + std::to_string(i)]}), (std::pair{i, 1}));
}

void TestLogsLineFollower::keepsCheckpointsInAFile()
{
    append(file("a b%\n.log"), "1\n");
    Program program = started("a*.log");
    QCOMPARE(program.read(), "1");
    const auto path = file("checkpoint");

    QVERIFY(!logs::loadCheckpoint(path)->has_value());
    QVERIFY(logs::save(program.checkpoint(), path).has_value());
    const auto loaded = logs::loadCheckpoint(path);
    QVERIFY(loaded && *loaded);
    QCOMPARE((*loaded)->scannedAt, program.checkpoint().scannedAt);
    QVERIFY((*loaded)->entries == program.checkpoint().entries);
    QVERIFY(!fs::exists(file("checkpoint.new")));
    QVERIFY(!logs::save(program.checkpoint(), file("nowhere/checkpoint")).has_value());
}

void TestLogsLineFollower::refusesADamagedCheckpoint()
{
    append(file(), "1\n");
    Program program = started();
    program.read();
    QVERIFY(logs::save(program.checkpoint(), file("checkpoint")).has_value());
    const auto size = fs::file_size(file("checkpoint"));
    for (std::uintmax_t left = 0; left + 1 < size; ++left) {
        fs::copy_file(file("checkpoint"), file("part"), fs::copy_options::overwrite_existing);
        fs::resize_file(file("part"), left);
        QVERIFY2(!logs::loadCheckpoint(file("part")).has_value(), std::to_string(left).c_str());
    }
}

void TestLogsLineFollower::knowsRotatedNames()
{
    for (const char *name : {"app.log.1", "app.log-20240101", "app-20240101.log", "app.1.log",
                             "app.log.2024-01-01_10", "app.log.old"})
        QVERIFY2(logs::isRotatedName(name, "app.log"), name);
    for (const char *name :
         {"app.log", "app-error.log", "app2.log", "app.log2", "app.log.", "app.log.x1", "ap.log"})
        QVERIFY2(!logs::isRotatedName(name, "app.log"), name);
}

QTEST_GUILESS_MAIN(TestLogsLineFollower)
#include "tst_logs_line_follower.moc"
