#include "core/observability/rotating_file_p.h"
#include "support/file_size_limit.h"
#include "support/text_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class TestObservabilityRotatingFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void appendsToWhatIsThere();
    void beginsOnANewLineAfterATornOne();
    void createsItAnewWhenItWasDeleted();
    void createsItAnewWhenItWasRenamed();
    void saysWhichFileFailsAndWhy();
    void rotatesBySizeBeforeTheLimit();
    void rotatesByTheDayOfTheLastWrite();
    void keepsAsManyAsAsked();
    void countsOnWhereFilesWereCompressed();
    void overwritesNothing();
    void rotatesTheFileBehindALink();
    void writesOnWhenItCanNotRotate();
    void takesBackWhatAFullDiskCutOff();
    void losesAndMixesNothingOfTwoProcesses();
    void keepsToTheLimitWithOtherProcesses();
    void takesNoLineOfOthersForTorn();
    void followsALinkAnewWhenReopened();
    void readsTheNameOfARotatedFile_data();
    void readsTheNameOfARotatedFile();

private:
    fs::path aside(std::string_view date, int number) const;
    std::string today() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    fs::path m_folder;
    fs::path m_file;
};

namespace {

void put(const fs::path &file, std::string_view text)
{
    std::ofstream(file) << text;
}

std::size_t filesIn(const fs::path &folder)
{
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

void TestObservabilityRotatingFile::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_folder = m_directory->path().toStdString();
    m_file = m_folder / "a.log";
}

fs::path TestObservabilityRotatingFile::aside(std::string_view date, int number) const
{
    return m_file.string() + '.' + std::string(date) + '.' + std::to_string(number);
}

std::string TestObservabilityRotatingFile::today() const
{
    return QDateTime::currentDateTimeUtc().toString(u"yyyy-MM-dd"_s).toStdString();
}

void TestObservabilityRotatingFile::appendsToWhatIsThere()
{
    put(m_file, "first\n");
    RotatingFile file(m_file, {});

    QVERIFY(file.write("second\n"));
    QVERIFY(file.sync());
    QVERIFY(file.write("third\nfourth\n"));

    QCOMPARE(textOf(m_file), "first\nsecond\nthird\nfourth\n");
    QCOMPARE(filesIn(m_folder), 1u);
}

void TestObservabilityRotatingFile::beginsOnANewLineAfterATornOne()
{
    put(m_file, "torn");
    RotatingFile file(m_file, {});

    QVERIFY(file.write("whole\n"));
    QVERIFY(file.write("next\n"));

    QCOMPARE(textOf(m_file), "torn\nwhole\nnext\n");
}

void TestObservabilityRotatingFile::createsItAnewWhenItWasDeleted()
{
    RotatingFile file(m_file, {});
    QVERIFY(file.write("gone\n"));

    fs::remove(m_file);
    QVERIFY(file.write("kept\n"));

    QCOMPARE(textOf(m_file), "kept\n");
}

void TestObservabilityRotatingFile::createsItAnewWhenItWasRenamed()
{
    RotatingFile file(m_file, {});
    QVERIFY(file.write("old\n"));

    fs::rename(m_file, m_folder / "a.log.1");
    QVERIFY(file.write("new\n"));

    QCOMPARE(textOf(m_folder / "a.log.1"), "old\n");
    QCOMPARE(textOf(m_file), "new\n");
}

void TestObservabilityRotatingFile::saysWhichFileFailsAndWhy()
{
    RotatingFile file(m_folder / "missing" / "a.log", {});

    const auto opened = file.open();

    QVERIFY(!opened);
    QCOMPARE(opened.error().message,
             (m_folder / "missing" / "a.log").string()
                 + " can not be opened: No such file or directory");
    QVERIFY(!file.write("x\n"));
    fs::create_directory(m_folder / "missing");
    QVERIFY(file.write("x\n"));
}

void TestObservabilityRotatingFile::rotatesBySizeBeforeTheLimit()
{
    RotatingFile file(m_file, {.maxBytes = 10});

    for (const char *line : {"12345\n", "678\n", "second\n", "more than the limit\n", "x\n"})
        QVERIFY(file.write(line));

    QCOMPARE(textOf(aside(today(), 1)), "12345\n678\n");
    QCOMPARE(textOf(aside(today(), 2)), "second\n");
    QCOMPARE(textOf(aside(today(), 3)), "more than the limit\n");
    QCOMPARE(textOf(m_file), "x\n");
}

void TestObservabilityRotatingFile::rotatesByTheDayOfTheLastWrite()
{
    put(m_file, "yesterday\n");
    fs::last_write_time(m_file, fs::file_time_type::clock::now() - std::chrono::hours(24));
    const std::string yesterday =
        QDateTime::currentDateTimeUtc().addDays(-1).toString(u"yyyy-MM-dd"_s).toStdString();
    RotatingFile file(m_file, {.daily = true});

    QVERIFY(file.write("today\n"));
    QVERIFY(file.write("today too\n"));

    QCOMPARE(textOf(aside(yesterday, 1)), "yesterday\n");
    QCOMPARE(textOf(m_file), "today\ntoday too\n");
}

void TestObservabilityRotatingFile::keepsAsManyAsAsked()
{
    put(aside("2020-01-01", 1), "old");
    put(aside("2020-01-01", 2), "old");
    put(m_folder / "b.log.2020-01-01.1", "another's");
    RotatingFile file(m_file, {.maxBytes = 1, .keep = 2});

    for (const char *line : {"1\n", "2\n", "3\n", "4\n"})
        QVERIFY(file.write(line));

    QVERIFY(!fs::exists(aside("2020-01-01", 1)));
    QVERIFY(!fs::exists(aside("2020-01-01", 2)));
    QVERIFY(!fs::exists(aside(today(), 1)));
    QCOMPARE(textOf(aside(today(), 2)), "2\n");
    QCOMPARE(textOf(aside(today(), 3)), "3\n");
    QCOMPARE(textOf(m_file), "4\n");
    QVERIFY(fs::exists(m_folder / "b.log.2020-01-01.1"));
}

void TestObservabilityRotatingFile::countsOnWhereFilesWereCompressed()
{
    put(aside(today(), 9).string() + ".gz", "compressed");
    RotatingFile file(m_file, {.maxBytes = 1});

    QVERIFY(file.write("1\n"));
    QVERIFY(file.write("2\n"));

    QCOMPARE(textOf(aside(today(), 10)), "1\n");
}

void TestObservabilityRotatingFile::overwritesNothing()
{
    fs::create_symlink("nowhere", aside(today(), 1));
    RotatingFile file(m_file, {.maxBytes = 1});

    QVERIFY(file.write("1\n"));
    QVERIFY(file.write("2\n"));

    QVERIFY(fs::is_symlink(aside(today(), 1)));
    QCOMPARE(textOf(aside(today(), 2)), "1\n");
}

void TestObservabilityRotatingFile::rotatesTheFileBehindALink()
{
    fs::create_directory(m_folder / "real");
    put(m_folder / "real" / "b.log", "1\n");
    fs::create_symlink("real/b.log", m_file);
    RotatingFile file(m_file, {.maxBytes = 1});

    QVERIFY(file.write("2\n"));

    QVERIFY(fs::is_symlink(m_file));
    QCOMPARE(textOf(m_file), "2\n");
    QCOMPARE(textOf(m_folder / "real" / ("b.log." + today() + ".1")), "1\n");
}

void TestObservabilityRotatingFile::writesOnWhenItCanNotRotate()
{
    const fs::path longName = m_folder / std::string(250, 'x'); // no room for the date
    RotatingFile file(longName, {.maxBytes = 1});

    QVERIFY(file.write("1\n"));
    QVERIFY(file.write("2\n"));

    QCOMPARE(textOf(longName), "1\n2\n");
    QVERIFY(file.rotationError().has_value());
    QVERIFY(file.rotationError()->message.find("can not be rotated: File name too long")
            != std::string::npos);
}

void TestObservabilityRotatingFile::takesBackWhatAFullDiskCutOff()
{
    RotatingFile file(m_file, {});
    QVERIFY(file.write("12345\n"));
    {
        const test::FileSizeLimit limit(10);
        const auto written = file.write("abcdefgh\n");
        QVERIFY(!written);
        QVERIFY(written.error().message.ends_with("can not be written: File too large"));
        QCOMPARE(textOf(m_file), "12345\n");
        QVERIFY(file.write("abc\n")); // there is room for that
    }

    QVERIFY(file.write("abcdefgh\n"));

    QCOMPARE(textOf(m_file), "12345\nabc\nabcdefgh\n");
}

void TestObservabilityRotatingFile::losesAndMixesNothingOfTwoProcesses()
{
    constexpr int lines = 3000;
    std::vector<pid_t> writers;
    for (const char who : {'a', 'b'}) {
        const pid_t child = ::fork();
        if (child == 0) {
            bool isWritten = true;
            RotatingFile file(m_file, {.maxBytes = 1000});
            for (int i = 0; i < lines; ++i)
                isWritten = file.write(who + std::to_string(i) + '\n').has_value() && isWritten;
            ::_exit(isWritten ? 0 : 1);
        }
        writers.push_back(child);
    }
    for (const pid_t writer : writers) {
        int status = -1;
        ::waitpid(writer, &status, 0);
        QCOMPARE(status, 0);
    }

    std::map<char, int> next;
    const std::size_t files = filesIn(m_folder);
    QVERIFY(files > 5);
    for (std::size_t i = 1; i <= files; ++i) {
        std::istringstream text(textOf(i == files ? m_file : aside(today(), static_cast<int>(i))));
        for (std::string line; std::getline(text, line);)
            QCOMPARE(line, line[0] + std::to_string(next[line[0]]++));
    }
    QCOMPARE(next['a'], lines);
    QCOMPARE(next['b'], lines);
}

void TestObservabilityRotatingFile::keepsToTheLimitWithOtherProcesses()
{
    constexpr std::size_t limit = 20'000;
    constexpr int lines = 3000;
    std::vector<pid_t> writers;
    for (const char who : {'a', 'b', 'c'}) {
        const pid_t child = ::fork();
        if (child == 0) {
            RotatingFile file(m_file, {.maxBytes = limit});
            const std::string line = std::string(99, who) + '\n';
            for (int i = 0; i < lines; ++i)
                (void)file.write(line);
            ::_exit(0);
        }
        writers.push_back(child);
    }
    for (const pid_t writer : writers)
        ::waitpid(writer, nullptr, 0);

    std::size_t size = 0;
    for (const auto &written : fs::directory_iterator(m_folder)) {
        size += written.file_size();
        QVERIFY(written.file_size() <= limit);
        QVERIFY(textOf(written.path()).find("\n\n") == std::string::npos);
    }
    QCOMPARE(size, std::size_t{3 * lines * 100});
}

void TestObservabilityRotatingFile::takesNoLineOfOthersForTorn()
{
    RotatingFile file(m_file, {});
    QVERIFY(file.write("1\n"));
    fs::rename(m_file, m_folder / "a.log.1");
    put(m_file, "which another process is writ"); // and it goes on

    QVERIFY(file.write("2\n"));
    QCOMPARE(textOf(m_file), "which another process is writ2\n");

    put(m_file, "torn");
    RotatingFile later(m_file, {});
    QVERIFY(later.open());
    std::ofstream(m_file, std::ios::app) << "... or not\n";
    QVERIFY(later.write("3\n"));
    QCOMPARE(textOf(m_file), "torn... or not\n3\n");
}

void TestObservabilityRotatingFile::followsALinkAnewWhenReopened()
{
    put(m_folder / "first", "");
    put(m_folder / "second", "");
    fs::create_symlink("first", m_file);
    RotatingFile file(m_file, {});
    QVERIFY(file.write("1\n"));

    fs::remove(m_file);
    fs::create_symlink("second", m_file);
    QVERIFY(file.write("2\n"));
    QVERIFY(file.reopen());
    QVERIFY(file.write("3\n"));

    QCOMPARE(textOf(m_folder / "first"), "1\n2\n");
    QCOMPARE(textOf(m_folder / "second"), "3\n");
}

void TestObservabilityRotatingFile::readsTheNameOfARotatedFile_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("parsed");
    QTest::newRow("plain") << u"a.log.2024-01-15.12"_s << u"a.log 2024-01-15 12"_s;
    QTest::newRow("compressed") << u"a.2024-01-15.1.gz"_s << u"a 2024-01-15 1"_s;
    QTest::newRow("twice") << u"a.2024-01-15.1.2024-01-16.2"_s << u"a.2024-01-15.1 2024-01-16 2"_s;
    QTest::newRow("no name") << u".2024-01-15.1"_s << QString();
    QTest::newRow("no number") << u"a.2024-01-15."_s << QString();
    QTest::newRow("a word") << u"a.2024-01-15.x"_s << QString();
    QTest::newRow("too large") << u"a.2024-01-15.99999999999999999999"_s << QString();
    QTest::newRow("no date") << u"a.2024-01-1x.1"_s << QString();
    QTest::newRow("logrotate's") << u"a.log.1"_s << QString();
    QTest::newRow("empty") << u""_s << QString();
}

void TestObservabilityRotatingFile::readsTheNameOfARotatedFile()
{
    QFETCH(QString, name);
    QFETCH(QString, parsed);

    const auto read = parseRotatedName(name.toStdString());

    QCOMPARE(read ? QString::fromStdString(read->file + ' ' + read->date + ' '
                                           + std::to_string(read->number))
                  : QString(),
             parsed);
}

QTEST_GUILESS_MAIN(TestObservabilityRotatingFile)
#include "tst_observability_rotating_file.moc"
