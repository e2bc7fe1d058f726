#include "support/exporter_process.h"
#include "support/exposition_values.h"
#include "support/http_exchange.h"
#include "support/process_usage.h"
#include "support/redis_process.h"
#include "support/require_program.h"

#include <QDateTime>
#include <QFile>
#include <QLocalSocket>
#include <QTest>
#include <QUdpSocket>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <numeric>

namespace support = trendscope::test;
using namespace Qt::StringLiterals;
using support::sumOf;
using support::valueOf;

namespace {

constexpr int rounds = 100;
constexpr int warmUp = 20; ///< rounds
// Events of a round: 100,000.
constexpr int localPackets = 4000;
constexpr int linesOfAPacket = 10;
constexpr int udpPackets = 10'000;
constexpr int logLines = 25'000;
constexpr int pushedRecords = 5000;
constexpr int tasks = 5000;
constexpr int eventsOfATask = 4;
constexpr int eventsOfARound =
    localPackets * linesOfAPacket + udpPackets + logLines + pushedRecords + tasks * eventsOfATask;

constexpr int tasksOfAMessage = 50;
constexpr int workers = 4;

double average(const QList<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

/// Ten million events through every way into the agent: all are counted, and memory stays.
class BenchAgentSoak : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void countsTenMillionEventsInTheSameMemory();

private:
    bool connectStatsd();
    QString path(const char *name) const { return m_directory.filePath(QLatin1StringView(name)); }
    QByteArray get();
    double scraped(const char *metric) { return sumOf(m_exposition, metric); }
    void scrape() { m_exposition = test::bodyOf(get()).toStdString(); }
    void sendLocal(int round);
    void sendUdp();
    void writeLog(int round);
    void rotate(int round);
    void push();
    void publish(int round);
    QByteArray taskEvents(int first);
    void verifyCounts();

    QTemporaryDir m_directory;
    support::RedisProcess m_redis;
    test::ExporterProcess m_agent;
    QUdpSocket m_udp;
    quint16 m_udpPort = 0;
    int m_local = -1;
    QLocalSocket m_publisher;
    std::string m_exposition;
    qint64 m_tasks = 0;
    qint64 m_lines = 0;
};

void BenchAgentSoak::initTestCase()
{
    REQUIRE_PROGRAM("redis-server");
    QVERIFY2(m_redis.start(), m_redis.log().constData());
    {
        QUdpSocket free;
        QVERIFY(free.bind(QHostAddress::LocalHost));
        m_udpPort = free.localPort();
    }
    const auto write = [&](const char *name, const QByteArray &text) {
        QFile file(path(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    QVERIFY(write("token", "secret\n"));
    QVERIFY(write("api.log", ""));
    // Those that are counted at the end stay, however long a round takes here.
    QVERIFY(write("mapping.yml",
                  "mappings:\n"
                  "- {match: soak.udp, name: soak_udp, ttl: 1h}\n"
                  "- {match: soak.steady, name: soak_steady, ttl: 1h}\n"));
    // What is remembered of tasks, and series that nobody sends any more, end within the warm-up.
    QVERIFY(write("trendscope.yml",
                  "exporter:\n"
                  "  celery: {url: "
                      + QByteArray::fromStdString(m_redis.url())
                      + ", task_memory: 2s, max_tasks: 10000}\n"
                        "  logs: {files: [api.log], checkpoint: logs.checkpoint}\n"
                        "  statsd: {udp: ['127.0.0.1:"
                      + QByteArray::number(m_udpPort)
                      + "'], unix_datagram: [statsd], ttl: 2s, mapping_file: mapping.yml}\n"
                        "  push: {token_file: token}\n"));
    QVERIFY(m_agent.start({u"--config"_s, path("trendscope.yml")}));
    QVERIFY(connectStatsd());
    m_publisher.connectToServer(m_redis.socket());
    QVERIFY(m_publisher.waitForConnected());
    scrape();
}

void BenchAgentSoak::cleanupTestCase()
{
    ::close(m_local);
}

bool BenchAgentSoak::connectStatsd()
{
    m_local = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("statsd").toStdString().copy(address.sun_path, sizeof address.sun_path - 1);
    return ::connect(m_local, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
}

QByteArray BenchAgentSoak::get()
{
    return test::exchange(m_agent.port(), test::request("GET", "/metrics"));
}

/// The sender waits where the agent is slower, so none is lost. Each tenth line is of a series that
/// only this round has.
void BenchAgentSoak::sendLocal(int round)
{
    for (int packet = 0; packet < localPackets; ++packet) {
        QByteArray text;
        for (int line = 0; line < linesOfAPacket - 1; ++line)
            text += "soak.steady:1|c|#endpoint:e" + QByteArray::number(packet % 50) + '\n';
        text += "soak.passing:7|ms|#round:" + QByteArray::number(round)
            + ",part:" + QByteArray::number(packet % 10);
        const auto sent =
            ::send(m_local, text.constData(), static_cast<std::size_t>(text.size()), 0);
        QCOMPARE(sent, text.size());
    }
}

void BenchAgentSoak::sendUdp()
{
    for (int packet = 0; packet < udpPackets; ++packet)
        QVERIFY(m_udp.writeDatagram("soak.udp:1|c", QHostAddress::LocalHost, m_udpPort) > 0);
}

void BenchAgentSoak::writeLog(int round)
{
    QFile log(path("api.log"));
    QVERIFY(log.open(QIODevice::Append));
    for (int i = 0; i < logLines; ++i, ++m_lines)
        log.write(
            "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"level\":\"INFO\",\"logger\":\"app.access\","
            "\"message\":\"GET /api/v1/things\",\"context\":{\"event\":\"http_request\","
            "\"request_id\":\""
            + QByteArray::number(m_lines) + "\",\"method\":\"GET\",\"endpoint\":\"/e"
            + QByteArray::number((round + i) % 60) + "\",\"status\":200,\"duration_ms\":12.25}}\n");
}

/// Renames it, as it is; each tenth time copies and truncates it, once it was read.
void BenchAgentSoak::rotate(int round)
{
    QFile::remove(path("api.log.2"));
    QFile::rename(path("api.log.1"), path("api.log.2"));
    if (round % 10 != 9) {
        QVERIFY(QFile::rename(path("api.log"), path("api.log.1")));
        return;
    }
    scrape(); // waits for what the file has
    QVERIFY(QFile::copy(path("api.log"), path("api.log.1")));
    QVERIFY(QFile::resize(path("api.log"), 0));
}

void BenchAgentSoak::push()
{
    QByteArray body;
    for (int i = 0; i < pushedRecords; ++i)
        body += "{\"metric\":\"items_collected_total\",\"type\":\"counter\",\"value\":1,"
                "\"labels\":{\"source\":\"s"
            + QByteArray::number(i % 30) + "\"}}\n";
    const QByteArray answer =
        test::exchange(m_agent.port(),
                       test::request("POST", "/push",
                                     "Authorization: Bearer secret\r\nContent-Length: "
                                         + QByteArray::number(body.size()) + "\r\n")
                           + body);
    QVERIFY2(answer.contains("\"taken\":" + QByteArray::number(pushedRecords) + ','),
             answer.constData());
}

/// A list of events, as workers send them.
QByteArray BenchAgentSoak::taskEvents(int first)
{
    const double now = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000;
    QByteArray list;
    for (int i = first; i < first + tasksOfAMessage; ++i) {
        const QByteArray common = "\",\"uuid\":\"" + QByteArray::number(m_tasks++)
            + "-4abc-9def-soak\",\"hostname\":\"celery@w" + QByteArray::number(i % workers)
            + "\",\"timestamp\":" + QByteArray::number(now, 'f', 3) + ",\"pid\":7,\"clock\":1";
        const QByteArray name = ",\"name\":\"app.task" + QByteArray::number(i % 20) + '"';
        list += (list.isEmpty() ? "[" : ",") + QByteArray("{\"type\":\"task-sent") + common + name
            + ",\"queue\":\"celery\"},{\"type\":\"task-received" + common + name
            + "},{\"type\":\"task-started" + common + "},{\"type\":\"task-succeeded" + common
            + ",\"runtime\":0.25}";
    }
    return list + ']';
}

void BenchAgentSoak::publish(int round)
{
    int messages = 0;
    const auto send = [&](const QByteArray &channel, const QByteArray &body) {
        const QByteArray message = "{\"body\":\"" + body.toBase64()
            + "\",\"content-encoding\":\"utf-8\",\"content-type\":\"application/"
              "json\",\"headers\":{},"
              "\"properties\":{\"body_encoding\":\"base64\"}}";
        m_publisher.write("*3\r\n$7\r\nPUBLISH\r\n$" + QByteArray::number(channel.size()) + "\r\n"
                          + channel + "\r\n$" + QByteArray::number(message.size()) + "\r\n"
                          + message + "\r\n");
        ++messages;
    };
    for (int first = 0; first < tasks; first += tasksOfAMessage)
        send("/0.celeryev/task.multi", taskEvents(first));
    for (int worker = 0; worker < workers; ++worker)
        send("/0.celeryev/worker.heartbeat",
             "{\"type\":\"worker-heartbeat\",\"hostname\":\"celery@w" + QByteArray::number(worker)
                 + "\",\"timestamp\":" + QByteArray::number(QDateTime::currentSecsSinceEpoch())
                 + ",\"pid\":7,\"active\":0,\"freq\":2,\"processed\":"
                 + QByteArray::number((round + 1) * tasks / workers) + '}');
    QByteArray answers;
    while (answers.count(":1\r\n") < messages && m_publisher.waitForReadyRead(10'000))
        answers += m_publisher.readAll();
    QCOMPARE(answers.count(":1\r\n"), messages); // each had one listener
}

void BenchAgentSoak::verifyCounts()
{
    const double sent = 1.0 * rounds * localPackets * linesOfAPacket;
    const double udp = valueOf(m_exposition, "soak_udp").value_or(0);
    const double dropped = scraped("trendscope_statsd_dropped_packets_total");
    std::printf("  UDP: %.0f of %d packets counted, %.0f dropped by the kernel\n", udp,
                rounds * udpPackets, dropped);
    QCOMPARE(udp + dropped, 1.0 * rounds * udpPackets);
    QCOMPARE(scraped("soak_steady"), sent / linesOfAPacket * (linesOfAPacket - 1));
    QCOMPARE(scraped("trendscope_statsd_samples_total"), sent + udp);
    QCOMPARE(scraped("trendscope_log_lines_total"), static_cast<double>(m_lines));
    QCOMPARE(scraped("api_requests_total"), static_cast<double>(m_lines));
    QCOMPARE(scraped("trendscope_log_files_lost_total"), 0.0);
    QCOMPARE(scraped("items_collected_total"), 1.0 * rounds * pushedRecords);
    QCOMPARE(scraped("celery_tasks_total"), static_cast<double>(m_tasks));
    QCOMPARE(scraped("trendscope_celery_events_missed_total"), 0.0);
    QCOMPARE(scraped("trendscope_celery_errors_total"), 0.0);
}

void BenchAgentSoak::countsTenMillionEventsInTheSameMemory()
{
    QList<double> pss;
    for (int round = 0; round < rounds; ++round) {
        const auto scrapedAfter = [&](auto work) {
            work();
            scrape();
        };
        scrapedAfter([&] { sendLocal(round); });
        scrapedAfter([&] { sendUdp(); });
        writeLog(round);
        rotate(round);
        scrapedAfter([&] { push(); });
        publish(round);
        QTRY_COMPARE_WITH_TIMEOUT((scrape(), scraped("celery_tasks_total")),
                                  static_cast<double>(m_tasks), 20'000);
        if (QTest::currentTestFailed())
            return;
        pss.append(support::pssOf(m_agent.process().processId()));
        if (round % 10 == 9)
            std::printf("  %.1f million events: PSS %.2f MB, %lld bytes of metrics\n",
                        (round + 1) * 1e-6 * eventsOfARound, pss.last(),
                        static_cast<long long>(m_exposition.size()));
        std::fflush(stdout);
    }
    scrape();

    verifyCounts();
    // A tenth of the rounds at a time: what is remembered for seconds makes single ones differ.
    const double warm = average(pss.sliced(warmUp, rounds / 10));
    double growth = 0;
    for (int first = warmUp + rounds / 10; first < rounds; first += rounds / 10) {
        const double by = average(pss.sliced(first, rounds / 10)) / warm - 1;
        growth = std::abs(by) > std::abs(growth) ? by : growth;
    }
    std::printf("soak_pss_growth %.4f 0.05\n", growth);
    std::printf("soak_pss_mb %.1f -\n", pss.last());
}

QTEST_GUILESS_MAIN(BenchAgentSoak)
#include "bench_agent_soak.moc"
