#include "core/net/backoff.h"
#include "core/net/http.h"
#include "core/net/poll.h"
#include "support/fault_proxy.h"
#include "support/stub_server.h"

#include <QNetworkAccessManager>
#include <QTest>

#include <optional>

using namespace trendscope;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::FaultProxy;
using test::StubServer;

class TestNetHttp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsTheWholeAnswerOfAnyStatus();
    void sendsUserInfoAsBasicAuthenticationOnly();
    void asksAgainByGetWherePostIsRefused();
    void saysWhatFailed_data();
    void saysWhatFailed();
    void endsAnAnswerThatOnlyDrips();
    void refusesAnAnswerThatIsTooLarge();
    void followsRedirectsToTheSameOriginOnly();
    void refusesAnAddressThatIsNotHttp();
    void staysSilentOnceTheRequestIsGone();
    void canBeReplacedFromItsOwnCallback();
    void namesAServerWithoutItsCredentials();
    void keepsThePathPrefix();
    void backsOffFromOneToThirtySeconds();
    void leavesAServerAloneAsLongAsItWantsUpToAMinute();
    void readsHowLongAServerWantsToBeLeftAlone_data();
    void readsHowLongAServerWantsToBeLeftAlone();
    void pollsUntilItIsStopped();

private:
    Result<net::HttpResponse> ask(net::HttpRequest request);
    net::HttpRequest requestTo(const QUrl &url) const;

    QNetworkAccessManager m_network;
};

net::HttpRequest TestNetHttp::requestTo(const QUrl &url) const
{
    net::HttpRequest request;
    request.url = url;
    request.server = net::serverName(u"Prometheus"_s, url);
    request.timeout = 300ms;
    return request;
}

Result<net::HttpResponse> TestNetHttp::ask(net::HttpRequest request)
{
    std::optional<Result<net::HttpResponse>> answer;
    const auto running =
        net::send(m_network, request, [&](auto result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&] { return answer.has_value(); }, 10'000))
        return tl::unexpected(Error{Error::Kind::System, "the test waited in vain", {}});
    return *answer;
}

void TestNetHttp::bringsTheWholeAnswerOfAnyStatus()
{
    StubServer server;
    server.reply("/fine", {200, "yes"});
    server.reply("/wrong", {422, "no"});

    const auto fine = ask(requestTo(net::urlBelow(server.url(), u"fine"_s)));
    const auto wrong = ask(requestTo(net::urlBelow(server.url(), u"wrong"_s)));

    QVERIFY(fine);
    QCOMPARE(fine->status, 200);
    QCOMPARE(fine->body, "yes"_ba);
    QVERIFY(wrong);
    QCOMPARE(wrong->status, 422);
    QCOMPARE(wrong->body, "no"_ba);
}

void TestNetHttp::sendsUserInfoAsBasicAuthenticationOnly()
{
    StubServer server;
    server.replyToRest({401, "who?"});
    QUrl url = server.url();
    url.setUserName(u"operator"_s);
    url.setPassword(u"s3cret:ü"_s);

    const auto answer = ask(requestTo(url));

    QVERIFY(answer);
    QCOMPARE(answer->status, 401);
    QCOMPARE(server.received().size(), 1);
    QCOMPARE(server.received().first().headers.value("authorization"),
             "Basic " + u"operator:s3cret:ü"_s.toUtf8().toBase64());
    const Error error = net::statusError(*answer, net::serverName(u"Prometheus"_s, url));
    QCOMPARE(error.kind, Error::Kind::Unauthorized);
    QVERIFY(error.message.find("s3cret") == std::string::npos);
    QVERIFY(error.message.find("operator") == std::string::npos);
}

void TestNetHttp::asksAgainByGetWherePostIsRefused()
{
    StubServer server;
    server.reply("/q", {405, "POST is off"}, "POST");
    server.reply("/q", {200, "by GET"}, "GET");
    net::HttpRequest request = requestTo(net::urlBelow(server.url(), u"q"_s));
    request.method = net::HttpRequest::Method::PostOrGet;
    request.parameters = "query=up%20%2B%201";

    const auto answer = ask(request);

    QVERIFY(answer);
    QCOMPARE(answer->body, "by GET"_ba);
    QCOMPARE(server.received().size(), 2);
    QCOMPARE(server.received()[0].body, "query=up%20%2B%201"_ba);
    QCOMPARE(server.received()[1].query, "query=up%20%2B%201"_ba);
}

void TestNetHttp::saysWhatFailed_data()
{
    QTest::addColumn<FaultProxy::Mode>("mode");
    QTest::addColumn<Error::Kind>("kind");
    QTest::addColumn<QString>("says");
    using Kind = Error::Kind;
    QTest::newRow("refused") << FaultProxy::Mode::Refuse << Kind::Network
                             << u"refused the connection"_s;
    QTest::newRow("hanging") << FaultProxy::Mode::Hang << Kind::Timeout
                             << u"did not answer within 0.3 s"_s;
    QTest::newRow("cut short") << FaultProxy::Mode::Truncate << Kind::BadResponse
                               << u"cut its answer short"_s;
    QTest::newRow("no HTTP") << FaultProxy::Mode::NotHttp << Kind::Network
                             << u"closed the connection without an answer"_s;
}

void TestNetHttp::saysWhatFailed()
{
    QFETCH(FaultProxy::Mode, mode);
    QFETCH(Error::Kind, kind);
    QFETCH(QString, says);
    StubServer server;
    server.replyToRest({200, QByteArray(5000, 'x')});
    FaultProxy proxy(server.url());
    proxy.setMode(mode);

    const auto answer = ask(requestTo(proxy.url()));

    QVERIFY(!answer);
    QCOMPARE(QString::fromStdString(answer.error().message),
             u"Prometheus at "_s + proxy.url().toString() + u' ' + says);
    QCOMPARE(answer.error().kind, kind);
}

void TestNetHttp::endsAnAnswerThatOnlyDrips()
{
    StubServer server;
    server.replyToRest({200, QByteArray(100'000, 'x')});
    FaultProxy proxy(server.url());
    proxy.setMode(FaultProxy::Mode::Slow);

    const auto answer = ask(requestTo(proxy.url()));

    QVERIFY(!answer);
    QCOMPARE(answer.error().kind, Error::Kind::Timeout);
}

void TestNetHttp::refusesAnAnswerThatIsTooLarge()
{
    StubServer server;
    server.replyToRest({200, QByteArray(3 * 1024 * 1024, 'x')});
    net::HttpRequest request = requestTo(server.url());
    request.sizeLimit = 1024 * 1024;

    const auto answer = ask(request);

    QVERIFY(!answer);
    QCOMPARE(answer.error().kind, Error::Kind::BadResponse);
    QVERIFY(QString::fromStdString(answer.error().message).endsWith(u"sent more than 1 MB"_s));
}

void TestNetHttp::followsRedirectsToTheSameOriginOnly()
{
    StubServer elsewhere;
    elsewhere.replyToRest({200, "stolen"});
    StubServer server;
    server.reply("/here", {302, "", "text/plain", {{"Location", "/there"}}});
    server.reply("/there", {200, "found"});
    server.reply("/away", {302, "", "text/plain", {{"Location", elsewhere.url().toEncoded()}}});

    const auto here = ask(requestTo(net::urlBelow(server.url(), u"here"_s)));
    const auto away = ask(requestTo(net::urlBelow(server.url(), u"away"_s)));

    QVERIFY(here);
    QCOMPARE(here->body, "found"_ba);
    QVERIFY(!away);
    QCOMPARE(away.error().kind, Error::Kind::BadResponse);
    QVERIFY(elsewhere.received().isEmpty());
}

void TestNetHttp::refusesAnAddressThatIsNotHttp()
{
    const auto answer = ask(requestTo(QUrl(u"file:///etc/passwd"_s)));

    QVERIFY(!answer);
    QCOMPARE(answer.error().kind, Error::Kind::Invalid);
}

void TestNetHttp::staysSilentOnceTheRequestIsGone()
{
    StubServer server;
    server.reply("/hang", {0});
    server.reply("/later", {200, "later"});
    int calls = 0;
    {
        const auto request = net::send(m_network, requestTo(net::urlBelow(server.url(), u"hang"_s)),
                                       [&](auto) { ++calls; });
        QTRY_COMPARE(server.received().size(), 1);
        QVERIFY(request.isRunning());
    }

    // The other exchange takes longer than the abandoned one may: its timeout would have spoken by
    // then.
    const auto later = ask(requestTo(net::urlBelow(server.url(), u"later"_s)));
    const auto timedOut = ask(requestTo(net::urlBelow(server.url(), u"hang"_s)));

    QVERIFY(later);
    QVERIFY(!timedOut);
    QCOMPARE(calls, 0);
}

void TestNetHttp::canBeReplacedFromItsOwnCallback()
{
    StubServer server;
    server.replyToRest({200, "again"});
    int calls = 0;
    net::Request request;
    std::function<void()> askAgain = [&] {
        request = net::send(m_network, requestTo(server.url()), [&](auto) {
            if (++calls < 3)
                askAgain();
        });
    };

    askAgain();

    QTRY_COMPARE(calls, 3);
    QVERIFY(!request.isRunning());
}

void TestNetHttp::namesAServerWithoutItsCredentials()
{
    const QUrl url(u"https://me:pw@example.org/prefix/?token=x#y"_s);

    QCOMPARE(net::serverName(u"Prometheus"_s, url), u"Prometheus at https://example.org/prefix"_s);
}

void TestNetHttp::keepsThePathPrefix()
{
    const auto below = [](const QString &url) {
        return net::urlBelow(QUrl(url), u"api/v1/query"_s).toString();
    };

    QCOMPARE(below(u"http://h:1"_s), u"http://h:1/api/v1/query"_s);
    QCOMPARE(below(u"http://h:1/"_s), u"http://h:1/api/v1/query"_s);
    QCOMPARE(below(u"http://h:1/select/0/prometheus"_s),
             u"http://h:1/select/0/prometheus/api/v1/query"_s);
    QCOMPARE(below(u"http://h:1/a%2Fb/?x=1"_s), u"http://h:1/a%2Fb/api/v1/query"_s);
}

void TestNetHttp::backsOffFromOneToThirtySeconds()
{
    net::Backoff backoff;
    for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        const auto wait = backoff.next();
        QVERIFY(wait >= std::max(1000ms, std::chrono::milliseconds(expected) * 9 / 10));
        QVERIFY(wait <= std::min(30'000ms, std::chrono::milliseconds(expected) * 11 / 10));
    }

    backoff.reset();

    QVERIFY(backoff.next() <= 1100ms);
}

void TestNetHttp::leavesAServerAloneAsLongAsItWantsUpToAMinute()
{
    const auto wait = [](std::chrono::milliseconds asked) { return net::Backoff().next(asked); };

    QVERIFY(wait(10s) >= 10s);
    QVERIFY(wait(10s) <= 11s);
    QCOMPARE(wait(24h), 60'000ms);
    QVERIFY(wait(0s) >= 1000ms); // the server does not make it hurry
}

void TestNetHttp::readsHowLongAServerWantsToBeLeftAlone_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<int>("seconds"); // -1: nothing
    QTest::newRow("none") << QByteArray() << -1;
    QTest::newRow("seconds") << QByteArray("10") << 10;
    QTest::newRow("zero") << QByteArray("0") << 0;
    QTest::newRow("very many") << QByteArray("18446744073709551615") << 86'400;
    QTest::newRow("more than any number") << QByteArray("99999999999999999999999") << -1;
    QTest::newRow("negative") << QByteArray("-5") << -1;
    QTest::newRow("words") << QByteArray("soon") << -1;
    QTest::newRow("date") << QByteArray("Mon, 15 Jan 2024 10:30:25 GMT") << 25;
    QTest::newRow("date that is past") << QByteArray("Mon, 15 Jan 2024 10:29:00 GMT") << 0;
    QTest::newRow("wrong date") << QByteArray("Mon, 35 Jan 2024 10:29:00 GMT") << -1;
}

void TestNetHttp::readsHowLongAServerWantsToBeLeftAlone()
{
    QFETCH(QByteArray, header);
    QFETCH(int, seconds);
    const std::chrono::sys_seconds now =
        std::chrono::sys_days(std::chrono::year(2024) / 1 / 15) + 10h + 30min;

    const auto wait = net::retryAfter(header, now);

    QCOMPARE(wait ? static_cast<int>(wait->count()) : -1, seconds);
}

void TestNetHttp::pollsUntilItIsStopped()
{
    int asked = 0;
    std::optional<net::Poll> poll;
    poll.emplace(1ms, [&] {
        if (++asked == 5)
            poll->stop();
        poll->succeeded();
    });

    poll->start();

    QTRY_COMPARE(asked, 5);
    QVERIFY(!poll->isActive());
}

QTEST_GUILESS_MAIN(TestNetHttp)
#include "tst_net_http.moc"
