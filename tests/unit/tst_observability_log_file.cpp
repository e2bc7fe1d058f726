#include "core/observability/log_file_p.h"
#include "support/file_size_limit.h"
#include "support/stderr_capture.h"
#include "support/text_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <sstream>

using namespace trendscope;
using namespace trendscope::observability;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class TestObservabilityLogFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void writesEveryLineAtOnceWhenAsked();
    void writesWithinTheTimeOtherwise();
    void writesUrgentLinesAndWhatWaitsBeforeThem();
    void writesWhatWaitsWhenItEnds();
    void writesAFullBufferWithoutWaiting();
    void goesToStderrWithoutAFile();
    void fallsBackToStderrUntilTheFileCanBeOpened();
    void keepsLinesWhileTheFolderIsGone();
    void keepsLinesWhileTheDiskIsFull();
    void countsWhatAnOutageDrops();
    void dropsOnlyTheLineThatNeverFits();
    void countsWhatIsLostAtTheEnd();
    void mayBeLoggedToByItsErrorHandler();
    void survivesAHandlerThatThrows();
    void saysThatItCanNotRotate();
    void rotatesWithinABatch();
    void createsItAnewWhenAsked();
    void losesAndMixesNothingOfSeveralThreads();
    void survivesAReaderThatIsGone();
    void leavesThePipeSignalsOfOthers();
    void waitsForNoReaderOfAPipe();
    void saysThatItWorksWithoutANewLine();

private:
    std::unique_ptr<QTemporaryDir> m_directory;
    fs::path m_folder;
    fs::path m_file;
};

namespace {

} // namespace

void TestObservabilityLogFile::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_folder = fs::path(m_directory->path().toStdString()) / "logs";
    fs::create_directory(m_folder);
    m_file = m_folder / "a.log";
}

void TestObservabilityLogFile::writesEveryLineAtOnceWhenAsked()
{
    LogFile file({.file = m_file});

    file.write("1\n", false);
    QCOMPARE(textOf(m_file), "1\n");
    file.write("2\n3\n", false);

    QCOMPARE(textOf(m_file), "1\n2\n3\n");
    QVERIFY(!file.isTerminal());
    QVERIFY(!file.error());
}

void TestObservabilityLogFile::writesWithinTheTimeOtherwise()
{
    LogFile file({.file = m_file, .flushWithin = 20ms});

    file.write("1\n", false);
    QTRY_COMPARE(textOf(m_file), "1\n");
    file.write("2\n", false);
    QTRY_COMPARE(textOf(m_file), "1\n2\n");
}

void TestObservabilityLogFile::writesUrgentLinesAndWhatWaitsBeforeThem()
{
    LogFile file({.file = m_file, .flushWithin = 1h});

    file.write("1\n", false);
    QCOMPARE(textOf(m_file), "");
    file.write("2\n", true);

    QCOMPARE(textOf(m_file), "1\n2\n");
}

void TestObservabilityLogFile::writesWhatWaitsWhenItEnds()
{
    {
        LogFile file({.file = m_file, .flushWithin = 1h});
        file.write("1\n", false);
        file.flush();
        QCOMPARE(textOf(m_file), "1\n");
        file.write("2\n", false);
        QCOMPARE(textOf(m_file), "1\n");
    }

    QCOMPARE(textOf(m_file), "1\n2\n");
}

void TestObservabilityLogFile::writesAFullBufferWithoutWaiting()
{
    const std::string line = std::string(999, 'x') + '\n';
    LogFile file({.file = m_file, .flushWithin = 1h});

    for (int i = 0; i < 66; ++i)
        file.write(line, false);

    QCOMPARE(textOf(m_file).size(), 66'000u);
    const std::string large = std::string(10'000'000, 'y') + '\n';
    file.write(large, false);
    QVERIFY(textOf(m_file).ends_with(large));
}

void TestObservabilityLogFile::goesToStderrWithoutAFile()
{
    test::StderrCapture captured;
    LogFile file({.flushWithin = 1h});

    file.write("1\n", false);

    QCOMPARE(captured.text(), "1\n");
    QVERIFY(!file.isTerminal());
}

void TestObservabilityLogFile::fallsBackToStderrUntilTheFileCanBeOpened()
{
    const fs::path file = m_file / "b.log";
    std::ofstream(m_file) << "a file where a folder should be";
    test::StderrCapture captured;
    LogFile log({.file = file});
    QVERIFY(log.error().has_value());
    QCOMPARE(log.error()->message, file.string() + " can not be opened: Not a directory");

    log.write("to stderr\n", false);
    QVERIFY(captured.text().endsWith("to stderr\n"));
    QCOMPARE(captured.text().count(" can not be opened"), 1);
    fs::remove(m_file);
    fs::create_directory(m_file);
    const auto written = [&] {
        log.write("x\n", false);
        return fs::exists(file);
    };
    QTRY_VERIFY(written());

    QCOMPARE(captured.text().count("can be written again; 0 records were lost"), 1);
    QVERIFY(!log.error());
    QCOMPARE(log.droppedRecords(), 0u);
}

void TestObservabilityLogFile::keepsLinesWhileTheFolderIsGone()
{
    test::StderrCapture captured;
    std::atomic<int> errors = 0;
    LogFile file({.file = m_file, .flushWithin = 5ms, .onError = [&](const Error &) { ++errors; }});
    file.write("deleted\n", true);

    fs::remove_all(m_folder);
    file.write("1\n", true);
    file.write("2\n", false);
    QTRY_COMPARE(errors, 1);
    QVERIFY(file.error().has_value());
    file.flush();
    fs::create_directory(m_folder);

    QTRY_COMPARE(textOf(m_file), "1\n2\n");
    QTRY_VERIFY(!file.error());
    QCOMPARE(errors, 1);
    QCOMPARE(file.droppedRecords(), 0u);
    QCOMPARE(captured.text().count("can not be opened"), 1);
    QTRY_COMPARE(captured.text().count("can be written again; 0 records were lost"), 1);
}

void TestObservabilityLogFile::keepsLinesWhileTheDiskIsFull()
{
    const std::string line = std::string(999, 'x') + '\n';
    test::StderrCapture captured;
    LogFile file({.file = m_file, .flushWithin = 1ms});
    {
        const test::FileSizeLimit limit(4500);
        for (int i = 0; i < 10; ++i)
            file.write(line, true);
        QTRY_VERIFY(file.error().has_value());
        QCOMPARE(textOf(m_file).size(), 4000u); // no torn line
    }

    QTRY_COMPARE(textOf(m_file).size(), 10'000u);
    file.write("last\n", true);
    QTRY_VERIFY(textOf(m_file).ends_with("x\nlast\n"));
    QCOMPARE(file.droppedRecords(), 0u);
}

void TestObservabilityLogFile::countsWhatAnOutageDrops()
{
    constexpr int lines = 3000;
    const std::string line = std::string(999, 'x') + '\n';
    test::StderrCapture captured;
    LogFile file({.file = m_file, .flushWithin = 1h});
    fs::remove_all(m_folder);
    file.write("first\n", true);

    for (int i = 0; i < lines; ++i)
        file.write(line, false);
    const std::uint64_t dropped = file.droppedRecords();
    QCOMPARE(dropped, lines - ((1u << 20) - 6) / 1000);
    fs::create_directory(m_folder);
    file.flush();

    QCOMPARE(textOf(m_file).size(), 6 + (lines - dropped) * 1000);
    QVERIFY(captured.text().contains("can be written again; " + QByteArray::number(dropped)
                                     + " records were lost"));
    file.write("on\n", true);
    QVERIFY(textOf(m_file).ends_with("x\non\n"));
    QCOMPARE(file.droppedRecords(), dropped);
}

void TestObservabilityLogFile::dropsOnlyTheLineThatNeverFits()
{
    test::StderrCapture captured;
    LogFile file({.file = m_file, .flushWithin = 1h});
    fs::remove_all(m_folder);

    file.write("1\n", false);
    file.write(std::string(2'000'000, 'x') + '\n', false);
    file.write("2\n", false);
    fs::create_directory(m_folder);
    file.flush();

    QCOMPARE(textOf(m_file), "1\n2\n");
    QCOMPARE(file.droppedRecords(), 1u);
}

void TestObservabilityLogFile::countsWhatIsLostAtTheEnd()
{
    test::StderrCapture captured;
    {
        LogFile file({.file = "/dev/full", .flushWithin = 1h});
        file.write("1\n", false);
        file.write("2\n", true);
        file.write("3\n", false);
        QCOMPARE(file.droppedRecords(), 0u); // they wait
    }

    QCOMPARE(captured.text(),
             "/dev/full can not be written: No space left on device; log records wait, it is tried "
             "again\n/dev/full can not be written: No space left on device; 3 records were lost\n");
}

void TestObservabilityLogFile::mayBeLoggedToByItsErrorHandler()
{
    test::StderrCapture captured;
    LogFile *log = nullptr;
    int errors = 0;
    LogFile file({.file = m_file, .onError = [&](const Error &error) {
                      ++errors;
                      log->write(error.message + '\n', true);
                      log->flush();
                  }});
    log = &file;
    fs::remove_all(m_folder);

    file.write("1\n", true);
    QCOMPARE(errors, 1);
    fs::create_directory(m_folder);
    file.flush();

    QCOMPARE(textOf(m_file),
             "1\n" + m_file.string() + " can not be opened: No such file or directory\n");
}

void TestObservabilityLogFile::survivesAHandlerThatThrows()
{
    test::StderrCapture captured;
    LogFile file({.file = "/dev/full", .flushWithin = 1ms, .onError = [](const Error &) {
                      throw std::runtime_error("x");
                  }});

    file.write("1\n", false);

    QTRY_VERIFY(file.error().has_value());
    QTRY_VERIFY(captured.text().contains("log records wait"));
}

void TestObservabilityLogFile::saysThatItCanNotRotate()
{
    const fs::path longName = m_folder / std::string(250, 'x');
    test::StderrCapture captured;
    int errors = 0;
    LogFile file({.file = longName, .rotation = {.maxBytes = 4}, .onError = [&](const Error &) {
                      ++errors;
                  }});

    for (int i = 0; i < 5; ++i)
        file.write("12\n", false);

    QCOMPARE(textOf(longName), "12\n12\n12\n12\n12\n");
    QCOMPARE(errors, 1);
    QCOMPARE(captured.text().count("can not be rotated: File name too long; it grows on"), 1);
}

void TestObservabilityLogFile::rotatesWithinABatch()
{
    LogFile file({.file = m_file, .rotation = {.maxBytes = 1000}, .flushWithin = 1h});

    for (int i = 0; i < 100; ++i)
        file.write(std::string(99, 'x') + '\n', false);
    file.flush();

    std::size_t size = 0;
    for (const auto &written : fs::directory_iterator(m_folder)) {
        QVERIFY(written.file_size() <= 1000);
        size += written.file_size();
    }
    QCOMPARE(size, 10'000u);
}

void TestObservabilityLogFile::createsItAnewWhenAsked()
{
    LogFile file({.file = m_file, .flushWithin = 1h});
    file.write("1\n", false);
    file.flush();
    fs::rename(m_file, m_folder / "a.log.1");

    file.reopen();

    QVERIFY(fs::exists(m_file));
    file.write("2\n", true);
    QCOMPARE(textOf(m_file), "2\n");
    QCOMPARE(textOf(m_folder / "a.log.1"), "1\n");
}

void TestObservabilityLogFile::losesAndMixesNothingOfSeveralThreads()
{
    constexpr int lines = 20'000;
    {
        LogFile file({.file = m_file, .flushWithin = 1ms});
        std::vector<std::thread> writers;
        for (const char who : {'a', 'b', 'c', 'd'}) {
            writers.emplace_back([&file, who] {
                for (int i = 0; i < lines; ++i)
                    file.write(who + std::to_string(i) + '\n', i % 1000 == 0);
            });
        }
        for (std::thread &writer : writers)
            writer.join();
    }

    std::map<char, int> next;
    std::istringstream text(textOf(m_file));
    for (std::string line; std::getline(text, line);)
        QCOMPARE(line, line[0] + std::to_string(next[line[0]]++));
    for (const char who : {'a', 'b', 'c', 'd'})
        QCOMPARE(next[who], lines);
}

void TestObservabilityLogFile::survivesAReaderThatIsGone()
{
    int gone[2];
    QCOMPARE(::pipe2(gone, O_CLOEXEC), 0);
    ::close(gone[0]);
    const int before = ::dup(STDERR_FILENO);
    ::dup2(gone[1], STDERR_FILENO);
    std::uint64_t dropped = 0;
    {
        LogFile file({});
        file.write("1\n", true);
        file.write("2\n", true);
        dropped = file.droppedRecords();
    }
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    ::close(gone[1]);

    QCOMPARE(dropped, 2u);
}

void TestObservabilityLogFile::leavesThePipeSignalsOfOthers()
{
    int gone[2];
    QCOMPARE(::pipe2(gone, O_CLOEXEC), 0);
    ::close(gone[0]);
    sigset_t signal;
    sigset_t before;
    sigset_t pending;
    ::sigemptyset(&signal);
    ::sigaddset(&signal, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signal, &before);
    const std::string path = "/proc/self/fd/" + std::to_string(gone[1]);
    test::StderrCapture captured;
    {
        LogFile file({.file = path});
        file.write("1\n", true);
        QCOMPARE(::sigpending(&pending), 0);
        QCOMPARE(::sigismember(&pending, SIGPIPE), 0); // ours is taken
        ::pthread_kill(::pthread_self(), SIGPIPE);
        file.write("2\n", true);
        QCOMPARE(::sigpending(&pending), 0);
        QCOMPARE(::sigismember(&pending, SIGPIPE), 1); // the program's is not
    }
    const timespec atOnce{};
    QCOMPARE(::sigtimedwait(&signal, nullptr, &atOnce), SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(gone[1]);
}

void TestObservabilityLogFile::waitsForNoReaderOfAPipe()
{
    QCOMPARE(::mkfifo(m_file.c_str(), 0600), 0);
    test::StderrCapture captured;
    LogFile file({.file = m_file, .flushWithin = 5ms});
    QVERIFY(file.error().has_value());
    QCOMPARE(file.error()->message, m_file.string() + " can not be opened: nobody reads the pipe");

    const int reader = ::open(m_file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    QTRY_VERIFY(!file.error());
    file.write("1\n", true);
    char text[8] = {};
    QCOMPARE(::read(reader, text, sizeof text), 2);
    ::close(reader);
    file.write("2\n", true);

    QVERIFY(file.error()->message.ends_with("can not be written: Broken pipe"));
}

void TestObservabilityLogFile::saysThatItWorksWithoutANewLine()
{
    test::StderrCapture captured;
    fs::remove(m_folder);
    LogFile file({.file = m_file, .flushWithin = 5ms});
    QVERIFY(file.error().has_value());

    fs::create_directory(m_folder);

    QTRY_VERIFY(!file.error());
    file.write("1\n", true);
    QCOMPARE(textOf(m_file), "1\n");
}

QTEST_GUILESS_MAIN(TestObservabilityLogFile)
#include "tst_observability_log_file.moc"
