#include "core/prom/client.h"
#include "support/stub_server.h"

#include <QNetworkAccessManager>
#include <QTest>

#include <optional>

using namespace trendscope;
using namespace trendscope::prom;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::StubServer;

namespace {

const QByteArray emptyMatrix =
    R"({"status":"success","data":{"resultType":"matrix","result":[]}})"_ba;
const QByteArray emptyVector =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})"_ba;

Timestamp at(std::int64_t millis)
{
    return Timestamp(std::chrono::milliseconds(millis));
}

} // namespace

class TestPromClient : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void postsARangeQueryAsAForm();
    void postsAnInstantQueryAsAForm();
    void asksByGetWhereThePostIsRefused();
    void keepsThePrefixAndSendsHeadersAndCredentials();
    void asksForLabelValuesOfAMatch();
    void readsStatusPages();
    void saysWhatTheServerSaid_data();
    void saysWhatTheServerSaid();
    void timesOutAfterTheEndpointsTimeout();
    void staysSilentOnceTheRequestIsGone();

private:
    Endpoint endpoint(const StubServer &server) const;
    template <class T, class Ask>
    std::optional<Result<T>> await(Ask ask);

    QNetworkAccessManager m_network;
};

Endpoint TestPromClient::endpoint(const StubServer &server) const
{
    return {server.url(), {}, 2s};
}

/// Calls `ask(callback)` and waits for the callback.
template <class T, class Ask>
std::optional<Result<T>> TestPromClient::await(Ask ask)
{
    std::optional<Result<T>> answer;
    const net::Request request = ask([&answer](Result<T> result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }, 10'000))
        return std::nullopt;
    return answer;
}

void TestPromClient::postsARangeQueryAsAForm()
{
    StubServer server;
    server.reply("/api/v1/query_range", {200, emptyMatrix});
    Client client(m_network, endpoint(server));
    const RangeQuery query{u"rate(x{a=~\"b+&\"}[5m]) > 1"_s, at(1'700'000'000'500),
                           at(1'700'000'060'000), 15s};

    const auto answer = await<Answer>([&](auto done) { return client.queryRange(query, done); });

    QVERIFY(answer && *answer);
    QCOMPARE((*answer)->type, Answer::Type::Matrix);
    const StubServer::Received &sent = server.received().first();
    QCOMPARE(sent.method, "POST"_ba);
    QCOMPARE(sent.headers.value("content-type"), "application/x-www-form-urlencoded"_ba);
    QVERIFY(sent.headers.value("accept-encoding").contains("gzip"));
    QCOMPARE(
        sent.body,
        "query=rate%28x%7Ba%3D~%22b%2B%26%22%7D%5B5m%5D%29%20%3E%201&start=1700000000.500&end=1700000060.000&step=15.000"_ba);
}

void TestPromClient::postsAnInstantQueryAsAForm()
{
    StubServer server;
    server.reply("/api/v1/query", {200, emptyVector});
    Client client(m_network, endpoint(server));

    const auto answer = await<Answer>([&](auto done) {
        return client.query({u"up"_s, at(1'500)}, done);
    });

    QVERIFY(answer && *answer);
    QCOMPARE(server.received().first().body, "query=up&time=1.500"_ba);
}

void TestPromClient::asksByGetWhereThePostIsRefused()
{
    StubServer server;
    server.reply("/api/v1/query", {405, "Method Not Allowed"}, "POST");
    server.reply("/api/v1/query", {200, emptyVector}, "GET");
    Client client(m_network, endpoint(server));

    const auto answer = await<Answer>([&](auto done) {
        return client.query({u"up + 1"_s, at(0)}, done);
    });

    QVERIFY(answer && *answer);
    QCOMPARE(server.received().last().method, "GET"_ba);
    QCOMPARE(server.received().last().query, "query=up%20%2B%201&time=0.000"_ba);
}

void TestPromClient::keepsThePrefixAndSendsHeadersAndCredentials()
{
    StubServer server;
    server.reply("/select/0/prometheus/api/v1/query", {200, emptyVector});
    Endpoint there = endpoint(server);
    there.url.setPath(u"/select/0/prometheus/"_s);
    there.url.setUserInfo(u"me:pw"_s);
    there.headers = {{"X-Scope-OrgID", "trends"}};
    Client client(m_network, there);

    const auto answer = await<Answer>([&](auto done) {
        return client.query({u"up"_s, at(0)}, done);
    });

    QVERIFY(answer && *answer);
    QCOMPARE(server.received().first().headers.value("x-scope-orgid"), "trends"_ba);
    QCOMPARE(server.received().first().headers.value("authorization"),
             "Basic " + "me:pw"_ba.toBase64());
}

void TestPromClient::asksForLabelValuesOfAMatch()
{
    StubServer server;
    server.reply("/api/v1/label/job/values",
                 {200, R"({"status":"success","data":["api","celery"]})"});
    Client client(m_network, endpoint(server));

    const auto values = await<QStringList>([&](auto done) {
        return client.labelValues(u"job"_s, u"up{a=\"b\"}"_s, at(1000), at(2000), done);
    });

    QVERIFY(values && *values);
    QCOMPARE(**values, (QStringList{u"api"_s, u"celery"_s}));
    QCOMPARE(server.received().first().method, "GET"_ba);
    QCOMPARE(server.received().first().query,
             "start=1.000&end=2.000&match[]=up%7Ba%3D%22b%22%7D"_ba);
}

void TestPromClient::readsStatusPages()
{
    StubServer server;
    server.reply("/api/v1/status/buildinfo",
                 {200, R"({"status":"success","data":{"version":"2.42.0","x":1}})"});
    server.reply("/api/v1/labels", {200, R"({"status":"success","data":["__name__","job"]})"});
    server.reply("/api/v1/targets", {200, R"({"status":"success","data":{"activeTargets":[]}})"});
    server.reply("/api/v1/alerts", {200, R"({"status":"success","data":{"alerts":[]}})"});
    Client client(m_network, endpoint(server));

    const auto info = await<BuildInfo>([&](auto done) { return client.buildInfo(done); });
    const auto names = await<QStringList>([&](auto done) { return client.labelNames(done); });
    const auto targets =
        await<std::vector<ScrapeTarget>>([&](auto done) { return client.targets(done); });
    const auto alerts = await<std::vector<Alert>>([&](auto done) { return client.alerts(done); });

    QVERIFY(info && *info && names && *names && targets && *targets && alerts && *alerts);
    QCOMPARE((*info)->version, u"2.42.0"_s);
    QCOMPARE((*names)->size(), 2);
}

void TestPromClient::saysWhatTheServerSaid_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<Error::Kind>("kind");
    QTest::addColumn<QString>("says"); // %1 is "Prometheus at http://…"
    using Kind = Error::Kind;
    QTest::newRow("its own error")
        << 400 << R"({"status":"error","errorType":"bad_data","error":"1:4: parse error"})"_ba
        << Kind::BadData << u"1:4: parse error"_s;
    QTest::newRow("its own timeout")
        << 503 << R"({"status":"error","errorType":"timeout","error":"query timed out"})"_ba
        << Kind::Timeout << u"query timed out"_s;
    QTest::newRow("a gateway") << 502 << "<html>bad gateway</html>"_ba << Kind::BadResponse
                               << u"%1 answered 502 Stub"_s;
    QTest::newRow("starting") << 503 << "Service Unavailable"_ba << Kind::Unavailable
                              << u"%1 is not ready (503 Stub)"_s;
    QTest::newRow("no credentials") << 401 << "Unauthorized"_ba << Kind::Unauthorized
                                    << u"%1 refused the credentials (401 Stub)"_s;
    QTest::newRow("forbidden, in JSON")
        << 403 << R"({"status":"error","errorType":"x","error":"y"})"_ba << Kind::Unauthorized
        << u"%1 refused the credentials (403 Stub)"_s;
    QTest::newRow("a page") << 200 << "<html>log in</html>"_ba << Kind::BadResponse
                            << u"%1: the answer is not what the API promises"_s;
    QTest::newRow("success with a wrong status")
        << 500 << emptyVector << Kind::BadResponse << u"%1 answered 500 Stub"_s;
}

void TestPromClient::saysWhatTheServerSaid()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(Error::Kind, kind);
    QFETCH(QString, says);
    StubServer server;
    server.replyToRest({status, body});
    Client client(m_network, endpoint(server));

    const auto answer = await<Answer>([&](auto done) {
        return client.query({u"up"_s, at(0)}, done);
    });

    QVERIFY(answer && !*answer);
    QCOMPARE(QString::fromStdString(answer->error().message),
             says.replace(u"%1"_s, u"Prometheus at "_s + server.url().toString()));
    QCOMPARE(answer->error().kind, kind);
}

void TestPromClient::timesOutAfterTheEndpointsTimeout()
{
    StubServer server;
    server.replyToRest({0});
    Client client(m_network, {server.url(), {}, 100ms});

    const auto answer = await<Answer>([&](auto done) {
        return client.query({u"up"_s, at(0)}, done);
    });

    QVERIFY(answer && !*answer);
    QCOMPARE(answer->error().kind, Error::Kind::Timeout);
}

void TestPromClient::staysSilentOnceTheRequestIsGone()
{
    StubServer server;
    server.reply("/api/v1/query", {0});
    server.reply("/api/v1/labels", {200, R"({"status":"success","data":[]})"});
    Client client(m_network, endpoint(server));
    int calls = 0;
    {
        const auto request = client.query({u"up"_s, at(0)}, [&](auto) { ++calls; });
        QTRY_COMPARE(server.received().size(), 1);
        QVERIFY(request.isRunning());
    }

    const auto names = await<QStringList>([&](auto done) { return client.labelNames(done); });

    QVERIFY(names && *names);
    QCOMPARE(calls, 0);
}

QTEST_GUILESS_MAIN(TestPromClient)
#include "tst_prom_client.moc"
