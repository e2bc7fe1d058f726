#include "core/exporter/postgres/postgres_collector.h"
#include "support/collector_fixture.h"
#include "support/postgres_process.h"
#include "support/require_program.h"

#include <QElapsedTimer>
#include <QTest>

#include <csignal>

using namespace trendscope;
using namespace trendscope::exporter;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Of a PostgreSQL that is not in PATH.
#define REQUIRE_POSTGRES()                                                                         \
    if (test::PostgresDirectory::program(u"postgres"_s).isEmpty())                                 \
    REQUIRE_PROGRAM("postgres")

} // namespace

/// A real PostgreSQL that is used, stuck, stopped, restarted and misconfigured.
class TestPostgresCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void showsTheServer();
    void countsTransactionsAsTheServerDoes();
    void countsLocks();
    void countsLongTransactions();
    void readsSettingsAgainAfterAReload();
    void endsSeriesOfADatabaseThatIsDropped();
    void runsQueriesOfTheUser();
    void keepsAQuerysValuesForItsInterval();
    void saysWhichQueryFails_data();
    void saysWhichQueryFails();
    void refusesValuesThatNoMetricHas();
    void isTheSameSessionAfterAnyQuery();
    void keepsItsLimitThoughAQueryLiftsIt();
    void isNotHeldUpByALock();
    void cancelsWhatIsNotDoneAtTheDeadline();
    void followsARestart();
    void saysThatAServerIsGone();
    void hasOneConnectionHoweverLongTheServerIsStopped();
    void hasOneConnectionToAServerThatIsStoppedFromTheStart();
    void givesUpABackendThatIsStuck();
    void isRefusedWithAWrongPassword();
    void checksQueriesWithoutRunningThem();
    void checksQueriesOfAServerThatIsNotThere();

private:
    config::PostgresSettings settings() const;
    QByteArray server() const;
    int connections();
    test::PostgresClient client() const { return test::PostgresClient(m_postgres.connection()); }

    test::PostgresProcess m_postgres{"log_min_messages = fatal\n"};
};

void TestPostgresCollector::initTestCase()
{
    REQUIRE_POSTGRES();
    QVERIFY2(m_postgres.start(), m_postgres.log().constData());
    auto sql = client();
    QCOMPARE(sql.run("CREATE TABLE trends (id serial, state text, score float8)"), QByteArray());
    QCOMPARE(sql.run("INSERT INTO trends (state, score) VALUES ('viral', 1), ('viral', 2), "
                     "('emerging', 0.5), (NULL, 4)"),
             QByteArray());
}

/// Whatever a test did to the server, the next one finds it well.
void TestPostgresCollector::cleanup()
{
    m_postgres.signalAll(SIGCONT);
}

config::PostgresSettings TestPostgresCollector::settings() const
{
    return {.connection = {.connection = m_postgres.connection().toStdString()}};
}

QByteArray TestPostgresCollector::server() const
{
    return "server=\"" + m_postgres.directory().toUtf8() + ":5432\"";
}

/// Of ours, that the server has.
int TestPostgresCollector::connections()
{
    return client()
        .run("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'trendscope'")
        .toInt();
}

void TestPostgresCollector::showsTheServer()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());

    const auto outcome = fixture.collect();

    QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
    QCOMPARE(fixture.value("pg_up"), 1.0);
    QCOMPARE(fixture.value("pg_exporter_last_scrape_error"), 0.0);
    QCOMPARE(fixture.value("pg_settings_max_connections{" + server() + '}'), 100.0);
    QCOMPARE(fixture.value("pg_settings_shared_buffers_bytes{" + server() + '}'),
             16.0 * 1024 * 1024);
    QCOMPARE(fixture.value("pg_settings_statement_timeout_seconds{" + server() + '}'), 0.0);
    QCOMPARE(fixture.value("pg_settings_default_transaction_read_only{" + server() + '}'), 0.0);
    QCOMPARE(fixture.value("pg_replication_is_replica{" + server() + '}'), 0.0);
    const double started =
        client().run("SELECT extract(epoch FROM pg_postmaster_start_time())").toDouble();
    QCOMPARE(fixture.value("pg_postmaster_start_time_seconds{" + server() + '}'), started);
    QVERIFY(fixture.value("pg_database_size_bytes{datname=\"postgres\"," + server() + '}') > 1e6);
    QVERIFY(fixture.metrics().contains("\npg_static{short_version=\"15."));
    QCOMPARE(fixture.log(), QByteArray());
}

void TestPostgresCollector::countsTransactionsAsTheServerDoes()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    auto sql = client();
    const QByteArray oid = sql.run("SELECT oid FROM pg_database WHERE datname = 'postgres'");
    const QByteArray series = "{datid=\"" + oid + "\",datname=\"postgres\"," + server() + '}';
    const double before = fixture.fresh("pg_stat_database_xact_rollback" + series).value_or(-1);

    for (int i = 0; i < 25; ++i)
        sql.run("BEGIN; SELECT 1; ROLLBACK");

    // The server gathers what a backend counted once a second.
    QTRY_COMPARE_WITH_TIMEOUT(fixture.fresh("pg_stat_database_xact_rollback" + series), before + 25,
                              10'000);
    sql.run("SELECT pg_stat_reset()"); // goes back, and is followed
    QTRY_VERIFY(fixture.fresh("pg_stat_database_xact_rollback" + series) < before + 25);
    QVERIFY(fixture.value("pg_stat_database_stats_reset" + series) > 1e9);
}

void TestPostgresCollector::countsLocks()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    const QByteArray series =
        "pg_locks_count{datname=\"postgres\",mode=\"accessexclusivelock\"," + server() + '}';
    QCOMPARE(fixture.fresh(series), 0.0);
    auto holder = client();
    auto waiter = client();

    holder.run("BEGIN; LOCK TABLE trends IN ACCESS EXCLUSIVE MODE");
    waiter.send("LOCK TABLE trends IN ACCESS EXCLUSIVE MODE"); // not in a transaction: an error
    holder.run("SELECT 1");

    QCOMPARE(fixture.fresh(series), 1.0);
    const QByteArray idle = "pg_stat_activity_count{datname=\"postgres\",state=\"idle in "
                            "transaction\","
        + server() + '}';
    QCOMPARE(fixture.value(idle), 1.0);
    waiter.run("SELECT 1");
    waiter.run("BEGIN");
    waiter.send("LOCK TABLE trends IN ACCESS EXCLUSIVE MODE");
    QTRY_COMPARE(fixture.fresh(series), 2.0); // held and waited for
    holder.run("ROLLBACK");
    QTRY_COMPARE(fixture.fresh(series), 1.0);
    waiter.run("ROLLBACK");
    QTRY_COMPARE(fixture.fresh(series), 0.0);
}

void TestPostgresCollector::countsLongTransactions()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.longTransaction = 50ms;
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());
    const QByteArray series =
        "trendscope_postgres_long_transactions{datname=\"postgres\"," + server() + '}';
    QCOMPARE(fixture.fresh(series), 0.0);
    auto sql = client();

    sql.run("BEGIN; SELECT 1");

    QTRY_COMPARE(fixture.fresh(series), 1.0);
    QVERIFY(fixture.value("pg_long_running_transactions_oldest_timestamp_seconds{" + server() + '}')
            >= 0.05);
    QVERIFY(fixture.value("pg_stat_activity_max_tx_duration{datname=\"postgres\",state=\"idle in "
                          "transaction\","
                          + server() + '}')
            >= 0.05);
    sql.run("COMMIT");
    QTRY_COMPARE(fixture.fresh(series), 0.0);
}

void TestPostgresCollector::readsSettingsAgainAfterAReload()
{
    test::CollectorFixture fixture;
    const auto logging = std::make_shared<StatementLoggingNote>();
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger(), logging);
    const QByteArray series = "pg_settings_log_min_duration_statement_seconds{" + server() + '}';
    QCOMPARE(fixture.fresh(series), -1.0);
    QVERIFY(logging->get().coverage() == StatementLogging::Coverage::None);
    auto sql = client();

    sql.run("ALTER SYSTEM SET log_min_duration_statement = '2500ms'");
    sql.run("SELECT pg_reload_conf()");

    QTRY_COMPARE(fixture.fresh(series), 2.5);
    QVERIFY(logging->get().coverage() == StatementLogging::Coverage::Slow);
    sql.run("ALTER SYSTEM RESET log_min_duration_statement");
    sql.run("SELECT pg_reload_conf()");
    QTRY_COMPARE(fixture.fresh(series), -1.0);
}

void TestPostgresCollector::endsSeriesOfADatabaseThatIsDropped()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    auto sql = client();
    QCOMPARE(sql.run("CREATE DATABASE \"odd \"\"name\\\""), QByteArray());
    QVERIFY(fixture.isCollected());
    QVERIFY(fixture.metrics().contains("datname=\"odd \\\"name\\\\\""));

    QCOMPARE(sql.run("DROP DATABASE \"odd \"\"name\\\""), QByteArray());

    QVERIFY(fixture.isCollected());
    QVERIFY(!fixture.metrics().contains("odd"));
}

void TestPostgresCollector::runsQueriesOfTheUser()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.queries = {
        {.name = "active_trends",
         .help = "Trends by state.",
         .values = {"count"},
         .labels = {"state"},
         .sql = "SELECT state, count(*) FROM trends WHERE state IS NOT NULL GROUP BY state;"},
        {.name = "trend_score",
         .type = config::PostgresQuery::Type::Counter,
         .values = {"total", "any", "none"},
         .sql = "SELECT sum(score) AS total, bool_or(score > 3) AS any, NULL::float8 AS none "
                "FROM trends -- all of them"},
    };
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());

    const auto outcome = fixture.collect();

    QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
    QCOMPARE(fixture.value("active_trends{state=\"viral\"}"), 2.0);
    QCOMPARE(fixture.value("active_trends{state=\"emerging\"}"), 1.0);
    QCOMPARE(fixture.value("trend_score_total"), 7.5);
    QCOMPARE(fixture.value("trend_score_any"), 1.0);
    QVERIFY(!fixture.value("trend_score_none"));
    QVERIFY(fixture.metrics().contains("# TYPE trend_score_total counter"));
    QCOMPARE(fixture.value("trendscope_postgres_query_success{query=\"active_trends\"}"), 1.0);

    client().run("UPDATE trends SET state = 'viral' WHERE state = 'emerging'");
    QCOMPARE(fixture.fresh("active_trends{state=\"viral\"}"), 3.0);
    QVERIFY(!fixture.value("active_trends{state=\"emerging\"}"));
    client().run("UPDATE trends SET state = 'emerging' WHERE score = 0.5");
}

void TestPostgresCollector::keepsAQuerysValuesForItsInterval()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.queries = {{.name = "often", .sql = "SELECT count(*) AS value FROM trends"},
                    {.name = "seldom",
                     .sql = "SELECT count(*) AS value FROM trends",
                     .interval = std::chrono::hours(1)}};
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());

    client().run("INSERT INTO trends (state) VALUES ('new')");

    QVERIFY(fixture.isCollected());
    QCOMPARE(fixture.value("often"), 5.0);
    QCOMPARE(fixture.value("seldom"), 4.0);
    client().run("DELETE FROM trends WHERE state = 'new'");
}

void TestPostgresCollector::saysWhichQueryFails_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("reason");
    QTest::addColumn<QByteArray>("kind");
    QTest::newRow("syntax") << QByteArray("SELECT 1 AS value\nFORM trends")
                            << QByteArray("at line 2, column 1") << QByteArray("query");
    QTest::newRow("no table") << QByteArray("SELECT 1 AS value FROM nowhere")
                              << QByteArray("\\\"nowhere\\\" does not exist, at line 1, column 24")
                              << QByteArray("query");
    QTest::newRow("no column") << QByteArray("SELECT 1 AS other")
                               << QByteArray("no column \\\"value\\\"") << QByteArray("query");
    QTest::newRow("text") << QByteArray("SELECT 'many' AS value")
                          << QByteArray("not a number: \\\"many\\\"") << QByteArray("value");
    QTest::newRow("same labels") << QByteArray("SELECT score AS value FROM trends")
                                 << QByteArray("same labels") << QByteArray("value");
    QTest::newRow("rows") << QByteArray("SELECT i AS value FROM generate_series(1, 200000) i")
                          << QByteArray("more than 100 rows") << QByteArray("rows");
    QTest::newRow("writes") << QByteArray(
        "INSERT INTO trends (state) VALUES ('x') RETURNING 1 AS value")
                            << QByteArray("read-only transaction") << QByteArray("query");
    QTest::newRow("two") << QByteArray("SELECT 1 AS value; SELECT 2 AS value")
                         << QByteArray("multiple commands") << QByteArray("query");
    QTest::newRow("copy") << QByteArray("COPY trends TO STDOUT") << QByteArray("COPY gives no rows")
                          << QByteArray("query");
    QTest::newRow("division") << QByteArray("SELECT 1 / (score * 0)::int AS value FROM trends")
                              << QByteArray("division by zero") << QByteArray("query");
    QTest::newRow("slow") << QByteArray("SELECT pg_sleep(60)::text::int AS value")
                          << QByteArray("statement timeout") << QByteArray("timeout");
    QTest::newRow("empty") << QByteArray("-- nothing") << QByteArray("is empty")
                           << QByteArray("query");
}

void TestPostgresCollector::saysWhichQueryFails()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, reason);
    QFETCH(QByteArray, kind);
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.maxRows = 100;
    with.statementTimeout = 300ms;
    with.queries = {{.name = "wrong", .sql = sql.toStdString()},
                    {.name = "right", .sql = "SELECT 42 AS value"}};
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());

    QVERIFY(!fixture.isCollected());
    (void)fixture.collect();

    const QByteArray log = fixture.log();
    QVERIFY2(log.contains(reason), log.constData());
    QVERIFY(log.contains("query \\\"wrong\\\""));
    QCOMPARE(log.count("Collector failed"), 1); // not each time
    QCOMPARE(fixture.value("trendscope_postgres_query_success{query=\"wrong\"}"), 0.0);
    QVERIFY(fixture.value("trendscope_postgres_errors_total{kind=\"" + kind + "\"}") >= 1.0);
    QTRY_COMPARE(fixture.fresh("right"), 42.0); // at once, but for what ended the connection
    QCOMPARE(fixture.value("pg_up"), 1.0);
    QCOMPARE(client().run("SELECT count(*) FROM trends"), QByteArray("4"));
}

void TestPostgresCollector::refusesValuesThatNoMetricHas()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    using Type = config::PostgresQuery::Type;
    with.queries = {
        {.name = "sold", .type = Type::Counter, .sql = "SELECT -5 AS value"},
        {.name = "spoilt",
         .type = Type::Counter,
         .values = {"good", "bad"},
         .sql = "SELECT 3 AS good, 'NaN'::float8 AS bad"},
        {.name = "heat", .sql = "SELECT 'Infinity'::float8 AS value"},
        {.name = "debt", .sql = "SELECT -5 AS value"},
    };
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());

    QVERIFY(!fixture.isCollected());
    QVERIFY(!fixture.isCollected());

    const QByteArray log = fixture.log();
    QVERIFY2(log.contains("query \\\"sold\\\": column \\\"value\\\" holds -5"), log.constData());
    QVERIFY2(log.contains("query \\\"spoilt\\\": column \\\"bad\\\" holds NaN"), log.constData());
    QVERIFY2(log.contains("query \\\"heat\\\": column \\\"value\\\" holds Infinity"),
             log.constData());
    QCOMPARE(log.count("Collector failed"), 3); // not each time
    QCOMPARE(fixture.value("trendscope_postgres_errors_total{kind=\"value\"}"), 6.0);
    QVERIFY(!fixture.value("sold"));
    QVERIFY(!fixture.value("spoilt_bad"));
    QCOMPARE(fixture.value("spoilt_good"), 3.0);
    QCOMPARE(fixture.value("debt"), -5.0); // a gauge may
    QCOMPARE(fixture.value("trendscope_postgres_query_success{query=\"sold\"}"), 0.0);
}

void TestPostgresCollector::isTheSameSessionAfterAnyQuery()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    const auto query = [&](const char *name, const char *sql) {
        with.queries.push_back({.name = name, .sql = sql});
    };
    query("set",
          "SELECT length(set_config('statement_timeout', '0', false)"
          " || set_config('search_path', 'nowhere', false)"
          " || set_config('application_name', 'other', false)) AS value");
    query("lock", "SELECT length(pg_advisory_lock(7)::text) AS value");
    query("statement", "PREPARE left_behind AS SELECT 1");
    query("limit", "SET statement_timeout = 0");
    query("commit", "COMMIT");
    query("writable", "SET default_transaction_read_only = off");
    query("seen",
          "SELECT count(*) AS value FROM pg_settings WHERE name = 'search_path' AND "
          "setting = 'nowhere'");
    query("limited",
          "SELECT count(*) AS value FROM pg_settings WHERE name = 'statement_timeout' "
          "AND setting = '2000'");
    query("prepared", "SELECT count(*) AS value FROM pg_prepared_statements");
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());

    for (int i = 0; i < 2; ++i) {
        (void)fixture.collect();
        QVERIFY(fixture.value("set"));
        QVERIFY(fixture.value("lock"));
        QCOMPARE(fixture.value("seen"), 0.0);
        QCOMPARE(fixture.value("limited"), 1.0);
        QCOMPARE(fixture.value("prepared"), 0.0);
    }

    QCOMPARE(client().run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
             QByteArray("0"));
    QCOMPARE(connections(), 1); // by its name; and nothing made it begin anew:
    QCOMPARE(client().run("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                          "'trendscope' AND state = 'idle'"),
             QByteArray("1"));
    QVERIFY(fixture.value("pg_settings_max_connections{" + server() + '}'));
}

void TestPostgresCollector::keepsItsLimitThoughAQueryLiftsIt()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.statementTimeout = 300ms;
    with.queries = {{.name = "lifts",
                     .sql = "SELECT length(set_config('statement_timeout', '0', false)) AS value"},
                    {.name = "sleeps", .sql = "SELECT length(pg_sleep(60)::text) AS value"},
                    {.name = "right", .sql = "SELECT 42 AS value"}};
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());

    for (int i = 0; i < 3; ++i) {
        QVERIFY(!fixture.isCollected());
        QCOMPARE(fixture.value("right"), 42.0);
        QCOMPARE(fixture.value("pg_up"), 1.0);
    }

    // By the server, which was asked to; ours is the limit for one that does not do it.
    QVERIFY(fixture.log().contains("due to statement timeout"));
    QVERIFY(!fixture.log().contains("did not answer a statement in time"));
    QCOMPARE(connections(), 1);
}

void TestPostgresCollector::isNotHeldUpByALock()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.statementTimeout = 200ms;
    with.queries = {{.name = "locked", .sql = "SELECT count(*) AS value FROM trends"},
                    {.name = "free", .sql = "SELECT 1 AS value"}};
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());
    auto holder = client();
    holder.run("BEGIN; LOCK TABLE trends IN ACCESS EXCLUSIVE MODE");

    for (int i = 0; i < 3; ++i) {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!fixture.isCollected());
        QVERIFY2(timer.elapsed() < 1500, "a lock stalls the scrape");
        QCOMPARE(fixture.value("pg_up"), 1.0);
        QVERIFY(!fixture.value("locked"));
        QCOMPARE(fixture.value("free"), 1.0);
    }

    QCOMPARE(connections(), 1);
    holder.run("ROLLBACK");
    QVERIFY(fixture.isCollected());
    QCOMPARE(fixture.value("locked"), 4.0);
    QCOMPARE(fixture.log().count("Collector failed"), 1);
    QCOMPARE(fixture.log().count("Collector works again"), 1);
}

void TestPostgresCollector::cancelsWhatIsNotDoneAtTheDeadline()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.statementTimeout = 60s;
    with.queries = {{.name = "slow", .sql = "SELECT pg_sleep(60)::text AS value"}};
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());
    QElapsedTimer timer;
    timer.start();

    const auto outcome = fixture.collect(700ms);

    QVERIFY(!outcome.has_value());
    QVERIFY(outcome.error().kind == Error::Kind::Timeout);
    QVERIFY2(timer.elapsed() < 1000, "the deadline is not kept");
    QCOMPARE(fixture.value("pg_up"), 1.0);
    QTRY_COMPARE(client().run("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                              "'trendscope' AND state = 'active'"),
                 QByteArray("0"));
    (void)fixture.collect(700ms); // on the same connection
    QCOMPARE(fixture.value("pg_up"), 1.0);
    QVERIFY(fixture.value("pg_settings_max_connections{" + server() + '}'));
    QCOMPARE(connections(), 1);
}

void TestPostgresCollector::followsARestart()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());

    m_postgres.stop();
    QVERIFY(!fixture.isCollected());

    QCOMPARE(fixture.value("pg_up"), 0.0);
    for (const char *family :
         {"pg_stat_database_xact_commit{", "pg_settings_max_connections{", "pg_static{"})
        QVERIFY2(!fixture.metrics().contains(family), family);
    QVERIFY(m_postgres.start());
    QTRY_COMPARE_WITH_TIMEOUT(fixture.fresh("pg_up"), 1.0, 20'000);
    QVERIFY(fixture.metrics().contains("pg_stat_database_xact_commit{"));

    // Down and up between two scrapes is no failure.
    m_postgres.stop();
    QVERIFY(m_postgres.start());
    QVERIFY(fixture.isCollected());
    QCOMPARE(fixture.value("pg_up"), 1.0);
}

void TestPostgresCollector::saysThatAServerIsGone()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(
        config::PostgresSettings{.connection = {.connection = "host=/nonexistent user=postgres"}},
        fixture.registry(), fixture.logger());

    for (int i = 0; i < 5; ++i) {
        const auto outcome = fixture.collect();
        QVERIFY(!outcome);
        QVERIFY(outcome.error().message.find("/nonexistent") != std::string::npos);
    }
    QCOMPARE(fixture.value("pg_up"), 0.0);
    QCOMPARE(fixture.value("trendscope_postgres_errors_total{kind=\"connect\"}"), 5.0);
    QCOMPARE(fixture.value("pg_exporter_last_scrape_error"), 1.0);
}

void TestPostgresCollector::hasOneConnectionHoweverLongTheServerIsStopped()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());
    m_postgres.signalAll(SIGSTOP);

    for (int i = 0; i < 5; ++i) {
        QElapsedTimer timer;
        timer.start();
        const auto outcome = fixture.collect(200ms);
        QVERIFY2(timer.elapsed() < 400, "a stopped server stalls the scrape");
        QVERIFY(!outcome.has_value());
    }
    QCOMPARE(fixture.value("pg_up"), 0.0);
    QVERIFY(!fixture.metrics().contains("pg_stat_database_"));

    m_postgres.signalAll(SIGCONT);
    QTRY_COMPARE(fixture.fresh("pg_up"), 1.0);
    QCOMPARE(connections(), 1);
}

void TestPostgresCollector::hasOneConnectionToAServerThatIsStoppedFromTheStart()
{
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(settings(), fixture.registry(), fixture.logger());
    m_postgres.signalAll(SIGSTOP);

    for (int i = 0; i < 5; ++i)
        QVERIFY(fixture.collect(100ms).error().kind == Error::Kind::Timeout);
    QCOMPARE(fixture.value("pg_up"), 0.0);

    m_postgres.signalAll(SIGCONT);
    QTRY_COMPARE(fixture.fresh("pg_up"), 1.0);
    QCOMPARE(connections(), 1);
}

void TestPostgresCollector::givesUpABackendThatIsStuck()
{
    test::CollectorFixture fixture;
    config::PostgresSettings with = settings();
    with.connection.patience = 300ms;
    fixture.make<PostgresCollector>(with, fixture.registry(), fixture.logger());
    QVERIFY(fixture.isCollected());
    const int backend =
        client()
            .run("SELECT pid FROM pg_stat_activity WHERE application_name = 'trendscope'")
            .toInt();
    QVERIFY(backend > 0);
    ::kill(backend, SIGSTOP);

    QVERIFY(!fixture.collect(100ms).has_value());
    const auto isUp = [&] {
        (void)fixture.collect(100ms);
        return fixture.value("pg_settings_max_connections{" + server() + '}').has_value();
    };
    QTRY_VERIFY(isUp()); // with another

    QCOMPARE(connections(), 2); // the stuck one does not know it yet
    ::kill(backend, SIGCONT);
    QTRY_COMPARE(connections(), 1);
}

void TestPostgresCollector::isRefusedWithAWrongPassword()
{
    test::PostgresProcess postgres;
    QVERIFY(postgres.start());
    test::PostgresClient sql(postgres.connection());
    sql.run("CREATE ROLE watcher LOGIN PASSWORD 'right-Secret'; GRANT pg_monitor TO watcher");
    QFile hba(postgres.data() + u"/pg_hba.conf"_s);
    QVERIFY(hba.open(QIODevice::WriteOnly | QIODevice::Truncate));
    hba.write("local all watcher scram-sha-256\nlocal all all trust\n");
    hba.close();
    sql.run("SELECT pg_reload_conf()");
    QTemporaryDir directory;
    QFile secret(directory.filePath(u"secret"_s));
    QVERIFY(secret.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    secret.write("wrong-Secret\n");
    test::CollectorFixture fixture;
    fixture.make<PostgresCollector>(
        config::PostgresSettings{
            .connection = {.connection =
                               (u"postgresql://watcher@/postgres?host="_s + postgres.directory())
                                   .toStdString(),
                           .passwordFile = secret.fileName().toStdString()}},
        fixture.registry(), fixture.logger());
    QTRY_VERIFY(fixture.collect().error().kind == Error::Kind::Unauthorized);
    QCOMPARE(fixture.value("pg_up"), 0.0);
    QVERIFY(fixture.value("trendscope_postgres_errors_total{kind=\"unauthorized\"}") >= 1.0);
    QVERIFY2(!fixture.log().contains("Secret"), "a password is in the log");

    secret.resize(0);
    secret.seek(0);
    secret.write("right-Secret\n");

    QTRY_COMPARE_WITH_TIMEOUT(fixture.fresh("pg_up"), 1.0, 10'000);
    QVERIFY2(fixture.isCollected(), fixture.log().constData()); // all of it, as pg_monitor
}

void TestPostgresCollector::checksQueriesWithoutRunningThem()
{
    auto sql = client();
    sql.run("CREATE TABLE hidden (a int); CREATE ROLE guest LOGIN");
    sql.run("CREATE SEQUENCE runs");
    config::PostgresSettings with = settings();
    with.connection.connection += " user=guest";
    sql.run("GRANT SELECT ON trends TO guest; GRANT ALL ON SEQUENCE runs TO guest");
    with.queries = {
        {.name = "right", .values = {"count"}, .sql = "SELECT count(*) FROM trends"},
        {.name = "runs", .sql = "SELECT nextval('runs') AS value"},
        {.name = "shown", .values = {"max_connections"}, .sql = "SHOW max_connections"},
        {.name = "syntax", .sql = "SELECT 1 AS value\n  FROM trends WHER true"},
        {.name = "label", .labels = {"state"}, .sql = "SELECT 1 AS value"},
        {.name = "time", .sql = "SELECT now() AS value"},
        {.name = "hidden", .sql = "SELECT a AS value FROM hidden"},
        {.name = "bad name", .sql = "SELECT 1 AS value"},
        {.name = "right", .values = {"count"}, .sql = "SELECT count(*) FROM trends"},
        {.name = "nothing", .sql = " ; "},
    };

    const auto errors = checkQueries(with, Collector::Clock::now() + 5s);

    QByteArrayList messages;
    for (const Error &error : errors)
        messages.append(QByteArray::fromStdString(error.message));
    const QByteArray all = messages.join('\n');
    const QByteArrayList expected{
        "query \"bad name\": \"bad name\" can not be a metric's name",
        "query \"right\": the metric right is already that of the query \"right\"",
        "query \"nothing\": it has no SQL",
        "query \"shown\": the column \"max_connections\" is not a number",
        "query \"syntax\": syntax error at or near \"true\", at line 2, column 20",
        "query \"label\": its answer has no column \"state\" for the label",
        "query \"time\": the column \"value\" is not a number",
        "query \"hidden\": permission denied for table hidden"};
    for (const QByteArray &one : expected)
        QVERIFY2(all.contains(one), (one + "\nis not in\n" + all).constData());
    QCOMPARE(messages.size(), expected.size());
    QCOMPARE(sql.run("SELECT is_called FROM runs"), QByteArray("f"));
}

void TestPostgresCollector::checksQueriesOfAServerThatIsNotThere()
{
    config::PostgresSettings with;
    with.connection.connection = "host=/nonexistent";
    with.queries = {{.name = "one", .sql = "SELECT 1 AS value"}};

    const auto errors = checkQueries(with, Collector::Clock::now() + 5s);

    QCOMPARE(errors.size(), std::size_t(1));
    QVERIFY(errors.front().kind == Error::Kind::Network);
}

QTEST_GUILESS_MAIN(TestPostgresCollector)
#include "tst_postgres_collector.moc"
