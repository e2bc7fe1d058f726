#include "support/postgres_process.h"
#include "support/text_file.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace trendscope::test;

/// `trendscope check`, the real binary, and a real PostgreSQL.
class TestCheckCommand : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsNothingWhereAllIsWell();
    void findsWhatWouldFail_data();
    void findsWhatWouldFail();
    void passesOverWhatIsDisabled();
    void findsAllAtOnce();
    void looksAtRulesAlone();

private:
    struct Outcome {
        int status;
        QByteArray output;
    };
    Outcome check(const QString &part, QByteArray config) const;
    void write(const QString &name, const QByteArray &content) const;

    PostgresProcess m_postgres;
    QTemporaryDir m_folder;
};

const QByteArray logLine = "{\"timestamp\":\"2024-01-15T10:30:45.123456Z\",\"level\":\"INFO\","
                           "\"message\":\"m\",\"event\":\"checkout\",\"duration\":2}\n";

void TestCheckCommand::initTestCase()
{
    QVERIFY2(m_postgres.start(), m_postgres.log());
    PostgresClient(m_postgres.connection()).run("CREATE TABLE trends (state text)");
    write(u"app.log"_s, logLine);
}

void TestCheckCommand::write(const QString &name, const QByteArray &content) const
{
    QFile file(m_folder.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

TestCheckCommand::Outcome TestCheckCommand::check(const QString &part, QByteArray config) const
{
    write(u"trendscope.yml"_s, config.replace("POSTGRES", m_postgres.connection().toUtf8()));
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QStringLiteral(TRENDSCOPE_BINARY),
                  {u"check"_s, part, u"--config"_s, m_folder.filePath(u"trendscope.yml"_s)});
    if (!process.waitForFinished(20'000))
        return {-1, "it did not end"};
    return {process.exitCode(), process.readAll()};
}

const QByteArray good = "exporter:\n"
                        "  postgres:\n"
                        "    connection: POSTGRES\n"
                        "    queries: [{name: trends, sql: SELECT count(*) AS value FROM trends}]\n"
                        "  logs:\n"
                        "    files: app.log\n"
                        "    rules:\n"
                        "    - {metric: checkouts_total, match: {event: checkout}}\n";

void TestCheckCommand::findsNothingWhereAllIsWell()
{
    const Outcome all = check(u"config"_s, good);
    QCOMPARE(all.output, QByteArray("Nothing found that would fail\n"));
    QCOMPARE(all.status, 0);
    QCOMPARE(check(u"rules"_s, good).status, 0);
    QVERIFY(!QFile::exists(m_folder.filePath(u"checkpoint"_s)));
}

void TestCheckCommand::findsWhatWouldFail_data()
{
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QByteArray>("where");
    QTest::addColumn<QByteArray>("what");
    const auto row = [](const char *name, const QByteArray &config, const char *where,
                        const char *what) {
        QTest::newRow(name) << config << QByteArray(where) << QByteArray(what);
    };
    QByteArray changed = good;
    row("wrong SQL", changed.replace("FROM trends", "FROM nothing"),
        "exporter.postgres: ", "nothing");
    row("server that is not there",
        "exporter: {postgres: {connection: 'host=127.0.0.1 port=1 user=x'}}",
        "exporter.postgres: ", "refused");
    row("Redis that is not there", "exporter: {celery: {url: 'redis://127.0.0.1:1/0'}}",
        "exporter.celery: ", "refused");
    row("Prometheus that is not there", "prometheus: {url: 'http://127.0.0.1:1'}",
        "prometheus.url: ", "127.0.0.1:1 can not be reached");
    row("pgbouncer that is not there",
        "exporter: {pgbouncer: {connection: 'host=127.0.0.1 port=1'}}",
        "exporter.pgbouncer: ", "refused");
    row("glob that matches nothing", "exporter: {logs: {files: 'nothing/*.log'}}",
        "exporter.logs: ", "nothing/*.log");
    changed = good;
    row("rule that never matches", changed.replace("event: checkout", "event: chekout"),
        "exporter.logs: ", "checkouts_total");
    row("log of PostgreSQL that is not there",
        "exporter: {postgres: {connection: POSTGRES, log: {files: 'nothing/*.json'}}}",
        "exporter.postgres.log: ", "nothing/*.json");
    row("web configuration", "exporter: {web_config_file: nothing.yml}",
        "exporter.web_config_file: ", "nothing.yml");
    row("token", "exporter: {push: {token_file: nothing}}", "exporter: ", "nothing");
    row("mapping file", "exporter: {statsd: {udp: '127.0.0.1:8125', mapping_file: nothing}}",
        "exporter: ", "nothing");
    row("listen address", "exporter: {listen_address: 'localhost'}",
        "exporter.listen_address: ", "localhost");
    row("expression", "exporter: {node: {disks: {exclude: '('}}}", "exporter.node: ", "(");
    row("stream of files that are not there", "exporter: {log_stream: {files: 'nothing/*.log'}}",
        "exporter.log_stream: ", "nothing/*.log");
    row("log that is not there", "logs: [nothing.log]", "logs: ", "nothing.log");
    row("control group", "exporter: {cgroup: {root: /nonexistent, path: /x}}",
        "exporter.cgroup: ", "/nonexistent");
    changed = good;
    row("query that fails when it runs", changed.replace("count(*)", "1 / (count(*))::int"),
        "exporter.postgres: ", "division by zero");
    changed = good;
    row("name of another source", changed.replace("name: trends", "name: node_load1"),
        "exporter: ", "node_load1");
    changed = good;
    row("metric of the platform with other labels",
        changed.replace("metric: checkouts_total", "metric: api_requests_total"),
        "exporter: ", "method, endpoint, status_code");
    row("folder of a checkpoint",
        "exporter: {logs: {files: app.log, checkpoint: /nonexistent/checkpoint}}",
        "exporter.logs.checkpoint: ", "/nonexistent");
    row("mount point", "exporter: {mount_points: [/nonexistent]}",
        "exporter.mount_points: ", "/nonexistent");
    row("unknown key", "exporter: {postgres: {conection: x}}", "", "did you mean 'connection'?");
}

void TestCheckCommand::findsWhatWouldFail()
{
    QFETCH(QByteArray, config);
    QFETCH(QByteArray, where);
    QFETCH(QByteArray, what);

    const Outcome outcome = check(u"config"_s, config);

    QCOMPARE(outcome.status, 1);
    QVERIFY2(outcome.output.contains(where), outcome.output.constData());
    QVERIFY2(outcome.output.contains(what), outcome.output.constData());
    QCOMPARE(outcome.output.count('\n'), 1);
}

void TestCheckCommand::passesOverWhatIsDisabled()
{
    QCOMPARE(check(u"config"_s,
                   "exporter: {celery: {url: 'redis://127.0.0.1:1/0'}, "
                   "disabled_collectors: [celery]}")
                 .status,
             0);
}

void TestCheckCommand::findsAllAtOnce()
{
    QByteArray config = good;
    config.replace("FROM trends", "FROM nothing").replace("event: checkout", "event: chekout");
    config += "  celery: {url: 'redis://127.0.0.1:1/0'}\n";

    const Outcome outcome = check(u"config"_s, config);

    QCOMPARE(outcome.status, 1);
    for (const char *section : {"exporter.postgres: ", "exporter.celery: ", "exporter.logs: "})
        QVERIFY2(outcome.output.contains(section), outcome.output.constData());
}

void TestCheckCommand::looksAtRulesAlone()
{
    QByteArray config = good;
    config.replace("FROM trends", "FROM nothing").replace("event: checkout", "event: chekout");

    const Outcome outcome = check(u"rules"_s, config);

    QCOMPARE(outcome.status, 1);
    QVERIFY(outcome.output.startsWith("exporter.logs: "));
    QCOMPARE(outcome.output.count('\n'), 1);
}

QTEST_GUILESS_MAIN(TestCheckCommand)
#include "tst_check_command.moc"
