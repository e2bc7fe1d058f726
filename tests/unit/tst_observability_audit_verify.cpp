#include "core/observability/audit_verify.h"
#include "support/audit_log_files.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;
using test::linesOf;
using test::put;
using test::putLines;
using test::textOf;
namespace fs = std::filesystem;
using Kind = AuditProblem::Kind;
using Lines = std::vector<std::string>;

Q_DECLARE_METATYPE(AuditProblem::Kind)

class TestObservabilityAuditVerify : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void findsEveryChangeOfOneRecord_data();
    void findsEveryChangeOfOneRecord();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void saysWhoseHashWasMadeAnewWithoutAKey();
    void saysThatTheKeyDoesNotFit();
    void saysThatHashesNeedNoKey();
    void authenticatesOnlyWithTheKey();
    void takesFilesInAnyOrder();
    void takesTheBeginningFromAfter();
    void findsACutTailByTheSealOrTheExpectedRecord();
    void doesNotTrustASealMadeWithoutTheKey();
    void findsTheSealOfARotatedFile();
    void isNotSureOfTheEndWithoutASeal();
    void toleratesAWriterAtWork();
    void namesAFileThatCanNotBeRead();
    void survivesGarbage();
    void reportsAsJson();
    void readsAPosition_data();
    void readsAPosition();

private:
    AuditReport verify(AuditVerification verification = {}) const;
    AuditReport verifyWithKey(AuditVerification verification = {}) const;
    void write(int records, bool hasKey = true, std::uint64_t maxBytes = 0) const;

    std::unique_ptr<QTemporaryDir> m_directory;
    fs::path m_folder;
    fs::path m_log;
    fs::path m_seal;
    fs::path m_key;
};

namespace {

std::string hashOf(const std::string &record)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(record), QCryptographicHash::Sha256)
        .toHex()
        .toStdString();
}

/// The line with its hash made anew, as one can without a key; `hashed` is changed by `edit`.
template <class Edit>
std::string forged(std::string line, Edit edit)
{
    line.erase(line.rfind(R"(,"hash":)"));
    edit(line);
    return line + R"(,"hash":"sha256:)" + hashOf(line) + "\"}\n";
}

bool isAt(const AuditReport &report, const fs::path &file, std::size_t line)
{
    return std::any_of(report.problems.begin(), report.problems.end(), [&](const auto &problem) {
        return problem.file == file.string() && problem.line == line;
    });
}

} // namespace

void TestObservabilityAuditVerify::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_folder = m_directory->path().toStdString();
    fs::create_directory(m_folder / "log");
    m_log = m_folder / "log" / "audit.log";
    m_seal = m_folder / "log" / "audit.log.seal";
    m_key = m_folder / "key";
    put(m_key, "0123456789abcdef");
}

void TestObservabilityAuditVerify::write(int records, bool hasKey, std::uint64_t maxBytes) const
{
    auto log = AuditLog::open({.file = m_log,
                               .keyFile = hasKey ? m_key : fs::path(),
                               .rotation = {.maxBytes = maxBytes}});
    QVERIFY2(log.has_value(), log ? "" : log.error().message.c_str());
    std::mt19937 random(1);
    for (int i = 0; i < records; ++i)
        QVERIFY(log->dataAccess({"topic", std::to_string(random()), "read", "alice"},
                                {{"text", std::string(random() % 100, 'x')}})
                    .has_value());
}

AuditReport TestObservabilityAuditVerify::verify(AuditVerification verification) const
{
    if (verification.files.empty())
        verification.files = test::auditFiles(m_log);
    const auto report = verifyAuditLog(verification);
    if (report)
        return *report;
    AuditReport failed;
    failed.notes = {report.error().message};
    return failed;
}

AuditReport TestObservabilityAuditVerify::verifyWithKey(AuditVerification verification) const
{
    verification.keyFile = m_key;
    return verify(std::move(verification));
}

void TestObservabilityAuditVerify::findsEveryChangeOfOneRecord_data()
{
    QTest::addColumn<QString>("change");
    for (const char *change : {"flip", "delete", "duplicate", "swap", "insert", "copy"})
        QTest::newRow(change) << QString::fromLatin1(change);
}

/// Every record of a log in four files is changed in turn, and the place is told each time.
void TestObservabilityAuditVerify::findsEveryChangeOfOneRecord()
{
    QFETCH(QString, change);
    write(200, true, 29'000);
    const auto files = test::auditFiles(m_log);
    QCOMPARE(files.size(), 4u);
    QCOMPARE(verifyWithKey().problemCount, 0u);
    std::mt19937 random(2);

    for (std::size_t file = 0; file < files.size(); ++file) {
        const Lines lines = linesOf(files[file]);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            Lines changed = lines;
            const auto at = changed.begin() + static_cast<std::ptrdiff_t>(i);
            std::size_t place = i + 1;
            fs::path where = files[file];
            if (change == u"flip") {
                char &byte = changed[i][random() % lines[i].size()];
                byte = static_cast<char>(byte ^ (1 << random() % 8));
            } else if (change == u"delete") {
                changed.erase(at);
                const bool isLast = i + 1 == lines.size();
                if (isLast && file + 1 < files.size()) {
                    where = files[file + 1];
                    place = 1;
                } else if (isLast) {
                    place = i;
                }
            } else if (change == u"duplicate") {
                changed.insert(at, lines[i]);
                place = i + 2;
            } else if (change == u"swap") {
                if (i + 1 == lines.size())
                    continue;
                std::swap(changed[i], changed[i + 1]);
                place = i + 2;
            } else if (change == u"insert") { // the next record, but for the key
                changed.insert(at, forged(lines[i], [](std::string &text) {
                                   text.replace(text.find("alice"), 5, "mally");
                               }));
                const std::string hash = R"("hash":"sha256:)";
                changed[i].replace(changed[i].rfind(hash), hash.size(), R"("hash":"hmac-sha256:)");
            } else { // of another place
                const std::size_t from = (i + 1 + random() % (lines.size() - 1)) % lines.size();
                changed[i] = lines[from];
                // An earlier copy is told of where the real one stands again.
                place = from > i ? 0 : place;
            }
            putLines(files[file], changed);

            const AuditReport report = verifyWithKey();
            QVERIFY(report.problemCount > 0);
            QVERIFY(!report.isAuthenticated);
            const std::string what =
                "changed " + where.string() + ':' + std::to_string(place) + '\n' + toText(report);
            QVERIFY2(place == 0 || isAt(report, where, place), what.c_str());
            QVERIFY2(change == u"copy" || report.problemCount <= 3, what.c_str());
        }
        putLines(files[file], lines);
    }
    QCOMPARE(verifyWithKey().problemCount, 0u);
}

void TestObservabilityAuditVerify::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<QString>("text");
    QTest::newRow("edited") << u"edit"_s << Kind::Edited << u":3: record 3 was edited"_s;
    QTest::newRow("hash") << u"hash"_s << Kind::Edited << u":3: record 3 was edited"_s;
    QTest::newRow("number") << u"number"_s << Kind::Edited << u":3: record 3 was edited"_s;
    QTest::newRow("missing") << u"delete"_s << Kind::Missing
                             << u":3: record 3 is missing before this line"_s;
    QTest::newRow("head") << u"head"_s << Kind::Missing
                          << u":1: records 1 to 2 are missing before these files"_s;
    QTest::newRow("twice") << u"twice"_s << Kind::Inserted << u":4: record 3 stands here once"_s;
    QTest::newRow("inserted") << u"insert"_s << Kind::Inserted << u":3: this line was inserted"_s;
    QTest::newRow("forged far off")
        << u"far"_s << Kind::Inserted << u":3: this line is no record of the log"_s;
    QTest::newRow("reordered") << u"swap"_s << Kind::Reordered
                               << u":4: record 3 stands after record 4"_s;
    QTest::newRow("garbage") << u"garbage"_s << Kind::NotARecord
                             << u":3: this line is no audit record"_s;
    QTest::newRow("empty line") << u"empty"_s << Kind::NotARecord
                                << u":3: this line is no audit record"_s;
    QTest::newRow("torn") << u"torn"_s << Kind::Torn << u":6: this line has no end"_s;
    QTest::newRow("cut") << u"cut"_s << Kind::Cut << u":4: records 5 to 6 are missing at the end"_s;
}

void TestObservabilityAuditVerify::saysWhatIsWrong()
{
    QFETCH(QString, change);
    QFETCH(Kind, kind);
    QFETCH(QString, text);
    write(6);
    Lines lines = linesOf(m_log);
    std::string &third = lines[2];
    const std::string bad(64, 'a');
    if (change == u"edit")
        third.replace(third.find("alice"), 5, "mally");
    if (change == u"hash")
        third.replace(third.rfind("sha256:") + 7, 64, bad);
    if (change == u"number")
        third.replace(third.rfind(":3,"), 3, ":9,");
    if (change == u"delete")
        lines.erase(lines.begin() + 2);
    if (change == u"head")
        lines.erase(lines.begin(), lines.begin() + 2);
    if (change == u"twice")
        lines.insert(lines.begin() + 2, lines[2]);
    if (change == u"insert" || change == u"far")
        lines.insert(lines.begin() + 2, lines[2]);
    if (change == u"insert")
        lines[2].replace(lines[2].find("alice"), 5, "mally");
    if (change == u"far") {
        lines[2].replace(lines[2].rfind(":3,"), 3, ":99,");
        lines[2].replace(lines[2].rfind("previous\":\"") + 11, 64, bad);
    }
    if (change == u"swap")
        std::swap(lines[2], lines[3]);
    if (change == u"garbage" || change == u"empty")
        lines.insert(lines.begin() + 2, change == u"empty" ? "\n" : "{\"hash\":\"sha256:x\"}\n");
    if (change == u"torn")
        lines[5].pop_back();
    if (change == u"cut")
        lines.resize(4);
    putLines(m_log, lines);

    const AuditReport report = verifyWithKey();

    QVERIFY2(!report.problems.empty() && report.problems[0].kind == kind, toText(report).c_str());
    QCOMPARE(report.problemCount, change == u"torn" ? 2u : 1u);
    QVERIFY2(QString::fromStdString(toText(report)).contains(text), toText(report).c_str());
}

void TestObservabilityAuditVerify::saysWhoseHashWasMadeAnewWithoutAKey()
{
    write(4, false);
    Lines lines = linesOf(m_log);
    lines[1] =
        forged(lines[1], [](std::string &text) { text.replace(text.find("alice"), 5, "mally"); });
    putLines(m_log, lines);

    const AuditReport report = verify();

    QCOMPARE(report.problemCount, 1u);
    QCOMPARE(report.problems[0].kind, Kind::Edited);
    QCOMPARE(report.problems[0].line, 2u);
    QCOMPARE(report.problems[0].sequence, 2u);
}

void TestObservabilityAuditVerify::saysThatTheKeyDoesNotFit()
{
    write(5);
    put(m_key, "another key, which is long enough");

    const AuditReport report = verifyWithKey();

    QCOMPARE(report.problemCount, 2u);
    QCOMPARE(report.problems[0].kind, Kind::WrongKey);
    QCOMPARE(report.problems[1].kind, Kind::WrongSeal);
    const Lines whole = linesOf(m_log);
    putLines(m_log, {whole[2], whole[3], whole[4]});
    QVERIFY(toText(verifyWithKey()).find("3 records, 3 to 5") != std::string::npos);
    QCOMPARE(auditFilesOf(m_log).size(), 1u);
    put(m_log.string() + ".2000-01-01.1", whole[0] + whole[1]);
    QCOMPARE(auditFilesOf(m_log).front(), fs::path(m_log.string() + ".2000-01-01.1"));
    fs::remove(m_log.string() + ".2000-01-01.1");
    putLines(m_log, whole);
    put(m_key, "0123456789abcdef");
    Lines lines = linesOf(m_log);
    for (std::string &line : lines)
        line.replace(line.find("alice"), 5, "mally");
    putLines(m_log, lines);
    QCOMPARE(verifyWithKey().problemCount, 5u); // the seal says that the key is right
    QCOMPARE(verifyWithKey().problems[0].kind, Kind::Edited);
}

void TestObservabilityAuditVerify::saysThatHashesNeedNoKey()
{
    write(5, false);

    const AuditReport report = verifyWithKey();

    QCOMPARE(report.problems.at(0).kind, Kind::Downgraded);
    QCOMPARE(report.problems.at(0).line, 1u);
    QCOMPARE(report.problems.at(1).kind, Kind::WrongSeal);
    QCOMPARE(report.problemCount, 2u);
}

void TestObservabilityAuditVerify::authenticatesOnlyWithTheKey()
{
    write(1204);
    const std::string name = m_log.string();

    QCOMPARE(toText(verifyWithKey()), name + ": 1,204 records, 1 to 1204, authenticated\n");
    QVERIFY(verify().hasUncheckedHashes);
    QVERIFY(toText(verify()).find("1 to 1204, consistent, not authenticated (without the key")
            != std::string::npos);
    fs::remove_all(m_log.parent_path());
    fs::create_directory(m_log.parent_path());
    write(2, false);
    QCOMPARE(toText(verify()), name + ": 2 records, 1 to 2, consistent, not authenticated\n");
}

void TestObservabilityAuditVerify::takesFilesInAnyOrder()
{
    write(60, true, 6000);
    auto files = test::auditFiles(m_log);
    QVERIFY(files.size() > 3);
    std::reverse(files.begin(), files.end());
    std::swap(files[0], files[2]);

    const AuditReport report = verifyWithKey({.files = files});

    QVERIFY2(report.problemCount == 0, toText(report).c_str());
    QCOMPARE(report.records, 60u);
    QCOMPARE(report.files.front().first, 1u);
    QCOMPARE(report.files.back().name, m_log.string());
    files.erase(files.begin() + 1);
    QCOMPARE(verifyWithKey({.files = files}).problems.at(0).kind, Kind::Missing);
}

void TestObservabilityAuditVerify::takesTheBeginningFromAfter()
{
    write(6);
    const auto two = verifyWithKey();
    Lines lines = linesOf(m_log);
    const std::string second = lines[1];
    lines.erase(lines.begin(), lines.begin() + 2);
    putLines(m_log, lines);
    AuditPosition after{2, second.substr(second.rfind("sha256:") + 7, 64)};

    QCOMPARE(verifyWithKey({.after = after}).problemCount, 0u);
    QVERIFY(verifyWithKey({.after = after}).isAuthenticated);
    QCOMPARE(verifyWithKey({.expect = after, .after = after}).problemCount, 0u);
    after.hash = std::string(64, 'f');
    QCOMPARE(verifyWithKey({.after = after}).problems.at(0).kind, Kind::Edited);
    after.sequence = 1;
    QCOMPARE(verifyWithKey({.after = after}).problems.at(0).kind, Kind::Missing);
}

void TestObservabilityAuditVerify::findsACutTailByTheSealOrTheExpectedRecord()
{
    write(4);
    const std::string early = textOf(m_log);
    const std::string earlySeal = textOf(m_seal);
    write(2);
    const AuditPosition last = verifyWithKey().last;
    QCOMPARE(verifyWithKey({.expect = last}).problemCount, 0u);

    put(m_log, early);
    QCOMPARE(verifyWithKey().problems.at(0).kind, Kind::Cut);
    put(m_seal, earlySeal); // both put back: only who kept the last record elsewhere knows
    QCOMPARE(verifyWithKey().problemCount, 0u);
    QCOMPARE(verifyWithKey({.expect = last}).problems.at(0).kind, Kind::Cut);
    QCOMPARE(verifyWithKey({.expect = AuditPosition{4, last.hash}}).problems.at(0).kind,
             Kind::WrongSeal);
}

void TestObservabilityAuditVerify::doesNotTrustASealMadeWithoutTheKey()
{
    write(3);
    std::string seal = textOf(m_seal);
    seal.replace(seal.find(":3,"), 3, ":2,");
    put(m_seal, seal);
    QCOMPARE(verifyWithKey().problems.at(0).kind, Kind::WrongSeal);

    const std::string hashed = seal.substr(0, seal.find(R"(,"seal":)"));
    std::string plain = hashed + R"(,"seal":"sha256:)" + hashOf(hashed) + "\"}";
    plain.resize(255, ' ');
    put(m_seal, plain + '\n');
    QCOMPARE(verifyWithKey().problems.at(0).kind, Kind::WrongSeal);
    put(m_seal, "x");
    QCOMPARE(verify().problems.at(0).kind, Kind::WrongSeal);
}

void TestObservabilityAuditVerify::findsTheSealOfARotatedFile()
{
    write(40, true, 6000);
    const auto files = test::auditFiles(m_log);
    const AuditReport report = verifyWithKey({.files = {files[0]}});

    QCOMPARE(report.problemCount, 0u);
    QVERIFY(!report.isEndKnown);
    QVERIFY(report.notes.at(0).find("the seal names record 40") != std::string::npos);
    auto rotated = files;
    rotated.pop_back();
    fs::remove(m_log);
    QCOMPARE(verifyWithKey({.files = rotated}).problems.at(0).kind, Kind::Cut);
}

void TestObservabilityAuditVerify::isNotSureOfTheEndWithoutASeal()
{
    write(3);
    fs::rename(m_seal, m_folder / "seal");

    QVERIFY(!verifyWithKey().isEndKnown);
    QCOMPARE(verifyWithKey().problemCount, 0u);
    QVERIFY(verifyWithKey().notes.at(0).find("there is no seal") != std::string::npos);
    QVERIFY(verifyWithKey({.seal = m_folder / "seal"}).isEndKnown);
    QVERIFY(verifyWithKey({.expect = verifyWithKey().last}).isEndKnown);
    QCOMPARE(verifyWithKey({.seal = m_folder / "missing"}).problems.at(0).kind, Kind::WrongSeal);
}

void TestObservabilityAuditVerify::toleratesAWriterAtWork()
{
    write(3);
    const std::string seal = textOf(m_seal);
    write(2);
    put(m_seal, seal);
    put(m_log, textOf(m_log) + "{\"timestamp\":");

    const AuditReport report = verifyWithKey();

    QVERIFY2(report.problemCount == 0, toText(report).c_str());
    QCOMPARE(report.notes.size(), 2u);
    QVERIFY(report.isAuthenticated);
}

void TestObservabilityAuditVerify::namesAFileThatCanNotBeRead()
{
    write(1);

    const auto missing = verifyAuditLog({.files = {m_log, m_folder / "missing"}});
    QVERIFY(!missing.has_value());
    QCOMPARE(missing.error().message,
             (m_folder / "missing").string() + " can not be read: No such file or directory");
    QVERIFY(!verifyAuditLog({.files = {m_folder}}).has_value());
    fs::rename(m_log, m_folder / "audit.log.gz");
    QVERIFY(verifyAuditLog({.files = {m_folder / "audit.log.gz"}})
                .error()
                .message.ends_with("is compressed; unpack it first"));
}

void TestObservabilityAuditVerify::survivesGarbage()
{
    std::mt19937 random(3);
    std::string garbage;
    for (int i = 0; i < 100'000; ++i)
        garbage += static_cast<char>(random());
    put(m_log, garbage);
    QVERIFY(verify().problemCount > 100);
    put(m_log, std::string(40'000'000, 'x') + "\n\n");
    QCOMPARE(verify().problemCount, 2u);
    put(m_log, std::string(5000, '\n'));
    QCOMPARE(verify().problemCount, 5000u);
    QCOMPARE(verify().problems.size(), 1000u);
    put(m_log, "");
    QCOMPARE(verify().records, 0u);
    write(3, false);
    Lines lines = linesOf(m_log);
    lines[1] = forged(lines[1], [](std::string &text) {
        text.replace(text.rfind(":2,"), 3, ":4611686018427387904,");
    });
    putLines(m_log, lines);
    QVERIFY(verify().problemCount > 0);
}

void TestObservabilityAuditVerify::reportsAsJson()
{
    write(3);
    const Lines lines = linesOf(m_log);
    putLines(m_log, {lines[0], lines[2]});

    const QJsonObject report =
        QJsonDocument::fromJson(QByteArray::fromStdString(toJson(verifyWithKey()))).object();

    QCOMPARE(report[u"records"_s], 2);
    QCOMPARE(report[u"authenticated"_s], false);
    QCOMPARE(report[u"end_known"_s], true);
    QCOMPARE(report[u"problem_count"_s], 1);
    QVERIFY(report[u"last"_s].toString().startsWith(u"3:"));
    const QJsonObject problem = report[u"problems"_s].toArray().at(0).toObject();
    QCOMPARE(problem[u"kind"_s], u"missing"_s);
    QCOMPARE(problem[u"line"_s], 2);
    QCOMPARE(problem[u"sequence"_s], 2);
    QCOMPARE(problem[u"file"_s].toString().toStdString(), m_log.string());
}

void TestObservabilityAuditVerify::readsAPosition_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isValid");
    const QString hash(64, u'a');
    QTest::newRow("good") << u"12:"_s + hash << true;
    QTest::newRow("none") << u"0:"_s + hash << true;
    QTest::newRow("short") << u"12:abc"_s << false;
    QTest::newRow("upper case") << u"12:"_s + hash.toUpper() << false;
    QTest::newRow("zeros") << u"012:"_s + hash << false;
    QTest::newRow("sign") << u"-1:"_s + hash << false;
    QTest::newRow("large") << u"99999999999999999999:"_s + hash << false;
    QTest::newRow("empty") << u""_s << false;
}

void TestObservabilityAuditVerify::readsAPosition()
{
    QFETCH(QString, text);
    QFETCH(bool, isValid);

    const auto position = AuditPosition::fromText(text.toStdString());

    QCOMPARE(position.has_value(), isValid);
    QCOMPARE(position ? QString::fromStdString(position->toText()) : text, text);
}

QTEST_GUILESS_MAIN(TestObservabilityAuditVerify)
#include "tst_observability_audit_verify.moc"
