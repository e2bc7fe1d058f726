#include "core/logs/remote_log.h"
#include "core/logs/stream_format.h"

#include <QTest>

#include <vector>

using namespace trendscope;
namespace stream = logs::stream;

class TestLogsRemoteLog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void decodesWhatWasEncoded_data();
    void decodesWhatWasEncoded();
    void tellsFilesTimesAndProblems();
    void tellsWhatIsMissingInItsPlace();
    void tellsTheTimeOfAGapToTheMicrosecond();
    void separatesThousandsInACount_data();
    void separatesThousandsInACount();
    void survivesWhatMakesNoSense_data();
    void survivesWhatMakesNoSense();
    void takesNothingFromAnUnknownVersion();
    void goesOnAfterAnInterruption_data();
    void goesOnAfterAnInterruption();
    void goesOnWhereNothingHadCome();
    void beginsTheTailAnewWhenItWasInterrupted();
    void tellsSomeThousandFilesApart();
};

namespace {

/// What one receives; lines are written as "file:line" with the last letter of the file.
class Shown {
public:
    void connect(std::size_t tail = 100) { log.connect(tail); }
    void take(const std::string &bytes)
    {
        std::vector<logs::Record> records;
        log.take(bytes, records);
        for (const logs::Record &record : records) {
            if (record.logger() == logs::RemoteLog::logger)
                lines.append("missing");
            else
                lines.append(QByteArray(1, log.files()[record.source()].back())
                             + QByteArray(record.message().data(),
                                          static_cast<qsizetype>(record.message().size())));
            last = record;
        }
    }

    logs::RemoteLog log;
    QByteArrayList lines;
    logs::Record last;
};

/// "a1 b2" as lines of the files a and b, with message and second 1 and 2.
std::string linesOf(const QByteArray &words)
{
    std::string out;
    for (const QByteArray &word : words.split(' ')) {
        if (word.isEmpty())
            continue;
        out += stream::file("/log/" + word.left(1).toStdString());
        const std::string text = word.mid(1).toStdString();
        const std::string second = word.mid(1).rightJustified(2, '0').right(2).toStdString();
        out +=
            "{\"timestamp\":\"2024-01-15T10:30:" + second + "Z\",\"message\":\"" + text + "\"}\n";
    }
    return out;
}

std::string tailOf(const QByteArray &words, bool isCut = false)
{
    const auto count = words.isEmpty() ? 0 : static_cast<std::size_t>(words.count(' ')) + 1;
    return stream::begin() + linesOf(words) + stream::tail(count, isCut);
}

} // namespace

void TestLogsRemoteLog::decodesWhatWasEncoded_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("object") << QByteArray(R"({"message":"a","b":[1]})");
    QTest::newRow("text") << QByteArray("a \"b\"\t\\\x01");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("invalid UTF-8") << QByteArray("{\"a\":\"\xff\xfe\0\"}", 10);
    QTest::newRow("one invalid byte") << QByteArray("\xff");
    QTest::newRow("two invalid bytes") << QByteArray("\xff\xff");
    QTest::newRow("forged") << QByteArray(R"({"trendscope_stream":{"dropped":1}})");
    QTest::newRow("unfinished") << QByteArray(R"({"a":{"b")");
}

void TestLogsRemoteLog::decodesWhatWasEncoded()
{
    QFETCH(QByteArray, line);
    struct Lines : stream::Receiver {
        QByteArrayList lines;
        void takeVersion(std::size_t) override { }
        void takeLine(const std::string &, std::string_view line) override
        {
            lines.append(QByteArray(line.data(), static_cast<qsizetype>(line.size())));
        }
        void takeTailEnd(std::size_t, bool) override { }
        void takeTime(logs::Timestamp) override { }
        void takeMissing(const std::string &, Missing, std::size_t) override { }
        void takeProblem(const std::string &) override { }
    } receiver;
    stream::Encoder encoder;
    const std::string encoded(encoder.encode(line.toStdString()));

    stream::Decoder decoder;
    for (const char &byte : encoded)
        decoder.decode({&byte, 1}, receiver);

    QCOMPARE(encoded.find('\n'), encoded.size() - 1);
    QCOMPARE(receiver.lines, QByteArrayList{line});
}

void TestLogsRemoteLog::tellsFilesTimesAndProblems()
{
    Shown shown;
    shown.connect();

    shown.take(stream::begin() + stream::problem("cannot read \"x\"")
               + stream::heartbeat(std::chrono::system_clock::time_point(std::chrono::seconds(60)))
               + stream::tail(0, false) + linesOf("a1 b2"));

    QVERIFY(shown.log.isAccepted());
    QCOMPARE(shown.log.problem(), std::string("cannot read \"x\""));
    QCOMPARE(shown.lines.join(' '), QByteArray("a1 b2"));
    QCOMPARE(shown.log.files(), (std::vector<std::string>{"/log/a", "/log/b"}));
    QCOMPARE(*shown.log.latest(), *logs::parseTimestamp("2024-01-15T10:30:02Z"));
    QCOMPARE(shown.log.counts().live, 2U);
    shown.take(stream::problem(""));
    QVERIFY(shown.log.problem().empty());
}

void TestLogsRemoteLog::tellsWhatIsMissingInItsPlace()
{
    Shown shown;
    shown.connect();

    shown.take(tailOf({}) + linesOf("a1") + stream::dropped(12) + linesOf("a2")
               + stream::tooLong(1));

    QCOMPARE(shown.lines.join(' '), QByteArray("a1 missing a2 missing"));
    QCOMPARE(shown.last.level(), logs::Level::Warning);
    QCOMPARE(std::string(shown.last.message()),
             std::string("1 record missing: longer than the agent's limit"));
    QCOMPARE(shown.last.time(), logs::parseTimestamp("2024-01-15T10:30:02Z"));
    QCOMPARE(shown.log.counts().missing, 13U);
}

void TestLogsRemoteLog::tellsTheTimeOfAGapToTheMicrosecond()
{
    Shown shown;
    shown.connect();

    shown.take(tailOf({}) + "{\"timestamp\":\"2024-01-15T10:30:02.000789Z\",\"message\":\"a\"}\n"
               + stream::dropped(1));

    QCOMPARE(shown.last.time(), logs::parseTimestamp("2024-01-15T10:30:02.000789Z"));
}

void TestLogsRemoteLog::separatesThousandsInACount_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("hundreds") << 999 << QByteArray("999 records missing: ");
    QTest::newRow("thousands") << 12'043 << QByteArray("12,043 records missing: ");
    QTest::newRow("millions") << 1'000'000 << QByteArray("1,000,000 records missing: ");
}

void TestLogsRemoteLog::separatesThousandsInACount()
{
    QFETCH(int, count);
    QFETCH(QByteArray, text);
    Shown shown;
    shown.connect();

    shown.take(tailOf({}) + stream::dropped(static_cast<std::size_t>(count)));

    const std::string message(shown.last.message());
    QCOMPARE(QByteArray::fromStdString(message), text + "the connection is too slow");
}

void TestLogsRemoteLog::survivesWhatMakesNoSense_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<bool>("isMissing");
    QTest::newRow("no JSON") << QByteArray("{\"trendscope_stream\":{\"dropped\":") << true;
    QTest::newRow("no base64") << QByteArray(R"({"trendscope_stream":{"base64":"a"}})") << true;
    QTest::newRow("padding alone")
        << QByteArray(R"({"trendscope_stream":{"base64":"===="}})") << true;
    QTest::newRow("another type") << QByteArray(R"({"trendscope_stream":{"dropped":"1"}})")
                                  << false;
    QTest::newRow("negative") << QByteArray(R"({"trendscope_stream":{"dropped":-1}})") << false;
    QTest::newRow("of a later version")
        << QByteArray(R"({"trendscope_stream":{"new":{}}})") << false;
    QTest::newRow("no time") << QByteArray(R"({"trendscope_stream":{"time":"soon"}})") << false;
    QTest::newRow("without an end") << QByteArray(stream::Decoder::longestLine + 1, 'x') << true;
}

void TestLogsRemoteLog::survivesWhatMakesNoSense()
{
    QFETCH(QByteArray, line);
    QFETCH(bool, isMissing);
    Shown shown;
    shown.connect();

    shown.take(tailOf({}) + linesOf("a1") + line.toStdString() + "\n" + linesOf("a2"));

    QCOMPARE(shown.lines.join(' '), QByteArray(isMissing ? "a1 missing a2" : "a1 a2"));
}

void TestLogsRemoteLog::takesNothingFromAnUnknownVersion()
{
    Shown shown;
    shown.connect();

    shown.take("{\"trendscope_stream\":{\"version\":2}}\n" + linesOf("a1") + stream::dropped(1));

    QVERIFY(!shown.log.isAccepted());
    QVERIFY(shown.lines.isEmpty());
}

void TestLogsRemoteLog::goesOnAfterAnInterruption_data()
{
    QTest::addColumn<QByteArray>("before"); // the first tail
    QTest::addColumn<QByteArray>("then");   // before the interruption
    QTest::addColumn<QByteArray>("tail");   // of the second connection
    QTest::addColumn<bool>("isCut");
    QTest::addColumn<QByteArray>("shown"); // after it
    const auto row = [](const char *name, const char *before, const char *then, const char *tail,
                        bool isCut, const char *shown) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(then) << QByteArray(tail) << isCut
                            << QByteArray(shown);
    };
    row("nothing new", "a1 a2", "a3", "a1 a2 a3", false, "");
    row("something new", "a1 a2", "a3", "a1 a2 a3 a4 a5", false, "a4 a5");
    row("the tail begins later", "a1 a2", "a3", "a3 a4", true, "a4");
    row("two files", "a1 b2", "b3 a4", "a1 b2 b3 a4 b5 a6", false, "b5 a6");
    row("a quiet file beyond the tail", "b1 a2", "a3", "a3 a4 b5", true, "a4 b5");
    row("a new file", "a1", "a2", "a1 a2 c3 a4", false, "c3 a4");
    row("alike lines", "a1 a1 a1", "", "a1 a1 a1 a1", false, "a1");
    row("a clock set back", "a5", "a6", "a5 a6 a2 a3", false, "a2 a3");
    row("all is new", "a1 a2", "a3", "a7 a8", true, "missing a7 a8");
    row("all files are gone", "a1 a2", "a3", "", false, "");
    row("the known lines are gone", "a1 a2", "a3", "a2 a9", false, "missing a9");
}

void TestLogsRemoteLog::goesOnAfterAnInterruption()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, then);
    QFETCH(QByteArray, tail);
    QFETCH(bool, isCut);
    QFETCH(QByteArray, shown);
    Shown log;
    log.connect();
    log.take(tailOf(before) + linesOf(then));
    log.take("{\"message\":\"cut of");
    log.lines.clear();

    log.connect();
    log.take(tailOf(tail, isCut));
    QCOMPARE(log.lines.join(' '), shown);

    log.take(linesOf("a20"));
    QCOMPARE(log.lines.last(), QByteArray("a20"));
    const auto live = then.isEmpty() ? 1 : then.count(' ') + 2;
    QCOMPARE(log.log.counts().live, static_cast<std::uint64_t>(live));
}

void TestLogsRemoteLog::goesOnWhereNothingHadCome()
{
    Shown shown;
    shown.connect(0);
    shown.take(tailOf({})
               + stream::heartbeat(std::chrono::floor<std::chrono::seconds>(
                   *logs::parseTimestamp("2024-01-15T10:30:05Z"))));

    shown.connect(4);
    shown.take(tailOf("a4 a5 a6 b7"));

    QCOMPARE(shown.lines.join(' '), QByteArray("a6 b7"));
}

void TestLogsRemoteLog::beginsTheTailAnewWhenItWasInterrupted()
{
    Shown shown;
    shown.connect();
    shown.take(tailOf("a1"));
    shown.connect();
    shown.take(stream::begin() + linesOf("a1 a2"));

    shown.connect();
    shown.take(tailOf("a1 a2 a3"));

    QCOMPARE(shown.lines.join(' '), QByteArray("a1 a2 a3"));
}

void TestLogsRemoteLog::tellsSomeThousandFilesApart()
{
    Shown shown;
    shown.connect();
    shown.take(tailOf({}));

    for (int i = 0; i < 3000; ++i)
        shown.take(stream::file(std::to_string(i)) + "{}\n");

    QCOMPARE(shown.log.files().size(), logs::RemoteLog::mostFiles);
    QCOMPARE(shown.last.source(), std::uint16_t(logs::RemoteLog::mostFiles - 1));
    QCOMPARE(shown.log.counts().records, 3000U);
}

QTEST_GUILESS_MAIN(TestLogsRemoteLog)
#include "tst_logs_remote_log.moc"
