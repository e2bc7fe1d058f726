#include "core/alert/monitor.h"
#include "core/alert/severity.h"
#include "core/prom/client.h"
#include "support/alertmanager_process.h"
#include "support/prometheus_process.h"
#include "support/require_program.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTest>

#include <optional>

using namespace trendscope;
using namespace trendscope::prom;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

const QByteArray rules = "groups:\n"
                         "- name: test\n"
                         "  rules:\n"
                         "  - record: test:answer\n"
                         "    expr: vector(42)\n"
                         "  - alert: AlwaysDown\n"
                         "    expr: vector(1) > 0\n"
                         "    labels: {severity: critical, job: api}\n"
                         "    annotations: {summary: \"the value is {{ $value }}\", runbook_url: "
                         "\"https://example.org/AlwaysDown\"}\n"
                         "  - alert: NotYet\n"
                         "    expr: vector(1)\n"
                         "    for: 1h\n"
                         "    labels: {severity: warning}\n";

QByteArray configFor(const QUrl &alertmanager)
{
    return QByteArray("global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: "
                      "{cluster: test}}\n"
                      "rule_files: [rules.yml]\n"
                      "alerting:\n"
                      "  alertmanagers:\n"
                      "  - static_configs: [{targets: [%1]}]\n"
                      "scrape_configs:\n"
                      "- job_name: alertmanager\n"
                      "  static_configs: [{targets: [%1]}]\n"
                      "- job_name: nobody\n"
                      "  static_configs: [{targets: [127.0.0.1:1]}]\n")
        .replace("%1", alertmanager.authority().toUtf8());
}

Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

} // namespace

/// The client and the monitor against the real servers.
class TestPromServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void answersAnInstantQuery();
    void answersARangeQueryInColumns();
    void keepsThePrometheusError();
    void knowsLabelsAndVersion();
    void listsScrapeTargets();
    void bringsFiringAndPendingAlerts();
    void leavesOutASilencedAlert();

private:
    template <class T, class Ask>
    Result<T> await(Ask ask);
    QString silence(const QString &alertname);

    QNetworkAccessManager m_network;
    std::unique_ptr<test::AlertmanagerProcess> m_alertmanager;
    std::unique_ptr<test::PrometheusProcess> m_prometheus;
    std::unique_ptr<Client> m_client;
};

template <class T, class Ask>
Result<T> TestPromServer::await(Ask ask)
{
    std::optional<Result<T>> answer;
    const net::Request request = ask([&answer](Result<T> result) { answer = std::move(result); });
    if (!QTest::qWaitFor([&answer] { return answer.has_value(); }, 10'000))
        return tl::unexpected(Error{Error::Kind::Timeout, "the test waited in vain", {}});
    return std::move(*answer);
}

void TestPromServer::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    REQUIRE_PROGRAM("prometheus-alertmanager");
    m_alertmanager = std::make_unique<test::AlertmanagerProcess>();
    QVERIFY2(m_alertmanager->start(), m_alertmanager->log());
    // What fires before Prometheus has found the Alertmanager is only sent again after this delay,
    // else a minute.
    m_prometheus = std::make_unique<test::PrometheusProcess>(
        test::PrometheusProcess::Options{configFor(m_alertmanager->url()),
                                         {{u"rules.yml"_s, rules}},
                                         {},
                                         {u"--rules.alert.resend-delay=1s"_s}});
    QVERIFY2(m_prometheus->start(), m_prometheus->log());
    m_client = std::make_unique<Client>(m_network, Endpoint{m_prometheus->url(), {}});
}

void TestPromServer::answersAnInstantQuery()
{
    const auto scalar = await<Answer>([&](auto done) {
        return m_client->query({u"1 + 1"_s, now()}, done);
    });
    const auto string = await<Answer>([&](auto done) {
        return m_client->query({u"\"text\""_s, now()}, done);
    });
    const auto nan = await<Answer>([&](auto done) {
        return m_client->query({u"vector(0) / 0"_s, now()}, done);
    });

    QVERIFY(scalar && string && nan);
    QCOMPARE(scalar->type, Answer::Type::Scalar);
    QCOMPARE(scalar->series.front().values, std::vector<double>{2});
    QCOMPARE(string->string, u"text"_s);
    QVERIFY(std::isnan(nan->series.front().values.front()));
}

void TestPromServer::answersARangeQueryInColumns()
{
    const Timestamp end = std::chrono::floor<std::chrono::seconds>(now());
    const RangeQuery query{u"vector(1) / 0"_s, end - 1h, end, 15s};

    const auto answer = await<Answer>([&](auto done) { return m_client->queryRange(query, done); });

    QVERIFY(answer);
    QCOMPARE(answer->type, Answer::Type::Matrix);
    const Series &series = answer->series.front();
    QCOMPARE(series.times.size(), 241u);
    QCOMPARE(series.times.front(), (end - 1h).time_since_epoch().count());
    QCOMPARE(series.times.back(), end.time_since_epoch().count());
    QVERIFY(std::isinf(series.values.back()));
}

void TestPromServer::keepsThePrometheusError()
{
    const auto wrong = await<Answer>([&](auto done) {
        return m_client->query({u"sum("_s, now()}, done);
    });
    const auto tooMany = await<Answer>([&](auto done) {
        return m_client->queryRange({u"up"_s, now() - 24h, now(), 1s}, done);
    });

    QVERIFY(!wrong && !tooMany);
    QCOMPARE(wrong.error().kind, Error::Kind::BadData);
    QVERIFY(wrong.error().message.find("parse error") != std::string::npos);
    QCOMPARE(tooMany.error().kind, Error::Kind::BadData);
}

void TestPromServer::knowsLabelsAndVersion()
{
    const auto info = await<BuildInfo>([&](auto done) { return m_client->buildInfo(done); });
    QVERIFY(info);
    QVERIFY(info->version.startsWith(u"2."_s));

    const auto jobs = [&] {
        return await<QStringList>([&](auto done) {
            return m_client->labelValues(u"job"_s, u"up"_s, now() - 5min, now(), done);
        });
    };
    QTRY_COMPARE_WITH_TIMEOUT(jobs().value_or(QStringList()),
                              (QStringList{u"alertmanager"_s, u"nobody"_s}), 20'000);
    const auto names = await<QStringList>([&](auto done) { return m_client->labelNames(done); });
    QVERIFY(names && names->contains(u"__name__"_s));
}

void TestPromServer::listsScrapeTargets()
{
    const auto health = [&](const QString &pool) {
        const auto targets =
            await<std::vector<ScrapeTarget>>([&](auto done) { return m_client->targets(done); });
        for (const ScrapeTarget &target : targets.value_or(std::vector<ScrapeTarget>())) {
            if (target.pool == pool)
                return target;
        }
        return ScrapeTarget();
    };

    QTRY_COMPARE_WITH_TIMEOUT(health(u"alertmanager"_s).health, ScrapeTarget::Health::Up, 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(health(u"nobody"_s).health, ScrapeTarget::Health::Down, 20'000);
    const ScrapeTarget down = health(u"nobody"_s);
    QVERIFY(down.lastError.contains(u"connection refused"_s));
    QCOMPARE(down.interval, 1s);
    QVERIFY(now() - down.lastScrape < 1min);
}

void TestPromServer::bringsFiringAndPendingAlerts()
{
    alert::Monitor monitor(m_network, {{m_prometheus->url(), {}}, {}, 200ms});

    monitor.start();

    QTRY_COMPARE_WITH_TIMEOUT(monitor.bannerAlerts().size(), 1u, 20'000);
    const prom::Alert firing = monitor.bannerAlerts().front();
    QCOMPARE(alert::nameOf(firing), u"AlwaysDown"_s);
    QCOMPARE(alert::severityOf(firing), alert::Severity::Critical);
    QCOMPARE(alert::summaryOf(firing), u"the value is 1"_s);
    QVERIFY(now() - firing.activeAt < 1min);
    QCOMPARE(monitor.counts().pending, 1);
}

void TestPromServer::leavesOutASilencedAlert()
{
    alert::Monitor monitor(m_network,
                           {{m_prometheus->url(), {}}, {m_alertmanager->url(), {}}, 200ms});
    monitor.start();
    QTRY_COMPARE_WITH_TIMEOUT(monitor.bannerAlerts().size(), 1u, 20'000);

    QVERIFY(!silence(u"AlwaysDown"_s).isEmpty());

    QTRY_COMPARE_WITH_TIMEOUT(monitor.counts().silenced, 1, 20'000);
    QVERIFY(monitor.bannerAlerts().empty());
    QCOMPARE(monitor.counts().firing, 0);
    QCOMPARE(monitor.alertmanagerState(), alert::Monitor::AlertmanagerState::Ready);
}

/// The id of a new silence of ten minutes; empty where Alertmanager refused it.
QString TestPromServer::silence(const QString &alertname)
{
    const QDateTime start = QDateTime::currentDateTimeUtc();
    const QJsonObject matcher{
        {u"name"_s, u"alertname"_s}, {u"value"_s, alertname}, {u"isRegex"_s, false}};
    const QJsonObject body{{u"matchers"_s, QJsonArray{matcher}},
                           {u"createdBy"_s, u"test"_s},
                           {u"comment"_s, u"test"_s},
                           {u"startsAt"_s, start.toString(Qt::ISODate)},
                           {u"endsAt"_s, start.addSecs(600).toString(Qt::ISODate)}};
    QNetworkRequest request(m_alertmanager->url().resolved(QUrl(u"/api/v2/silences"_s)));
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    const std::unique_ptr<QNetworkReply> reply(
        m_network.post(request, QJsonDocument(body).toJson()));
    if (!QTest::qWaitFor([&reply] { return reply->isFinished(); }, 10'000))
        return {};
    return QJsonDocument::fromJson(reply->readAll())[u"silenceID"_s].toString();
}

QTEST_GUILESS_MAIN(TestPromServer)
#include "tst_prom_server.moc"
