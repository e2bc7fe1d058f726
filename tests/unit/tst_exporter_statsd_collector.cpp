#include "core/exporter/http/listen_address.h"
#include "core/exporter/push/statsd_collector.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace trendscope;
using namespace std::chrono_literals;

namespace {

/// Sends datagrams to one place.
class Sender {
public:
    explicit Sender(std::uint16_t port)
        : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_isConnected =
            ::connect(m_socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    }
    explicit Sender(const std::string &path)
        : m_socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        m_isConnected =
            ::connect(m_socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    }
    ~Sender() { ::close(m_socket); }
    Sender(const Sender &) = delete;
    Sender &operator=(const Sender &) = delete;

    bool isConnected() const { return m_isConnected; }
    bool send(std::string_view packet) const
    {
        return ::send(m_socket, packet.data(), packet.size(), 0)
            == static_cast<ssize_t>(packet.size());
    }

private:
    int m_socket;
    bool m_isConnected = false;
};

class Fixture {
public:
    explicit Fixture(config::StatsdSettings settings = {}, const char *udpHost = "127.0.0.1")
    {
        if (udpHost)
            settings.udp = {exporter::ListenAddress{udpHost, 0}.text()};
        auto started =
            exporter::StatsdCollector::start(settings, metrics, registry, logging.logger("statsd"));
        if (started)
            collector = std::move(*started);
        else
            error = started.error();
    }

    /// What the next scrape shows of a series; 0 where it is not there.
    double value(const QByteArray &series)
    {
        (void)collector->collect({});
        const std::string all =
            ::prometheus::TextSerializer().Serialize(metrics.collectable()->Collect())
            + registry.expose();
        for (const QByteArray &line : QByteArray::fromStdString(all).split('\n')) {
            if (line.startsWith(series + " "))
                return line.mid(series.size() + 1).toDouble();
        }
        return 0;
    }

    observability::Registry registry;
    exporter::PushedMetrics metrics{registry};
    observability::Logging logging{{.level = observability::Level::Critical}};
    std::unique_ptr<exporter::StatsdCollector> collector;
    std::optional<Error> error;
};

/// The kernel's count for a port, from /proc/net/udp.
double dropsOf(std::uint16_t port)
{
    QFile table(QStringLiteral("/proc/net/udp"));
    if (!table.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray place = ":" + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    for (const QByteArray &line : table.readAll().split('\n')) {
        const auto columns = line.simplified().split(' ');
        if (columns.size() > 12 && columns[1].endsWith(place))
            return columns[12].toDouble();
    }
    return -1;
}

} // namespace

class TestExporterStatsdCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesWhatManyProcessesSend();
    void takesPacketsOfAnySize();
    void takesPacketsFromIpv6AndIpv4();
    void exportsWhatTheKernelDrops();
    void takesUnixDatagramsAndRemovesItsSocket();
    void takesTheSocketOfADeadProgramOnly();
    void saysWhatIsWrongWithASocket();
    void saysWhatIsWrongWithAMapping();
    void endsAtOnce();
};

void TestExporterStatsdCollector::takesWhatManyProcessesSend()
{
    Fixture fixture;
    QVERIFY(fixture.collector);
    const std::uint16_t port = fixture.collector->udpPorts().at(0);

    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            const Sender sender(port);
            bool isSent = true;
            for (int k = 0; k < 1'000; ++k)
                isSent = sender.send("items_collected_total:1|c|#source:reddit") && isSent;
            ::_exit(isSent ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(status, 0);
    }

    QTRY_COMPARE(fixture.value("items_collected_total{source=\"reddit\"}"), 4'000.0);
    QCOMPARE(fixture.value("trendscope_statsd_packets_total{transport=\"udp\"}"), 4'000.0);
    QCOMPARE(fixture.value("trendscope_statsd_samples_total{type=\"counter\"}"), 4'000.0);
    QCOMPARE(fixture.value("trendscope_statsd_dropped_packets_total"), 0.0);
    QVERIFY(fixture.value("trendscope_statsd_receive_buffer_bytes") >= 65'536);
}

void TestExporterStatsdCollector::takesPacketsOfAnySize()
{
    Fixture fixture;
    const Sender sender(fixture.collector->udpPorts().at(0));
    std::string many;
    while (many.size() + 6 < 65'507)
        many += "a:1|c\n";

    QVERIFY(sender.send(many));
    QVERIFY(sender.send(""));
    QVERIFY(sender.send("a:1|c"));

    QTRY_COMPARE(fixture.value("trendscope_statsd_packets_total{transport=\"udp\"}"), 3.0);
    QCOMPARE(fixture.value("a"), static_cast<double>(many.size()) / 6 + 1);
}

void TestExporterStatsdCollector::takesPacketsFromIpv6AndIpv4()
{
    Fixture fixture({}, "");
    QVERIFY(fixture.collector);
    const Sender sender(fixture.collector->udpPorts().at(0));

    QVERIFY(sender.send("a:1|c"));

    QTRY_COMPARE(fixture.value("a"), 1.0);
}

/// As many as were sent and not received; the same as in the kernel's table.
void TestExporterStatsdCollector::exportsWhatTheKernelDrops()
{
    config::StatsdSettings settings;
    settings.receiveBuffer = 1;
    Fixture fixture(settings);
    const std::uint16_t port = fixture.collector->udpPorts().at(0);
    const Sender sender(port);

    double sent = 0;
    double dropped = 0;
    for (int round = 0; round < 100 && dropped < 100; ++round) {
        for (int i = 0; i < 1'000; ++i, ++sent)
            QVERIFY(sender.send("a:1|c|#some:tags,that:make,it:longer"));
        dropped = fixture.value("trendscope_statsd_dropped_packets_total");
    }

    QVERIFY(dropped > 0);
    QTRY_COMPARE(fixture.value("trendscope_statsd_packets_total{transport=\"udp\"}")
                     + fixture.value("trendscope_statsd_dropped_packets_total"),
                 sent);
    QCOMPARE(fixture.value("trendscope_statsd_dropped_packets_total"), dropsOf(port));
    QCOMPARE(fixture.value("a{it=\"longer\",some=\"tags\",that=\"make\"}"), sent - dropsOf(port));
}

void TestExporterStatsdCollector::takesUnixDatagramsAndRemovesItsSocket()
{
    const QTemporaryDir directory;
    const std::string path = directory.filePath(QStringLiteral("statsd.sock")).toStdString();
    config::StatsdSettings settings;
    settings.unixDatagram = {path};
    settings.unixMode = 0620;
    {
        Fixture fixture(settings, nullptr);
        QVERIFY(fixture.collector);
        struct stat status { };
        QCOMPARE(::stat(path.c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777, mode_t(0620));
        const Sender sender(path);
        for (int i = 0; i < 1'000; ++i)
            QVERIFY(sender.send("a:1|c")); // waits where the queue is full
        QVERIFY(sender.send(std::string(70'000, 'x')));

        QTRY_COMPARE(fixture.value("trendscope_statsd_packets_total{transport=\"unix\"}"), 1'001.0);
        QCOMPARE(fixture.value("a"), 1'000.0);
        QCOMPARE(fixture.value("trendscope_statsd_errors_total{kind=\"too_long\"}"), 1.0);
    }
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
}

void TestExporterStatsdCollector::takesTheSocketOfADeadProgramOnly()
{
    const QTemporaryDir directory;
    const std::string path = directory.filePath(QStringLiteral("statsd.sock")).toStdString();
    config::StatsdSettings settings;
    settings.unixDatagram = {path};
    {
        const Fixture first(settings, nullptr);
        QVERIFY(first.collector);
        const Fixture second(settings, nullptr);
        QVERIFY(!second.collector);
        QVERIFY2(second.error->message.find("another program") != std::string::npos,
                 second.error->message.c_str());
        QVERIFY(Sender(path).isConnected());
    }
    // One that did not clean up.
    const int dead = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    QCOMPARE(::bind(dead, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ::close(dead);
    const Fixture third(settings, nullptr);
    QVERIFY(third.collector);
}

void TestExporterStatsdCollector::saysWhatIsWrongWithASocket()
{
    const QTemporaryDir directory;
    QFile file(directory.filePath(QStringLiteral("precious")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    config::StatsdSettings settings;
    settings.unixDatagram = {file.fileName().toStdString()};
    const Fixture onFile(settings, nullptr);
    QVERIFY(onFile.error);
    QVERIFY2(onFile.error->message.find("no socket") != std::string::npos,
             onFile.error->message.c_str());
    QVERIFY(file.exists());

    settings.unixDatagram = {std::string(200, 'x')};
    const Fixture tooLong(settings, nullptr);
    QVERIFY(tooLong.error && tooLong.error->kind == Error::Kind::System);

    const Fixture first;
    settings = {};
    settings.udp = {"127.0.0.1:" + std::to_string(first.collector->udpPorts().at(0))};
    const Fixture second(settings, nullptr);
    QVERIFY(second.error);
    QVERIFY2(second.error->message.find("another program uses that port") != std::string::npos,
             second.error->message.c_str());
}

void TestExporterStatsdCollector::saysWhatIsWrongWithAMapping()
{
    config::StatsdSettings settings;
    settings.mappings = {{.match = "a.*", .name = "$2"}};
    const Fixture fixture(settings);

    QVERIFY(fixture.error);
    QCOMPARE(fixture.error->kind, Error::Kind::Invalid);
}

void TestExporterStatsdCollector::endsAtOnce()
{
    Fixture fixture;
    const Sender sender(fixture.collector->udpPorts().at(0));
    for (int i = 0; i < 1'000; ++i)
        QVERIFY(sender.send("a:1|c"));

    QElapsedTimer timer;
    timer.start();
    fixture.collector.reset();
    QVERIFY(timer.elapsed() < 1'000); // usually a few milliseconds

    // What was sent before is not lost.
    const auto families = fixture.metrics.collectable()->Collect();
    QCOMPARE(families.at(0).metric.at(0).counter.value, 1'000.0);
}

QTEST_GUILESS_MAIN(TestExporterStatsdCollector)
#include "tst_exporter_statsd_collector.moc"
