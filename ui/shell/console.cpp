#include "ui/shell/console.h"

#include "core/dashboard/interval.h"
#include "ui/dashboard/dashboard_page.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/logs/logs_view.h"
#include "ui/servers/servers.h"

#include <QLoggingCategory>
#include <QTextStream>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(startup, "trendscope.startup", QtWarningMsg)

Error invalid(const QString &message)
{
    return {Error::Kind::Invalid, message.toStdString(), {}};
}

LogReader::Headers logHeadersOf(const ConsoleOptions &options)
{
    LogReader::Headers all;
    for (const auto &[location, headers] : options.logHeaders) {
        net::Headers &of = all[QString::fromStdString(location)];
        for (const auto &[name, value] : headers)
            of.append({QByteArray::fromStdString(name), QByteArray::fromStdString(value)});
    }
    return all;
}

} // namespace

Result<std::unique_ptr<Console>> Console::create(const ConsoleOptions &options,
                                                 Application &application,
                                                 std::chrono::milliseconds alertInterval)
{
    auto prometheus = prometheusOf(options.servers);
    if (!prometheus)
        return tl::unexpected(prometheus.error());
    auto alertmanager = alertmanagerOf(options.servers);
    if (!alertmanager)
        return tl::unexpected(alertmanager.error());
    auto zone = dashboard::zoneNamed(QString::fromStdString(options.timezone));
    if (!zone)
        return tl::unexpected(zone.error());
    std::unique_ptr<Console> console(
        new Console(options, application, {*prometheus, *alertmanager, alertInterval}));
    if (auto applied = console->apply(options); !applied)
        return tl::unexpected(applied.error());
    return console;
}

Console::Console(const ConsoleOptions &options, Application &application,
                 alert::Monitor::Options servers)
    : m_client(m_network.manager(), servers.prometheus)
    , m_monitor(m_network.manager(), servers)
    , m_targets(m_network.manager(), servers.prometheus)
    , m_library(dashboard::loadLibrary(stringsOf(options.dashboards)))
{
    for (const Error &problem : m_library.problems)
        QTextStream(stderr) << "trendscope: " << QString::fromStdString(problem.message)
                            << Qt::endl;
    const QTimeZone zone = dashboard::zoneOf(QString::fromStdString(options.timezone));
    const bool isZoneChosen = !options.timezone.empty() && options.timezone != "browser";
    m_window = std::make_unique<MainWindow>(
        MainWindowParts{m_client, m_monitor, m_targets, m_library, application.theme(), zone,
                        isZoneChosen, [&application] { application.switchTheme(); }});
    m_window->logs().follow(stringsOf(options.logs), logHeadersOf(options));
    m_monitor.start();
    if (startup().isDebugEnabled())
        QObject::connect(
            &m_window->dashboards(), &DashboardPage::dataChanged, m_window.get(),
            [this] { reportFirstPaint(); }, Qt::QueuedConnection);
}

Result<void> Console::apply(const ConsoleOptions &options)
{
    DashboardPage &page = m_window->dashboards();
    const QString name = QString::fromStdString(options.dashboard);
    if (!name.isEmpty() && !page.open(name)) {
        QStringList known;
        for (const dashboard::Dashboard &each : m_library.dashboards)
            known << each.uid;
        return tl::unexpected(invalid(
            u"--dashboard: there is no \"%1\"; there are %2"_s.arg(name, known.join(u", "_s))));
    }
    if (!options.from.empty() || !options.to.empty()) {
        dashboard::TimeRange range = page.range();
        range.from = options.from.empty() ? range.from : QString::fromStdString(options.from);
        range.to = options.to.empty() ? range.to : QString::fromStdString(options.to);
        const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
        if (const auto resolved = dashboard::resolve(range, now, QTimeZone::utc()); !resolved)
            return tl::unexpected(resolved.error());
        page.setRange(range);
    }
    if (!options.refresh.empty()) {
        const QString text = QString::fromStdString(options.refresh);
        const auto interval =
            text == "off"_L1 ? std::chrono::milliseconds(0) : dashboard::durationOf(text);
        if (!interval)
            return tl::unexpected(
                invalid(u"--refresh: \"%1\" is no interval such as 5s or 1m, nor off"_s.arg(text)));
        page.setRefresh(*interval);
    }
    return {};
}

void Console::reportFirstPaint()
{
    const DashboardView *view = m_window->dashboards().view();
    if (m_hasPainted || !view || !view->isSettled())
        return;
    m_hasPainted = true;
    QCoreApplication::sendPostedEvents(nullptr, QEvent::UpdateRequest); // paint now, then say so
    qCDebug(startup) << "first dashboard painted";
}

} // namespace trendscope::ui
