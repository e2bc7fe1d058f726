#include "core/logs/record.h"

#include <QTest>

using namespace std::chrono_literals;
using namespace trendscope;

namespace {

logs::Record parsed(std::string_view line, bool cut = false)
{
    return logs::RecordParser().parse(line, cut);
}

/// All fields as "key=value key=value", so that expectations read as text.
std::string fieldsOf(const logs::Record &record)
{
    std::string text;
    for (std::size_t i = 0; i < record.fieldCount(); ++i) {
        const auto [key, value] = record.field(i);
        text += (text.empty() ? "" : " ") + std::string(key) + "=" + std::string(value);
    }
    return text;
}

constexpr std::string_view complete =
    R"({"timestamp":"2024-01-15T10:30:45.123456Z","level":"INFO","logger":"trend_agent.api","message":"Request completed",)"
    R"("module":"main","function":"get_trends","line":42,"context":{"request_id":"abc-123","user_id":"user_456"}})";

} // namespace

class TestLogsRecord : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsEveryPartOfARecord();
    void keepsFieldsInOrderAndDotsNestedKeys();
    void unescapesStrings();
    void keepsWhatItDoesNotUnderstandAmongTheFields();
    void showsALineThatIsNoJsonObjectAsItIs_data();
    void showsALineThatIsNoJsonObjectAsItIs();
    void replacesInvalidUtf8();
    void marksACutLine();
    void survivesAMove();
    void knowsTheVariantsOfLevels_data();
    void knowsTheVariantsOfLevels();
    void readsTimestamps_data();
    void readsTimestamps();
    void refusesWhatIsNoTimestamp_data();
    void refusesWhatIsNoTimestamp();
};

void TestLogsRecord::readsEveryPartOfARecord()
{
    const logs::Record record = parsed(complete);

    QVERIFY(!record.isMalformed());
    QCOMPARE(record.time()->time_since_epoch(), 1705314645123456us);
    QVERIFY(record.level() == logs::Level::Info);
    QCOMPARE(record.logger(), std::string_view("trend_agent.api"));
    QCOMPARE(record.message(), std::string_view("Request completed"));
    QCOMPARE(record.module(), std::string_view("main"));
    QCOMPARE(record.function(), std::string_view("get_trends"));
    QCOMPARE(record.line(), std::optional<std::int64_t>(42));
    QCOMPARE(fieldsOf(record), std::string("request_id=abc-123 user_id=user_456"));
    QCOMPARE(record.raw(), complete);
}

void TestLogsRecord::keepsFieldsInOrderAndDotsNestedKeys()
{
    const auto record = parsed(
        R"({"z":1.50,"context":{"http":{"method":"GET","codes":[200, 404]},"ok":true},"a":null,"user":{"id":7,"\u0041":"b"}})");

    QCOMPARE(fieldsOf(record),
             std::string(
                 "z=1.50 http.method=GET http.codes=[200, 404] ok=true a=null user.id=7 user.A=b"));
}

void TestLogsRecord::unescapesStrings()
{
    const auto record = parsed(R"({"message":"a \"b\"\n\u00e9","path":"C:\\x","bad":"\ud800"})");

    QCOMPARE(record.message(), std::string_view("a \"b\"\n\u00e9"));
    QCOMPARE(fieldsOf(record), std::string(R"(path=C:\x bad=\ud800)"));
}

void TestLogsRecord::keepsWhatItDoesNotUnderstandAmongTheFields()
{
    const auto record =
        parsed(R"({"level":"LOUD","timestamp":"soon","line":"x","name":"a","logger":"b"})");

    QVERIFY(record.level() == logs::Level::Unknown);
    QVERIFY(!record.time());
    QCOMPARE(record.logger(), std::string_view("a"));
    QCOMPARE(fieldsOf(record), std::string("level=LOUD timestamp=soon line=x logger=b"));
}

void TestLogsRecord::showsALineThatIsNoJsonObjectAsItIs_data()
{
    QTest::addColumn<QByteArray>("line");

    QTest::newRow("text") << QByteArray("Traceback (most recent call last):");
    QTest::newRow("array") << QByteArray("[1,2]");
    QTest::newRow("number") << QByteArray("42");
    QTest::newRow("cut short") << QByteArray(R"({"message":"half)");
    QTest::newRow("cut between fields") << QByteArray(R"({"message":"half","level":"INFO")");
    QTest::newRow("two objects") << QByteArray(R"({"message":"a\t"}{"message":"b"})");
    QTest::newRow("trailing text") << QByteArray(R"({"message":"a"} x)");
    QTest::newRow("unquoted key") << QByteArray(R"({message:"a"})");
    QTest::newRow("only a brace") << QByteArray("{");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("deep") << QByteArray("{\"a\":").repeated(5000);
    QTest::newRow("nul bytes") << QByteArray("\0\0{", 3);
}

void TestLogsRecord::showsALineThatIsNoJsonObjectAsItIs()
{
    QFETCH(const QByteArray, line);

    const auto record = parsed({line.data(), static_cast<std::size_t>(line.size())});

    QVERIFY(record.isMalformed());
    QCOMPARE(QByteArray(record.message().data(), qsizetype(record.message().size())), line);
    QCOMPARE(record.fieldCount(), std::size_t(0));
    QVERIFY(record.level() == logs::Level::Unknown);
}

void TestLogsRecord::replacesInvalidUtf8()
{
    const auto record = parsed("{\"message\":\"a\xff\xc3(\xf0\x9f\x98\x80\xe2\x82\"}");

    QVERIFY(!record.isMalformed());
    QCOMPARE(record.message(), std::string_view("a\uFFFD\uFFFD(\U0001F600\uFFFD\uFFFD"));
}

void TestLogsRecord::marksACutLine()
{
    const auto record = parsed(R"({"message":"the beginn)", true);

    QVERIFY(record.isCut());
    QVERIFY(record.isMalformed());
}

void TestLogsRecord::survivesAMove()
{
    logs::Record record = parsed(R"({"message":"a","k":"\t"})");

    const logs::Record moved = std::move(record);

    QCOMPARE(moved.message(), std::string_view("a"));
    QCOMPARE(moved.value("k"), std::optional<std::string_view>("\t"));
    QVERIFY(!moved.value("other"));
}

void TestLogsRecord::knowsTheVariantsOfLevels_data()
{
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("name");

    QTest::newRow("lower") << "debug"
                           << "DEBUG";
    QTest::newRow("warn") << "warn"
                          << "WARNING";
    QTest::newRow("Warning") << "Warning"
                             << "WARNING";
    QTest::newRow("FATAL") << "FATAL"
                           << "CRITICAL";
    QTest::newRow("err") << "Err"
                         << "ERROR";
    QTest::newRow("nothing") << ""
                             << "";
    QTest::newRow("prefix") << "INF"
                            << "";
    QTest::newRow("longer") << "INFOS"
                            << "";
}

void TestLogsRecord::knowsTheVariantsOfLevels()
{
    QFETCH(const QString, word);
    QFETCH(const QString, name);

    const auto level = logs::levelNamed(word.toStdString());

    QCOMPARE(logs::levelName(level.value_or(logs::Level::Unknown)),
             std::string_view(name.toStdString()));
}

void TestLogsRecord::readsTimestamps_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("microseconds");

    QTest::newRow("seconds") << "2024-01-15T10:30:45Z" << qint64(1705314645000000);
    QTest::newRow("milliseconds") << "2024-01-15T10:30:45.5Z" << qint64(1705314645500000);
    QTest::newRow("nanoseconds") << "2024-01-15T10:30:45.123456789Z" << qint64(1705314645123456);
    QTest::newRow("offset") << "2024-01-15T12:30:45.000001+02:00" << qint64(1705314645000001);
    QTest::newRow("offset without colon") << "2024-01-15T05:00:45-0530" << qint64(1705314645000000);
    QTest::newRow("python's asctime") << "2024-01-15 10:30:45,123" << qint64(1705314645123000);
    QTest::newRow("no zone is UTC") << "2024-01-15 10:30:45" << qint64(1705314645000000);
    QTest::newRow("before the epoch") << "1969-12-31T23:59:59.5Z" << qint64(-500000);
}

void TestLogsRecord::readsTimestamps()
{
    QFETCH(const QString, text);
    QFETCH(const qint64, microseconds);

    const auto time = logs::parseTimestamp(text.toStdString());

    QVERIFY(time.has_value());
    QCOMPARE(qint64(time->time_since_epoch().count()), microseconds);
}

void TestLogsRecord::refusesWhatIsNoTimestamp_data()
{
    QTest::addColumn<QString>("text");

    for (const char *text :
         {"", "2024", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-01-15T25:00:00Z",
          "2024-01-15T10:30:45.Z", "2024-01-15T10:30:45Zjunk", "2024-01-15T10:30:45+", "yesterday"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TestLogsRecord::refusesWhatIsNoTimestamp()
{
    QFETCH(const QString, text);

    QVERIFY(!logs::parseTimestamp(text.toStdString()));
}

QTEST_GUILESS_MAIN(TestLogsRecord)
#include "tst_logs_record.moc"
