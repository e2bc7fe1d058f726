#include "core/exporter/http/server.h"
#include "support/http_exchange.h"

#include <QProcess>
#include <QTest>

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

using namespace trendscope;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestExporterHttp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersWhatTheHandlerSays();
    void answersHeadWithoutTheBody();
    void refusesOtherMethods_data();
    void refusesOtherMethods();
    void namesTheKnownPaths();
    void passesThePathWithoutItsQuery();
    void answersAgainOnTheSameConnection();
    void compressesForThoseWhoAsk_data();
    void compressesForThoseWhoAsk();
    void survivesAHandlerThatThrows();
    void survivesGarbage();
    void namesTheBusyPortAndTheOption();
    void reportsAnAddressThatIsNotOurs();
    void listensOnEveryAddress();
    void endsConnectionsThatDripTooLong();
    void closesTheOldestUnfinishedRequestAtALimit_data();
    void closesTheOldestUnfinishedRequestAtALimit();
    void closesNoNewConnectionAtALimit();
    void answersQuickPathsWhileAllHandlersWait();
    void answersBesideHandlersThatWait();
    void passesTheWholeRequest();
    void listensOnSeveralAddresses();
    void answersWhileManyOthersAreSlow();

private:
    /// A server on loopback, at a port of its own choice.
    static std::unique_ptr<exporter::HttpServer> serve(exporter::Handler handler,
                                                       exporter::ServerLimits limits = {});
};

namespace {

const exporter::Routes hello{
    {"/hello", [](const exporter::Request &) { return exporter::Response{.body = "Hello\n"}; }},
    {"/large",
     [](const exporter::Request &) { return exporter::Response{.body = std::string(5000, 'x')}; }}};

QByteArray get(const QByteArray &path, const QByteArray &headers = {})
{
    return test::request("GET", path, headers);
}

} // namespace

std::unique_ptr<exporter::HttpServer> TestExporterHttp::serve(exporter::Handler handler,
                                                              exporter::ServerLimits limits)
{
    auto server = exporter::HttpServer::start({"127.0.0.1", 0}, std::move(handler), limits);
    if (!server)
        qFatal("%s", server.error().message.c_str());
    return std::move(*server);
}

void TestExporterHttp::answersWhatTheHandlerSays()
{
    const auto server = serve([](const exporter::Request &request) {
        return exporter::Response{
            .status = 503, .contentType = "text/x", .body = "at " + request.path};
    });

    const QByteArray answer = test::exchange(server->port(), get("/some/path"));

    QVERIFY(answer.startsWith("HTTP/1.1 503 "));
    QVERIFY(answer.contains("\r\nContent-Type: text/x\r\n"));
    QCOMPARE(test::bodyOf(answer), QByteArray("at /some/path"));
}

void TestExporterHttp::answersHeadWithoutTheBody()
{
    const auto server = serve(hello);

    const QByteArray answer = test::exchange(server->port(), test::request("HEAD", "/hello"));

    QVERIFY(answer.startsWith("HTTP/1.1 200 "));
    QVERIFY(answer.contains("\r\nContent-Length: 6\r\n"));
    QCOMPARE(test::bodyOf(answer), QByteArray());
}

void TestExporterHttp::refusesOtherMethods_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::newRow("POST") << QByteArray(
        "POST /hello HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc");
    QTest::newRow("POST without its body")
        << QByteArray("POST /hello HTTP/1.1\r\nHost: t\r\nContent-Length: 999\r\n\r\n");
    QTest::newRow("DELETE") << QByteArray(
        "DELETE /hello HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    QTest::newRow("unknown") << QByteArray(
        "XYZ /hello HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
}

void TestExporterHttp::refusesOtherMethods()
{
    QFETCH(QByteArray, request);
    const auto server = serve(hello);

    const QByteArray answer = test::exchange(server->port(), request);

    QVERIFY2(answer.startsWith("HTTP/1.1 405 "), answer.constData());
    QVERIFY(answer.contains("\r\nAllow: GET, HEAD\r\n"));
}

void TestExporterHttp::namesTheKnownPaths()
{
    const auto server = serve(hello);

    const QByteArray answer = test::exchange(server->port(), get("/nothing"));

    QVERIFY(answer.startsWith("HTTP/1.1 404 "));
    QVERIFY(test::bodyOf(answer).contains("/hello, /large"));
}

void TestExporterHttp::passesThePathWithoutItsQuery()
{
    const auto server = serve(hello);

    QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/hello?a=b"))),
             QByteArray("Hello\n"));
}

void TestExporterHttp::answersAgainOnTheSameConnection()
{
    const auto server = serve(hello);

    const QByteArray answers =
        test::exchange(server->port(), "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n" + get("/hello"));

    QCOMPARE(answers.count("HTTP/1.1 200 OK"), 2);
    QCOMPARE(answers.count("Hello\n"), 2);
}

void TestExporterHttp::compressesForThoseWhoAsk_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<bool>("compressed");
    QTest::newRow("asked") << QByteArray("Accept-Encoding: gzip\r\n") << QByteArray("/large")
                           << true;
    QTest::newRow("among others") << QByteArray("Accept-Encoding: br , gzip;q=0.5\r\n")
                                  << QByteArray("/large") << true;
    QTest::newRow("not asked") << QByteArray() << QByteArray("/large") << false;
    QTest::newRow("another") << QByteArray("Accept-Encoding: br, xgzip\r\n") << QByteArray("/large")
                             << false;
    QTest::newRow("ruled out") << QByteArray("Accept-Encoding: gzip; q=0.0\r\n")
                               << QByteArray("/large") << false;
    QTest::newRow("not worth it") << QByteArray("Accept-Encoding: gzip\r\n") << QByteArray("/hello")
                                  << false;
}

void TestExporterHttp::compressesForThoseWhoAsk()
{
    QFETCH(QByteArray, header);
    QFETCH(QByteArray, path);
    QFETCH(bool, compressed);
    const auto server = serve(hello);

    const QByteArray answer = test::exchange(server->port(), get(path, header));

    QCOMPARE(answer.contains("\r\nContent-Encoding: gzip\r\n"), compressed);
    QByteArray body = test::bodyOf(answer);
    if (compressed) {
        QProcess gunzip;
        gunzip.start(u"gunzip"_s, {});
        gunzip.write(body);
        gunzip.closeWriteChannel();
        QVERIFY(gunzip.waitForFinished());
        body = gunzip.readAllStandardOutput();
    }
    QCOMPARE(body, path == "/large" ? QByteArray(5000, 'x') : QByteArray("Hello\n"));
}

void TestExporterHttp::survivesAHandlerThatThrows()
{
    const auto server = serve([](const exporter::Request &) -> exporter::Response {
        throw std::runtime_error("secret");
    });

    const QByteArray answer = test::exchange(server->port(), get("/"));

    QVERIFY(answer.startsWith("HTTP/1.1 500 "));
    QVERIFY(!answer.contains("secret"));
}

void TestExporterHttp::survivesGarbage()
{
    const auto server =
        serve(hello, {.exchange = 300ms}); // what may yet become a request is waited for

    test::exchange(server->port(), QByteArray("\0\xff\r\n\r\n\r\n", 8));
    test::exchange(server->port(), "GET " + QByteArray(100'000, '/') + " HTTP/1.1\r\n\r\n");
    test::exchange(server->port(),
                   "GET / HTTP/1.1\r\n" + QByteArray("A: b\r\n").repeated(10'000) + "\r\n");

    QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/hello"))), QByteArray("Hello\n"));
}

void TestExporterHttp::namesTheBusyPortAndTheOption()
{
    const auto first = serve(hello);

    const auto second = exporter::HttpServer::start(first->address(), hello);

    QVERIFY(!second.has_value());
    QCOMPARE(second.error().kind, Error::Kind::System);
    const auto message = QByteArray::fromStdString(second.error().message);
    QVERIFY2(message.contains("127.0.0.1:" + QByteArray::number(first->port())),
             message.constData());
    QVERIFY2(message.contains("--web.listen-address"), message.constData());
}

void TestExporterHttp::reportsAnAddressThatIsNotOurs()
{
    for (const char *host : {"192.0.2.1", "no.such.host.invalid"}) {
        const auto server = exporter::HttpServer::start({host, 0}, hello);

        QVERIFY(!server.has_value());
        QVERIFY(server.error().message.find(host) != std::string::npos);
    }
}

void TestExporterHttp::listensOnEveryAddress()
{
    const auto server = exporter::HttpServer::start({"", 0}, hello);

    QVERIFY(server.has_value());
    QCOMPARE(test::bodyOf(test::exchange((*server)->port(), get("/hello"))),
             QByteArray("Hello\n")); // over IPv4
}

void TestExporterHttp::endsConnectionsThatDripTooLong()
{
    const auto server = serve(hello, {.exchange = 200ms});
    const auto socket = test::connectTo(server->port());

    // A byte at a time: never idle for long.
    QTRY_VERIFY(
        (socket->write("x"), socket->flush(), socket->state() != QAbstractSocket::ConnectedState));
    QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/hello"))), QByteArray("Hello\n"));
}

void TestExporterHttp::closesTheOldestUnfinishedRequestAtALimit_data()
{
    QTest::addColumn<bool>("ofOneAddress");
    QTest::newRow("of one address") << true;
    QTest::newRow("in all") << false;
}

void TestExporterHttp::closesTheOldestUnfinishedRequestAtALimit()
{
    QFETCH(bool, ofOneAddress);
    exporter::ServerLimits limits;
    (ofOneAddress ? limits.connectionsPerAddress : limits.connections) = 3;
    const auto server = serve(hello, limits);
    const auto answered = test::connectTo(server->port());
    QByteArray answers;
    connect(answered.get(), &QTcpSocket::readyRead, this, [&] { answers += answered->readAll(); });
    answered->write("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    QTRY_COMPARE(answers.count("Hello"), 1);
    const auto oldest = test::connectTo(server->port());
    oldest->write("GET /hello HT");
    oldest->flush();
    const auto younger = test::connectTo(server->port());

    QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/hello"))), QByteArray("Hello\n"));

    QTRY_COMPARE(oldest->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(younger->state(), QAbstractSocket::ConnectedState);
    answered->write(get("/hello"));
    QTRY_COMPARE(answers.count("Hello"), 2);
}

void TestExporterHttp::closesNoNewConnectionAtALimit()
{
    exporter::ServerLimits limits;
    limits.connectionsPerAddress = 3;
    const auto server = serve(hello, limits);
    std::vector<std::unique_ptr<QTcpSocket>> idle; // each had its answer, and waits
    for (int i = 0; i < 3; ++i) {
        idle.push_back(test::connectTo(server->port()));
        idle.back()->write("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
        QTRY_VERIFY(idle.back()->peek(1000).contains("Hello"));
    }

    for (int i = 0; i < 3; ++i)
        QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/hello"))),
                 QByteArray("Hello\n"));
}

void TestExporterHttp::answersQuickPathsWhileAllHandlersWait()
{
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> waiting = 0;
    exporter::ServerSettings settings{.addresses = {{"127.0.0.1", 0}}, .quickPaths = {"/quick"}};
    settings.limits.handlers = 1;
    const auto server =
        exporter::HttpServer::start(settings, [&](const exporter::Request &request) {
            if (request.path == "/slow") {
                ++waiting;
                released.wait();
            }
            return exporter::Response{.body = "Hello\n"};
        });
    QVERIFY(server.has_value());
    const auto slow = test::connectTo((*server)->port());
    slow->write(get("/slow"));
    QTRY_COMPARE(waiting.load(), 1);

    const QByteArray quick = test::exchange((*server)->port(), get("/quick"));

    release.set_value();
    QCOMPARE(test::bodyOf(quick), QByteArray("Hello\n"));
}

void TestExporterHttp::answersBesideHandlersThatWait()
{
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> waiting = 0;
    const auto server = serve([&](const exporter::Request &request) {
        if (request.path == "/slow") {
            ++waiting;
            released.wait();
        }
        return exporter::Response{.body = request.path};
    });
    const auto slow = test::connectTo(server->port());
    slow->write(get("/slow"));
    QTRY_COMPARE(waiting.load(), 1);

    QCOMPARE(test::bodyOf(test::exchange(server->port(), get("/quick"))), QByteArray("/quick"));

    release.set_value();
    QTRY_COMPARE(slow->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(test::bodyOf(slow->readAll()), QByteArray("/slow"));
}

void TestExporterHttp::passesTheWholeRequest()
{
    exporter::Request seen;
    const auto server = exporter::HttpServer::start(
        {.addresses = {{"127.0.0.1", 0}}, .postPaths = {"/in"}, .limits = {.body = 100}},
        [&seen](const exporter::Request &request) {
            seen = request;
            return exporter::Response{.body = "taken"};
        });
    QVERIFY(server.has_value());

    const QByteArray headers = "Accept: a/b\r\nX-Other: 1\r\nContent-Length: 5\r\n";
    const QByteArray answer = test::exchange(
        (*server)->port(),
        test::request("POST", "/in?collect[]=a%20b&x&collect%5B%5D=c", headers) + "12345");
    const QByteArray tooLarge =
        test::exchange((*server)->port(), test::request("POST", "/in", "Content-Length: 101\r\n"));
    const QByteArray chunked =
        test::exchange((*server)->port(),
                       test::request("POST", "/in", "Transfer-Encoding: chunked\r\n") + "65\r\n"
                           + QByteArray(101, 'x') + "\r\n0\r\n\r\n");

    QCOMPARE(test::bodyOf(answer), QByteArray("taken"));
    QCOMPARE(seen.method, std::string("POST"));
    QCOMPARE(seen.path, std::string("/in"));
    QCOMPARE(seen.body, std::string("12345"));
    QCOMPARE(seen.header("accept"), std::string_view("a/b"));
    QCOMPARE(seen.header("x-other"), std::string_view());
    QCOMPARE(seen.query.size(), 3U);
    QCOMPARE(seen.parameters("collect[]"), (std::vector<std::string_view>{"a b", "c"}));
    QVERIFY2(tooLarge.startsWith("HTTP/1.1 413 "), tooLarge.constData());
    QVERIFY2(chunked.startsWith("HTTP/1.1 413 "), chunked.constData());
}

void TestExporterHttp::listensOnSeveralAddresses()
{
    const auto server =
        exporter::HttpServer::start({.addresses = {{"127.0.0.1", 0}, {"127.0.0.1", 0}}}, hello);
    QVERIFY(server.has_value());
    QCOMPARE((*server)->addresses().size(), 2U);

    for (const exporter::ListenAddress &address : (*server)->addresses())
        QCOMPARE(test::bodyOf(test::exchange(address.port, get("/hello"))), QByteArray("Hello\n"));
}

void TestExporterHttp::answersWhileManyOthersAreSlow()
{
    const auto server = serve(hello);
    std::vector<std::unique_ptr<QTcpSocket>> slow;
    for (int i = 0; i < 200; ++i) {
        slow.push_back(test::connectTo(server->port()));
        slow.back()->write("GET /hello HT");
        slow.back()->flush();
    }

    QElapsedTimer timer;
    timer.start();
    const QByteArray answer = test::exchange(server->port(), get("/hello"));

    QCOMPARE(test::bodyOf(answer), QByteArray("Hello\n"));
    QVERIFY2(timer.elapsed() < 2000,
             "slow connections delay others"); // far below any limit that would end them
}

QTEST_GUILESS_MAIN(TestExporterHttp)
#include "tst_exporter_http.moc"
