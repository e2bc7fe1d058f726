#include "support/certificates.h"
#include "support/exporter_process.h"
#include "support/http_exchange.h"
#include "support/prometheus_process.h"
#include "support/require_program.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vector>

using namespace Qt::StringLiterals;

/// The real `trendscope exporter` with users and certificates, reloads and a service manager.
class TestExporterWeb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void isScrapedByPrometheusOverTls();
    void refusesThoseWithoutPasswordOrCertificate();
    void endsCleanlyWhileAPasswordIsHashed();
    void readsAChangedWebConfigurationAnew();
    void refusesAWebConfigurationThatIsWrong_data();
    void refusesAWebConfigurationThatIsWrong();
    void reloadsByPostAndBySignal();
    void isNotDelayedBySilentClientsOfOneAddress();
    void listensOnAnInheritedSocketAndTellsItsState();

private:
    QString path(const QString &name) const { return m_directory.filePath(name); }
    void write(const QString &name, const QByteArray &text) const;
    QByteArray askOverTls(quint16 port, const QByteArray &headers,
                          const QStringList &options = {}) const;
    static QByteArray basic(const QByteArray &credentials);

    QTemporaryDir m_directory;
};

namespace {

using trendscope::test::secretHash;
// Of "other".
const QByteArray otherHash = "$2b$04$abcdefghijklmnopqrstuu0HtfOlPbTiymk5tcV.3TsFPDd3SYZqu";

const QByteArray tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
const QByteArray clientTls =
    tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n";

} // namespace

void TestExporterWeb::initTestCase()
{
    REQUIRE_PROGRAM("openssl");
    QCOMPARE(trendscope::test::makeCertificates(m_directory.path()), QByteArray());
}

void TestExporterWeb::write(const QString &name, const QByteArray &text) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("the fixture can not be written");
}

QByteArray TestExporterWeb::basic(const QByteArray &credentials)
{
    return "Authorization: Basic " + credentials.toBase64() + "\r\n";
}

/// What the server answers; empty: it refused the handshake.
QByteArray TestExporterWeb::askOverTls(quint16 port, const QByteArray &headers,
                                       const QStringList &options) const
{
    QProcess client;
    client.start(u"openssl"_s,
                 QStringList{u"s_client"_s, u"-quiet"_s, u"-CAfile"_s, path(u"ca.pem"_s),
                             u"-verify_return_error"_s, u"-connect"_s, u"127.0.0.1:%1"_s.arg(port)}
                     + options);
    client.write(test::request("GET", "/-/healthy", headers));
    if (!client.waitForFinished(20'000))
        client.kill();
    return client.readAllStandardOutput();
}

void TestExporterWeb::isScrapedByPrometheusOverTls()
{
    REQUIRE_PROGRAM("prometheus");
    write(u"web.yml"_s, clientTls + "basic_auth_users:\n  anna: " + secretHash + '\n');
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--web.config.file"_s, path(u"web.yml"_s)}));
    const QString config =
        u"global: {scrape_interval: 1s}\n"
        "scrape_configs:\n"
        "  - job_name: trendscope\n"
        "    scheme: https\n"
        "    basic_auth: {username: anna, password: secret}\n"
        "    tls_config: {ca_file: %1/ca.pem, cert_file: %1/client.pem, key_file: %1/client.key}\n"
        "    static_configs: [{targets: ['127.0.0.1:%2']}]\n"_s.arg(m_directory.path())
            .arg(exporter.port());
    trendscope::test::PrometheusProcess::Options options;
    options.config = config.toUtf8();
    trendscope::test::PrometheusProcess prometheus(options);
    QVERIFY2(prometheus.start(), prometheus.log().constData());

    const auto ask = [&] {
        return test::bodyOf(test::exchange(
            static_cast<quint16>(prometheus.url().port()),
            test::request("GET", "/api/v1/query?query=up%7Bjob=%22trendscope%22%7D")));
    };

    QTRY_VERIFY2_WITH_TIMEOUT(ask().contains(",\"1\"]"), ask().constData(), 20'000);
}

void TestExporterWeb::refusesThoseWithoutPasswordOrCertificate()
{
    write(u"web.yml"_s,
          clientTls + "  min_version: TLS13\nbasic_auth_users:\n  anna: " + secretHash
              + "\nhttp_server_config:\n  headers: {X-Frame-Options: deny}\n");
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--web.config.file"_s, path(u"web.yml"_s)}));
    const auto certificate = [this](const QString &name) {
        return QStringList{u"-cert"_s, path(name + u".pem"_s), u"-key"_s, path(name + u".key"_s)};
    };
    const quint16 port = exporter.port();

    const QByteArray right = askOverTls(port, basic("anna:secret"), certificate(u"client"_s));
    const QByteArray nobody = askOverTls(port, {}, certificate(u"client"_s));
    const QByteArray wrong = askOverTls(port, basic("anna:wrong"), certificate(u"client"_s));

    QVERIFY2(right.startsWith("HTTP/1.1 200 "), right.constData());
    QVERIFY(right.contains("\r\nX-Frame-Options: deny\r\n"));
    for (const QByteArray &answer : {nobody, wrong}) {
        QVERIFY2(answer.startsWith("HTTP/1.1 401 "), answer.constData());
        QVERIFY(answer.contains("\r\nWWW-Authenticate: Basic "));
    }
    QCOMPARE(askOverTls(port, basic("anna:secret")), QByteArray());
    QCOMPARE(askOverTls(port, basic("anna:secret"), certificate(u"imposter"_s)), QByteArray());
    QCOMPARE(askOverTls(port, basic("anna:secret"), certificate(u"client"_s) << u"-tls1_2"_s),
             QByteArray());
    QVERIFY(!test::exchange(port, test::request("GET", "/metrics")).contains("200 OK"));
}

void TestExporterWeb::endsCleanlyWhileAPasswordIsHashed()
{
    write(u"web.yml"_s, "basic_auth_users:\n  anna: " + secretHash + '\n');
    for (int round = 0; round < 4; ++round) {
        test::ExporterProcess exporter;
        QVERIFY(exporter.start({u"--web.config.file"_s, path(u"web.yml"_s)}));
        std::vector<std::unique_ptr<QTcpSocket>> clients;
        for (int i = 0; i < 4; ++i) { // several requests each: some wait behind others
            clients.push_back(test::connectTo(exporter.port()));
            for (int request = 0; request < 3; ++request)
                clients.back()->write("GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
                                      + QByteArray("anna:secret").toBase64() + "\r\n\r\n");
            QVERIFY(clients.back()->flush());
        }

        ::kill(static_cast<pid_t>(exporter.process().processId()), SIGTERM);

        QVERIFY(exporter.process().waitForFinished(5000));
        QCOMPARE(exporter.process().exitStatus(), QProcess::NormalExit);
        QCOMPARE(exporter.process().exitCode(), 0);
    }
}

void TestExporterWeb::readsAChangedWebConfigurationAnew()
{
    write(u"web.yml"_s, "basic_auth_users:\n  anna: " + secretHash + '\n');
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--web.config.file"_s, path(u"web.yml"_s)}));
    const auto statusFor = [&](const QByteArray &credentials) {
        return test::exchange(exporter.port(),
                              test::request("GET", "/-/healthy", basic(credentials)))
            .mid(9, 3);
    };
    QCOMPARE(statusFor("anna:secret"), QByteArray("200"));
    QCOMPARE(statusFor("anna:other"), QByteArray("401"));

    write(u"web.yml"_s, "basic_auth_users:\n  anna: " + otherHash + '\n');
    QCOMPARE(statusFor("anna:secret"), QByteArray("401"));
    QCOMPARE(statusFor("anna:other"), QByteArray("200"));

    write(u"web.yml"_s, "basic_auth_users: [nonsense\n");
    QCOMPARE(statusFor("anna:other"), QByteArray("200"));
    QVERIFY(QFile::remove(path(u"web.yml"_s)));
    QCOMPARE(statusFor("anna:other"), QByteArray("200"));
    QCOMPARE(statusFor("anna:secret"), QByteArray("401"));
}

void TestExporterWeb::refusesAWebConfigurationThatIsWrong_data()
{
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("unknown key") << QByteArray("\nbasic_auth_user: {}\n") << QByteArray(":2: ");
    QTest::newRow("no bcrypt") << QByteArray("basic_auth_users: {anna: hunter2}\n")
                               << QByteArray("'anna'");
    QTest::newRow("no key") << QByteArray("tls_server_config: {cert_file: server.pem}\n")
                            << QByteArray("key_file");
    QTest::newRow("another's key")
        << QByteArray("tls_server_config: {cert_file: server.pem, key_file: client.key}\n")
        << QByteArray("client.key");
    QTest::newRow("missing certificate")
        << QByteArray("tls_server_config: {cert_file: none.pem, key_file: server.key}\n")
        << QByteArray("none.pem");
    QTest::newRow("type") << tls + "  client_auth_type: Always\n"
                          << QByteArray("RequireAndVerifyClientCert");
    QTest::newRow("no authority") << tls + "  client_auth_type: VerifyClientCertIfGiven\n"
                                  << QByteArray("client_ca_file");
    QTest::newRow("header") << QByteArray("http_server_config: {headers: {Set-Cookie: a}}\n")
                            << QByteArray("Set-Cookie");
}

void TestExporterWeb::refusesAWebConfigurationThatIsWrong()
{
    QFETCH(QByteArray, config);
    QFETCH(QByteArray, named);
    write(u"wrong.yml"_s, config);
    QProcess exporter;
    exporter.start(QStringLiteral(TRENDSCOPE_BINARY),
                   {u"exporter"_s, u"--web.listen-address"_s, u"127.0.0.1:0"_s,
                    u"--web.config.file"_s, path(u"wrong.yml"_s)});

    QVERIFY(exporter.waitForFinished());

    const QByteArray error = exporter.readAllStandardError();
    QCOMPARE(exporter.exitCode(), 1);
    QVERIFY2(error.contains(named), error.constData());
    QVERIFY(!error.contains("hunter2"));
}

void TestExporterWeb::reloadsByPostAndBySignal()
{
    const QByteArray head = "exporter:\n  listen_address: '127.0.0.1:0'\n";
    write(u"trendscope.yml"_s, head);
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--config"_s, path(u"trendscope.yml"_s)}));
    const auto ask = [&](const QByteArray &method, const QByteArray &at) {
        return test::exchange(exporter.port(), test::request(method, at, "Content-Length: 0\r\n"));
    };
    const auto hasDisk = [&] {
        return ask("GET", "/metrics").contains("\nsystem_disk_usage_percent ");
    };
    QVERIFY(hasDisk());

    write(u"trendscope.yml"_s, head + "  mount_points: [/nonexistent]\n");
    QVERIFY(ask("POST", "/-/reload").startsWith("HTTP/1.1 200 "));
    QVERIFY(!hasDisk());
    QVERIFY(ask("GET", "/-/reload").startsWith("HTTP/1.1 405 "));

    write(u"trendscope.yml"_s, head + "  mount_point: [/]\n");
    const QByteArray refused = ask("POST", "/-/reload");
    QVERIFY(refused.startsWith("HTTP/1.1 500 "));
    QVERIFY(test::bodyOf(refused).contains("exporter.mount_point"));
    QVERIFY(!hasDisk());
    QVERIFY(ask("GET", "/").contains("the old configuration stays"));

    write(u"trendscope.yml"_s, head);
    ::kill(static_cast<pid_t>(exporter.process().processId()), SIGHUP);
    QTRY_VERIFY(hasDisk());
    QVERIFY(!ask("GET", "/").contains("the old configuration stays"));
}

void TestExporterWeb::isNotDelayedBySilentClientsOfOneAddress()
{
    write(u"web.yml"_s, tls);
    test::ExporterProcess exporter;
    QVERIFY(exporter.start({u"--web.config.file"_s, path(u"web.yml"_s)}));
    std::vector<std::unique_ptr<QTcpSocket>> silent;
    for (int i = 0; i < 400; ++i) // beyond the limit of an address
        silent.push_back(test::connectTo(exporter.port()));

    QElapsedTimer timer;
    timer.start();
    const QByteArray answer = askOverTls(exporter.port(), {});

    QVERIFY2(answer.startsWith("HTTP/1.1 200 "), answer.constData());
    QVERIFY2(timer.elapsed() < 3000, QByteArray::number(timer.elapsed()).constData());
}

void TestExporterWeb::listensOnAnInheritedSocketAndTellsItsState()
{
    const QByteArray notify = path(u"notify"_s).toLocal8Bit();
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    qstrncpy(name.sun_path, notify.constData(), sizeof name.sun_path);
    const int manager = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    QCOMPARE(::bind(manager, reinterpret_cast<sockaddr *>(&name), sizeof name), 0);
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    QCOMPARE(::bind(listening, reinterpret_cast<sockaddr *>(&address), length), 0);
    QCOMPARE(::listen(listening, 16), 0);
    QCOMPARE(::getsockname(listening, reinterpret_cast<sockaddr *>(&address), &length), 0);
    QByteArray told;
    const auto read = [&] {
        char text[256];
        for (ssize_t size = 0; (size = ::recv(manager, text, sizeof text, 0)) > 0;)
            told += QByteArray(text, static_cast<qsizetype>(size)) + '\n';
        return told;
    };

    QProcess exporter;
    exporter.setChildProcessModifier([listening] { ::dup2(listening, 3); });
    exporter.start(u"sh"_s,
                   {u"-c"_s, u"NOTIFY_SOCKET=$1 LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" exporter"_s,
                    QStringLiteral(TRENDSCOPE_BINARY), path(u"notify"_s)});
    QTRY_VERIFY(read().contains("READY=1"));
    ::close(listening);
    const quint16 port = ntohs(address.sin_port);
    QVERIFY(test::exchange(port, test::request("GET", "/-/ready")).startsWith("HTTP/1.1 200 "));
    told.clear();
    ::kill(static_cast<pid_t>(exporter.processId()), SIGHUP);
    QTRY_VERIFY(read().contains("RELOADING=1") && told.contains("MONOTONIC_USEC=")
                && told.contains("READY=1"));
    ::kill(static_cast<pid_t>(exporter.processId()), SIGTERM);

    QVERIFY(exporter.waitForFinished(2000));
    QCOMPARE(exporter.exitCode(), 0);
    QVERIFY(read().contains("STOPPING=1"));
    ::close(manager);
}

QTEST_GUILESS_MAIN(TestExporterWeb)
#include "tst_exporter_web.moc"
