#include "support/celery_worker.h"
#include "support/exporter_process.h"
#include "support/http_exchange.h"
#include "support/postgres_process.h"
#include "support/process_usage.h"
#include "support/redis_process.h"
#include "support/require_program.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSignalSpy>
#include <QTcpServer>
#include <QTest>

#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <numeric>

namespace support = trendscope::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int warmUp = 40; ///< scrapes, as all of these
constexpr int rounds = 300;
constexpr int ofOneAlone = 100;
constexpr int idleSeconds = 15;
constexpr int interval = 100; ///< ms from one round of scrapes to the next

/// One of Debian's exporters, on a free port.
class Peer {
public:
    Peer(QString program, QStringList arguments, QProcessEnvironment environment = {})
        : m_program(std::move(program))
        , m_arguments(std::move(arguments))
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setProcessEnvironment(environment);
        m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
    }
    ~Peer()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    bool start()
    {
        QTcpServer free;
        free.listen(QHostAddress::LocalHost);
        m_port = free.serverPort();
        free.close();
        m_process.start(
            m_program,
            m_arguments + QStringList{u"--web.listen-address"_s, u"127.0.0.1:%1"_s.arg(m_port)});
        const QDeadlineTimer deadline(10'000);
        while (!deadline.hasExpired() && m_process.state() != QProcess::NotRunning) {
            QTcpSocket socket;
            socket.connectToHost(QHostAddress::LocalHost, m_port);
            if (socket.waitForConnected(100))
                return true;
            m_process.waitForReadyRead(20);
        }
        return false;
    }

    QString name() const { return m_program; }
    quint16 port() const { return m_port; }
    qint64 processId() const { return m_process.processId(); }

private:
    const QString m_program;
    const QStringList m_arguments;
    QProcess m_process;
    quint16 m_port = 0;
};

/// What is scraped, and what it has used.
struct Scraped {
    QString name;
    qint64 process = 0;
    quint16 port = 0;
    double cpu = 0; ///< seconds; at first when the measurement began
    double pss = 0; ///< MB
    qsizetype series = 0;
};

struct Sum {
    double cpu = 0;
    double pss = 0;
    qsizetype series = 0;
};

QByteArray connectionTo(const support::PostgresProcess &postgres)
{
    return "host=" + postgres.directory().toUtf8()
        + " port=5432 user=postgres dbname=app sslmode=disable";
}

} // namespace

/// The agent beside the three exporters that it replaces: what a scrape costs, and memory.
class BenchAgent : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void costsAPartOfWhatTheOthersCost();

private:
    bool writeConfiguration();
    bool feed();
    QByteArray scrape(quint16 port);
    void scrapeAll(int times);
    void printIdle();
    void printServers(const char *who, const QList<quint16> &ports);

    QTemporaryDir m_directory;
    support::PostgresProcess m_postgres{"logging_collector = on\nlog_destination = jsonlog\n"
                                        "log_directory = '../log'\nlog_min_duration_statement = 0\n"
                                        "compute_query_id = on\n"};
    support::RedisProcess m_redis;
    std::unique_ptr<support::CeleryWorker> m_worker;
    test::ExporterProcess m_agent;
    std::vector<std::unique_ptr<Peer>> m_peers;
    QNetworkAccessManager m_network;
    QList<Scraped> m_scraped; ///< the agent is the first
};

bool BenchAgent::writeConfiguration()
{
    const auto write = [&](const QString &name, const QByteArray &text) {
        QFile file(m_directory.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    const QByteArray yaml =
        "exporter:\n"
        "  postgres:\n"
        "    connection: %1\n"
        "    log: {files: [%2/log/*.json], databases: [app], checkpoint: state/pg}\n"
        "  celery: {url: %3}\n"
        "  logs: {files: [api.log], start: beginning, checkpoint: state/logs}\n"
        "  statsd: {udp: ['127.0.0.1:0'], unix_datagram: [statsd]}\n"
        "  push: {token_file: token}\n";
    return QDir(m_directory.path()).mkdir(u"state"_s) && write(u"token"_s, "secret\n")
        && write(u"api.log"_s, "")
        && write(u"trendscope.yml"_s,
                 QByteArray(yaml)
                     .replace("%1", connectionTo(m_postgres))
                     .replace("%2", m_postgres.directory().toUtf8())
                     .replace("%3", QByteArray::fromStdString(m_redis.url())));
}

/// A little of everything that it takes.
bool BenchAgent::feed()
{
    QFile log(m_directory.filePath(u"api.log"_s));
    if (!log.open(QIODevice::Append))
        return false;
    QByteArray pushed;
    for (int i = 0; i < 1000; ++i) {
        const QByteArray endpoint = "/api/v1/things" + QByteArray::number(i % 20);
        log.write(
            "{\"level\":\"INFO\",\"event\":\"http_request\",\"method\":\"GET\",\"endpoint\":\""
            + endpoint + "\",\"status_code\":200,\"duration_ms\":12.5}\n");
        pushed += "{\"metric\":\"items_collected_total\",\"type\":\"counter\",\"value\":1,"
                  "\"labels\":{\"source\":\"s"
            + QByteArray::number(i % 10) + "\"}}\n";
    }
    const QByteArray answer =
        test::exchange(m_agent.port(),
                       test::request("POST", "/push",
                                     "Authorization: Bearer secret\r\nContent-Length: "
                                         + QByteArray::number(pushed.size()) + "\r\n")
                           + pushed);
    return answer.contains("\"taken\":1000") && m_worker->run({u"app.py"_s, u"mixed"_s, u"100"_s});
}

void BenchAgent::initTestCase()
{
    REQUIRE_PROGRAM("redis-server");
    REQUIRE_PROGRAM("celery");
    REQUIRE_PROGRAM("prometheus-node-exporter");
    REQUIRE_PROGRAM("prometheus-postgres-exporter");
    REQUIRE_PROGRAM("prometheus-redis-exporter");
    QVERIFY2(m_postgres.start(), m_postgres.log().constData());
    support::PostgresClient(m_postgres.connection()).run("CREATE DATABASE app");
    QVERIFY2(m_redis.start(), m_redis.log().constData());
    m_worker = std::make_unique<support::CeleryWorker>(
        QStringLiteral(SOURCE_DIR "/tests/data/celery"), u"app"_s, m_redis.celeryUrl());
    QVERIFY2(m_worker->start(), m_worker->log().constData());
    QVERIFY(writeConfiguration());
    QVERIFY(m_agent.start({u"--config"_s, m_directory.filePath(u"trendscope.yml"_s)}));
    QVERIFY(feed());

    QProcessEnvironment database = QProcessEnvironment::systemEnvironment();
    database.insert(u"DATA_SOURCE_NAME"_s, QString::fromUtf8(connectionTo(m_postgres)));
    m_peers.push_back(std::make_unique<Peer>(u"prometheus-node-exporter"_s, QStringList()));
    m_peers.push_back(
        std::make_unique<Peer>(u"prometheus-postgres-exporter"_s, QStringList(), database));
    m_peers.push_back(std::make_unique<Peer>(
        u"prometheus-redis-exporter"_s,
        QStringList{u"--redis.addr"_s, QString::fromStdString(m_redis.url())}));
    m_scraped.append({.name = u"trendscope"_s,
                      .process = m_agent.process().processId(),
                      .port = m_agent.port()});
    for (const auto &peer : m_peers) {
        QVERIFY(peer->start());
        m_scraped.append(
            {.name = peer->name(), .process = peer->processId(), .port = peer->port()});
    }
}

/// As Prometheus does: over a connection that stays, compressed.
QByteArray BenchAgent::scrape(quint16 port)
{
    QNetworkRequest request(QUrl(u"http://127.0.0.1:%1/metrics"_s.arg(port)));
    const std::unique_ptr<QNetworkReply> reply(m_network.get(request));
    QSignalSpy finished(reply.get(), &QNetworkReply::finished);
    if (!reply->isFinished() && !finished.wait(10'000))
        return {};
    return reply->readAll();
}

void BenchAgent::scrapeAll(int times)
{
    for (int round = 0; round < times; ++round) {
        const QDeadlineTimer next(interval);
        for (Scraped &each : m_scraped) {
            const QByteArray text = scrape(each.port);
            QVERIFY2(text.contains("# TYPE "), qPrintable(each.name));
            each.series = 0;
            for (const QByteArray &line : text.split('\n'))
                each.series += !line.isEmpty() && !line.startsWith('#');
        }
        QTest::qWait(static_cast<int>(next.remainingTime()));
    }
}

/// CPU while nobody scrapes: between two scrapes of Prometheus there are usually 15 s of that.
void BenchAgent::printIdle()
{
    QList<double> before;
    for (const Scraped &each : m_scraped)
        before.append(support::threadSecondsOf(each.process));
    QTest::qWait(1000 * idleSeconds);
    QList<double> used;
    for (qsizetype i = 0; i < before.size(); ++i)
        used.append(1000 * (support::threadSecondsOf(m_scraped[i].process) - before[i])
                    / idleSeconds);
    std::printf("agent_idle_cpu_ms_per_second %.2f, others %.2f\n", used.first(),
                std::accumulate(used.begin() + 1, used.end(), 0.0));
}

/// CPU that the servers spend on a scrape of those alone.
void BenchAgent::printServers(const char *who, const QList<quint16> &ports)
{
    const qint64 postgres = m_postgres.processId();
    const qint64 redis = m_redis.processId();
    const double postgresBefore = support::cpuSecondsOfFamily(postgres);
    const double redisBefore = support::cpuSecondsOf(redis);
    for (int i = 0; i < ofOneAlone; ++i)
        for (const quint16 port : ports)
            QVERIFY(!scrape(port).isEmpty());
    std::printf("agent_servers_cpu_ms %s: PostgreSQL %.2f, Redis %.2f a scrape\n", who,
                1000 * (support::cpuSecondsOfFamily(postgres) - postgresBefore) / ofOneAlone,
                1000 * (support::cpuSecondsOf(redis) - redisBefore) / ofOneAlone);
}

void BenchAgent::costsAPartOfWhatTheOthersCost()
{
    scrapeAll(warmUp);
    for (Scraped &each : m_scraped)
        each.cpu = support::threadSecondsOf(each.process);
    scrapeAll(rounds);
    Sum theirs;
    for (Scraped &each : m_scraped) {
        each.cpu = support::threadSecondsOf(each.process) - each.cpu;
        each.pss = support::pssOf(each.process);
        std::printf("  %-30s %6.2f ms CPU a scrape, PSS %5.1f MB, %5lld series\n",
                    qPrintable(each.name), 1000 * each.cpu / rounds, each.pss,
                    static_cast<long long>(each.series));
        if (&each != &m_scraped.front())
            theirs = {theirs.cpu + each.cpu, theirs.pss + each.pss, theirs.series + each.series};
    }

    const Scraped &ours = m_scraped.front();
    printIdle();
    const double seriesRatio =
        static_cast<double>(ours.series) / static_cast<double>(theirs.series);
    std::printf("agent_cpu_ratio %.3f 0.25\n", ours.cpu / theirs.cpu);
    std::printf("agent_pss_ratio %.3f 0.30\n", ours.pss / theirs.pss);
    std::printf("agent_series_ratio %.3f -\n", seriesRatio);
    std::printf("agent_cpu_a_series_ratio %.3f 0.25\n", ours.cpu / theirs.cpu / seriesRatio);
    printServers("ours", {ours.port});
    printServers("theirs", {m_scraped[2].port, m_scraped[3].port});
}

QTEST_GUILESS_MAIN(BenchAgent)
#include "bench_agent.moc"
