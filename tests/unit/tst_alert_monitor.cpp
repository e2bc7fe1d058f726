#include "core/alert/alert_model.h"
#include "core/alert/decode.h"
#include "core/alert/monitor.h"
#include "core/alert/severity.h"
#include "support/fault_proxy.h"
#include "support/stub_server.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QNetworkAccessManager>
#include <QSignalSpy>
#include <QTest>

using namespace trendscope;
using namespace trendscope::alert;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::FaultProxy;
using test::StubServer;

namespace {

/// "APIDown critical firing 10:30 job=api": name, severity, state, time of day, more labels.
QByteArray alertJson(const QByteArray &text)
{
    const QList<QByteArray> words = text.split(' ');
    QByteArray labels = R"("alertname":")" + words[0] + R"(","severity":")" + words[1] + "\"";
    for (const QByteArray &label : words.mid(4))
        labels += ",\"" + label.left(label.indexOf('=')) + "\":\""
            + label.mid(label.indexOf('=') + 1) + "\"";
    return R"({"labels":{)" + labels + R"(},"annotations":{"summary":"about )" + words[0]
        + R"("},"state":")" + words[2] + R"(","activeAt":"2024-01-15T)" + words[3]
        + R"(:00Z","value":"1"})";
}

QByteArray alertsJson(const QList<QByteArray> &texts)
{
    QList<QByteArray> alerts;
    for (const QByteArray &text : texts)
        alerts.append(alertJson(text));
    return R"({"status":"success","data":{"alerts":[)" + alerts.join(',') + "]}}";
}

QByteArray managedJson(const QByteArray &labels, const QByteArray &status)
{
    return R"([{"labels":)" + labels + R"(,"status":)" + status
        + R"(,"startsAt":"2024-01-15T10:30:00.000Z","fingerprint":"x","annotations":{},"receivers":[]}])";
}

QStringList names(const std::vector<prom::Alert> &alerts)
{
    QStringList list;
    for (const prom::Alert &alert : alerts)
        list.append(nameOf(alert));
    return list;
}

} // namespace

class TestAlertMonitor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ordersBannersWorstThenOldestFirst();
    void leavesOutWhatAlertmanagerSuppresses_data();
    void leavesOutWhatAlertmanagerSuppresses();
    void doesNotTakeAnAlertForAnotherWithMoreLabels();
    void showsSilencedAlertsAgainOnceAlertmanagerIsLongGone();
    void snoozesForAWhile();
    void keepsTheLastGoodAlertsThroughAFault_data();
    void keepsTheLastGoodAlertsThroughAFault();
    void asksEverMoreSlowlyWhileItFails();
    void isStaleOnceTheDataIsOld();
    void asksAtOnceWhenRefreshed();
    void survivesHostileAlertmanagerAnswers_data();
    void survivesHostileAlertmanagerAnswers();
    void acceptsOnlyWebAddressesAsRunbook_data();
    void acceptsOnlyWebAddressesAsRunbook();
    void keepsRowsInPlaceInTheModel();

private:
    Monitor::Options options(const QUrl &prometheus, const QUrl &alertmanager = {}) const;

    QNetworkAccessManager m_network;
};

Monitor::Options TestAlertMonitor::options(const QUrl &prometheus, const QUrl &alertmanager) const
{
    return {{prometheus, {}, 200ms}, {alertmanager, {}, 200ms}, 50ms};
}

void TestAlertMonitor::ordersBannersWorstThenOldestFirst()
{
    StubServer server;
    server.reply(
        "/api/v1/alerts",
        {200,
         alertsJson({"LowCollectionRate info firing 10:00", "HighAPILatency warning firing 10:05",
                     "APIDown critical firing 10:30", "PostgreSQLDown critical firing 10:20",
                     "Watchdog none firing 09:00", "HighCPUUsage warning pending 09:30"})});
    Monitor monitor(m_network, options(server.url()));
    QCOMPARE(monitor.state(), Monitor::State::Loading);

    monitor.start();

    QTRY_COMPARE(monitor.state(), Monitor::State::Ready);
    QCOMPARE(names(monitor.bannerAlerts()),
             (QStringList{u"PostgreSQLDown"_s, u"APIDown"_s, u"HighAPILatency"_s,
                          u"LowCollectionRate"_s}));
    QCOMPARE(monitor.counts().firing, 4);
    QCOMPARE(monitor.counts().pending, 1);
    QCOMPARE(monitor.alerts().size(), 6u);
    QCOMPARE(monitor.alertmanagerState(), Monitor::AlertmanagerState::NotConfigured);
    QVERIFY(monitor.lastSuccess());
    QVERIFY(!monitor.isStale());
}

void TestAlertMonitor::leavesOutWhatAlertmanagerSuppresses_data()
{
    QTest::addColumn<QByteArray>("labels");
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<int>("silenced");
    const QByteArray exact = R"({"alertname":"APIDown","severity":"critical","job":"api"})";
    const QByteArray external =
        R"({"alertname":"APIDown","severity":"critical","job":"api","cluster":"eu"})";
    const QByteArray other = R"({"alertname":"APIDown","severity":"critical","job":"celery"})";
    const QByteArray silenced = R"({"state":"suppressed","silencedBy":["id"],"inhibitedBy":[]})";
    QTest::newRow("silenced") << exact << silenced << 1;
    QTest::newRow("silenced, with external labels") << external << silenced << 1;
    QTest::newRow("inhibited") << exact
                               << R"({"state":"suppressed","silencedBy":[],"inhibitedBy":["x"]})"_ba
                               << 1;
    QTest::newRow("active") << exact << R"({"state":"active","silencedBy":[],"inhibitedBy":[]})"_ba
                            << 0;
    QTest::newRow("another alert") << other << silenced << 0;
}

void TestAlertMonitor::leavesOutWhatAlertmanagerSuppresses()
{
    QFETCH(QByteArray, labels);
    QFETCH(QByteArray, status);
    QFETCH(int, silenced);
    StubServer prometheus;
    prometheus.reply("/api/v1/alerts",
                     {200, alertsJson({"APIDown critical firing 10:30 job=api"})});
    StubServer alertmanager;
    alertmanager.reply("/api/v2/alerts", {200, managedJson(labels, status)});
    Monitor monitor(m_network, options(prometheus.url(), alertmanager.url()));

    monitor.start();

    QTRY_COMPARE(monitor.state(), Monitor::State::Ready);
    QTRY_COMPARE(monitor.alertmanagerState(), Monitor::AlertmanagerState::Ready);
    QCOMPARE(monitor.counts().silenced, silenced);
    QCOMPARE(monitor.counts().firing, 1 - silenced);
    QCOMPARE(monitor.bannerAlerts().size(), static_cast<size_t>(1 - silenced));
}

void TestAlertMonitor::doesNotTakeAnAlertForAnotherWithMoreLabels()
{
    StubServer prometheus;
    prometheus.reply(
        "/api/v1/alerts",
        {200, alertsJson({"Slow warning firing 10:30", "Slow warning firing 10:30 path=a"})});
    StubServer alertmanager;
    alertmanager.reply(
        "/api/v2/alerts",
        {200,
         managedJson(R"({"alertname":"Slow","severity":"warning","path":"a","cluster":"eu"})",
                     R"({"state":"suppressed","silencedBy":["id"],"inhibitedBy":[]})")});
    Monitor monitor(m_network, options(prometheus.url(), alertmanager.url()));

    monitor.start();

    QTRY_COMPARE(monitor.counts().silenced, 1);
    QCOMPARE(monitor.bannerAlerts().size(), 1u);
    QVERIFY(!monitor.bannerAlerts().front().labels.contains(u"path"_s));
}

void TestAlertMonitor::showsSilencedAlertsAgainOnceAlertmanagerIsLongGone()
{
    StubServer prometheus;
    prometheus.reply("/api/v1/alerts", {200, alertsJson({"APIDown critical firing 10:30"})});
    StubServer alertmanager;
    alertmanager.reply("/api/v2/alerts",
                       {200,
                        managedJson(R"({"alertname":"APIDown","severity":"critical"})",
                                    R"({"state":"suppressed","silencedBy":["id"]})")});
    Monitor monitor(m_network, options(prometheus.url(), alertmanager.url()));
    monitor.start();
    QTRY_COMPARE(monitor.counts().silenced, 1);

    alertmanager.reply("/api/v2/alerts", {500, "no"});

    QTRY_COMPARE(monitor.alertmanagerState(), Monitor::AlertmanagerState::Failed);
    QTRY_COMPARE(monitor.bannerAlerts().size(), 1u);
    QCOMPARE(monitor.state(), Monitor::State::Ready);
    QVERIFY(monitor.alertmanagerError().message.starts_with("Alertmanager at http://127.0.0.1"));
}

void TestAlertMonitor::snoozesForAWhile()
{
    StubServer server;
    server.reply("/api/v1/alerts", {200, alertsJson({"APIDown critical firing 10:30"})});
    Monitor monitor(m_network, options(server.url()));
    monitor.start();
    QTRY_COMPARE(monitor.bannerAlerts().size(), 1u);

    monitor.snooze(monitor.alerts().front().labels, 300ms);

    QVERIFY(monitor.bannerAlerts().empty());
    QCOMPARE(monitor.counts().firing, 1);
    QTRY_COMPARE(monitor.bannerAlerts().size(), 1u);
}

void TestAlertMonitor::keepsTheLastGoodAlertsThroughAFault_data()
{
    QTest::addColumn<FaultProxy::Mode>("mode");
    QTest::addColumn<int>("status");
    QTest::addColumn<Error::Kind>("kind");
    QTest::addColumn<QString>("says");
    using Mode = FaultProxy::Mode;
    using Kind = Error::Kind;
    QTest::newRow("refuse") << Mode::Refuse << 0 << Kind::Network << u" refused the connection"_s;
    QTest::newRow("hang") << Mode::Hang << 0 << Kind::Timeout << u" did not answer within 0.2 s"_s;
    QTest::newRow("500") << Mode::Status << 500 << Kind::BadResponse << u" answered 500 Proxy"_s;
    QTest::newRow("404") << Mode::Status << 404 << Kind::BadResponse << u" answered 404 Proxy"_s;
    QTest::newRow("401") << Mode::Status << 401 << Kind::Unauthorized
                         << u" refused the credentials (401 Proxy)"_s;
    QTest::newRow("garbage") << Mode::Garbage << 0 << Kind::BadResponse
                             << u": the answer is not valid JSON or is cut short"_s;
    QTest::newRow("truncate") << Mode::Truncate << 0 << Kind::BadResponse
                              << u" cut its answer short"_s;
}

void TestAlertMonitor::keepsTheLastGoodAlertsThroughAFault()
{
    QFETCH(FaultProxy::Mode, mode);
    QFETCH(int, status);
    QFETCH(Error::Kind, kind);
    QFETCH(QString, says);
    StubServer server;
    server.reply("/api/v1/alerts", {200, alertsJson({"APIDown critical firing 10:30"})});
    FaultProxy proxy(server.url());
    Monitor monitor(m_network, options(proxy.url()));
    monitor.start();
    QTRY_COMPARE(monitor.state(), Monitor::State::Ready);

    proxy.setStatus(status);
    proxy.setMode(mode);

    QTRY_COMPARE(monitor.state(), Monitor::State::Failed);
    // Dropping the open connection may have been the first failure; the mode's own is the next.
    QTRY_COMPARE(QString::fromStdString(monitor.error().message),
                 u"Prometheus at "_s + proxy.url().toString() + says);
    QCOMPARE(monitor.error().kind, kind);
    QCOMPARE(names(monitor.bannerAlerts()), QStringList{u"APIDown"_s});

    proxy.setMode(FaultProxy::Mode::Pass);

    QTRY_COMPARE_WITH_TIMEOUT(monitor.state(), Monitor::State::Ready, 10'000);
    QVERIFY(!monitor.isStale());
}

void TestAlertMonitor::asksEverMoreSlowlyWhileItFails()
{
    StubServer server;
    server.reply("/api/v1/alerts", {500, "no"});
    Monitor monitor(m_network, options(server.url()));
    QElapsedTimer clock;
    clock.start();

    monitor.start();

    QTRY_COMPARE_WITH_TIMEOUT(server.count("/api/v1/alerts"), 3, 10'000);
    QVERIFY(clock.elapsed() >= 2500); // 1 s and 2 s, a tenth less at most
}

void TestAlertMonitor::isStaleOnceTheDataIsOld()
{
    StubServer server;
    server.reply("/api/v1/alerts", {200, alertsJson({"APIDown critical firing 10:30"})});
    Monitor monitor(m_network, options(server.url()));
    monitor.start();
    QTRY_COMPARE(monitor.state(), Monitor::State::Ready);

    server.reply("/api/v1/alerts", {500, "no"});

    QTRY_COMPARE(monitor.state(), Monitor::State::Failed);
    QTRY_VERIFY(monitor.isStale());
    QCOMPARE(monitor.bannerAlerts().size(), 1u);
}

void TestAlertMonitor::asksAtOnceWhenRefreshed()
{
    StubServer server;
    server.reply("/api/v1/alerts", {200, alertsJson({})});
    Monitor::Options rarely = options(server.url());
    rarely.interval = 1h;
    Monitor monitor(m_network, rarely);
    monitor.start();
    QTRY_COMPARE(server.count("/api/v1/alerts"), 1);
    QTRY_COMPARE(monitor.state(), Monitor::State::Ready);

    monitor.refresh();

    QTRY_COMPARE(server.count("/api/v1/alerts"), 2);
}

void TestAlertMonitor::survivesHostileAlertmanagerAnswers_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("an object") << "{}"_ba;
    QTest::newRow("numbers") << "[1,2]"_ba;
    QTest::newRow("no status") << R"([{"labels":{},"status":7}])"_ba;
    QTest::newRow("cut") << R"([{"labels":{"a":"b"},"status":{"state":"suppr)"_ba;
    QTest::newRow("no UTF-8") << "[{\"labels\":{\"a\":\"\xc3\x28\"}}]"_ba;
}

void TestAlertMonitor::survivesHostileAlertmanagerAnswers()
{
    QFETCH(QByteArray, body);

    const auto alerts = decodeAlerts(body);

    QVERIFY(!alerts);
    QCOMPARE(alerts.error().kind, Error::Kind::BadResponse);
}

void TestAlertMonitor::acceptsOnlyWebAddressesAsRunbook_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("accepted");
    QTest::newRow("https") << u"https://example.org/runbooks/APIDown"_s << true;
    QTest::newRow("http") << u"http://wiki/x?y=z"_s << true;
    QTest::newRow("none") << QString() << false;
    QTest::newRow("file") << u"file:///etc/passwd"_s << false;
    QTest::newRow("script") << u"javascript:alert(1)"_s << false;
    QTest::newRow("no host") << u"https:///x"_s << false;
    QTest::newRow("text") << u"ask Maria"_s << false;
}

void TestAlertMonitor::acceptsOnlyWebAddressesAsRunbook()
{
    QFETCH(QString, url);
    QFETCH(bool, accepted);
    prom::Alert alert;
    alert.annotations.insert(u"runbook_url"_s, url);

    QCOMPARE(!runbookOf(alert).isEmpty(), accepted);
}

void TestAlertMonitor::keepsRowsInPlaceInTheModel()
{
    StubServer server;
    server.reply(
        "/api/v1/alerts",
        {200,
         alertsJson({"A critical firing 10:00", "B warning firing 10:00", "C info pending 10:00",
                     "Watchdog none firing 09:00", "A critical firing 10:00"})});
    Monitor monitor(m_network, options(server.url()));
    AlertModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    connect(&monitor, &Monitor::changed, &model, [&] { model.update(monitor); });
    monitor.start();
    QTRY_COMPARE(model.rowCount(), 4);
    const QPersistentModelIndex b = model.index(1, AlertModel::NameColumn);
    QCOMPARE(b.data().toString(), u"B"_s);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    QVERIFY(resets.isValid() && changes.isValid());

    server.reply(
        "/api/v1/alerts",
        {200,
         alertsJson({"D warning firing 10:00", "B warning firing 10:00", "C info firing 10:00"})});

    QTRY_COMPARE(model.rowCount(), 3);
    QVERIFY(b.isValid());
    QCOMPARE(b.row(), 0);
    QCOMPARE(model.index(1, 0).data(AlertModel::StatusRole).toInt(),
             static_cast<int>(AlertRow::Status::Firing));
    QCOMPARE(model.index(2, 0).data(AlertModel::NameRole).toString(), u"D"_s);
    QCOMPARE(changes.count(), 1);
    QCOMPARE(resets.count(), 0);
}

QTEST_GUILESS_MAIN(TestAlertMonitor)
#include "tst_alert_monitor.moc"
