#include "core/exporter/postgres/postgres_log_collector.h"
#include "core/exporter/postgres/statement_durations_p.h"
#include "support/collector_fixture.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope;
using namespace trendscope::exporter;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestExporterStatementDurations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsMessages_data();
    void readsMessages();
    void countsStatementsAndExecutionsAlone();
    void remembersAQueryByItsId();
    void findsTheTextThatWasLoggedBefore();
    void countsForWhatIsNotLogged();
    void knowsHowLikelyAStatementIsLogged();
    void endsTablesAtTheLimit();
    void countsWhatIsNoRecordByKind();
    void survivesMutatedLines();
    void countsEachLineOnceOverRestarts();
    void saysWhyTheCheckpointIsNotKept();

private:
    struct Fixture {
        observability::Registry registry;
        StatementDurations durations;
        explicit Fixture(const config::PostgresLogSettings &settings = {})
            : durations(settings, registry)
        {
        }
        bool has(const QByteArray &line) const
        {
            return QByteArray::fromStdString(registry.expose()).contains('\n' + line + '\n');
        }
    };
    static std::string record(const QByteArray &message, const QByteArray &more = {})
    {
        return ("{\"timestamp\":\"2026-01-01 00:00:00.000 UTC\",\"dbname\":\"app\",\"session_id\":"
                "\"a.1\",\"message\":\""
                + message + '"' + more + '}')
            .toStdString();
    }
};

void TestExporterStatementDurations::readsMessages_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QByteArray>("read");
    const auto row = [](const char *message, const char *read) {
        QTest::newRow(message) << QByteArray(message) << QByteArray(read);
    };
    row("duration: 12.345 ms  statement: SELECT 1", "0.012345 statement SELECT 1");
    row("duration: 0.040 ms  execute P_0: BEGIN;", "4e-05 execute BEGIN;");
    row("duration: 0.040 ms  execute fetch from c/d: FETCH", "4e-05 execute FETCH");
    row("duration: 0.040 ms  execute <unnamed>", "4e-05 execute ");
    row("duration: 0.040 ms  bind P_0: BEGIN;", "4e-05 other ");
    row("duration: 0.040 ms  parse P_0: BEGIN;", "4e-05 other ");
    row("duration: 0.040 ms  plan:\nQuery Text", "4e-05 other ");
    row("duration: 7 ms", "0.007 none ");
    row("statement: SELECT 1", "begun statement SELECT 1");
    row("execute P_0: SELECT 1", "begun execute SELECT 1");
    row("duration: -1 ms  statement: SELECT 1", "nothing");
    row("duration: nan ms", "nothing");
    row("duration: inf ms", "nothing");
    row("duration: ms", "nothing");
    row("duration: 1 s", "nothing");
    row("checkpoint starting: time", "nothing");
    row("", "nothing");
}

void TestExporterStatementDurations::readsMessages()
{
    QFETCH(QByteArray, message);
    QFETCH(QByteArray, read);

    const auto found = readStatementMessage(message.constData());

    QByteArray text = "nothing";
    if (found) {
        const char *const phases[]{"none", "statement", "execute", "other"};
        text = found->seconds ? QByteArray::number(*found->seconds) : QByteArray("begun");
        text += QByteArray(" ") + phases[static_cast<int>(found->phase)] + ' '
            + QByteArray::fromStdString(std::string(found->sql));
    }
    QCOMPARE(text, read);
}

void TestExporterStatementDurations::countsStatementsAndExecutionsAlone()
{
    Fixture fixture(config::PostgresLogSettings{.databases = {"app"}});
    for (const char *phase : {"statement", "execute a", "parse a", "bind a"})
        fixture.durations.take(record(QByteArray("duration: 3.000 ms  ") + phase
                                      + ": SELECT *\\n FROM \\\"trends\\\""),
                               false);
    fixture.durations.take(record("duration: 3.000 ms  statement: SELECT * FROM pg_locks",
                                  ",\"application_name\":\"trendscope\""),
                           false);
    fixture.durations.take("{\"message\":\"duration: 3.0 ms  statement: SELECT 1\","
                           "\"dbname\":\"another\"}",
                           false);

    const QByteArray labels = "operation=\"select\",table=\"trends\"";
    QVERIFY(fixture.has("db_query_duration_seconds_count{" + labels + "} 2"));
    QVERIFY(fixture.has("db_query_duration_seconds_bucket{" + labels + ",le=\"0.001\"} 0"));
    QVERIFY(fixture.has("db_query_duration_seconds_bucket{" + labels + ",le=\"0.005\"} 2"));
    QVERIFY(fixture.has("db_query_duration_seconds_sum{" + labels + "} 0.006"));
    QCOMPARE(QByteArray::fromStdString(fixture.registry.expose()).count("seconds_count{"), 1);
}

void TestExporterStatementDurations::remembersAQueryByItsId()
{
    Fixture fixture;
    fixture.durations.take(
        record("duration: 1 ms  execute a: SELECT * FROM trends", ",\"query_id\":-77"), false);
    fixture.durations.take(record("duration: 1 ms", ",\"ps\":\"SELECT\",\"query_id\":-77"), false);
    fixture.durations.take(record("duration: 1 ms", ",\"ps\":\"BIND\",\"query_id\":-77"), false);
    fixture.durations.take(record("duration: 1 ms", ",\"ps\":\"INSERT\",\"query_id\":5"), false);

    QVERIFY(
        fixture.has("db_query_duration_seconds_count{operation=\"select\",table=\"trends\"} 2"));
    QVERIFY(fixture.has("db_query_duration_seconds_count{operation=\"insert\",table=\"none\"} 1"));
}

void TestExporterStatementDurations::findsTheTextThatWasLoggedBefore()
{
    Fixture fixture;
    fixture.durations.take(record("statement: DELETE FROM items"), false);
    fixture.durations.take(record("duration: 1 ms", ",\"ps\":\"DELETE\""), false);
    fixture.durations.take(record("duration: 1 ms", ",\"ps\":\"COMMIT\""), false);

    QVERIFY(fixture.has("db_query_duration_seconds_count{operation=\"delete\",table=\"items\"} 1"));
    QVERIFY(fixture.has("db_query_duration_seconds_count{operation=\"commit\",table=\"none\"} 1"));
}

void TestExporterStatementDurations::countsForWhatIsNotLogged()
{
    Fixture fixture;
    fixture.durations.setLogging(
        {.isKnown = true, .minDuration = 1, .minSample = 0, .statementRate = 0.3});
    for (int i = 0; i < 30; ++i)
        fixture.durations.take(record("duration: 2 ms  statement: SELECT 1"), false);
    for (int i = 0; i < 7; ++i) // above log_min_duration_statement: all of them are there
        fixture.durations.take(record("duration: 2000 ms  statement: SELECT 1"), false);

    const QByteArray labels = "operation=\"select\",table=\"none\"";
    QVERIFY(fixture.has("db_query_duration_seconds_count{" + labels + "} 107"));
    QVERIFY(fixture.has("db_query_duration_seconds_bucket{" + labels + ",le=\"0.005\"} 100"));
}

void TestExporterStatementDurations::knowsHowLikelyAStatementIsLogged()
{
    using enum StatementLogging::Coverage;
    const StatementLogging unknown;
    QCOMPARE(unknown.probability(0), 1.0);
    QVERIFY(unknown.coverage() == All);
    const StatementLogging slow{.isKnown = true, .minDuration = 0.5};
    QCOMPARE(slow.probability(0.5), 1.0);
    QCOMPARE(slow.probability(0.4), 0.0);
    QVERIFY(slow.coverage() == Slow);
    const StatementLogging both{
        .isKnown = true, .minSample = 0.1, .statementRate = 0.5, .transactionRate = 0.5};
    QCOMPARE(both.probability(0.2), 0.75);
    QCOMPARE(both.probability(0.05), 0.5);
    QVERIFY(both.coverage() == Sampled);
    const StatementLogging each{.isKnown = true, .isEachDuration = true};
    QCOMPARE(each.probability(0), 1.0);
    QVERIFY(each.coverage() == All);
    QVERIFY(StatementLogging{.isKnown = true}.coverage() == None);
}

void TestExporterStatementDurations::endsTablesAtTheLimit()
{
    Fixture fixture(config::PostgresLogSettings{.maxSeries = 3});
    for (int i = 0; i < 100; ++i)
        fixture.durations.take(
            record("duration: 1 ms  statement: SELECT * FROM t" + QByteArray::number(i)), false);

    QVERIFY(fixture.has("db_query_duration_seconds_count{operation=\"select\",table=\"t2\"} 1"));
    QVERIFY(
        fixture.has("db_query_duration_seconds_count{operation=\"select\",table=\"other\"} 97"));
}

void TestExporterStatementDurations::countsWhatIsNoRecordByKind()
{
    Fixture fixture;
    for (const char *line : {"LOG:  ready", "{\"message\":\"duration: 1 ms\"", "[]", "{} x",
                             "{\"message\":\"duration: 1 ms\"} {}", "{\"message\":\"duration: }",
                             "{\"message\":\"duration: 1 ms\",\"dbname\":7}"})
        fixture.durations.take(line, false);
    fixture.durations.take(record("duration: soon"), false);
    fixture.durations.take(record("duration: 1 ms"), true);
    fixture.durations.take("{\"message\":\"checkpoint starting\"}", false);

    QVERIFY(fixture.has("trendscope_postgres_log_errors_total{kind=\"not_json\"} 7"));
    QVERIFY(fixture.has("trendscope_postgres_log_errors_total{kind=\"no_duration\"} 1"));
    QVERIFY(fixture.has("trendscope_postgres_log_errors_total{kind=\"cut\"} 1"));
}

void TestExporterStatementDurations::survivesMutatedLines()
{
    Fixture fixture;
    const std::string line = record(
        "duration: 3.000 ms  execute a: SELECT \\u0041 FROM \\\"trends\\\" \\", ",\"ps\":\"x\"");
    unsigned state = 7;
    for (int round = 0; round < 50'000; ++round) {
        std::string mutated = line;
        for (int i = 0; i < 3; ++i) {
            state = state * 1664525 + 1013904223;
            mutated[(state >> 8) % mutated.size()] = static_cast<char>(state >> 24);
        }
        fixture.durations.take(mutated.substr(0, 1 + (state >> 4) % mutated.size()), false);
        fixture.durations.take(mutated, false);
    }
    QVERIFY(fixture.registry.expose().size() < 2'000'000);
}

void TestExporterStatementDurations::countsEachLineOnceOverRestarts()
{
    QTemporaryDir directory;
    const auto append = [&](const QString &name, int lines) {
        QFile file(directory.filePath(name));
        const auto line =
            QByteArray::fromStdString(record("duration: 1.000 ms  statement: SELECT 1") + '\n');
        return file.open(QIODevice::Append) && file.write(line.repeated(lines)) > 0;
    };
    const config::PostgresLogSettings settings{
        .files = {directory.filePath(u"*.json"_s).toStdString()},
        .checkpoint = directory.filePath(u"checkpoint"_s).toStdString()};
    const QByteArray count = "db_query_duration_seconds_count{operation=\"select\",table=\"none\"}";
    test::CollectorFixture fixture; // the registry outlives the collectors
    const auto restart = [&] {
        fixture.make<PostgresLogCollector>(settings, fixture.registry(), fixture.logger());
    };
    restart();
    QVERIFY(append(u"a.json"_s, 1)); // it was there before the first look
    QVERIFY(fixture.isCollected());
    QVERIFY(append(u"a.json"_s, 2));
    QCOMPARE(fixture.fresh(count), 2.0);

    restart(); // what it counted ends with the collector
    QVERIFY(!fixture.fresh(count));
    restart();
    QVERIFY(append(u"a.json"_s, 4));
    QVERIFY(append(u"b.json"_s, 8));
    QCOMPARE(fixture.fresh(count), 12.0);
}

void TestExporterStatementDurations::saysWhyTheCheckpointIsNotKept()
{
    QTemporaryDir directory;
    QFile log(directory.filePath(u"a.json"_s));
    QVERIFY(log.open(QIODevice::WriteOnly));
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(
        config::PostgresLogSettings{.files = {log.fileName().toStdString()},
                                    .checkpoint = directory.path().toStdString() + "/no/file"},
        fixture.registry(), fixture.logger());

    for (int i = 0; i < 2; ++i) {
        const auto outcome = fixture.collect();
        QVERIFY(!outcome);
        QVERIFY(outcome.error().message.find("/no/file") != std::string::npos);
    }
}

QTEST_GUILESS_MAIN(TestExporterStatementDurations)
#include "tst_exporter_statement_durations.moc"
