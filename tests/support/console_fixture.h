#pragma once

#include "core/dashboard/panel_feed.h"
#include "support/prometheus_process.h"
#include "ui/dashboard/dashboard_page.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/panels/panel_frame.h"
#include "ui/shell/console.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

namespace trendscope::test {

/// A panel of a dashboard file, with one query.
inline QJsonObject panelJson(const QString &type, const QString &title, const QString &expr,
                             QRect grid)
{
    return {{QStringLiteral("type"), type},
            {QStringLiteral("title"), title},
            {QStringLiteral("gridPos"),
             QJsonObject{{QStringLiteral("x"), grid.x()},
                         {QStringLiteral("y"), grid.y()},
                         {QStringLiteral("w"), grid.width()},
                         {QStringLiteral("h"), grid.height()}}},
            {QStringLiteral("targets"),
             QJsonArray{QJsonObject{{QStringLiteral("expr"), expr},
                                    {QStringLiteral("refId"), QStringLiteral("A")}}}}};
}

/// Writes `<uid>.json` into `folder`.
inline void writeDashboard(const QTemporaryDir &folder, const QString &uid, const QString &title,
                           const QJsonArray &panels)
{
    QFile file(folder.filePath(uid + QStringLiteral(".json")));
    if (!file.open(QIODevice::WriteOnly))
        qFatal("the dashboard can not be written");
    file.write(
        QJsonDocument(QJsonObject{{QStringLiteral("uid"), uid},
                                  {QStringLiteral("title"), title},
                                  {QStringLiteral("graphTooltip"), 1},
                                  {QStringLiteral("refresh"), QStringLiteral("1s")},
                                  {QStringLiteral("time"),
                                   QJsonObject{{QStringLiteral("from"), QStringLiteral("now-1h")},
                                               {QStringLiteral("to"), QStringLiteral("now")}}},
                                  {QStringLiteral("panels"), panels}})
            .toJson());
}

/// Two dashboards whose queries have data on any Prometheus and over any range.
inline void writeDashboards(const QTemporaryDir &folder)
{
    const QString ts = QStringLiteral("timeseries");
    writeDashboard(
        folder, QStringLiteral("a-first"), QStringLiteral("First"),
        {panelJson(QStringLiteral("stat"), QStringLiteral("Answer"), QStringLiteral("vector(42)"),
                   {0, 0, 6, 4}),
         panelJson(ts, QStringLiteral("Left"), QStringLiteral("vector(1)"), {0, 4, 12, 8}),
         panelJson(ts, QStringLiteral("Right"), QStringLiteral("vector(2)"), {12, 4, 12, 8})});
    writeDashboard(folder, QStringLiteral("b-second"), QStringLiteral("Second"),
                   {panelJson(QStringLiteral("gauge"), QStringLiteral("Half"),
                              QStringLiteral("vector(50)"), {0, 0, 12, 8})});
}

/// A rule file with one alert that fires at once.
inline PrometheusProcess::Options firingPrometheus()
{
    PrometheusProcess::Options options;
    options.config =
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [alerts.yml]\n";
    options.files[QStringLiteral("alerts.yml")] = R"(groups:
- name: test
  rules:
  - alert: SomethingBurns
    expr: vector(1)
    labels: {severity: critical}
    annotations: {summary: "It burns <b>here</b>"}
  - alert: Watchdog
    expr: vector(1)
    labels: {severity: none}
)";
    return options;
}

inline ui::ConsoleOptions consoleOptions(const QUrl &prometheus, const QTemporaryDir &dashboards)
{
    ui::ConsoleOptions options;
    options.servers.prometheus = prometheus.toString().toStdString();
    options.dashboards = {dashboards.path().toStdString()};
    options.timezone = "utc";
    return options;
}

/// Every panel of the dashboard that is shown has data of its newest question.
inline bool isReady(ui::Console &console)
{
    const auto *view = console.window().dashboards().view();
    return view && std::ranges::all_of(view->frames(), [](ui::PanelFrame *frame) {
               return frame->feed().state() == dashboard::PanelFeed::State::Ready
                   && !frame->feed().data().fields.empty();
           });
}

} // namespace trendscope::test
