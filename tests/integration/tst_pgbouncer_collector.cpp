#include "core/exporter/postgres/pgbouncer_collector.h"
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

/// A real pgbouncer in front of a real PostgreSQL.
class TestPgbouncerCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void countsWhatClientsHave();
    void countsOnlyTheDatabasesAskedFor();
    void hasNothingToSayOfADatabaseThatIsNotThere();
    void saysThatItIsStoppedAndWorksAgain();
    void saysThatItIsGone();

private:
    config::PgbouncerSettings settings() const
    {
        return {.connection = {.connection = m_bouncer.connection(u"pgbouncer"_s).toStdString()}};
    }

    test::PostgresProcess m_postgres;
    test::PgbouncerProcess m_bouncer{m_postgres,
                                     "app = host=%1 dbname=postgres pool_size=7\n"
                                     "other = host=%1 dbname=postgres pool_size=3\n"};
};

void TestPgbouncerCollector::initTestCase()
{
    if (!QFile::exists(u"/usr/sbin/pgbouncer"_s))
        REQUIRE_PROGRAM("pgbouncer");
    QVERIFY2(m_postgres.start(), m_postgres.log().constData());
    QVERIFY2(m_bouncer.start(), m_bouncer.process().readAll().constData());
}

void TestPgbouncerCollector::countsWhatClientsHave()
{
    test::CollectorFixture fixture;
    fixture.make<PgbouncerCollector>(settings(), fixture.registry());
    const auto outcome = fixture.collect();
    QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
    QCOMPARE(fixture.value("pgbouncer_up"), 1.0);
    QCOMPARE(fixture.value("db_connection_pool_size"), 10.0);
    QCOMPARE(fixture.value("db_connection_pool_available"), 10.0);
    test::PostgresClient a(m_bouncer.connection(u"app"_s));
    test::PostgresClient b(m_bouncer.connection(u"app"_s));

    QCOMPARE(a.run("BEGIN"), QByteArray());
    QCOMPARE(b.run("BEGIN"), QByteArray());

    QCOMPARE(fixture.fresh("db_connection_pool_available"), 8.0);
    QCOMPARE(fixture.value("db_connection_pool_size"), 10.0);
    const QByteArray pool = "{database=\"app\",user=\"postgres\"}";
    QCOMPARE(fixture.value("pgbouncer_pools_server_active_connections" + pool), 2.0);
    a.run("COMMIT");
    b.run("COMMIT");
    QTRY_COMPARE(fixture.fresh("db_connection_pool_available"), 10.0);
}

void TestPgbouncerCollector::countsOnlyTheDatabasesAskedFor()
{
    test::CollectorFixture fixture;
    config::PgbouncerSettings with = settings();
    with.databases = {"other"};
    fixture.make<PgbouncerCollector>(with, fixture.registry());

    QVERIFY(fixture.isCollected());

    QCOMPARE(fixture.value("db_connection_pool_size"), 3.0);
}

void TestPgbouncerCollector::hasNothingToSayOfADatabaseThatIsNotThere()
{
    test::CollectorFixture fixture;
    config::PgbouncerSettings with = settings();
    with.databases = {"app", "missing"};
    fixture.make<PgbouncerCollector>(with, fixture.registry());

    const auto outcome = fixture.collect();

    QVERIFY(!outcome);
    QVERIFY(outcome.error().message.find("\"missing\"") != std::string::npos);
    QCOMPARE(fixture.value("pgbouncer_up"), 1.0);
    QVERIFY(!fixture.value("db_connection_pool_size"));
}

void TestPgbouncerCollector::saysThatItIsStoppedAndWorksAgain()
{
    test::CollectorFixture fixture;
    fixture.make<PgbouncerCollector>(settings(), fixture.registry());
    QVERIFY(fixture.isCollected());
    const auto process = static_cast<pid_t>(m_bouncer.process().processId());
    ::kill(process, SIGSTOP);
    QElapsedTimer timer;
    timer.start();

    QVERIFY(fixture.collect(200ms).error().kind == Error::Kind::Timeout);

    QVERIFY(timer.elapsed() < 400);
    QCOMPARE(fixture.value("pgbouncer_up"), 0.0);
    QVERIFY(!fixture.value("db_connection_pool_available"));
    ::kill(process, SIGCONT);
    QTRY_COMPARE(fixture.fresh("pgbouncer_up"), 1.0);
    QCOMPARE(fixture.value("db_connection_pool_size"), 10.0);
}

void TestPgbouncerCollector::saysThatItIsGone()
{
    test::CollectorFixture fixture;
    fixture.make<PgbouncerCollector>(settings(), fixture.registry());
    QVERIFY(fixture.isCollected());
    m_bouncer.process().kill();
    QVERIFY(m_bouncer.process().waitForFinished());

    QVERIFY(!fixture.isCollected());

    QCOMPARE(fixture.value("pgbouncer_up"), 0.0);
    QVERIFY(!fixture.metrics().contains("pgbouncer_pools_"));
}

QTEST_GUILESS_MAIN(TestPgbouncerCollector)
#include "tst_pgbouncer_collector.moc"
