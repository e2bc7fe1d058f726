#ifndef Q_MOC_RUN // moc 6.4 can not read what <thread> includes
#include "core/observability/context.h"
#endif
#include "core/observability/logging.h"
#include "core/observability/registry.h"
#include "support/file_size_limit.h"
#include "support/stderr_capture.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <thread>
#include <vector>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;

namespace {

thread_local bool failsToAllocate = false;

} // namespace

// AddressSanitizer has its own, and tells when memory goes from one to the other.
#ifndef __SANITIZE_ADDRESS__
void *operator new(std::size_t size)
{
    if (failsToAllocate && size > 100'000)
        throw std::bad_alloc();
    if (void *const memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}
#endif

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
    void saysWhereTroubleComesFromInAReadableLine();
    void showsControlCharactersInsteadOfSendingThem();
    void appendsToTheFile();
    void fallsBackToStderrWhenTheFileCanNotBeOpened();
    void countsRecordsThatCanNotBeWritten();
    void losesAndMixesNothingOfManyThreads_data();
    void losesAndMixesNothingOfManyThreads();
    void dropsAndCountsTheOldestWhenTheQueueIsFull();
    void mergesContextAndFieldsWithUniqueKeys();
    void masksSecretsInMessageContextAndFields();
    void followsItsLevelAtRunTime();
    void goesOnWithOtherSettingsForLoggersMadeBefore();
    void keepsItsSettingsWhenOthersMakeNoSense();
    void limitsACallSite();
    void samplesACallSite();
    void limitsEveryCallSiteWhenAsked();
    void writesErrorsAtOnceAndTheRestSoon();
    void reopensItsFile();
    void reopensItsFileAfterAHangupWhenAsked();
    void logsFromWithinItsErrorHandler_data();
    void logsFromWithinItsErrorHandler();
    void takesHugeRecords();
    void outlivesItsOwner();
    void hasADefaultForTheProcess();
    void writesWhatWasLoggedUntilTheProgramsEnd();
    void keepsALimitedLoggerOfATemporaryOne();
    void takesFieldsThatAreKnownAtRunTime();
    void takesEnumeratorsPathsAndWhatMayBeMissing();
    void goesOnInAForkedProcess_data();
    void goesOnInAForkedProcess();
    void isForkedWhileOtherThreadsLog_data();
    void isForkedWhileOtherThreadsLog();
    void writesWhatADaemonLogged();
    void waitsForNoRecordThatCouldNotBeQueued();
    void boundsWhatTheQueueHolds_data();
    void boundsWhatTheQueueHolds();
    void readsItsSettingsFromTheEnvironment();

private:
    Logging logging(bool json = true, Level level = Level::Debug) const;
    LogSettings toFile() const { return {.level = Level::Debug, .file = m_file}; }
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
    void operator+(Logger &logger) { logger.info("x"); }
    std::vector<int> method(Logger &logger, void (*)(int)) const
    {
        [&] { logger.info("x"); }();
        return {};
    }
};

struct operator_info {
    Logger &logger;
};
void bill(const operator_info &info)
{
    info.logger.info("x");
}
void (*handlerOf(Logger &logger))(int)
{
    logger.info("x");
    return nullptr;
}

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
    Logging destination = logging();
    Logger logger = destination.logger("l");

    unit::Inner<std::map<int, std::string>>::logFrom(logger, {});
    unit::Inner<int>().method(logger, nullptr);
    unit::Inner<int>() << logger;
    unit::bill({logger});
    unit::handlerOf(logger);
    unit::Inner<int>() + logger;

    destination.flush();
    const auto written = lines();
    QCOMPARE(written.size(), 6);
    QVERIFY(written[3].contains(R"("function":"bill")"));
    QVERIFY(written[4].contains(R"("function":"handlerOf")"));
    QVERIFY(written[5].contains(R"("function":"operator+")"));
    QVERIFY(written[0].contains(R"("function":"logFrom")"));
    QVERIFY(written[1].contains(R"("function":"method")"));
    QVERIFY(written[2].contains(R"("function":"operator<<")"));
}

void TestObservabilityLogging::leavesOutWhatIsBelowTheLevel()
{
    Logging destination = logging(true, Level::Warning);
    Logger logger = destination.logger("l");

    logger.debug("1");
    logger.info("2");
    logger.warning("3");
    logger.error("4");
    logger.critical("5");

    destination.flush();
    const auto written = lines();
    QCOMPARE(written.size(), 3);
    QVERIFY(written[0].contains(R"("level":"WARNING")"));
    QVERIFY(written[1].contains(R"("level":"ERROR")"));
    QVERIFY(written[2].contains(R"("level":"CRITICAL")"));
}

void TestObservabilityLogging::writesAReadableLine()
{
    logging(false).logger("api").info(
        "Failed", {{"status", std::int64_t{503}}, {"why", "too busy"}, {"path", "/x"}});

    const QByteArray line = lines().value(0);
    QVERIFY2(line.endsWith(R"(Z INFO api: Failed status=503 why="too busy" path=/x)"),
             line.constData());
    QCOMPARE(line.indexOf('Z'), 23); // milliseconds
}

void TestObservabilityLogging::showsControlCharactersInsteadOfSendingThem()
{
    logging(false).logger("a\x1b").info("b\x1b[2J\nc\xc2\x9b", {{"k\n", "v\x1b"}});

    QVERIFY2(lines().value(0).endsWith(R"(INFO a\x1b: b\x1b[2J\nc\u009b k\n=v\x1b)"),
             lines().value(0).constData());
    QCOMPARE(lines().size(), 1);

    // Also where the value is in quotes.
    logging(false).logger("l").info("m", {{"k", "v \x1b\xc2\x9b"}});
    QVERIFY2(lines().value(1).endsWith("k=\"v \\u001b\\u009b\""), lines().value(1).constData());
}

void TestObservabilityLogging::saysWhereTroubleComesFromInAReadableLine()
{
    logging(false).logger("api").warning("Slow");
    const auto line = std::to_string(std::source_location::current().line() - 1);

    QVERIFY2(lines().value(0).endsWith(
                 ("WARNING api: Slow (tst_observability_logging.cpp:" + line + ')').c_str()),
             lines().value(0).constData());
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
    test::StderrCapture quiet;
    Registry registry;
    std::vector<std::string> errors;
    {
        LogSettings settings{.file = "/dev/full", .metrics = &registry};
        settings.onError = [&](const Error &error) { errors.push_back(error.message); };
        Logging destination(settings);
        const Logger log = destination.logger("l");
        const std::string large(600'000, 'x');

        for (int i = 0; i < 4; ++i)
            log.error(large); // only so much waits for better times
        destination.flush();

        QCOMPARE(destination.droppedRecords(), 3u);
        QVERIFY(destination.error().has_value());
    }
    QCOMPARE(errors.size(), std::size_t{1});
    const QByteArray exposition = QByteArray::fromStdString(registry.expose());
    QVERIFY2(exposition.contains("trendscope_log_records_dropped_total{reason=\"write\"} 3"),
             exposition.constData());
    QVERIFY(exposition.contains("trendscope_log_records_dropped_total{reason=\"queue\"} 0"));
}

void TestObservabilityLogging::losesAndMixesNothingOfManyThreads_data()
{
    QTest::addColumn<bool>("isAsync");
    QTest::newRow("written by the caller") << false;
    QTest::newRow("through a queue") << true;
}

void TestObservabilityLogging::losesAndMixesNothingOfManyThreads()
{
    QFETCH(bool, isAsync);
    constexpr int threads = 8;
    constexpr int records = 20'000;
    {
        LogSettings settings = toFile();
        if (isAsync)
            settings.async = AsyncSettings{.queue = 100};
        Logging destination(settings);
        std::vector<std::thread> writers;
        for (int i = 0; i < threads; ++i) {
            writers.emplace_back([i, log = destination.logger("l")] {
                for (int record = 0; record < records; ++record)
                    log.info("m", {{"writer", i}, {"record", record}});
            });
        }
        for (std::thread &writer : writers)
            writer.join();
        QCOMPARE(destination.droppedRecords(), 0u);
    }

    const auto written = lines();
    QCOMPARE(written.size(), threads * records);
    std::vector<int> next(threads, 0);
    for (const QByteArray &line : written) {
        const QJsonObject context = QJsonDocument::fromJson(line).object()[u"context"_s].toObject();
        const int writer = context[u"writer"_s].toInt(-1);
        QVERIFY2(writer >= 0, line.constData());
        QCOMPARE(context[u"record"_s].toInt(), next[static_cast<std::size_t>(writer)]++);
    }
}

void TestObservabilityLogging::dropsAndCountsTheOldestWhenTheQueueIsFull()
{
    constexpr int records = 5000;
    Registry registry;
    std::uint64_t dropped = 0;
    {
        LogSettings settings = toFile();
        settings.flushWithin = std::chrono::milliseconds(0); // slow to write, fast to queue
        settings.async = AsyncSettings{.queue = 4, .overflow = AsyncSettings::Overflow::DropOldest};
        settings.metrics = &registry;
        Logging destination(settings);
        const Logger log = destination.logger("l");
        for (int i = 0; i < records; ++i)
            log.info("m", {{"record", i}});
        destination.flush();
        dropped = destination.droppedRecords();
    }

    const auto written = lines();
    QVERIFY(dropped > 0);
    QCOMPARE(static_cast<std::uint64_t>(written.size()) + dropped, std::uint64_t{records});
    QVERIFY(written.last().contains("\"record\":4999")); // the newest is not the one that goes
    QVERIFY(registry.expose().find("trendscope_log_records_dropped_total{reason=\"queue\"} "
                                   + std::to_string(dropped))
            != std::string::npos);
}

void TestObservabilityLogging::mergesContextAndFieldsWithUniqueKeys()
{
    Logging destination = logging();
    const Logger log = destination.logger("l");
    {
        const LogContext outer({{"request_id", "abc"}, {"a", 1}, {"b", 2}});
        const LogContext inner({{"a", 3}});
        log.info("m", {{"x", 1}, {"b", 4}, {"x", 2}});
    }
    log.info("n");

    destination.flush();
    const auto written = lines();
    QVERIFY2(
        written.value(0).endsWith("\"context\":{\"request_id\":\"abc\",\"a\":3,\"b\":4,\"x\":2}}"),
        written.value(0).constData());
    QVERIFY(written.value(1).endsWith("\"context\":{}}"));
}

void TestObservabilityLogging::masksSecretsInMessageContextAndFields()
{
    for (const bool json : {true, false}) {
        Logging destination = logging(json);
        const LogContext context({{"session_id", "s3cret"}});
        destination.logger("l").info("login with password=s3cret",
                                     {{"password", "s3cret"}, {"url", "redis://u:s3cret@h"}});
    }
    for (const QByteArray &line : lines()) {
        QVERIFY2(!line.contains("s3cret"), line.constData());
        QCOMPARE(line.count("***"), 4);
    }
    QCOMPARE(lines().size(), 2);
}

void TestObservabilityLogging::followsItsLevelAtRunTime()
{
    Logging destination = logging(true, Level::Error);
    const Logger log = destination.logger("l");
    QVERIFY(!log.isEnabled(Level::Warning));

    destination.setLevel(Level::Debug);
    log.debug("now");

    QCOMPARE(destination.level(), Level::Debug);
    destination.flush();
    QCOMPARE(lines().size(), 1);
}

void TestObservabilityLogging::goesOnWithOtherSettingsForLoggersMadeBefore()
{
    LogSettings settings = toFile();
    settings.async = AsyncSettings{};
    Logging destination(settings);
    const Logger log = destination.logger("l");
    log.info("first");

    LogSettings other{.level = Level::Warning,
                      .file = m_directory->filePath(u"other"_s).toStdString()};
    QVERIFY(destination.configure(other));
    log.info("below");
    log.error("second");

    QCOMPARE(lines().size(), 1);
    QVERIFY(lines().value(0).contains("first"));
    m_file = other.file;
    QCOMPARE(lines().size(), 1);
    QVERIFY(lines().value(0).contains("second"));
}

void TestObservabilityLogging::keepsItsSettingsWhenOthersMakeNoSense()
{
    Logging destination = logging();
    LogSettings bad = toFile();
    bad.redaction.patterns = {"(unclosed"};

    const auto refused = destination.configure(bad);
    QVERIFY(!refused);
    QVERIFY(refused.error().message.find("(unclosed") != std::string::npos);
    QVERIFY(!destination.configure({.async = AsyncSettings{.queue = 0}}));
    destination.logger("l").info("still there");
    destination.flush();
    QCOMPARE(lines().size(), 1);

    // The constructor has no one to tell but the log.
    bad.redaction.patterns = {"(unclosed", "cust-[0-9]+"};
    bad.async = AsyncSettings{.queue = 0};
    Logging(bad).logger("l").info("cust-17");
    QCOMPARE(lines().size(), 3);
    QVERIFY(lines().value(1).contains("(unclosed"));
    QVERIFY(lines().value(2).contains("\"***\""));
}

void TestObservabilityLogging::limitsACallSite()
{
    Registry registry;
    LogSettings settings = toFile();
    settings.metrics = &registry;
    Logging destination(settings);
    const Logger log = destination.logger("noisy");
    const auto logOnce = [&] { log.limited({.perSecond = 5}).warning("w"); };

    for (int i = 0; i < 100; ++i)
        logOnce();
    log.limited({.perSecond = 5}).warning("another site");

    destination.flush();
    const auto suppressed = destination.suppressedRecords();
    QVERIFY(suppressed >= 90 && suppressed <= 95); // a second may end within
    QCOMPARE(static_cast<std::uint64_t>(lines().size()), 101 - suppressed);
    QVERIFY(registry.expose().find("trendscope_log_records_suppressed_total{logger=\"noisy\"} "
                                   + std::to_string(suppressed))
            != std::string::npos);
    const auto isTold = [&] {
        logOnce();
        destination.flush();
        return lines().join().contains("\"suppressed\":");
    };
    QTRY_VERIFY(isTold());
}

void TestObservabilityLogging::samplesACallSite()
{
    Logging destination = logging();
    const Logger log = destination.logger("l");

    for (int i = 0; i < 250; ++i)
        log.sampled(100).info("m", {{"i", i}});

    destination.flush();
    const auto written = lines();
    QCOMPARE(written.size(), 3);
    QVERIFY(written[0].endsWith("{\"i\":0}}"));
    QVERIFY(written[1].endsWith("{\"i\":100,\"suppressed\":99}}"));
    QVERIFY(written[2].endsWith("{\"i\":200,\"suppressed\":99}}"));
    QCOMPARE(destination.suppressedRecords(), 247u);
}

void TestObservabilityLogging::limitsEveryCallSiteWhenAsked()
{
    LogSettings settings = toFile();
    settings.limit = CallSiteLimit{.perSecond = 2, .thenEvery = 10};
    Logging destination(settings);
    const Logger log = destination.logger("l");

    for (int i = 0; i < 23; ++i)
        log.info("m");
    for (int i = 0; i < 23; ++i)
        log.limited({}).info("not limited");

    destination.flush();
    // 2, then the 1st, 11th and 21st of the rest; more when a second ended within.
    const auto limited = lines().size() - 23;
    QVERIFY2(limited >= 5 && limited <= 7, qPrintable(QString::number(limited)));
}

void TestObservabilityLogging::writesErrorsAtOnceAndTheRestSoon()
{
    LogSettings settings = toFile();
    settings.flushWithin = std::chrono::hours(1);
    Logging destination(settings);
    const Logger log = destination.logger("l");

    log.info("waits");
    QCOMPARE(lines().size(), 0);
    log.error("does not");
    QCOMPARE(lines().size(), 2);

    QVERIFY(destination.configure(toFile()));
    log.info("soon");
    QTRY_COMPARE(lines().size(), 3);

    settings.flushWithin = std::chrono::milliseconds(0);
    QVERIFY(destination.configure(settings));
    log.info("now");
    QCOMPARE(lines().size(), 4);
}

void TestObservabilityLogging::reopensItsFile()
{
    Logging destination = logging();
    const Logger log = destination.logger("l");
    log.info("before");
    destination.flush();
    std::filesystem::rename(m_file, m_file.string() + ".1");

    destination.reopen();
    log.info("after");

    destination.flush();
    QCOMPARE(lines().size(), 1);
    QVERIFY(lines().value(0).contains("after"));
}

namespace {
volatile std::sig_atomic_t hangups = 0;
}

void TestObservabilityLogging::reopensItsFileAfterAHangupWhenAsked()
{
    struct sigaction before = {};
    struct sigaction own = {};
    own.sa_handler = [](int) { hangups = hangups + 1; };
    ::sigaction(SIGHUP, &own, &before);
    LogSettings settings = toFile();
    settings.reopenOnHangup = true;
    {
        Logging destination(settings);
        Logging another(settings);
        const Logger log = destination.logger("l");
        log.info("before");
        destination.flush();
        std::filesystem::rename(m_file, m_file.string() + ".1");

        ::raise(SIGHUP);
        log.info("after");
        another.logger("l").info("after, too");
        destination.flush();
        another.flush();

        QCOMPARE(lines().size(), 2);
        QCOMPARE(hangups, 1); // the program's own handler is not forgotten
    }
    ::raise(SIGHUP);
    QCOMPARE(hangups, 2);
    struct sigaction after = {};
    ::sigaction(SIGHUP, &before, &after);
    QVERIFY(after.sa_handler == own.sa_handler);
}

void TestObservabilityLogging::logsFromWithinItsErrorHandler_data()
{
    QTest::addColumn<bool>("isAsync");
    QTest::newRow("written by the caller") << false;
    QTest::newRow("through a queue") << true;
}

void TestObservabilityLogging::logsFromWithinItsErrorHandler()
{
    QFETCH(bool, isAsync);
    test::StderrCapture quiet;
    const QString folder = m_directory->filePath(u"folder"_s);
    QVERIFY(QDir().mkdir(folder));
    m_file = (folder + u"/log"_s).toStdString();
    std::optional<Logger> inHandler;
    std::atomic<int> calls = 0;
    LogSettings settings = toFile();
    settings.onError = [&](const Error &error) {
        ++calls;
        for (int i = 0; i < 10; ++i)
            inHandler->error("Logging failed", {{"why", error.message}, {"i", i}});
    };
    if (isAsync)
        settings.async = AsyncSettings{.queue = 2};
    Logging destination(settings);
    inHandler = destination.logger("handler");
    const Logger log = destination.logger("l");
    log.error("good");
    destination.flush();
    const auto size = QFile(QString::fromStdString(m_file.string())).size();
    std::optional<test::FileSizeLimit> full(std::in_place, static_cast<rlim_t>(size));

    log.error(std::string(10'000, 'x'));
    destination.flush();
    full.reset();

    QTRY_VERIFY(!destination.error().has_value());
    QTRY_COMPARE(lines().size(), 12);
    for (const QByteArray &line : lines())
        QVERIFY2(QJsonDocument::fromJson(line).isObject(), line.constData());
    QCOMPARE(calls, 1);
    QCOMPARE(destination.droppedRecords(), 0u);
}

void TestObservabilityLogging::takesHugeRecords()
{
    Logging destination = logging();
    const std::string huge(10'000'000, '\xff');

    destination.logger("l").info(huge, {{"k", huge}});
    destination.logger("l").info("small");

    destination.flush();
    QCOMPARE(lines().size(), 2);
    QCOMPARE(QJsonDocument::fromJson(lines().value(0)).object()[u"message"_s].toString().size(),
             10'000'000);
}

void TestObservabilityLogging::outlivesItsOwner()
{
    std::optional<Logger> log;
    {
        LogSettings settings = toFile();
        settings.async = AsyncSettings{};
        Logging destination(settings);
        log = destination.logger("l");
        log->info("first");
    }
    QCOMPARE(lines().size(), 1);

    log->info("second");
    log.reset();

    QCOMPARE(lines().size(), 2);
}

void TestObservabilityLogging::hasADefaultForTheProcess()
{
    const Logger before = observability::logger("early");
    qputenv("LOG_LEVEL", "warning");
    QVERIFY(setupLogging({.level = Level::Debug, .file = m_file}));

    before.info("below");
    before.warning("there");
    observability::logging().flush();

    QCOMPARE(lines().size(), 1);
    QVERIFY(lines().value(0).contains("early"));
    QVERIFY(!setupLogging({.redaction = {.patterns = {"("}}}));
    QVERIFY(setupLogging({}));
}

/// A program of its own: this one, started again, see main().
void TestObservabilityLogging::writesWhatWasLoggedUntilTheProgramsEnd()
{
    QProcess program;
    program.setProgram(QCoreApplication::applicationFilePath());
    program.setArguments({u"--exit-while-logging"_s, QString::fromStdString(m_file.string())});
    program.start();
    QVERIFY(program.waitForFinished());

    QCOMPARE(program.exitCode(), 0);
    QCOMPARE(lines().size(), 1001);
    QVERIFY(lines().last().contains("destroyed"));
}

void TestObservabilityLogging::keepsALimitedLoggerOfATemporaryOne()
{
    const auto destination = std::make_unique<Logging>(toFile());
    const auto limited = destination->logger("a name that is too long to be inside").limited({});
    const auto sampled = destination->logger("another name that is as long as it").sampled(1);

    limited.info("1");
    sampled.info("2", std::vector<Field>{{"key", 1}});
    destination->flush();

    QVERIFY(lines().value(0).contains("a name that is too long to be inside"));
    QVERIFY(lines().value(1).contains("another name that is as long as it"));
}

void TestObservabilityLogging::takesFieldsThatAreKnownAtRunTime()
{
    Logging destination(toFile());
    const Logger log = destination.logger("l");
    std::vector<Field> fields{{"one", 1}};
    fields.push_back({"two", "2"});

    log.info("m", fields);
    log.log(Level::Warning, "m", std::span(fields).first(1));
    log.info("m", {});
    log.info("m", {{"key", "value"}});
    destination.flush();

    QVERIFY(lines().value(0).contains(R"("context":{"one":1,"two":"2"}})"));
    QVERIFY(lines().value(0).contains(R"("function":"takesFieldsThatAreKnownAtRunTime")"));
    QVERIFY(lines().value(1).contains(R"("context":{"one":1}})"));
    QVERIFY(lines().value(2).contains(R"("context":{}})"));
    QVERIFY(lines().value(3).contains(R"("context":{"key":"value"}})"));
}

void TestObservabilityLogging::takesEnumeratorsPathsAndWhatMayBeMissing()
{
    enum class Small : char { A = 'a' };
    enum class Wide : std::uint64_t { Most = 18446744073709551615U };
    enum class Flag : bool { On = true };
    static_assert(!std::is_constructible_v<Value, char>);
    static_assert(!std::is_constructible_v<Value, char32_t>);
    static_assert(!std::is_constructible_v<Value, std::optional<char>>);
    static_assert(std::is_constructible_v<Value, signed char>);
    static_assert(!std::is_constructible_v<Value, std::vector<char>>);
    const std::filesystem::path path = "/a/b";
    const std::optional<std::string> text = "there";
    Logging destination(toFile());

    destination.logger("l").info("m",
                                 {{"small", Small::A},
                                  {"wide", Wide::Most},
                                  {"flag", Flag::On},
                                  {"path", path},
                                  {"text", text},
                                  {"none", std::optional<int>()},
                                  {"nothing", std::nullopt}});
    destination.flush();

    QVERIFY(lines().value(0).contains(
        R"({"small":97,"wide":18446744073709551615,"flag":1,"path":"/a/b","text":"there","none":null,"nothing":null})"));
}

namespace {

/// Whether it ended by itself, and well.
bool endsWell(pid_t child)
{
    int status = -1;
    if (!QTest::qWaitFor([&] { return ::waitpid(child, &status, WNOHANG) != 0; }, 20'000)) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        return false;
    }
    return status == 0;
}

bool waitFor(const std::filesystem::path &file, const char *text)
{
    const auto isThere = [&] {
        QFile written(QString::fromStdString(file.string()));
        return written.open(QIODevice::ReadOnly) && written.readAll().contains(text);
    };
    for (int i = 0; i < 1000 && !isThere(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return isThere();
}

} // namespace

void TestObservabilityLogging::goesOnInAForkedProcess_data()
{
    QTest::addColumn<bool>("isAsync");
    QTest::newRow("written by the caller") << false;
    QTest::newRow("through a queue") << true;
}

void TestObservabilityLogging::goesOnInAForkedProcess()
{
    QFETCH(const bool, isAsync);
    LogSettings settings = toFile();
    settings.flushWithin = std::chrono::milliseconds(300);
    if (isAsync)
        settings.async = AsyncSettings{};
    auto destination = std::make_unique<Logging>(settings);
    const Logger log = destination->logger("l");
    log.info("before");

    const pid_t child = ::fork();
    if (child == 0) {
        log.info("in time");
        const bool isInTime = waitFor(m_file, "in time");
        log.info("child");
        destination.reset(); // flushes
        log.info("last");
        ::_exit(isInTime && waitFor(m_file, "last") ? 0 : 1);
    }
    QVERIFY(endsWell(child));
    const pid_t silent = ::fork();
    if (silent == 0) {
        destination.reset();
        ::_exit(0);
    }
    QVERIFY(endsWell(silent));
    log.info("after");
    destination->flush();

    QByteArrayList messages;
    for (const QByteArray &line : lines())
        messages += QJsonDocument::fromJson(line)[u"message"_s].toString().toUtf8();
    QCOMPARE(messages, QByteArrayList({"before", "in time", "child", "last", "after"}));
}

void TestObservabilityLogging::isForkedWhileOtherThreadsLog_data()
{
    goesOnInAForkedProcess_data();
}

void TestObservabilityLogging::isForkedWhileOtherThreadsLog()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("the child can find a lock of AddressSanitizer's allocator taken (before GCC 14)");
#endif
    constexpr int forks = 30;
    QFETCH(const bool, isAsync);
    LogSettings settings = toFile();
    settings.flushWithin = std::chrono::milliseconds(1);
    if (isAsync)
        settings.async = AsyncSettings{.queue = 16};
    Logging destination(settings);
    const Logger log = destination.logger("l");
    std::atomic<bool> isOver = false;
    std::atomic<int> records = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            for (; !isOver; ++records)
                log.error("thread");
        });
    }

    int ended = 0;
    for (int i = 0; i < forks; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            log.info("child");
            destination.flush();
            ::_exit(0);
        }
        ended += endsWell(child) ? 1 : 0;
    }
    isOver = true;
    for (std::thread &thread : threads)
        thread.join();
    destination.flush();

    QCOMPARE(ended, forks);
    QCOMPARE(lines().size(), records + forks);
    QCOMPARE(lines().join().count("\"child\""), forks);
}

/// A program of its own, as above.
void TestObservabilityLogging::writesWhatADaemonLogged()
{
    QProcess program;
    program.setProgram(QCoreApplication::applicationFilePath());
    program.setArguments({u"--daemon"_s, QString::fromStdString(m_file.string())});
    program.start();
    QVERIFY(program.waitForFinished()); // with it its pipes, which the daemon has, too

    QCOMPARE(program.exitCode(), 0);
    QTRY_COMPARE(lines().size(), 1002);
    QVERIFY(lines().first().contains("by the parent"));
    QVERIFY(lines().last().contains("destroyed"));
}

void TestObservabilityLogging::waitsForNoRecordThatCouldNotBeQueued()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("AddressSanitizer allocates itself");
#endif
    LogSettings settings = toFile();
    settings.async = AsyncSettings{};
    Logging destination(settings);
    const Logger log = destination.logger("l");
    const std::string large(1'000'000, 'x');
    log.info("first");

    failsToAllocate = true;
    log.info(large);
    failsToAllocate = false;
    log.info("last");
    destination.flush();

    QCOMPARE(lines().size(), 2);
    QCOMPARE(destination.droppedRecords(), 1u);
}

void TestObservabilityLogging::boundsWhatTheQueueHolds_data()
{
    QTest::addColumn<bool>("drops");
    QTest::newRow("waits") << false;
    QTest::newRow("drops the oldest") << true;
}

void TestObservabilityLogging::boundsWhatTheQueueHolds()
{
    QFETCH(const bool, drops);
    const QByteArray name = QFile::encodeName(m_directory->filePath(u"pipe"_s));
    QCOMPARE(::mkfifo(name.constData(), 0600), 0);
    const int reader = ::open(name.constData(), O_RDWR | O_CLOEXEC); // reads nothing at first
    const std::string large(200'000, 'x');
    std::atomic<int> logged = 0;
    std::uint64_t dropped = 0;
    QByteArray text;
    {
        using Overflow = AsyncSettings::Overflow;
        Logging destination(
            {.file = name.toStdString(),
             .flushWithin = std::chrono::milliseconds(0),
             .async = AsyncSettings{.queueBytes = 1'000'000,
                                    .overflow = drops ? Overflow::DropOldest : Overflow::Block}});
        const Logger log = destination.logger("l");
        std::thread writer([&] {
            for (; logged < 20; ++logged)
                log.info(large);
        });
        if (drops)
            QTRY_COMPARE(logged, 20);
        else
            QTRY_COMPARE(logged, 5); // one is being written, four wait
        QVERIFY(destination.droppedRecords() == (drops ? 15 : 0));

        std::thread drain([&] {
            std::array<char, 65536> buffer;
            const auto all = drops ? 5 : 20;
            while (text.count('\n') < all)
                text.append(buffer.data(), ::read(reader, buffer.data(), buffer.size()));
        });
        writer.join();
        drain.join();
        dropped = destination.droppedRecords();
    }
    ::close(reader);

    QCOMPARE(dropped, drops ? 15u : 0u);
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

    qputenv("LOG_LEVEL", "warn");
    QCOMPARE(LogSettings::fromEnvironment({}).level, Level::Warning);
    qputenv("LOG_LEVEL", "FATAL");
    QCOMPARE(LogSettings::fromEnvironment({}).level, Level::Critical);

    qputenv("LOG_LEVEL", "loud");
    qputenv("LOG_JSON", "perhaps");
    QCOMPARE(LogSettings::fromEnvironment({.level = Level::Warning}).level, Level::Warning);
    const LogSettings odd = LogSettings::fromEnvironment({.file = m_file});
    QCOMPARE(odd.json, true);
    QCOMPARE(odd.problems.size(), std::size_t{2});

    LogSettings ours = odd;
    ours.file = m_file;
    Logging{ours};
    QCOMPARE(lines().size(), 2); // said once
    QVERIFY(lines().value(0).contains("LOG_LEVEL"));
    QVERIFY(lines().value(1).contains("perhaps"));
}

namespace {

/// Is still there when main() has returned, and logs then.
struct LastWords {
    ~LastWords() { observability::logger("late").info("destroyed"); }
};

int becomeADaemon(const char *file)
{
    static LastWords lastWords;
    (void)setupLogging({.file = file, .flushWithin = std::chrono::hours(1)});
    const Logger log = observability::logger("l");
    log.info("by the parent");
    if (::daemon(1, 1) != 0)
        return 1;
    for (int i = 0; i < 1000; ++i)
        log.info("m");
    return 0;
}

int exitWhileLogging(const char *file)
{
    static LastWords lastWords;
    (void)setupLogging(
        {.file = file, .flushWithin = std::chrono::hours(1), .async = AsyncSettings{}});
    const Logger log = observability::logger("l");
    for (int i = 0; i < 1000; ++i)
        log.info("m");
    return 0;
}

} // namespace

int main(int argc, char *argv[])
{
    if (argc == 3 && std::string_view(argv[1]) == "--exit-while-logging")
        return exitWhileLogging(argv[2]);
    if (argc == 3 && std::string_view(argv[1]) == "--daemon")
        return becomeADaemon(argv[2]);
    QCoreApplication application(argc, argv);
    TestObservabilityLogging test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_observability_logging.moc"
