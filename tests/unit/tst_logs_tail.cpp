#include "core/logs/follower.h"
#include "core/logs/tail.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace std::chrono_literals;
using namespace trendscope;

namespace {

namespace fs = std::filesystem;

/// Lines joined by '|', cut ones marked, so that expectations read as text.
std::string polled(logs::Tail &tail, std::size_t budget = 64 << 20)
{
    std::string lines;
    tail.poll(budget, [&lines](std::string_view line, bool isCut) {
        lines += (lines.empty() ? "" : "|") + std::string(line) + (isCut ? "…" : "");
    });
    return lines;
}

void append(const fs::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

void rewrite(const fs::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
}

std::string messages(const std::vector<logs::Record> &records)
{
    std::string text;
    for (const auto &record : records)
        text += std::string(record.message()) + std::to_string(record.source()) + " ";
    return text;
}

} // namespace

class TestLogsTail : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void readsWhatIsThereAndWhatComes();
    void beginsWithWholeLinesOfTheEnd();
    void keepsALineThatBeginsExactlyAtTheBacklog();
    void holdsALineUntilItsNewline();
    void waitsForAFileThatIsNotThere();
    void followsRenameAndCreate();
    void readsWhatIsWrittenToTheOldFileBeforeTheNewOneIsUsed();
    void endsALineThatTheOldFileLeftOpen();
    void followsCopyAndTruncate();
    void noticesATruncationThatTheFileHasOutgrown();
    void followsDeleteAndRecreate();
    void reportsAFileItMayNotRead();
    void reportsWhatIsNoFile();
    void followsASymbolicLinkToItsNewTarget();
    void cutsALineThatIsTooLong();
    void stopsAtTheBudgetAndGoesOn();
    void losesAndDoublesNothingUnderRotation();
    void mergesSeveralFilesByTime();
    void countsWhatItReads();
    void saysHowManyRecordsASecondCome();

private:
    fs::path file(const char *name = "app.log") const
    {
        return m_directory->filePath(QLatin1String(name)).toStdString();
    }

    std::unique_ptr<QTemporaryDir> m_directory;
};

void TestLogsTail::readsWhatIsThereAndWhatComes()
{
    append(file(), "a\nb\r\n\nc\n");
    logs::Tail tail(file());

    QCOMPARE(polled(tail), std::string("a|b\r|c"));
    QVERIFY(tail.state() == logs::Tail::State::Following);
    QCOMPARE(polled(tail), std::string());

    append(file(), "d\ne\n");

    QCOMPARE(polled(tail), std::string("d|e"));
}

void TestLogsTail::beginsWithWholeLinesOfTheEnd()
{
    append(file(), "first line\nsecond line\nthird\n");
    logs::Tail tail(file(), {.backlog = 10});

    QCOMPARE(polled(tail), std::string("third"));
}

void TestLogsTail::keepsALineThatBeginsExactlyAtTheBacklog()
{
    append(file(), "first\nsecond\nthird\n");
    logs::Tail tail(file(), {.backlog = 13});

    QCOMPARE(polled(tail), std::string("second|third"));
}

void TestLogsTail::holdsALineUntilItsNewline()
{
    append(file(), "a\nhal");
    logs::Tail tail(file());

    QCOMPARE(polled(tail), std::string("a"));
    append(file(), "f");
    QCOMPARE(polled(tail), std::string());
    append(file(), "\nb\n");
    QCOMPARE(polled(tail), std::string("half|b"));
}

void TestLogsTail::waitsForAFileThatIsNotThere()
{
    logs::Tail tail(file(), {.backlog = 2});

    QCOMPARE(polled(tail), std::string());
    QVERIFY(tail.state() == logs::Tail::State::Waiting);
    QVERIFY(!tail.error());

    append(file(), "from the very first\nline\n");

    QCOMPARE(polled(tail), std::string("from the very first|line"));
    QVERIFY(tail.state() == logs::Tail::State::Following);
}

void TestLogsTail::followsRenameAndCreate()
{
    append(file(), "a\n");
    logs::Tail tail(file());
    polled(tail);

    append(file(), "b\n");
    fs::rename(file(), file("app.log.1"));
    append(file(), "c\n");

    QCOMPARE(polled(tail), std::string("b|c"));
}

void TestLogsTail::readsWhatIsWrittenToTheOldFileBeforeTheNewOneIsUsed()
{
    append(file(), "a\n");
    logs::Tail tail(file());
    polled(tail);

    fs::rename(file(), file("app.log.1"));
    append(file(), "");
    append(file("app.log.1"), "b\n");
    QCOMPARE(polled(tail), std::string("b"));
    append(file("app.log.1"), "c\n");
    append(file(), "d\n");

    QCOMPARE(polled(tail), std::string("c|d"));
}

void TestLogsTail::endsALineThatTheOldFileLeftOpen()
{
    append(file(), "a\nopen");
    logs::Tail tail(file());
    polled(tail);

    fs::rename(file(), file("app.log.1"));
    append(file(), "b\n");

    QCOMPARE(polled(tail), std::string("open|b"));
}

void TestLogsTail::followsCopyAndTruncate()
{
    append(file(), "a\nb\nc\n");
    logs::Tail tail(file());
    polled(tail);

    rewrite(file(), "d\n");

    QCOMPARE(polled(tail), std::string("d"));
}

void TestLogsTail::noticesATruncationThatTheFileHasOutgrown()
{
    append(file(), "a\nb\n");
    logs::Tail tail(file());
    polled(tail);

    rewrite(file(), "more than there\nwas before\n");

    QCOMPARE(polled(tail), std::string("more than there|was before"));
}

void TestLogsTail::followsDeleteAndRecreate()
{
    append(file(), "a\n");
    logs::Tail tail(file());
    polled(tail);

    fs::remove(file());
    QCOMPARE(polled(tail), std::string());
    QVERIFY(tail.state() == logs::Tail::State::Waiting);
    append(file(), "b\n");

    QCOMPARE(polled(tail), std::string("b"));
    QVERIFY(tail.state() == logs::Tail::State::Following);
}

void TestLogsTail::reportsAFileItMayNotRead()
{
    append(file(), "a\n");
    ::chmod(file().c_str(), 0);
    if (::access(file().c_str(), R_OK) == 0) {
        // root reads everything; a directory in the way of the path is refused for it, too.
        fs::remove(file());
        fs::create_symlink(file(), file());
    }
    logs::Tail tail(file());

    polled(tail);
    QVERIFY(tail.state() == logs::Tail::State::Failed);
    QVERIFY(tail.error()->message.find(file().string()) != std::string::npos);
    QVERIFY(tail.error()->kind == Error::Kind::System);

    fs::remove(file());
    append(file(), "b\n");

    QCOMPARE(polled(tail), std::string("b"));
    QVERIFY(!tail.error());
}

void TestLogsTail::reportsWhatIsNoFile()
{
    fs::create_directory(file("directory"));
    QCOMPARE(::mkfifo(file("pipe").c_str(), 0600), 0);

    for (const char *name : {"directory", "pipe"}) {
        logs::Tail tail(file(name));
        polled(tail);
        QVERIFY(tail.state() == logs::Tail::State::Failed);
        QVERIFY(QString::fromStdString(tail.error()->message)
                    .endsWith(QLatin1String("is not a regular file")));
    }
}

void TestLogsTail::followsASymbolicLinkToItsNewTarget()
{
    append(file("one"), "a\n");
    append(file("two"), "b\n");
    fs::create_symlink(file("one"), file());
    logs::Tail tail(file());
    QCOMPARE(polled(tail), std::string("a"));

    fs::remove(file());
    fs::create_symlink(file("two"), file());

    QCOMPARE(polled(tail), std::string("b"));
}

void TestLogsTail::cutsALineThatIsTooLong()
{
    logs::Tail tail(file(), {.lineLimit = 5});
    append(file(), "12345\n123456\n");
    QCOMPARE(polled(tail), std::string("12345|12345…"));

    append(file(), "1234");
    polled(tail);
    append(file(), "5678");
    polled(tail);
    append(file(), "9\nnext\n");

    QCOMPARE(polled(tail), std::string("12345…|next"));
}

void TestLogsTail::stopsAtTheBudgetAndGoesOn()
{
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += std::to_string(i) + "\n";
    append(file(), text);
    logs::Tail tail(file());

    std::string all;
    std::size_t bytes = 0;
    while (const std::size_t count = tail.poll(
               7, [&all](std::string_view line, bool) { all += std::string(line) + "\n"; })) {
        QVERIFY(count <= 7);
        bytes += count;
    }

    QCOMPARE(all, text);
    QCOMPARE(bytes, text.size());
}

void TestLogsTail::losesAndDoublesNothingUnderRotation()
{
    logs::Tail tail(file());
    std::string expected;
    std::string got;
    for (int i = 0; i < 3000; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        append(file(), line);
        expected += line;
        if (i % 7 == 3) {
            fs::remove(file("app.log.1"));
            fs::rename(file(), file("app.log.1"));
        }
        if (i % 5 == 1)
            tail.poll(i % 3 ? 16 : 4096,
                      [&got](std::string_view text, bool) { got += std::string(text) + "\n"; });
        // A file that is rotated away twice between two polls is gone; that is for the poller to
        // avoid.
        if (i % 7 == 3)
            tail.poll(1 << 20,
                      [&got](std::string_view text, bool) { got += std::string(text) + "\n"; });
    }
    tail.poll(1 << 20, [&got](std::string_view text, bool) { got += std::string(text) + "\n"; });

    QCOMPARE(got, expected);
}

void TestLogsTail::mergesSeveralFilesByTime()
{
    append(file("a"),
           R"({"timestamp":"2024-01-15T10:00:01Z","message":"one"})"
           "\n  continued\n"
           R"({"timestamp":"2024-01-15T10:00:03Z","message":"three"})"
           "\n");
    append(file("b"),
           R"({"timestamp":"2024-01-15T10:00:02Z","message":"two"})"
           "\n");
    logs::Follower follower({file("a"), file("b")}, {});
    std::vector<logs::Record> records;

    QVERIFY(!follower.poll(1 << 20, {}, records));

    QCOMPARE(messages(records), std::string("one0   continued0 two1 three0 "));
}

void TestLogsTail::countsWhatItReads()
{
    const std::string text = "{\"message\":\"a\"}\nplain\n" + std::string(3000, 'x') + "\n";
    append(file(), text);
    logs::Follower follower({file()}, {}, {.lineLimit = 1000});
    std::vector<logs::Record> records;

    follower.poll(1 << 20, {}, records);
    const auto counters = follower.counters({});

    QCOMPARE(counters.records, 3u);
    QCOMPARE(counters.malformed, 2u);
    QCOMPARE(counters.cut, 1u);
    QCOMPARE(counters.bytes, text.size());
    QVERIFY(records.back().isCut());
}

void TestLogsTail::saysHowManyRecordsASecondCome()
{
    const logs::Follower::Clock::time_point start{};
    append(file(), "backlog\nbacklog\n");
    logs::Follower follower({file()}, start);
    std::vector<logs::Record> records;
    follower.poll(1 << 20, start, records);
    QCOMPARE(follower.counters(start + 1s).recordsPerSecond, 0.0);

    for (int second = 1; second <= 30; ++second) {
        append(file(), "a\nb\nc\n");
        follower.poll(1 << 20, start + second * 1s, records);
    }

    QVERIFY(qAbs(follower.counters(start + 30s + 999ms).recordsPerSecond - 3.0) < 0.1);
    QCOMPARE(follower.counters(start + 50s).recordsPerSecond, 0.0);
}

QTEST_GUILESS_MAIN(TestLogsTail)
#include "tst_logs_tail.moc"
