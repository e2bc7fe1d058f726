#include "support/exporter_process.h"
#include "support/http_exchange.h"
#include "support/postgres_process.h"
#include "support/redis_process.h"
#include "support/require_program.h"
#include "support/text_file.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace trendscope::test;

/// The real binary with every collector that a configuration can ask for, and real servers.
class TestExporterAgent : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void bringsAllSourcesInOneAnswer();
    void leavesTheOthersExactWhereOneIsDown();
    void saysOnceWhyAServerIsGone();
    void changesByAReloadOnlyWhatIsAskedFor();
    void listsThePathsThatAreOn();
    void refusesAConfigurationThatMakesNoSense();
    void refusesOtherLabelsOfAMetricThatIsThere();
    void endsTheSeriesOfRulesThatAreGone();
    void endsTheSeriesOfBuiltInRulesThatAreGone();
    void endsWhatWasPushedWithItsSource();
    void leavesWhatApplicationsPushedWhereCeleryGoes();
    void bringsWithCollectOnlyWhatThatCollectorBrings();
    void readsAChangedMappingFile();
    void saysInTheFirstScrapeThatADatabaseHangs();
    void stopsInTimeAndGoesOnWhereItStopped();
    void keepsItsPositionThoughACollectorHangsAtTheEnd();
    void stopsInTimeThoughAReloadWaitsForCollectorsThatHang();
    void takesNoPushWithoutTheToken();
    void countsTasksOnceWhereCelerySaysThemAndTheLogToo();

private:
    QString write(const QString &name, const QByteArray &content) const;
    QByteArray configuration(const QByteArray &more = {}) const;
    bool start(const QByteArray &config);
    void logRequests(int count) const;
    void sendStatsd(const QByteArray &packet) const;
    QByteArray push(const QByteArray &body, const QByteArray &token);
    QByteArray metrics(const QByteArray &query = {});
    std::optional<double> value(const QByteArray &series);
    bool reload();

    PostgresProcess m_postgres;
    RedisProcess m_redis;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<::test::ExporterProcess> m_exporter;
};

void TestExporterAgent::initTestCase()
{
    REQUIRE_PROGRAM("redis-server");
    QVERIFY2(m_postgres.start(), m_postgres.log());
    QVERIFY2(m_redis.start(), m_redis.log());
    PostgresClient client(m_postgres.connection());
    QCOMPARE(client.run("CREATE TABLE trends (state text)"), QByteArray());
    client.run("INSERT INTO trends VALUES ('viral'), ('viral'), ('emerging')");
}

void TestExporterAgent::init()
{
    m_exporter.reset(); // before its folder
    m_folder = std::make_unique<QTemporaryDir>();
    write(u"app.log"_s, {});
    write(u"token"_s, "not-a-secret\n");
}

QString TestExporterAgent::write(const QString &name, const QByteArray &content) const
{
    const QString path = m_folder->filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s", qPrintable(file.errorString()));
    return path;
}

QByteArray TestExporterAgent::configuration(const QByteArray &more) const
{
    return "exporter:\n"
           "  postgres:\n"
           "    connection: "
        + m_postgres.connection().toUtf8()
        + "\n"
          "    queries:\n"
          "    - name: active_trends\n"
          "      labels: [state]\n"
          "      sql: SELECT state, count(*) AS value FROM trends GROUP BY state\n"
          "  celery: {url: 'unix://"
        + m_redis.socket().toUtf8()
        + "', queues: [celery]}\n"
          "  logs: {files: app.log, checkpoint: logs.checkpoint}\n"
          "  statsd: {unix_datagram: statsd.sock}\n"
          "  push: {token_file: token}\n"
        + more;
}

bool TestExporterAgent::start(const QByteArray &config)
{
    m_exporter = std::make_unique<::test::ExporterProcess>();
    return m_exporter->start({u"--config"_s, write(u"trendscope.yml"_s, config)});
}

void TestExporterAgent::logRequests(int count) const
{
    QFile file(m_folder->filePath(u"app.log"_s));
    QVERIFY(file.open(QIODevice::Append));
    for (int i = 0; i < count; ++i)
        file.write(
            "{\"timestamp\":\"2024-01-15T10:30:45.123456Z\",\"level\":\"INFO\",\"logger\":"
            "\"api\",\"message\":\"done\",\"context\":{\"event\":\"http_request\",\"method\":"
            "\"GET\",\"endpoint\":\"/trends\",\"status_code\":200,\"duration_seconds\":0.02}}"
            "\n");
}

void TestExporterAgent::sendStatsd(const QByteArray &packet) const
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const QByteArray path = QFile::encodeName(m_folder->filePath(u"statsd.sock"_s));
    QVERIFY(path.size() < qsizetype(sizeof address.sun_path));
    std::copy(path.begin(), path.end(), address.sun_path);
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto sent = ::sendto(descriptor, packet.constData(), size_t(packet.size()), 0,
                               reinterpret_cast<const sockaddr *>(&address), sizeof address);
    ::close(descriptor);
    QCOMPARE(sent, packet.size());
}

QByteArray TestExporterAgent::push(const QByteArray &body, const QByteArray &token)
{
    return ::test::exchange(m_exporter->port(),
                            "POST /push HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
                            "Bearer "
                                + token + "\r\nContent-Length: " + QByteArray::number(body.size())
                                + "\r\n\r\n" + body);
}

QByteArray TestExporterAgent::metrics(const QByteArray &query)
{
    return ::test::bodyOf(
        ::test::exchange(m_exporter->port(), ::test::request("GET", "/metrics" + query)));
}

std::optional<double> TestExporterAgent::value(const QByteArray &series)
{
    for (const QByteArray &line : metrics().split('\n'))
        if (line.startsWith(series + ' '))
            return line.mid(series.size() + 1).toDouble();
    return {};
}

bool TestExporterAgent::reload()
{
    return ::test::exchange(m_exporter->port(),
                            "POST /-/reload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            "Content-Length: 0\r\n\r\n")
        .startsWith("HTTP/1.1 200 ");
}

const QByteArray apiRequests =
    "api_requests_total{method=\"GET\",endpoint=\"/trends\",status_code=\"200\"}";

void TestExporterAgent::bringsAllSourcesInOneAnswer()
{
    QVERIFY(start(configuration()));
    logRequests(7);
    sendStatsd("checkouts:3|c|#shop:berlin");
    QVERIFY(push("{\"metric\":\"items_collected_total\",\"type\":\"counter\",\"value\":4,"
                 "\"labels\":{\"source\":"
                 "\"reddit\"}}",
                 "not-a-secret")
                .contains("{\"taken\":1,\"refused\":0}"));

    QTRY_COMPARE(value(apiRequests), 7.0);
    QTRY_COMPARE(value("checkouts{shop=\"berlin\"}"), 3.0);
    const QByteArray all = metrics();
    for (const char *line :
         {"pg_up 1", "active_trends{state=\"viral\"} 2", "active_trends{state=\"emerging\"} 1",
          "redis_up 1", "celery_queue_length{queue_name=\"celery\"} 0",
          "items_collected_total{source=\"reddit\"} 4"})
        QVERIFY2(all.contains('\n' + QByteArray(line)), line);
    for (const char *collector : {"system", "postgres", "celery", "logs", "statsd"})
        QVERIFY2(all.contains("\ntrendscope_collector_success{collector=\"" + QByteArray(collector)
                              + "\"} 1\n"),
                 collector);
}

void TestExporterAgent::leavesTheOthersExactWhereOneIsDown()
{
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value("redis_up"), 1.0);
    m_redis.stop();
    logRequests(5);

    QTRY_COMPARE(value("redis_up"), 0.0);
    QTRY_COMPARE(value(apiRequests), 5.0);
    QCOMPARE(value("pg_up"), 1.0);
    QCOMPARE(value("trendscope_collector_success{collector=\"celery\"}"), 0.0);
    QCOMPARE(value("trendscope_collector_success{collector=\"postgres\"}"), 1.0);

    QVERIFY2(m_redis.start(), m_redis.log());
    QTRY_COMPARE_WITH_TIMEOUT(value("trendscope_collector_success{collector=\"celery\"}"), 1.0,
                              20'000); // its listener connects again, after a pause
    QCOMPARE(value("redis_up"), 1.0);
    QTRY_COMPARE(m_exporter->log().count("\"Collector works again\""), 1);
    QCOMPARE(m_exporter->log().count("\"Collector failed\""), 1);
}

void TestExporterAgent::saysOnceWhyAServerIsGone()
{
    QVERIFY(start("exporter:\n"
                  "  postgres: {connection: host=/nonexistent}\n"
                  "  pgbouncer: {connection: host=/nonexistent}\n"
                  "  celery: {url: 'unix:///nonexistent/redis'}\n"));

    for (int i = 0; i < 4; ++i) {
        const QByteArray all = metrics();
        for (const char *line : {"pg_up 0", "pgbouncer_up 0", "redis_up 0"})
            QVERIFY2(all.contains('\n' + QByteArray(line) + '\n'), line);
    }

    QTRY_COMPARE(m_exporter->log().count("\"Collector failed\""), 3);
    QCOMPARE(m_exporter->log().count("\"reason\""), 3);
}

void TestExporterAgent::changesByAReloadOnlyWhatIsAskedFor()
{
    QVERIFY(start(configuration()));
    logRequests(3);
    QTRY_COMPARE(value(apiRequests), 3.0);
    QVERIFY(metrics().contains("\nredis_up 1\n"));

    QByteArray changed = configuration("  disabled_collectors: [celery]\n");
    changed.replace("active_trends", "live_trends");
    write(u"trendscope.yml"_s, changed);
    QVERIFY(reload());

    logRequests(2);
    QTRY_COMPARE(value(apiRequests), 5.0); // it went on: neither lost nor counted anew
    const QByteArray all = metrics();
    QVERIFY(all.contains("\nlive_trends{state=\"viral\"} 2\n"));
    QVERIFY(!all.contains("\nactive_trends{"));
    QVERIFY(!all.contains("\nredis_up ")); // nobody asks it any more
    QVERIFY(!all.contains("collector=\"celery\""));
}

void TestExporterAgent::listsThePathsThatAreOn()
{
    QVERIFY(start("exporter: {push: {token_file: token}}\n"));
    const auto page = [&] {
        return ::test::exchange(m_exporter->port(), ::test::request("GET", "/"));
    };
    QVERIFY(page().contains("<li>/push by POST"));
    QVERIFY(!page().contains("/logs/stream"));

    write(u"trendscope.yml"_s, "exporter: {log_stream: {files: '*.log'}}\n");
    QVERIFY(reload());

    QVERIFY(!page().contains("/push"));
    QVERIFY(page().contains("<a href=\"/logs/stream\">"));
}

void TestExporterAgent::refusesAConfigurationThatMakesNoSense()
{
    QVERIFY(start(configuration()));
    QByteArray wrong = configuration();
    wrong.replace("name: active_trends", "name: not a name");
    write(u"trendscope.yml"_s, wrong);

    QVERIFY(!reload());

    QCOMPARE(value("active_trends{state=\"viral\"}"), 2.0);
    const QByteArray page = ::test::exchange(m_exporter->port(), ::test::request("GET", "/"));
    QVERIFY2(page.contains("not a name"), page.constData());

    write(u"elsewhere"_s, {});
    QByteArray busy = configuration(); // a socket in a folder that is not there
    busy.replace("statsd.sock", "gone/statsd.sock");
    write(u"trendscope.yml"_s, busy);
    QVERIFY(!reload());
    sendStatsd("checkouts:1|c"); // the old one is back
    QTRY_COMPARE(value("checkouts"), 1.0);
}

const QByteArray shopRule = "  logs:\n"
                            "    files: app.log\n"
                            "    rules: [{metric: shop_total, labels: {u: method}}]\n";

void TestExporterAgent::refusesOtherLabelsOfAMetricThatIsThere()
{
    QVERIFY(start("exporter:\n" + shopRule));
    logRequests(2);
    QTRY_COMPARE(value("shop_total{u=\"GET\"}"), 2.0);

    write(u"trendscope.yml"_s, "exporter:\n" + QByteArray(shopRule).replace("{u:", "{v:"));

    QVERIFY(!reload());
    logRequests(1);
    QTRY_COMPARE(value("shop_total{u=\"GET\"}"), 3.0);
    QVERIFY(::test::exchange(m_exporter->port(), ::test::request("GET", "/"))
                .contains("shop_total has other labels"));
}

void TestExporterAgent::endsTheSeriesOfRulesThatAreGone()
{
    QVERIFY(start("exporter:\n" + shopRule));
    logRequests(2);
    QTRY_COMPARE(value("shop_total{u=\"GET\"}"), 2.0);

    write(u"trendscope.yml"_s, "exporter: {}\n");

    QVERIFY(reload());
    QVERIFY(!value("shop_total{u=\"GET\"}"));
    QVERIFY(!metrics().contains("\ntrendscope_log_lines_total{"));
}

void TestExporterAgent::endsTheSeriesOfBuiltInRulesThatAreGone()
{
    QVERIFY(start(configuration()));
    logRequests(2);
    QTRY_COMPARE(value(apiRequests), 2.0);
    QVERIFY(push("{\"metric\":\"api_requests_total\",\"type\":\"counter\",\"labels\":{\"method\":"
                 "\"PUT\",\"endpoint\":\"/own\",\"status_code\":201}}",
                 "not-a-secret")
                .contains("\"taken\":1"));

    QByteArray without = configuration();
    without.replace("  logs: {files: app.log, checkpoint: logs.checkpoint}\n", "");
    write(u"trendscope.yml"_s, without);
    QVERIFY(reload());

    QVERIFY(!value(apiRequests));
    QVERIFY(!metrics().contains("\napi_request_duration_seconds_count{"));
    QCOMPARE(value("api_requests_total{method=\"PUT\",endpoint=\"/own\",status_code=\"201\"}"),
             1.0);

    write(u"trendscope.yml"_s, configuration());
    QVERIFY(reload());
    logRequests(1);
    QTRY_COMPARE(value(apiRequests), 1.0); // it begins anew
}

void TestExporterAgent::endsWhatWasPushedWithItsSource()
{
    const QByteArray ended = "trendscope_pushed_series_ended_total{reason=\"source_removed\"}";
    QVERIFY(start(configuration()));
    sendStatsd("checkouts:3|c\ncelery_workers_online:2|g\nshared:1|c");
    QTRY_COMPARE(value("shared"), 1.0);
    QVERIFY(push("[{\"metric\":\"shared\",\"type\":\"counter\"},{\"metric\":\"own\",\"type\":"
                 "\"gauge\",\"value\":4}]",
                 "not-a-secret")
                .contains("\"taken\":2"));

    QByteArray changed = configuration("  disabled_collectors: [celery]\n");
    changed.replace("  statsd: {unix_datagram: statsd.sock}\n", "");
    write(u"trendscope.yml"_s, changed);
    QVERIFY(reload());

    QVERIFY(!value("checkouts"));
    QVERIFY(!value("celery_workers_online"));
    QCOMPARE(value("shared"), 2.0); // the other source pushes it, too
    QCOMPARE(value("own"), 4.0);
    QCOMPARE(value(ended), 2.0);
    QTRY_VERIFY(m_exporter->log().contains("\"Series that were pushed end with their source\""));

    changed.replace("  push: {token_file: token}\n", "");
    write(u"trendscope.yml"_s, changed);
    QVERIFY(reload());

    QVERIFY(!value("shared"));
    QVERIFY(!value("own"));
    QCOMPARE(value(ended), 4.0);
    QCOMPARE(value("trendscope_pushed_series"), 0.0);
}

void TestExporterAgent::leavesWhatApplicationsPushedWhereCeleryGoes()
{
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value("celery_queue_length{queue_name=\"celery\"}"), 0.0);
    sendStatsd("celery_queue_length:7|g|#queue_name:elsewhere\n"
               "celery_tasks_total:5|c|#task_name:crawl,status:success");
    QTRY_COMPARE(value("celery_queue_length{queue_name=\"elsewhere\"}"), 7.0);

    write(u"trendscope.yml"_s, configuration("  disabled_collectors: [celery]\n"));
    QVERIFY(reload());

    QVERIFY(!value("celery_queue_length{queue_name=\"celery\"}"));
    QVERIFY(!metrics().contains("\ntrendscope_celery_listener_up "));
    QCOMPARE(value("celery_queue_length{queue_name=\"elsewhere\"}"), 7.0);
    QCOMPARE(value("celery_tasks_total{task_name=\"crawl\",status=\"success\"}"), 5.0);
}

void TestExporterAgent::bringsWithCollectOnlyWhatThatCollectorBrings()
{
    write(u"cron.prom"_s, "backup_age_seconds 5\n");
    QVERIFY(start(configuration("  node: {textfile_directory: .}\n")));
    logRequests(1);
    sendStatsd("checkouts:3|c");
    push("{\"metric\":\"own\",\"type\":\"gauge\",\"value\":4}", "not-a-secret");
    QTRY_COMPARE(value(apiRequests), 1.0);
    QTRY_COMPARE(value("checkouts"), 3.0);
    QCOMPARE(value("backup_age_seconds"), 5.0);
    const QByteArray others = "|checkouts |own |" + apiRequests.left(19)
        + "|backup_age_seconds |active_trends{|celery_queue_length{|redis_up |"
          "system_memory_usage_percent |";
    const auto brought = [&](const QByteArray &collectors) {
        const QByteArray all = metrics("?collect[]=" + collectors);
        QByteArray found;
        for (const QByteArray &name : others.split('|')) {
            if (!name.isEmpty() && all.contains('\n' + name))
                found += name.split('_').first().trimmed() + ' ';
        }
        return found + QByteArray::number(all.count("\ntrendscope_collector_success{"));
    };

    QCOMPARE(brought("system"), "system 1");
    QCOMPARE(brought("node"), "backup 1");
    QCOMPARE(brought("statsd"), "checkouts 1");
    QCOMPARE(brought("push"), "own 1");
    QCOMPARE(brought("logs"), "api 1");
    QCOMPARE(brought("postgres"), "active 1");
    QCOMPARE(brought("celery"), "celery redis 1");
    QCOMPARE(brought("push&collect[]=statsd"), "checkouts own 2");

    const QByteArray system = metrics("?collect[]=system");
    QVERIFY(system.contains("trendscope_build_info{"));
    QVERIFY(!system.contains("# TYPE api_requests_total"));
    QVERIFY(!system.contains("trendscope_log_stream"));

    const QByteArray refused =
        ::test::exchange(m_exporter->port(), ::test::request("GET", "/metrics?collect[]=pushed"));
    QVERIFY(refused.startsWith("HTTP/1.1 400 "));
    QVERIFY2(refused.contains("there are: statsd, system, node, postgres, push, celery, logs"),
             refused.constData());
}

void TestExporterAgent::readsAChangedMappingFile()
{
    const QByteArray config =
        "exporter:\n  statsd: {unix_datagram: statsd.sock, mapping_file: map.yml}\n";
    write(u"map.yml"_s, "mappings: [{match: app.hits, name: app_hits_total}]\n");
    QVERIFY(start(config));
    sendStatsd("app.hits:1|c");
    QTRY_COMPARE(value("app_hits_total"), 1.0);

    write(u"map.yml"_s, "mappings: [{match: app.hits, name: app_visits_total}]\n");
    QVERIFY(reload());

    sendStatsd("app.hits:1|c");
    QTRY_COMPARE(value("app_visits_total"), 1.0);
}

void TestExporterAgent::saysInTheFirstScrapeThatADatabaseHangs()
{
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value("pg_up"), 1.0);
    m_postgres.signalAll(SIGSTOP);

    const QByteArray answer =
        ::test::bodyOf(::test::exchange(m_exporter->port(),
                                        "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                        "X-Prometheus-Scrape-Timeout-Seconds: 2\r\n\r\n"));

    m_postgres.signalAll(SIGCONT);
    QVERIFY(answer.contains("\npg_up 0\n"));
    QVERIFY(!answer.contains("\npg_stat_database_xact_commit{"));
    QVERIFY(answer.contains("\nredis_up 1\n"));
}

void TestExporterAgent::stopsInTimeAndGoesOnWhereItStopped()
{
    QVERIFY(start(configuration()));
    logRequests(4);
    QTRY_COMPARE(value(apiRequests), 4.0);
    m_postgres.signalAll(SIGSTOP); // a database that hangs must not hold it up
    QElapsedTimer timer;
    timer.start();

    ::kill(static_cast<pid_t>(m_exporter->process().processId()), SIGTERM);

    const bool hasEnded = m_exporter->process().waitForFinished(5000);
    const auto took = timer.elapsed();
    m_postgres.signalAll(SIGCONT);
    QVERIFY(hasEnded);
    QVERIFY2(took < 2000, qPrintable(QString::number(took)));
    QCOMPARE(m_exporter->process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_exporter->process().exitCode(), 0);

    logRequests(6); // while it is down
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value(apiRequests), 6.0); // of the first four none is counted again
}

void TestExporterAgent::keepsItsPositionThoughACollectorHangsAtTheEnd()
{
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value("pg_up"), 1.0);
    m_postgres.signalAll(SIGSTOP);
    const auto scrape = ::test::connectTo(m_exporter->port());
    scrape->write("GET /metrics HTTP/1.1\r\nHost: x\r\n"
                  "X-Prometheus-Scrape-Timeout-Seconds: 30\r\n\r\n");
    QVERIFY(scrape->flush());
    logRequests(3);
    const auto isRead = [&] { // beside the scrape that waits
        return ::test::bodyOf(::test::exchange(m_exporter->port(),
                                               ::test::request("GET", "/metrics?collect[]=logs")))
            .contains(apiRequests + " 3\n");
    };
    QTRY_VERIFY(isRead());
    QElapsedTimer timer;
    timer.start();

    ::kill(static_cast<pid_t>(m_exporter->process().processId()), SIGTERM);

    const bool hasEnded = m_exporter->process().waitForFinished(5000);
    const auto took = timer.elapsed();
    m_postgres.signalAll(SIGCONT);
    QVERIFY(hasEnded);
    QVERIFY2(took < 2000, qPrintable(QString::number(took)));
    QCOMPARE(m_exporter->process().exitCode(), 0);
    QVERIFY(start(configuration()));
    logRequests(2);
    QTRY_COMPARE(value(apiRequests), 2.0); // not the three of before
}

void TestExporterAgent::stopsInTimeThoughAReloadWaitsForCollectorsThatHang()
{
    QVERIFY(start(configuration()));
    QTRY_COMPARE(value("pg_up"), 1.0);
    QTRY_COMPARE(value("redis_up"), 1.0);
    m_postgres.signalAll(SIGSTOP);
    m_redis.signal(SIGSTOP);
    const auto scrape = ::test::connectTo(m_exporter->port());
    scrape->write("GET /metrics HTTP/1.1\r\nHost: x\r\n"
                  "X-Prometheus-Scrape-Timeout-Seconds: 30\r\n\r\n");
    QVERIFY(scrape->flush());
    const auto hangs = [&] {
        const QByteArray page = ::test::exchange(m_exporter->port(), ::test::request("GET", "/"));
        return page.count("runs now") >= 2;
    };
    QTRY_VERIFY(hangs());
    QByteArray changed = configuration();
    changed.replace("queues: [celery]", "queues: [other]");
    changed.replace("active_trends", "live_trends");
    write(u"trendscope.yml"_s, changed);
    const auto exporter = static_cast<pid_t>(m_exporter->process().processId());
    QElapsedTimer timer;
    timer.start();

    ::kill(exporter, SIGHUP);
    ::kill(exporter, SIGTERM); // while it waits for the two

    const bool hasEnded = m_exporter->process().waitForFinished(5000);
    const auto took = timer.elapsed();
    m_redis.signal(SIGCONT);
    m_postgres.signalAll(SIGCONT);
    QVERIFY(hasEnded);
    // The end alone waits for 900 ms, and the reload would for 1,000 before it.
    QVERIFY2(took < 1900, qPrintable(QString::number(took)));
    QCOMPARE(m_exporter->process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_exporter->process().exitCode(), 0);
}

void TestExporterAgent::takesNoPushWithoutTheToken()
{
    QVERIFY(start(configuration()));
    const QByteArray record = "{\"metric\":\"pushed_total\",\"type\":\"counter\"}";

    QVERIFY(push(record, "wrong").startsWith("HTTP/1.1 401 "));
    QVERIFY(push(record, "").startsWith("HTTP/1.1 401 "));
    QVERIFY(push("nonsense", "not-a-secret").startsWith("HTTP/1.1 400 "));
    QVERIFY(!value("pushed_total"));

    QVERIFY(push(record, "not-a-secret").startsWith("HTTP/1.1 200 "));
    QCOMPARE(value("pushed_total"), 1.0);
}

void TestExporterAgent::countsTasksOnceWhereCelerySaysThemAndTheLogToo()
{
    const QByteArray record =
        "{\"timestamp\":\"2024-01-15T10:30:45.123456Z\",\"level\":\"INFO\",\"event\":"
        "\"task_succeeded\",\"task_name\":\"crawl\"}\n";
    const QByteArray tasks = "celery_tasks_total{task_name=\"crawl\",status=\"success\"}";
    const auto log = [&] {
        QFile file(m_folder->filePath(u"app.log"_s));
        QVERIFY(file.open(QIODevice::Append));
        file.write(record);
    };
    QVERIFY(start(configuration()));
    log();
    logRequests(1);
    QTRY_COMPARE(value(apiRequests), 1.0); // so the record before was read, too
    QVERIFY(!value(tasks));

    write(u"trendscope.yml"_s, configuration("  disabled_collectors: [celery]\n"));
    QVERIFY(reload());
    log();
    QTRY_COMPARE(value(tasks), 1.0);
}

QTEST_GUILESS_MAIN(TestExporterAgent)
#include "tst_exporter_agent.moc"
