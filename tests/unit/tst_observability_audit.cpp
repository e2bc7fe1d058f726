#include "core/observability/audit.h"
#include "core/observability/context.h"
#include "support/audit_log_files.h"
#include "support/file_size_limit.h"
#include "support/stderr_capture.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageAuthenticationCode>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <set>
#include <thread>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using test::linesOf;
using test::put;
using test::textOf;
namespace fs = std::filesystem;

class TestObservabilityAudit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void writesTheFieldsOfEachEvent();
    void leavesOutWhatIsNotKnown();
    void masksSecrets();
    void staysOneLineWhateverIsRecorded();
    void chainsTheRecords_data();
    void chainsTheRecords();
    void goesOnWhereItEnded();
    void goesOnAfterARotation();
    void goesOnWhenTheFileWasMovedAway();
    void goesOnFromTheNewestRotatedFileOnly();
    void goesOnAndSaysSoWhenAllFilesWereMovedAway();
    void refusesAForkedProcess();
    void hasEachDetailOnce();
    void takesOffALineThatWasNeverFinished();
    void acceptsWhatWasWrittenAfterTheSeal();
    void refusesALogThatIsNotWhatItWas_data();
    void refusesALogThatIsNotWhatItWas();
    void refusesASecondWriter();
    void refusesAKeyOrAFileThatIsNone();
    void tellsTheCallerWhatCouldNotBeWritten();
    void putsBackASealThatWasDeleted();
    void numbersTheRecordsOfAllThreads();
    void syncsLaterWhenAskedTo();
    void losesNothingThatWasReturnedWhenItIsKilled_data();
    void losesNothingThatWasReturnedWhenItIsKilled();

private:
    AuditSettings settings(bool hasKey = true) const;
    void write(int records, const AuditSettings &settings) const;
    AuditReport verify(bool hasKey = true) const;
    QJsonObject record(std::size_t line) const;

    std::unique_ptr<QTemporaryDir> m_directory;
    fs::path m_folder;
    fs::path m_log;
    fs::path m_seal;
    fs::path m_key;
};

void TestObservabilityAudit::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_folder = m_directory->path().toStdString();
    fs::create_directory(m_folder / "log");
    m_log = m_folder / "log" / "audit.log";
    m_seal = m_folder / "log" / "audit.log.seal";
    m_key = m_folder / "key";
    put(m_key, "0123456789abcdef\n");
}

AuditSettings TestObservabilityAudit::settings(bool hasKey) const
{
    return {.file = m_log, .keyFile = hasKey ? m_key : fs::path()};
}

void TestObservabilityAudit::write(int records, const AuditSettings &settings) const
{
    auto log = AuditLog::open(settings);
    QVERIFY2(log.has_value(), log ? "" : log.error().message.c_str());
    for (int i = 0; i < records; ++i)
        QVERIFY(log->dataAccess({"topic", std::to_string(i), "read", "alice"}).has_value());
}

AuditReport TestObservabilityAudit::verify(bool hasKey) const
{
    const auto report =
        verifyAuditLog({.files = test::auditFiles(m_log), .keyFile = hasKey ? m_key : fs::path()});
    return report ? *report
                  : AuditReport{.problems = {{.kind = {}, .message = report.error().message}},
                                .problemCount = 1};
}

QJsonObject TestObservabilityAudit::record(std::size_t line) const
{
    const auto lines = linesOf(m_log);
    return line < lines.size()
        ? QJsonDocument::fromJson(QByteArray::fromStdString(lines[line])).object()
        : QJsonObject();
}

void TestObservabilityAudit::writesTheFieldsOfEachEvent()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    const LogContext context({{"request_id", "abc-123"}});

    QCOMPARE(*log->authAttempt({.user = "bob", .success = false, .ipAddress = "10.0.0.1"},
                               {{"attempts", 3}}),
             1u);
    QCOMPARE(*log->apiAccess({.endpoint = "/api/trends",
                              .method = "GET",
                              .statusCode = 200,
                              .user = "bob",
                              .duration = 250ms}),
             2u);
    QCOMPARE(*log->dataAccess(
                 {.resourceType = "topic", .resourceId = "42", .action = "delete", .user = "bob"}),
             3u);
    QCOMPARE(
        *log->configChange({.configKey = "limit", .oldValue = 1, .newValue = 2.5, .user = "bob"}),
        4u);

    const QJsonObject attempt = record(0);
    QCOMPARE(
        attempt.keys(),
        QStringList({u"context"_s, u"details"_s, u"event_type"_s, u"function"_s, u"hash"_s,
                     u"ip_address"_s, u"level"_s, u"line"_s, u"logger"_s, u"message"_s, u"module"_s,
                     u"previous"_s, u"sequence"_s, u"success"_s, u"timestamp"_s, u"user"_s}));
    QCOMPARE(attempt[u"level"_s], u"WARNING"_s);
    QCOMPARE(attempt[u"logger"_s], u"audit"_s);
    QCOMPARE(attempt[u"event_type"_s], u"auth_attempt"_s);
    QCOMPARE(attempt[u"user"_s], u"bob"_s);
    QCOMPARE(attempt[u"success"_s], false);
    QCOMPARE(attempt[u"ip_address"_s], u"10.0.0.1"_s);
    QCOMPARE(attempt[u"details"_s].toObject(), QJsonObject({{u"attempts"_s, 3}}));
    QCOMPARE(attempt[u"context"_s].toObject(), QJsonObject({{u"request_id"_s, u"abc-123"_s}}));
    QCOMPARE(attempt[u"function"_s], u"writesTheFieldsOfEachEvent"_s);
    QCOMPARE(attempt[u"module"_s], u"tst_observability_audit"_s);
    QVERIFY(QDateTime::fromString(attempt[u"timestamp"_s].toString(), Qt::ISODate).isValid());
    QCOMPARE(attempt[u"timestamp"_s].toString().size(), 27);
    QCOMPARE(record(1)[u"event_type"_s], u"api_access"_s);
    QCOMPARE(record(1)[u"level"_s], u"INFO"_s);
    QCOMPARE(record(1)[u"status_code"_s], 200);
    QCOMPARE(record(1)[u"duration_seconds"_s], 0.25);
    QCOMPARE(record(2)[u"resource_id"_s], u"42"_s);
    QCOMPARE(record(2)[u"action"_s], u"delete"_s);
    QCOMPARE(record(3)[u"old_value"_s], 1);
    QCOMPARE(record(3)[u"new_value"_s], 2.5);
    QCOMPARE(record(3)[u"config_key"_s], u"limit"_s);
}

void TestObservabilityAudit::leavesOutWhatIsNotKnown()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());

    QVERIFY(log->apiAccess({.endpoint = "/", .method = "GET", .statusCode = 404}).has_value());

    QVERIFY(!record(0).contains(u"user"_s));
    QVERIFY(!record(0).contains(u"ip_address"_s));
    QVERIFY(!record(0).contains(u"duration_seconds"_s));
    QVERIFY(!record(0).contains(u"details"_s));
}

void TestObservabilityAudit::masksSecrets()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    const LogContext context({{"api_key", "in-the-context"}});

    QVERIFY(log->configChange({.configKey = "database.password",
                               .oldValue = "hunter1",
                               .newValue = 4711,
                               .user = "bob"},
                              {{"token", "in-the-details"}, {"card", "4111 1111 1111 1111"}})
                .has_value());

    const std::string text = textOf(m_log);
    for (const char *secret : {"hunter1", "4711", "in-the-context", "in-the-details", "4111 1111"})
        QVERIFY2(text.find(secret) == std::string::npos, secret);
    QCOMPARE(record(0)[u"config_key"_s], u"database.password"_s);
    QCOMPARE(record(0)[u"old_value"_s], u"***"_s);
    QCOMPARE(record(0)[u"new_value"_s], u"***"_s);
}

void TestObservabilityAudit::staysOneLineWhateverIsRecorded()
{
    const std::string hostile("a\"b\\\n\0\xff\x1b[31m\",\"hash\":\"sha256:", 29);
    const std::string large(1'000'000, 'x');
    {
        auto log = AuditLog::open(settings());
        QVERIFY(log.has_value());
        QVERIFY(log->authAttempt({.user = hostile}, {{hostile, hostile}}).has_value());
        QVERIFY(log->authAttempt({.user = large}).has_value());
        const auto refused = log->authAttempt({.user = std::string(17'000'000, 'x')});
        QVERIFY(!refused && refused.error().kind == Error::Kind::Invalid);
        QCOMPARE(*log->authAttempt({.user = "c"}), 3u);
    }
    QCOMPARE(linesOf(m_log).size(), 3u);
    QVERIFY(!record(0).isEmpty());
    QCOMPARE(verify().problemCount, 0u);
}

void TestObservabilityAudit::chainsTheRecords_data()
{
    QTest::addColumn<bool>("hasKey");
    QTest::newRow("with a key") << true;
    QTest::newRow("without") << false;
}

void TestObservabilityAudit::chainsTheRecords()
{
    QFETCH(bool, hasKey);

    write(3, settings(hasKey));

    QByteArray previous(64, '0');
    int sequence = 0;
    for (const std::string &line : linesOf(m_log)) {
        const QByteArray text = QByteArray::fromStdString(line);
        const QJsonObject record = QJsonDocument::fromJson(text).object();
        const QByteArray hashed = text.first(text.lastIndexOf(",\"hash\":"));
        const QByteArray hash =
            (hasKey ? QMessageAuthenticationCode::hash(hashed, "0123456789abcdef",
                                                       QCryptographicHash::Sha256)
                    : QCryptographicHash::hash(hashed, QCryptographicHash::Sha256))
                .toHex();
        QCOMPARE(record[u"sequence"_s], ++sequence);
        QCOMPARE(record[u"previous"_s].toString().toLatin1(), previous);
        QCOMPARE(record[u"hash"_s].toString().toLatin1(),
                 (hasKey ? "hmac-sha256:" : "sha256:") + hash);
        previous = hash;
    }
    QCOMPARE(sequence, 3);
    const QJsonObject seal =
        QJsonDocument::fromJson(QByteArray::fromStdString(textOf(m_seal))).object();
    QCOMPARE(seal[u"sequence"_s], 3);
    QCOMPARE(seal[u"hash"_s].toString().toLatin1(), previous);
    QCOMPARE(verify(hasKey).problemCount, 0u);
    QCOMPARE(verify(hasKey).isAuthenticated, hasKey);
    QVERIFY(verify(hasKey).isEndKnown);
}

void TestObservabilityAudit::goesOnWhereItEnded()
{
    for (int i = 0; i < 3; ++i)
        write(2, settings());

    QCOMPARE(linesOf(m_log).size(), 6u);
    QCOMPARE(verify().problemCount, 0u);
    QCOMPARE(verify().last.sequence, 6u);
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    QVERIFY(log->position() == verify().last);
}

void TestObservabilityAudit::goesOnAfterARotation()
{
    AuditSettings rotated = settings();
    rotated.rotation = {.maxBytes = 2000};
    for (int i = 0; i < 4; ++i)
        write(3, rotated);

    QVERIFY(test::auditFiles(m_log).size() > 2);
    QCOMPARE(verify().problemCount, 0u);
    QCOMPARE(verify().records, 12u);
}

void TestObservabilityAudit::goesOnWhenTheFileWasMovedAway()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    QVERIFY(log->authAttempt({.user = "a"}).has_value());
    const fs::path first = m_log.string() + ".2000-01-01.1";
    const fs::path second = m_log.string() + ".2000-01-01.2";

    fs::rename(m_log, first);
    QCOMPARE(*log->authAttempt({.user = "b"}), 2u);
    log = AuditLog::open({.file = m_folder / "other"}); // closes it
    fs::rename(m_log, second);
    write(1, settings());

    QCOMPARE(verify().problemCount, 0u);
    QCOMPARE(verify().records, 3u);
}

void TestObservabilityAudit::goesOnFromTheNewestRotatedFileOnly()
{
    write(3, settings());
    const auto lines = linesOf(m_log);
    const fs::path rotated = m_log.string() + ".2000-01-01.1";
    fs::remove(m_log);
    for (const std::string &cut : {lines[0] + lines[1], std::string(), std::string("{torn")}) {
        put(rotated, cut);
        const auto log = AuditLog::open(settings());
        QVERIFY(!log.has_value());
        QCOMPARE(log.error().kind, Error::Kind::Invalid);
        QVERIFY(log.error().message.find("does not go on from record 3") != std::string::npos);
        QCOMPARE(textOf(rotated), cut);
    }
    put(rotated, lines[0] + lines[1] + lines[2]);
    put(m_log, "");
    write(1, settings());
    QCOMPARE(verify().records, 4u);
    QCOMPARE(verify().problemCount, 0u);
}

void TestObservabilityAudit::goesOnAndSaysSoWhenAllFilesWereMovedAway()
{
    write(3, settings());
    fs::rename(m_log, m_folder / "archived");
    test::StderrCapture captured;

    write(1, settings());

    QVERIFY(captured.text().contains("its seal names record 3; no rotated file is beside it"));
    QVERIFY(linesOf(m_log)[0].find(R"("sequence":4,)") != std::string::npos);
}

void TestObservabilityAudit::refusesAForkedProcess()
{
    AuditSettings late = settings();
    late.syncWithin = 10ms;
    auto log = AuditLog::open(late);
    QVERIFY(log.has_value());
    QVERIFY(log->authAttempt({.user = "a"}).has_value());
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(30);
        int status = 1;
        {
            AuditLog copy = std::move(*log);
            const auto written = copy.authAttempt({.user = "b"});
            const bool isRefused = !written && written.error().kind == Error::Kind::Invalid
                && written.error().message.ends_with("before fork(): open it in the child");
            status = isRefused ? 0 : 1;
        }
        ::_exit(status);
    }
    int status = -1;
    ::waitpid(child, &status, 0);

    QCOMPARE(status, 0);
    QCOMPARE(*log->authAttempt({.user = "c"}), 2u);
    QCOMPARE(verify().problemCount, 0u);
}

void TestObservabilityAudit::hasEachDetailOnce()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    QVERIFY(log->authAttempt({.user = "a"}, {{"n", 1}, {"m", 2}, {"n", 3}}).has_value());

    QVERIFY(textOf(m_log).find(R"("details":{"m":2,"n":3})") != std::string::npos);
}

void TestObservabilityAudit::takesOffALineThatWasNeverFinished()
{
    write(2, settings());
    const std::string whole = textOf(m_log);
    put(m_log, whole + R"({"timestamp":"2024)");
    test::StderrCapture captured;

    write(1, settings());

    QVERIFY(textOf(m_log).starts_with(whole + R"({"timestamp")"));
    QCOMPARE(linesOf(m_log).size(), 3u);
    QCOMPARE(verify().problemCount, 0u);
    QVERIFY(captured.text().contains("audit.log: the last line had no end"));
}

void TestObservabilityAudit::acceptsWhatWasWrittenAfterTheSeal()
{
    write(0, settings());
    const std::string none = textOf(m_seal);
    write(2, settings());
    const std::string early = textOf(m_seal);
    write(3, settings());

    for (const std::string &seal : {none, early}) {
        put(m_seal, seal);
        QCOMPARE(verify().problemCount, 0u);
        QVERIFY(verify().notes.at(0).find("after the sealed record") != std::string::npos);
        write(1, settings());
        QCOMPARE(verify().problemCount, 0u);
        QVERIFY(verify().notes.empty());
    }
    QCOMPARE(verify().records, 7u);
}

void TestObservabilityAudit::refusesALogThatIsNotWhatItWas_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("message");
    QTest::newRow("cut") << u"cut"_s << u"does not go on from record 4"_s;
    QTest::newRow("cut within a line") << u"torn"_s << u"does not go on from record 4"_s;
    QTest::newRow("edited") << u"edited"_s << u"does not go on from record 4"_s;
    QTest::newRow("forged") << u"forged"_s << u"does not go on from record 4"_s;
    QTest::newRow("garbage") << u"garbage"_s << u"does not go on from record 4"_s;
    QTest::newRow("no seal") << u"no seal"_s << u"audit.log.seal is missing"_s;
    QTest::newRow("no seal, moved") << u"no seal, moved"_s << u"audit.log.seal is missing"_s;
    QTest::newRow("an empty seal") << u"empty seal"_s << u"audit.log.seal is missing"_s;
    QTest::newRow("a forged seal") << u"forged seal"_s << u"was not made with this key"_s;
    QTest::newRow("another seal") << u"garbage seal"_s << u"was not made with this key"_s;
    QTest::newRow("another key") << u"key"_s << u"was not made with this key"_s;
    QTest::newRow("no key") << u"no key"_s << u"was begun with a key"_s;
}

void TestObservabilityAudit::refusesALogThatIsNotWhatItWas()
{
    QFETCH(QString, what);
    QFETCH(QString, message);
    write(4, settings());
    const std::string text = textOf(m_log);
    const auto lines = linesOf(m_log);
    std::string changed = text;
    std::string seal = textOf(m_seal);
    bool hasKey = true;
    if (what == u"cut")
        changed = lines[0] + lines[1] + lines[2];
    if (what == u"torn")
        changed.pop_back();
    if (what == u"edited")
        changed.replace(text.rfind("alice"), 5, "mally");
    if (what == u"forged")
        changed += lines[3];
    if (what == u"garbage")
        changed += "{}\n";
    if (what == u"no seal, moved")
        fs::rename(m_log, m_log.string() + ".2000-01-01.1");
    if (what == u"forged seal")
        seal.replace(seal.find(":4,"), 3, ":3,");
    if (what == u"garbage seal")
        seal = "seal";
    if (what == u"key")
        put(m_key, "another key of 27 bytes");
    if (what == u"no key")
        hasKey = false;
    if (what != u"no seal, moved")
        put(m_log, changed);
    put(m_seal, what == u"empty seal" ? "" : seal);
    if (what.startsWith(u"no seal"))
        fs::remove(m_seal);

    const auto log = AuditLog::open(settings(hasKey));

    QVERIFY(!log.has_value());
    QVERIFY2(QString::fromStdString(log.error().message).contains(message),
             log.error().message.c_str());
    QCOMPARE(log.error().kind, Error::Kind::Invalid);
    if (what != u"no seal, moved")
        QCOMPARE(textOf(m_log), changed);
    QVERIFY(what.contains(u"seal") || textOf(m_seal) == seal);
}

void TestObservabilityAudit::refusesASecondWriter()
{
    auto first = AuditLog::open(settings());
    QVERIFY(first.has_value());

    const auto second = AuditLog::open(settings());
    QVERIFY(!second.has_value());
    QVERIFY(second.error().message.find(m_log.string() + " is in use") != std::string::npos);
    first = AuditLog::open({.file = m_folder / "other"});

    QVERIFY(AuditLog::open(settings()).has_value());
}

void TestObservabilityAudit::refusesAKeyOrAFileThatIsNone()
{
    put(m_key, "0123456789abcde\n");
    QVERIFY(AuditLog::open(settings()).error().message.find("must have 16") != std::string::npos);
    fs::remove(m_key);
    QVERIFY(AuditLog::open(settings()).error().message.find("can not be read")
            != std::string::npos);
    QVERIFY(!fs::exists(m_log) && !fs::exists(m_seal));
    QCOMPARE(AuditLog::open({}).error().kind, Error::Kind::Invalid);
    fs::create_symlink("/dev/null", m_folder / "device");
    const auto device = AuditLog::open({.file = m_folder / "device"});
    QVERIFY(!device && device.error().message.find("is no regular file") != std::string::npos);
    QVERIFY(!fs::exists(m_folder / "device.seal"));
}

void TestObservabilityAudit::tellsTheCallerWhatCouldNotBeWritten()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    QVERIFY(log->authAttempt({.user = "a"}).has_value());
    const std::string before = textOf(m_log);
    {
        const test::FileSizeLimit limit(before.size() + 100);
        const auto written = log->authAttempt({.user = "b"});
        QVERIFY(!written && written.error().kind == Error::Kind::System);
        QVERIFY(written.error().message.find("File too large") != std::string::npos);
        QCOMPARE(textOf(m_log), before);
    }
    fs::rename(m_folder / "log", m_folder / "gone");
    QVERIFY(!log->authAttempt({.user = "c"}).has_value());
    fs::rename(m_folder / "gone", m_folder / "log");

    QCOMPARE(*log->authAttempt({.user = "d"}), 2u);
    QCOMPARE(verify().problemCount, 0u);
}

void TestObservabilityAudit::putsBackASealThatWasDeleted()
{
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    QVERIFY(log->authAttempt({.user = "a"}).has_value());

    fs::remove(m_seal);
    QVERIFY(log->authAttempt({.user = "b"}).has_value());

    QCOMPARE(verify().problemCount, 0u);
    QVERIFY(verify().isEndKnown);
    QVERIFY(!AuditLog::open(settings()).has_value()); // still locked
}

void TestObservabilityAudit::numbersTheRecordsOfAllThreads()
{
    constexpr int threads = 8;
    constexpr int records = 50;
    auto log = AuditLog::open(settings());
    QVERIFY(log.has_value());
    std::array<std::set<std::uint64_t>, threads> sequences;

    std::vector<std::thread> writers;
    for (auto &mine : sequences) {
        writers.emplace_back([&] {
            for (int i = 0; i < records; ++i)
                mine.insert(log->authAttempt({.user = "x"}).value_or(0));
        });
    }
    for (std::thread &writer : writers)
        writer.join();

    std::set<std::uint64_t> all;
    for (auto &mine : sequences)
        all.merge(mine);
    QCOMPARE(all.size(), std::size_t{threads * records});
    QCOMPARE(*all.begin(), 1u);
    QCOMPARE(*all.rbegin(), std::uint64_t{threads * records});
    QCOMPARE(verify().problemCount, 0u);
}

void TestObservabilityAudit::syncsLaterWhenAskedTo()
{
    AuditSettings late = settings();
    late.syncWithin = 10ms;
    late.rotation = {.maxBytes = 2000};
    {
        auto log = AuditLog::open(late);
        QVERIFY(log.has_value());
        for (int i = 0; i < 20; ++i)
            QVERIFY(log->authAttempt({.user = "x"}).has_value());
        QTRY_VERIFY(textOf(m_seal).starts_with(R"({"sequence":20,)"));
        QVERIFY(log->authAttempt({.user = "x"}).has_value());
    }
    QVERIFY(textOf(m_seal).starts_with(R"({"sequence":21,)"));
    QCOMPARE(verify().problemCount, 0u);
    QVERIFY(verify().notes.empty());
}

void TestObservabilityAudit::losesNothingThatWasReturnedWhenItIsKilled_data()
{
    QTest::addColumn<int>("syncWithin");
    QTest::newRow("written through") << 0;
    QTest::newRow("synced later") << 1000;
}

void TestObservabilityAudit::losesNothingThatWasReturnedWhenItIsKilled()
{
    QFETCH(int, syncWithin);
    AuditSettings rotated = settings();
    rotated.rotation = {.maxBytes = 20'000};
    rotated.syncWithin = std::chrono::milliseconds(syncWithin);
    std::uint64_t returned = 0;
    for (int round = 0; round < 5; ++round) {
        std::array<int, 2> pipe{};
        QCOMPARE(::pipe(pipe.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            auto log = AuditLog::open(rotated);
            for (;;) {
                const std::uint64_t sequence =
                    log ? log->authAttempt({.user = "x"}).value_or(0) : 0;
                if (::write(pipe[1], &sequence, sizeof sequence) < 0 || sequence == 0)
                    ::_exit(1);
            }
        }
        ::close(pipe[1]);
        for (int i = 0; i < 30 + round; ++i)
            QCOMPARE(::read(pipe[0], &returned, sizeof returned), ssize_t{sizeof returned});
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(pipe[0], &returned, sizeof returned) > 0) { }
        ::close(pipe[0]);

        const AuditReport report = verify();
        QVERIFY2(report.problemCount == 0, toText(report).c_str());
        QVERIFY(report.last.sequence >= returned);
    }
    write(1, rotated);
    QCOMPARE(verify().problemCount, 0u);
}

QTEST_GUILESS_MAIN(TestObservabilityAudit)
#include "tst_observability_audit.moc"
