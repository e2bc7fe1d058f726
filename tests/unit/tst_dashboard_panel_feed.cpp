#include "core/dashboard/panel_feed.h"
#include "core/prom/client.h"
#include "support/fault_proxy.h"
#include "support/stub_server.h"

#include <QElapsedTimer>
#include <QNetworkAccessManager>
#include <QSignalSpy>
#include <QTest>
#include <QUrlQuery>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using State = PanelFeed::State;
using test::FaultProxy;
using test::StubServer;

namespace {

const QByteArray rangePath = "/api/v1/query_range"_ba;
const QByteArray instantPath = "/api/v1/query"_ba;

StubServer::Reply matrix(const QByteArray &value = "1", const QByteArray &warnings = {})
{
    return {
        200,
        R"({"status":"success",)" + warnings
            + R"("data":{"resultType":"matrix","result":[{"metric":{"job":"api"},"values":[[1700000000,")"
            + value + R"("],[1700000015,")" + value + R"("]]}]}})"};
}

StubServer::Reply vector()
{
    return {
        200,
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000,"7"]}]}})"_ba};
}

Panel panelWith(std::initializer_list<const char *> expressions)
{
    Panel panel;
    for (const char *expr : expressions) {
        PanelQuery query;
        query.refId = QString(QChar(u'A' + char16_t(panel.queries.size())));
        query.expr = QString::fromUtf8(expr);
        panel.queries.push_back(query);
    }
    return panel;
}

PanelFeed::Request lastHour(std::chrono::milliseconds shift = 0ms)
{
    const prom::Timestamp end(1'700'003'607s + shift);
    return {{end - 1h, end}, 0s, 1000, false};
}

PanelFeed::Request automatic(PanelFeed::Request request)
{
    request.isAutomatic = true;
    return request;
}

QUrlQuery formOf(const StubServer::Received &request)
{
    return QUrlQuery(QString::fromUtf8(request.body).replace(u'+', u' '));
}

QString sent(const StubServer::Received &request, const QString &key)
{
    return formOf(request).queryItemValue(key, QUrl::FullyDecoded);
}

} // namespace

class TestDashboardPanelFeed : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void hasNothingToAskWithoutQueries();
    void loadsAndIsReady();
    void asksInAlignedSteps();
    void fillsInVariablesAndIntervals();
    void asksAnInstantQueryAtTheRangesEnd();
    void leavesHiddenAndEmptyQueriesOut();
    void movesItsRangeAsThePanelSays();
    void keepsTheOrderOfQueries();
    void bringsTheWarningsOnce();
    void isReadyWithNoSeries();
    void failsInWordsAndKeepsTheLastData_data();
    void failsInWordsAndKeepsTheLastData();
    void failsBeforeItEverHadData();
    void oneFailedQueryFailsThePanel_data();
    void oneFailedQueryFailsThePanel();
    void triesAgainMoreAndMoreSlowly();
    void recoversByItself();
    void doesNotHammerAFailingServer();
    void letsAPersonAskAFailingServerAtOnce();
    void aNewRangeReplacesTheRequestUnderWay();
    void anAutomaticRefreshWaitsForTheRequestUnderWay();
    void canBeDestroyedWhileItAsks();

private:
    bool awaitState(const PanelFeed &feed, State state);

    QNetworkAccessManager m_network;
    std::unique_ptr<StubServer> m_server;
    std::unique_ptr<FaultProxy> m_proxy;
    std::unique_ptr<prom::Client> m_client;
};

void TestDashboardPanelFeed::init()
{
    m_server = std::make_unique<StubServer>();
    m_server->reply(rangePath, matrix());
    m_server->reply(instantPath, vector());
    m_proxy = std::make_unique<FaultProxy>(m_server->url());
    m_client = std::make_unique<prom::Client>(m_network, prom::Endpoint{m_proxy->url(), {}, 500ms});
}

bool TestDashboardPanelFeed::awaitState(const PanelFeed &feed, State state)
{
    return QTest::qWaitFor([&] { return feed.state() == state && !feed.isLoading(); }, 10'000);
}

void TestDashboardPanelFeed::hasNothingToAskWithoutQueries()
{
    PanelFeed feed(*m_client, Panel(), {});
    const QSignalSpy changes(&feed, &PanelFeed::changed);

    feed.refresh(lastHour());

    QCOMPARE(feed.state(), State::Idle);
    QVERIFY(!feed.isLoading());
    QCOMPARE(changes.count(), 0);
}

void TestDashboardPanelFeed::loadsAndIsReady()
{
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    const QSignalSpy changes(&feed, &PanelFeed::changed);

    QCOMPARE(feed.state(), State::Idle);
    feed.refresh(lastHour());
    QCOMPARE(feed.state(), State::Loading);
    QVERIFY(feed.isLoading());
    QVERIFY(!feed.dataTime());

    QVERIFY(awaitState(feed, State::Ready));
    QCOMPARE(changes.count(), 1);
    QVERIFY(feed.dataTime() && !feed.error());
    QCOMPARE(feed.data().fields.size(), 1u);
    QCOMPARE(feed.data().fields.front().values, (std::vector<double>{1, 1}));
    QCOMPARE(feed.data().range, lastHour().range);
}

void TestDashboardPanelFeed::asksInAlignedSteps()
{
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    const auto &request = m_server->received().front();
    QCOMPARE(sent(request, u"step"_s).toDouble(), 15.0);
    QCOMPARE(sent(request, u"start"_s).toDouble(), 1'699'999'995.0);
    QCOMPARE(std::fmod(sent(request, u"end"_s).toDouble(), 15.0), 0.0);
}

void TestDashboardPanelFeed::fillsInVariablesAndIntervals()
{
    Scope scope;
    scope.variables.push_back({u"job"_s, u"custom"_s, {u"api"_s}, {}, {}, false});
    Panel panel =
        panelWith({"rate(x{job=\"$job\"}[$__rate_interval]) + $__range_s + $__interval_ms"});
    panel.queries.front().legendFormat = u"$job {{job}}"_s;
    PanelFeed feed(*m_client, panel, scope);

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QCOMPARE(sent(m_server->received().front(), u"query"_s),
             u"rate(x{job=\"api\"}[1m0s]) + 3600 + 15000"_s);
    QCOMPARE(feed.data().fields.front().name, u"api api"_s);
}

void TestDashboardPanelFeed::asksAnInstantQueryAtTheRangesEnd()
{
    Panel panel = panelWith({"up"});
    panel.queries.front().isInstant = true;
    panel.queries.front().isRange = false;
    PanelFeed feed(*m_client, panel, {});

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QCOMPARE(m_server->count(instantPath), 1);
    QCOMPARE(m_server->count(rangePath), 0);
    QCOMPARE(sent(m_server->received().front(), u"time"_s).toDouble(), 1'700'003'607.0);
    QCOMPARE(feed.data().fields.front().values, std::vector<double>{7});
}

void TestDashboardPanelFeed::leavesHiddenAndEmptyQueriesOut()
{
    Panel panel = panelWith({"a", "", "c"});
    panel.queries.front().isHidden = true;
    PanelFeed feed(*m_client, panel, {});

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QCOMPARE(m_server->count(rangePath), 1);
    QCOMPARE(feed.data().fields.front().refId, u"C"_s);
}

void TestDashboardPanelFeed::movesItsRangeAsThePanelSays()
{
    Panel panel = panelWith({"up"});
    panel.timeFrom = u"2h"_s;
    panel.timeShift = u"1d"_s;
    PanelFeed feed(*m_client, panel, {});

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QCOMPARE(feed.data().range.span(), std::chrono::milliseconds(2h));
    QCOMPARE(feed.data().range.end, lastHour().range.end - 24h);
}

void TestDashboardPanelFeed::keepsTheOrderOfQueries()
{
    Panel panel = panelWith({"a", "b", "c"});
    panel.queries[0].isInstant = true;
    panel.queries[0].isRange = false;
    PanelFeed feed(*m_client, panel, {});

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QString order;
    for (const Field &field : feed.data().fields)
        order += field.refId;
    QCOMPARE(order, u"ABC"_s);
}

void TestDashboardPanelFeed::bringsTheWarningsOnce()
{
    m_server->reply(rangePath, matrix("1", R"("warnings":["<b>slow</b> store"],)"));
    PanelFeed feed(*m_client, panelWith({"a", "b"}), {});

    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));

    QCOMPARE(feed.data().warnings, QStringList{u"<b>slow</b> store"_s});
}

void TestDashboardPanelFeed::isReadyWithNoSeries()
{
    m_server->reply(rangePath,
                    {200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})"});
    PanelFeed feed(*m_client, panelWith({"a"}), {});

    feed.refresh(lastHour());

    QVERIFY(awaitState(feed, State::Ready));
    QVERIFY(feed.data().fields.empty());
    QVERIFY(feed.dataTime());
}

void TestDashboardPanelFeed::failsInWordsAndKeepsTheLastData_data()
{
    QTest::addColumn<FaultProxy::Mode>("mode");
    QTest::newRow("away") << FaultProxy::Mode::Refuse;
    QTest::newRow("silent") << FaultProxy::Mode::Hang;
    QTest::newRow("a gateway's page") << FaultProxy::Mode::Status;
    QTest::newRow("garbage") << FaultProxy::Mode::Garbage;
    QTest::newRow("no HTTP") << FaultProxy::Mode::NotHttp;
    QTest::newRow("cut short") << FaultProxy::Mode::Truncate;
}

void TestDashboardPanelFeed::failsInWordsAndKeepsTheLastData()
{
    QFETCH(FaultProxy::Mode, mode);
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Ready));
    const auto dataTime = feed.dataTime();

    m_proxy->setMode(mode);
    feed.refresh(lastHour());

    QCOMPARE(feed.state(),
             State::Ready); // old data is no reason to show an empty panel while it asks
    QVERIFY(awaitState(feed, State::Failed));
    QVERIFY(feed.error() && !feed.error()->message.empty());
    QCOMPARE(feed.data().fields.size(), 1u);
    QCOMPARE(feed.dataTime(), dataTime);
}

void TestDashboardPanelFeed::failsBeforeItEverHadData()
{
    m_proxy->setMode(FaultProxy::Mode::Refuse);
    PanelFeed feed(*m_client, panelWith({"up"}), {});

    feed.refresh(lastHour());

    QVERIFY(awaitState(feed, State::Failed));
    QVERIFY(!feed.dataTime());
    QVERIFY(feed.data().fields.empty());
}

void TestDashboardPanelFeed::oneFailedQueryFailsThePanel_data()
{
    QTest::addColumn<std::size_t>("failing");
    QTest::newRow("the first of three") << std::size_t(0);
    QTest::newRow("the last of three") << std::size_t(2);
}

void TestDashboardPanelFeed::oneFailedQueryFailsThePanel()
{
    QFETCH(std::size_t, failing);
    m_server->reply(
        instantPath,
        {422, R"({"status":"error","errorType":"execution","error":"too many samples"})"});
    Panel panel = panelWith({"a", "b", "c"});
    panel.queries[failing].isInstant = true;
    panel.queries[failing].isRange = false;
    PanelFeed feed(*m_client, panel, {});
    const QSignalSpy changes(&feed, &PanelFeed::changed);

    feed.refresh(lastHour());

    QVERIFY(awaitState(feed, State::Failed));
    QCOMPARE(feed.error()->kind, Error::Kind::Execution);
    QVERIFY(feed.error()->message.find("too many samples") != std::string::npos);
    QVERIFY(feed.data().fields.empty());
    // What the other queries say does not count.
    QVERIFY(!QTest::qWaitFor([&] { return changes.count() > 1; }, 300));
}

void TestDashboardPanelFeed::triesAgainMoreAndMoreSlowly()
{
    m_proxy->setMode(FaultProxy::Mode::Status);
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    QElapsedTimer clock;
    std::vector<qint64> failures;
    connect(&feed, &PanelFeed::changed, this, [&] { failures.push_back(clock.elapsed()); });

    clock.start();
    feed.refresh(lastHour());

    QTRY_COMPARE_WITH_TIMEOUT(failures.size(), 3u, 10'000);
    QVERIFY2(failures[1] - failures[0] >= 900,
             qPrintable(QString::number(failures[1] - failures[0])));
    QVERIFY2(failures[2] - failures[1] >= 1'700,
             qPrintable(QString::number(failures[2] - failures[1])));
}

void TestDashboardPanelFeed::recoversByItself()
{
    m_proxy->setMode(FaultProxy::Mode::Refuse);
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Failed));

    m_proxy->setMode(FaultProxy::Mode::Pass);

    QVERIFY(awaitState(feed, State::Ready));
    QVERIFY(!feed.error());
    QCOMPARE(feed.data().fields.size(), 1u);
}

void TestDashboardPanelFeed::doesNotHammerAFailingServer()
{
    m_proxy->setMode(FaultProxy::Mode::Status);
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Failed));
    const int asked = m_proxy->requests();

    for (int i = 1; i <= 50; ++i)
        feed.refresh(automatic(lastHour(i * 10ms)));

    QVERIFY(!feed.isLoading());
    QTRY_VERIFY_WITH_TIMEOUT(m_proxy->requests() > asked, 5'000);
    QVERIFY(m_proxy->requests() <= asked + 2); // a refused POST may be asked again by GET
}

void TestDashboardPanelFeed::letsAPersonAskAFailingServerAtOnce()
{
    m_proxy->setMode(FaultProxy::Mode::Refuse);
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QVERIFY(awaitState(feed, State::Failed));
    m_proxy->setMode(FaultProxy::Mode::Pass);

    feed.refresh(lastHour());

    QVERIFY(feed.isLoading());
    QVERIFY(awaitState(feed, State::Ready));
}

void TestDashboardPanelFeed::aNewRangeReplacesTheRequestUnderWay()
{
    m_server->reply(rangePath, {0});
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    const QSignalSpy changes(&feed, &PanelFeed::changed);
    feed.refresh(lastHour());
    QTRY_COMPARE(m_server->count(rangePath), 1);

    m_server->reply(rangePath, matrix("5"));
    PanelFeed::Request wider = lastHour();
    wider.range.start -= 5h;
    feed.refresh(wider);

    QVERIFY(awaitState(feed, State::Ready));
    QCOMPARE(feed.data().range, wider.range);
    QCOMPARE(changes.count(), 1);
}

void TestDashboardPanelFeed::anAutomaticRefreshWaitsForTheRequestUnderWay()
{
    m_server->reply(rangePath, {0});
    PanelFeed feed(*m_client, panelWith({"up"}), {});
    feed.refresh(lastHour());
    QTRY_COMPARE(m_server->count(rangePath), 1);

    feed.refresh(automatic(lastHour(5s)));
    QVERIFY(awaitState(feed, State::Failed)); // by the timeout of the first

    QCOMPARE(m_server->count(rangePath), 1);
}

void TestDashboardPanelFeed::canBeDestroyedWhileItAsks()
{
    m_server->reply(rangePath, {0});
    {
        PanelFeed feed(*m_client, panelWith({"a", "b"}), {});
        feed.refresh(lastHour());
        QTRY_COMPARE(m_server->count(rangePath), 2);
    }
    m_proxy->setMode(FaultProxy::Mode::Refuse);
    auto *failing = new PanelFeed(*m_client, panelWith({"a", "b"}), Scope(), this);
    const QSignalSpy destroyed(failing, &QObject::destroyed);
    connect(failing, &PanelFeed::changed, failing, &QObject::deleteLater);
    failing->refresh(lastHour());

    QTRY_COMPARE(destroyed.count(), 1);
}

QTEST_GUILESS_MAIN(TestDashboardPanelFeed)

#include "tst_dashboard_panel_feed.moc"
