#include "core/exporter/postgres/postgres_collector.h"
#include "core/exporter/postgres/postgres_log_collector.h"
#include "support/collector_fixture.h"
#include "support/postgres_process.h"
#include "support/require_program.h"

#include <QDir>
#include <QTest>

using namespace trendscope;
using namespace trendscope::exporter;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Durations of statements from the log that a real PostgreSQL writes.
class TestPostgresLog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void countsEachStatementOnceAcrossRotation();
    void findsTextAndDurationInSeparateRecords();
    void estimatesFromASample();
    void doesNotCountTheAgentsOwn();
    void saysWhenTheServerLogsNoDurations();
    void saysWhenNoFileMatches();

private:
    void configure(const QByteArrayList &settings);
    void runPgbench(const QString &mode, int times);
    /// How many records have that text by now.
    qsizetype logged(const QByteArray &text) const
    {
        const QDir logs(m_postgres.directory() + u"/log"_s);
        qsizetype count = 0;
        for (const QString &name : logs.entryList({u"*.json"_s}, QDir::Files)) {
            QFile file(logs.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                count += file.readAll().count(text);
        }
        return count;
    }
    config::PostgresLogSettings settings() const
    {
        return {.files = {(m_postgres.directory() + u"/log/*.json"_s).toStdString()},
                .databases = {"app"}};
    }
    StatementLogging serverLogging();
    static QByteArray count(const char *operation, const char *table)
    {
        return QByteArray("db_query_duration_seconds_count{operation=\"") + operation
            + "\",table=\"" + table + "\"}";
    }

    test::PostgresProcess m_postgres{"logging_collector = on\nlog_destination = jsonlog\n"
                                     "compute_query_id = on\nlog_directory = '../log'\n"
                                     "log_filename = 'pg-%Y%m%d-%H%M%S.log'\n"
                                     "log_min_duration_statement = 0\n"};
    const std::shared_ptr<StatementLoggingNote> m_note = std::make_shared<StatementLoggingNote>();
};

void TestPostgresLog::initTestCase()
{
    if (test::PostgresDirectory::program(u"pgbench"_s).isEmpty())
        REQUIRE_PROGRAM("pgbench");
    QVERIFY2(m_postgres.start(), m_postgres.log().constData());
    test::PostgresClient sql(m_postgres.connection());
    sql.run("CREATE DATABASE app");
    test::PostgresClient app(m_postgres.connection(u"app"_s));
    app.run("CREATE TABLE trends (id int, state text); CREATE TABLE items (id int)");
}

/// Sets and waits until every new connection has it.
void TestPostgresLog::configure(const QByteArrayList &settings)
{
    test::PostgresClient sql(m_postgres.connection());
    sql.run("ALTER SYSTEM RESET ALL");
    for (const QByteArray &setting : settings)
        QCOMPARE(sql.run("ALTER SYSTEM SET " + setting), QByteArray());
    const QByteArray loaded = sql.run("SELECT pg_conf_load_time()");
    sql.run("SELECT pg_reload_conf()");
    QTRY_VERIFY(test::PostgresClient(m_postgres.connection()).run("SELECT pg_conf_load_time()")
                != loaded);
}

/// A select of trends with a string that looks like SQL, and an insert into items.
void TestPostgresLog::runPgbench(const QString &mode, int times)
{
    QTemporaryDir directory;
    QFile script(directory.filePath(u"script"_s));
    QVERIFY(script.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    script.write("SELECT state AS \"a \\\\ b\", ' FROM items ' FROM public.trends WHERE id = 1;\n"
                 "INSERT INTO items VALUES (1);\n");
    QProcess pgbench;
    pgbench.setProcessChannelMode(QProcess::MergedChannels);
    pgbench.start(test::PostgresDirectory::program(u"pgbench"_s),
                  {u"-n"_s, u"-h"_s, m_postgres.directory(), u"-U"_s, u"postgres"_s, u"-M"_s, mode,
                   u"-f"_s, script.fileName(), u"-t"_s, QString::number(times), u"app"_s});
    QVERIFY(pgbench.waitForFinished(60'000));
    QVERIFY2(pgbench.exitCode() == 0, pgbench.readAll().constData());
}

void TestPostgresLog::countsEachStatementOnceAcrossRotation()
{
    runPgbench(u"simple"_s, 10);                          // before the first scrape: not counted
    QTRY_COMPARE(logged("INSERT INTO items VALUES"), 10); // its logger is a process of its own
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(settings(), fixture.registry(), fixture.logger());
    const auto outcome = fixture.collect();
    QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
    const QDir logs(m_postgres.directory() + u"/log"_s);
    const auto fileCount = logs.entryList(QDir::Files).size();

    double expected = 0;
    for (const QString &mode : {u"simple"_s, u"extended"_s, u"prepared"_s}) {
        runPgbench(mode, 50);
        expected += 50;
    }
    // The name has the second in it, so a rotation within the same one goes on with the same file.
    const auto isRotated = [&] {
        test::PostgresClient(m_postgres.connection()).run("SELECT pg_rotate_logfile()");
        return logs.entryList(QDir::Files).size() > fileCount;
    };
    QTRY_VERIFY(isRotated());
    runPgbench(u"prepared"_s, 50);
    expected += 50;

    QTRY_COMPARE(fixture.fresh(count("insert", "items")), expected);
    QCOMPARE(fixture.value(count("select", "trends")), expected);
    (void)fixture.collect();
    QCOMPARE(fixture.value(count("insert", "items")), expected);
    QCOMPARE(fixture.value("trendscope_db_duration_source{source=\"jsonlog\"}"), 1.0);
    QVERIFY(fixture.value("db_query_duration_seconds_sum{operation=\"select\",table=\"trends\"}")
            > 0);
    QVERIFY(!fixture.metrics().contains("trendscope_postgres_log_errors_total{"));
}

void TestPostgresLog::findsTextAndDurationInSeparateRecords()
{
    configure({"log_min_duration_statement = -1", "log_duration = on", "log_statement = 'all'"});
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(settings(), fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());

    runPgbench(u"simple"_s, 20);
    runPgbench(u"prepared"_s, 20);

    QTRY_COMPARE(fixture.fresh(count("insert", "items")), 40.0);
    QCOMPARE(fixture.value(count("select", "trends")), 40.0);
}

StatementLogging TestPostgresLog::serverLogging()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(
        config::PostgresSettings{
            .connection = {.connection = m_postgres.connection().toStdString()}},
        fixture.registry(), fixture.logger(), m_note);
    (void)fixture.collect();
    return m_note->get();
}

void TestPostgresLog::estimatesFromASample()
{
    configure({"log_min_duration_statement = -1", "log_min_duration_sample = 0",
               "log_statement_sample_rate = 0.3"});
    QCOMPARE(serverLogging().statementRate, 0.3);
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(settings(), fixture.registry(), fixture.logger(), m_note);
    QVERIFY(fixture.isCollected());

    runPgbench(u"prepared"_s, 2000);

    // The count is off by sqrt(2000 * 0.7 / 0.3) = 68 on average; six times that never.
    QTRY_VERIFY(std::abs(fixture.fresh(count("insert", "items")).value_or(0) - 2000) < 6 * 68);
    QCOMPARE(fixture.value("trendscope_db_duration_source{source=\"jsonlog_sampled\"}"), 1.0);
    QVERIFY(!fixture.value("trendscope_db_duration_source{source=\"jsonlog\"}"));
}

void TestPostgresLog::doesNotCountTheAgentsOwn()
{
    configure({});
    test::CollectorFixture fixture;
    config::PostgresLogSettings all = settings();
    all.databases.clear();
    fixture.make<PostgresLogCollector>(all, fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());

    QVERIFY(serverLogging().isKnown);
    runPgbench(u"simple"_s, 1);

    QTRY_COMPARE(fixture.fresh(count("insert", "items")), 1.0);
    QVERIFY(!fixture.metrics().contains("table=\"pg_stat"));
}

void TestPostgresLog::saysWhenTheServerLogsNoDurations()
{
    configure({"log_min_duration_statement = -1"});
    QVERIFY(serverLogging().isKnown);
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(settings(), fixture.registry(), fixture.logger(), m_note);

    const auto outcome = fixture.collect();

    QVERIFY(!outcome.has_value());
    QVERIFY(outcome.error().message.find("log_min_duration_statement") != std::string::npos);
    QVERIFY(!fixture.metrics().contains("trendscope_db_duration_source{"));
}

void TestPostgresLog::saysWhenNoFileMatches()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresLogCollector>(
        config::PostgresLogSettings{.files = {"/nonexistent/*.json"}}, fixture.registry(),
        fixture.logger());

    const auto outcome = fixture.collect();

    QVERIFY(!outcome);
    QVERIFY(outcome.error().kind == Error::Kind::NotFound);
    QVERIFY(outcome.error().message.find("/nonexistent/*.json") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestPostgresLog)
#include "tst_postgres_log.moc"
