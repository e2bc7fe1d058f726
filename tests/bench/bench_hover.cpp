#include "core/prom/client.h"
#include "support/stub_server.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/panels/panel_frame.h"
#include "ui/panels/plot_overlay.h"
#include "ui/panels/time_series_view.h"

#include <QChart>
#include <QChartView>
#include <QGraphicsLineItem>
#include <QGridLayout>
#include <QLineSeries>
#include <QMouseEvent>
#include <QNetworkAccessManager>
#include <QTest>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <set>

using namespace trendscope;
using namespace trendscope::ui;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int panelCount = 12;
constexpr int seriesCount = 4;
constexpr int sampleCount = 700;
constexpr int steps = 200;
constexpr int rounds = 5;
constexpr QSize windowSize(1440, 900);
constexpr std::int64_t step = 15; ///< seconds
constexpr std::int64_t start = 1'700'000'010;

double valueAt(int series, int sample)
{
    return 50 * series + 20 * std::sin(sample * 0.05) + 7 * std::sin(sample * 1.3 + series);
}

/// What Prometheus answers to a range query.
QByteArray cannedMatrix()
{
    QByteArray series;
    for (int i = 0; i < seriesCount; ++i) {
        series += i > 0 ? "," : "";
        series += R"({"metric":{"instance":"web-)" + QByteArray::number(i) + R"("},"values":[)";
        for (int j = 0; j < sampleCount; ++j)
            series += (j > 0 ? ",[" : "[") + QByteArray::number(qint64(start + j * step)) + ",\""
                + QByteArray::number(valueAt(i, j)) + "\"]";
        series += "]}";
    }
    return R"({"status":"success","data":{"resultType":"matrix","result":[)" + series + "]}}";
}

/// Four columns and three rows of time series, with one crosshair for all.
dashboard::Dashboard dashboardOfTwelve()
{
    dashboard::Dashboard dashboard;
    dashboard.crosshair = dashboard::Crosshair::Shared;
    for (int i = 0; i < panelCount; ++i) {
        dashboard::Panel panel;
        panel.type = u"timeseries"_s;
        panel.title = u"Panel %1"_s.arg(i);
        panel.gridPos = {i % 4 * 6, i / 4 * 7, 6, 7};
        panel.queries.push_back({u"A"_s, u"rate(x[1m])"_s, u"{{instance}}"_s});
        dashboard.panels.push_back(panel);
    }
    return dashboard;
}

double cpuMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// CPU time of one step in the quickest of some rounds; `move` goes to a share of the way, 0 to 1.
template <class Move>
double bestStep(Move move)
{
    double best = std::numeric_limits<double>::infinity();
    for (int round = 0; round < rounds; ++round) {
        const double before = cpuMilliseconds();
        for (int i = 0; i < steps; ++i) {
            move(double(i) / steps);
            QCoreApplication::processEvents();
        }
        best = std::min(best, (cpuMilliseconds() - before) / steps);
    }
    return best;
}

} // namespace

/// What it costs to move the mouse over one of twelve plots whose crosshair all of them show.
class BenchHover : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hoversOverTwelvePanels();
    void hoversOverTwelveChartsOfQt();

private:
    double m_ours = 0;
};

void BenchHover::hoversOverTwelvePanels()
{
    test::StubServer server;
    server.reply("/api/v1/query_range", {200, cannedMatrix()});
    QNetworkAccessManager network;
    prom::Client client(network, {server.url(), {}, 10s});
    const Theme theme = Theme::dark();
    DashboardView view(client, dashboardOfTwelve(), theme, QTimeZone::utc());
    view.resize(windowSize);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const prom::Timestamp from{std::chrono::seconds(start)};
    view.refresh({from, from + std::chrono::seconds((sampleCount - 1) * step)}, false);
    QTRY_VERIFY_WITH_TIMEOUT(view.isSettled() && view.oldestData(), 10'000);
    QVERIFY(view.contentHeight() <= windowSize.height()); // all are in sight
    QCoreApplication::processEvents();

    auto *hovered = qobject_cast<TimeSeriesView *>(&view.frames().front()->view());
    auto *last = view.frames().back()->view().findChild<PlotOverlay *>();
    QVERIFY(hovered && last);
    QCOMPARE(hovered->plot().lines.front().values.size(), std::size_t(sampleCount));
    const QRectF area = hovered->plotLayout().area;
    std::set<std::int64_t> seen;
    m_ours = bestStep([&](double share) {
        const QPointF position(area.left() + area.width() * share, area.center().y());
        QMouseEvent move(QEvent::MouseMove, position, hovered->mapToGlobal(position), Qt::NoButton,
                         Qt::NoButton, {});
        QCoreApplication::sendEvent(hovered, &move);
        seen.insert(last->crosshair().value_or(0));
    });

    QVERIFY(seen.size() > steps / 2); // the last panel followed
    std::printf("hover_cpu_ms %.2f 8\n", m_ours);
}

/// The same plots as Qt's own charts, with a line across each that moves.
void BenchHover::hoversOverTwelveChartsOfQt()
{
    QWidget window;
    auto *grid = new QGridLayout(&window);
    std::vector<std::pair<QChart *, QGraphicsLineItem *>> charts;
    for (int i = 0; i < panelCount; ++i) {
        auto *chart = new QChart;
        for (int s = 0; s < seriesCount; ++s) {
            auto *line = new QLineSeries(chart);
            for (int j = 0; j < sampleCount; ++j)
                line->append(j, valueAt(s, j));
            chart->addSeries(line);
        }
        chart->createDefaultAxes();
        auto *view = new QChartView(chart, &window);
        view->setRenderHint(QPainter::Antialiasing);
        grid->addWidget(view, i / 4, i % 4);
        charts.emplace_back(chart, new QGraphicsLineItem(chart));
    }
    window.resize(windowSize);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCoreApplication::processEvents();

    const double theirs = bestStep([&](double share) {
        for (const auto &[chart, crosshair] : charts) {
            const QRectF area = chart->plotArea();
            const double x = area.left() + area.width() * share;
            crosshair->setLine(x, area.top(), x, area.bottom());
        }
    });

    std::printf("hover_qtcharts_cpu_ms %.2f\n", theirs);
    std::printf("hover_cpu_ratio_qtcharts %.2f\n", theirs / m_ours); // times as much as ours
}

QTEST_MAIN(BenchHover)
#include "bench_hover.moc"
