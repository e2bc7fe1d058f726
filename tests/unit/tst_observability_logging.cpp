#include "core/observability/logging.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <limits>
#include <thread>
#include <vector>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;

class TestObservabilityLogging : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void writesOneJsonObjectALine();
    void takesEveryKindOfValue();
    void staysValidJsonWhateverIsLogged_data();
    void staysValidJsonWhateverIsLogged();
    void keepsAForgedContextInTheMessage();
    void namesTheFunctionUnqualified();
    void leavesOutWhatIsBelowTheLevel();
    void writesAReadableLine();
    void showsControlCharactersInsteadOfSendingThem();
    void appendsToTheFile();
    void fallsBackToStderrWhenTheFileCanNotBeOpened();
    void countsRecordsThatCanNotBeWritten();
    void mixesNoLinesOfSeveralThreads();
    void readsItsSettingsFromTheEnvironment();

private:
    Logging logging(bool json = true, Level level = Level::Debug) const;
    QList<QByteArray> lines() const;
    QJsonObject onlyRecord() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::filesystem::path m_file;
};

namespace unit {

template <class T>
struct Inner {
    static void logFrom(Logger &logger, T) { logger.info("x"); }
    Inner &operator<<(Logger &logger)
    {
        logger.info("x");
        return *this;
    }
    std::vector<int> method(Logger &logger, void (*)(int)) const
    {
        [&] { logger.info("x"); }();
        return {};
    }
};

} // namespace unit

void TestObservabilityLogging::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_file = m_directory->filePath(u"log.json"_s).toStdString();
}

void TestObservabilityLogging::cleanup()
{
    for (const char *name : {"LOG_LEVEL", "LOG_JSON", "LOG_FILE"})
        qunsetenv(name);
}

Logging TestObservabilityLogging::logging(bool json, Level level) const
{
    return Logging(LogSettings{.level = level, .json = json, .file = m_file});
}

QList<QByteArray> TestObservabilityLogging::lines() const
{
    QFile file(QString::fromStdString(m_file.string()));
    if (!file.open(QIODevice::ReadOnly))
        return {"the log can not be read"};
    QList<QByteArray> lines = file.readAll().split('\n');
    lines.removeLast();
    return lines;
}

QJsonObject TestObservabilityLogging::onlyRecord() const
{
    const auto written = lines();
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(written.value(0), &error);
    if (written.size() != 1 || error.error != QJsonParseError::NoError)
        return {{u"not one record"_s, QString::fromUtf8(written.join('\n'))},
                {u"error"_s, error.errorString()}};
    return document.object();
}

void TestObservabilityLogging::writesOneJsonObjectALine()
{
    const auto before = QDateTime::currentDateTimeUtc().addMSecs(-1);

    logging().logger("trend_agent.api").warning("Slow", {{"request_id", "abc-123"}});

    const QJsonObject record = onlyRecord();
    QCOMPARE(record.keys(),
             QStringList({u"context"_s, u"function"_s, u"level"_s, u"line"_s, u"logger"_s,
                          u"message"_s, u"module"_s, u"timestamp"_s}));
    QCOMPARE(record[u"level"_s], u"WARNING"_s);
    QCOMPARE(record[u"logger"_s], u"trend_agent.api"_s);
    QCOMPARE(record[u"message"_s], u"Slow"_s);
    QCOMPARE(record[u"module"_s], u"tst_observability_logging"_s);
    QCOMPARE(record[u"function"_s], u"writesOneJsonObjectALine"_s);
    QVERIFY(record[u"line"_s].toInt() > 0);
    QCOMPARE(record[u"context"_s].toObject(), QJsonObject({{u"request_id"_s, u"abc-123"_s}}));
    const QString timestamp = record[u"timestamp"_s].toString();
    QVERIFY(QRegularExpression(u"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z$"_s)
                .match(timestamp)
                .hasMatch());
    const auto time =
        QDateTime::fromString(timestamp.first(23) + u'Z', Qt::ISODateWithMs); // Qt would round
    QVERIFY(time >= before && time <= QDateTime::currentDateTimeUtc());
}

void TestObservabilityLogging::takesEveryKindOfValue()
{
    logging().logger("l").info("m",
                               {{"null", nullptr},
                                {"boolean", true},
                                {"integer", std::int64_t{-9007199254740993}},
                                {"number", 0.1},
                                {"infinite", std::numeric_limits<double>::infinity()},
                                {"text", "\xc3\xa4"}});

    QVERIFY(lines().value(0).contains(
        R"("context":{"null":null,"boolean":true,"integer":-9007199254740993,)"
        R"("number":0.1,"infinite":"+Inf","text":")"
        "\xc3\xa4\"}}"));
}

void TestObservabilityLogging::staysValidJsonWhateverIsLogged_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("read");
    QTest::newRow("empty") << QByteArray("") << u""_s;
    QTest::newRow("quotes") << QByteArray(R"(a"b\c)") << uR"(a"b\c)"_s;
    QTest::newRow("line breaks") << QByteArray("a\r\nb\tc") << u"a\r\nb\tc"_s;
    QTest::newRow("controls") << QByteArray("a\0\x1b[31m\x7f", 8)
                              << QString::fromUtf8("a\0\x1b[31m\x7f", 8);
    QTest::newRow("not UTF-8") << QByteArray("a\xff\xc3") << u"a\uFFFD\uFFFD"_s;
    QTest::newRow("format characters") << QByteArray("{} %s {0}") << u"{} %s {0}"_s;
    QTest::newRow("beyond the BMP")
        << QByteArray("\xf0\x9f\x98\x80") << QString::fromUtf8("\xf0\x9f\x98\x80");
    QTest::newRow("large") << QByteArray(100'000, 'x') << QString(100'000, u'x');
}

void TestObservabilityLogging::staysValidJsonWhateverIsLogged()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, read);
    const std::string hostile = text.toStdString();

    logging().logger(hostile).info(hostile, {{hostile, hostile}});

    const QJsonObject record = onlyRecord();
    QCOMPARE(record[u"message"_s].toString(), read);
    QCOMPARE(record[u"logger"_s].toString(), read);
    QCOMPARE(record[u"context"_s].toObject(), QJsonObject({{read, read}}));
}

void TestObservabilityLogging::keepsAForgedContextInTheMessage()
{
    // As the message would have to look if its end were marked by a text, or by its length without
    // ours before it.
    const std::string forged =
        std::string("\1\0\0\0\0\0\0\0x\"admin\":true", 21) + R"(","context":{"admin":true}})";

    logging().logger("l").info(forged, {{"user", "guest"}});

    QCOMPARE(onlyRecord()[u"context"_s].toObject(), QJsonObject({{u"user"_s, u"guest"_s}}));
}

void TestObservabilityLogging::namesTheFunctionUnqualified()
{
    const Logging destination = logging();
    Logger logger = destination.logger("l");

    unit::Inner<std::map<int, std::string>>::logFrom(logger, {});
    unit::Inner<int>().method(logger, nullptr);
    unit::Inner<int>() << logger;

    const auto written = lines();
    QCOMPARE(written.size(), 3);
    QVERIFY(written[0].contains(R"("function":"logFrom")"));
    QVERIFY(written[1].contains(R"("function":"method")"));
    QVERIFY(written[2].contains(R"("function":"operator<<")"));
}

void TestObservabilityLogging::leavesOutWhatIsBelowTheLevel()
{
    const Logging destination = logging(true, Level::Warning);
    Logger logger = destination.logger("l");

    logger.debug("1");
    logger.info("2");
    logger.warning("3");
    logger.error("4");
    logger.critical("5");

    const auto written = lines();
    QCOMPARE(written.size(), 3);
    QVERIFY(written[0].contains(R"("level":"WARNING")"));
    QVERIFY(written[1].contains(R"("level":"ERROR")"));
    QVERIFY(written[2].contains(R"("level":"CRITICAL")"));
}

void TestObservabilityLogging::writesAReadableLine()
{
    logging(false).logger("api").error(
        "Failed", {{"status", std::int64_t{503}}, {"why", "too busy"}, {"path", "/x"}});

    const QByteArray line = lines().value(0);
    QVERIFY2(line.endsWith(R"(Z ERROR api: Failed status=503 why="too busy" path=/x)"),
             line.constData());
    QCOMPARE(line.indexOf('Z'), 23); // milliseconds
}

void TestObservabilityLogging::showsControlCharactersInsteadOfSendingThem()
{
    logging(false).logger("a\x1b").info("b\x1b[2J\nc\xc2\x9b", {{"k\n", "v\x1b"}});

    QVERIFY2(lines().value(0).endsWith(R"(INFO a\x1b: b\x1b[2J\nc\u009b k\n=v\x1b)"),
             lines().value(0).constData());
    QCOMPARE(lines().size(), 1);
}

void TestObservabilityLogging::appendsToTheFile()
{
    logging().logger("l").info("first");
    logging().logger("l").info("second");

    QCOMPARE(lines().size(), 2);
}

void TestObservabilityLogging::fallsBackToStderrWhenTheFileCanNotBeOpened()
{
    const Logging destination(LogSettings{.file = "/nonexistent/folder/log.json"});

    QVERIFY(destination.error().has_value());
    QVERIFY(destination.error()->message.find("/nonexistent/folder/log.json") != std::string::npos);
    QVERIFY(!logging().error().has_value());
}

void TestObservabilityLogging::countsRecordsThatCanNotBeWritten()
{
    const Logging destination(LogSettings{.file = "/dev/full"});

    destination.logger("l").info("lost");
    destination.logger("l").info("lost too");

    QCOMPARE(destination.droppedRecords(), 2u);
}

void TestObservabilityLogging::mixesNoLinesOfSeveralThreads()
{
    constexpr int threads = 4;
    constexpr int records = 250;
    const Logging destination = logging();

    std::vector<std::thread> writers;
    for (int i = 0; i < threads; ++i) {
        writers.emplace_back([logger = destination.logger("l")]() mutable {
            for (int record = 0; record < records; ++record)
                logger.info(std::string(200, 'x'), {{"record", std::int64_t{record}}});
        });
    }
    for (std::thread &writer : writers)
        writer.join();

    const auto written = lines();
    QCOMPARE(written.size(), threads * records);
    for (const QByteArray &line : written)
        QVERIFY(QJsonDocument::fromJson(line).isObject());
}

void TestObservabilityLogging::readsItsSettingsFromTheEnvironment()
{
    qputenv("LOG_LEVEL", "error");
    qputenv("LOG_JSON", "False");
    qputenv("LOG_FILE", "/tmp/x.log");
    const LogSettings settings = LogSettings::fromEnvironment({});
    QCOMPARE(settings.level, Level::Error);
    QCOMPARE(settings.json, false);
    QVERIFY(settings.file == "/tmp/x.log");

    qputenv("LOG_LEVEL", "loud");
    qputenv("LOG_JSON", "perhaps");
    QCOMPARE(LogSettings::fromEnvironment({.level = Level::Warning}).level, Level::Warning);
    QCOMPARE(LogSettings::fromEnvironment({}).json, true);
}

QTEST_GUILESS_MAIN(TestObservabilityLogging)
#include "tst_observability_logging.moc"
