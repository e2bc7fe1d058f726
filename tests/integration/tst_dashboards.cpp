#include "core/dashboard/loader.h"
#include "core/dashboard/panel_feed.h"
#include "core/demo/simulated_services.h"
#include "core/prom/client.h"
#include "support/exporter_process.h"
#include "support/prometheus_process.h"
#include "support/require_program.h"

#include <QDateTime>
#include <QDir>
#include <QNetworkAccessManager>
#include <QTest>

#include <algorithm>

namespace dashboard = trendscope::dashboard;
namespace demo = trendscope::demo;
namespace prom = trendscope::prom;
using trendscope::test::PrometheusProcess;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// Panels are evaluated at multiples of their step. The first one after the servers' start may be
/// this far ahead: asked for already now, it sees what was scraped until now.
constexpr auto widestStep = 75s;

prom::Timestamp now()
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

/// The shipped rules, evaluated on a simulated platform and the real exporter.
PrometheusProcess::Options prometheusOptions(const demo::SimulatedServices &services,
                                             quint16 exporterPort)
{
    const auto job = [](const QByteArray &name, const QString &address) {
        return "- {job_name: " + name + ", static_configs: [{targets: ['" + address.toLatin1()
            + "']}]}\n";
    };
    PrometheusProcess::Options options;
    options.config = "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
                     "rule_files: ['" SOURCE_DIR "/config/alerts/*.yml']\n"
                     "scrape_configs:\n"
        + job("api", services.apiAddress()) + job("celery", services.celeryAddress())
        + job("postgres", services.postgresAddress())
        + job("trendscope", u"127.0.0.1:%1"_s.arg(exporterPort));
    return options;
}

} // namespace

/// The four shipped dashboards, read through the core from a real Prometheus that scrapes the real
/// exporter.
class TestDashboards : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void haveDataInEveryPanel_data();
    void haveDataInEveryPanel();

private:
    QNetworkAccessManager m_network;
    QTemporaryDir m_folder;
    std::unique_ptr<demo::SimulatedServices> m_services;
    test::ExporterProcess m_exporter;
    std::unique_ptr<PrometheusProcess> m_prometheus;
};

void TestDashboards::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    const auto start = now();
    auto services =
        demo::SimulatedServices::start(start, start, m_folder.filePath(u"platform.log"_s));
    QVERIFY2(services.has_value(), services ? "" : services.error().message.c_str());
    m_services = *std::move(services);
    m_services->goLive();
    QVERIFY(m_exporter.start());
    m_prometheus =
        std::make_unique<PrometheusProcess>(prometheusOptions(*m_services, m_exporter.port()));
    QVERIFY2(m_prometheus->start(), m_prometheus->log());
}

void TestDashboards::haveDataInEveryPanel_data()
{
    QTest::addColumn<QString>("uid");
    for (const auto uid : {"trends-overview", "api-performance", "celery-tasks", "system-health"})
        QTest::newRow(uid) << QString::fromLatin1(uid);
}

void TestDashboards::haveDataInEveryPanel()
{
    QFETCH(QString, uid);
    const auto library = dashboard::loadLibrary({QStringLiteral(SOURCE_DIR "/dashboards")});
    QVERIFY(library.problems.empty());
    QCOMPARE(library.dashboards.size(), 4u);
    const dashboard::Dashboard *shipped = library.find(uid);
    QVERIFY(shipped);

    prom::Client client(m_network, {m_prometheus->url(), {}});
    std::vector<std::unique_ptr<dashboard::PanelFeed>> feeds;
    for (const dashboard::Panel &panel : shipped->panels)
        feeds.push_back(std::make_unique<dashboard::PanelFeed>(
            client, panel, dashboard::Scope{shipped->variables, {}}));

    QStringList missing;
    const auto allHaveData = [&] {
        missing.clear();
        for (const auto &feed : feeds) {
            const bool hasData =
                feed->state() == dashboard::PanelFeed::State::Ready && !feed->data().fields.empty();
            if (!hasData)
                missing << feed->panel().title + u": "_s
                        + (feed->error() ? QString::fromStdString(feed->error()->message)
                                         : u"no data"_s);
            if (!feed->isLoading() && !hasData)
                feed->refresh({{now() - 5min, now() + widestStep}, 0s, 600, false});
        }
        return missing.isEmpty();
    };
    QVERIFY2(QTest::qWaitFor(allHaveData, 60'000), qPrintable(missing.join(u'\n')));
}

QTEST_GUILESS_MAIN(TestDashboards)
#include "tst_dashboards.moc"
