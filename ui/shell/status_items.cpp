#include "ui/shell/status_items.h"

#include "core/alert/monitor.h"
#include "ui/dashboard/dashboard_page.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/logs/logs_view.h"
#include "ui/panels/panel_frame.h"

#include <QDateTime>

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using Health = StatusItem::Health;
using Monitor = alert::Monitor;

QString clockText(prom::Timestamp time, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), zone)
        .toString(u"HH:mm:ss");
}

QString ageText(prom::Timestamp time)
{
    const auto age =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - time)
            .count();
    if (age < 120)
        return u"%1 s old"_s.arg(std::max<qint64>(age, 0));
    return age < 7'200 ? u"%1 min old"_s.arg(age / 60) : u"%1 h old"_s.arg(age / 3'600);
}

QString serverName(const QUrl &url)
{
    return url.host() + (url.port() > 0 ? u':' + QString::number(url.port()) : QString())
        + (url.path() == "/"_L1 ? QString() : url.path());
}

StatusItem prometheusItem(const Monitor &monitor, const QTimeZone &zone)
{
    StatusItem item;
    item.name = u"Prometheus"_s;
    const QString server = serverName(monitor.prometheus().url);
    if (monitor.state() == Monitor::State::Ready) {
        item.health = Health::Good;
        item.text = u"%1  %2 ms"_s.arg(server).arg(monitor.latency().count());
    } else if (monitor.state() == Monitor::State::Loading) {
        item.health = Health::Unknown;
        item.text = u"%1  asking"_s.arg(server);
    } else {
        item.health = Health::Bad;
        item.text = monitor.lastSuccess()
            ? u"%1  failing, last answer %2"_s.arg(server, clockText(*monitor.lastSuccess(), zone))
            : u"%1  no answer"_s.arg(server);
        item.tip = QString::fromStdString(monitor.error().message);
    }
    return item;
}

StatusItem dataItem(const DashboardPage &page)
{
    StatusItem item;
    item.name = u"Data"_s;
    const DashboardView *view = page.view();
    const auto oldest = view ? view->oldestData() : std::nullopt;
    item.text = oldest ? ageText(*oldest) : u"none yet"_s;
    const auto failed = !view ? 0 : std::ranges::count_if(view->frames(), [](PanelFrame *frame) {
        return frame->feed().state() == dashboard::PanelFeed::State::Failed;
    });
    if (failed > 0) {
        item.health = Health::Bad;
        item.text += u", %1 of %2 panels failing"_s.arg(failed).arg(view->frames().size());
    }
    return item;
}

StatusItem alertItem(const Monitor &monitor)
{
    using State = Monitor::AlertmanagerState;
    const auto counts = monitor.counts();
    StatusItem item;
    item.name =
        monitor.alertmanagerState() == State::NotConfigured ? u"Alerts"_s : u"Alertmanager"_s;
    item.text = u"%1 firing, %2 pending"_s.arg(counts.firing).arg(counts.pending);
    if (counts.silenced > 0)
        item.text += u", %1 silenced"_s.arg(counts.silenced);
    if (monitor.alertmanagerState() == State::Failed) {
        item.health = Health::Bad;
        item.text += u" (silences unknown)"_s;
        item.tip = QString::fromStdString(monitor.alertmanagerError().message);
    } else if (monitor.alertmanagerState() == State::Ready) {
        item.health = Health::Good;
    }
    if (monitor.state() != Monitor::State::Ready) {
        item.health = monitor.state() == Monitor::State::Loading ? Health::Unknown : Health::Bad;
        item.text = monitor.lastSuccess() ? item.text + u" when last known"_s : u"not known"_s;
    }
    return item;
}

/// "1 of 3 not answering"; `noun` only where there is another sort of source beside these.
QString shareText(qsizetype count, qsizetype total, const QString &noun, const QString &what)
{
    return u"%1 of %2 %3"_s.arg(count).arg(total).arg(noun.isEmpty() ? what : noun + u' ' + what);
}

/// What does not work, in words; empty where all does.
QStringList outages(const LogSources &sources)
{
    const auto countIf = [&](auto predicate) { return std::ranges::count_if(sources, predicate); };
    const auto streams = countIf([](const LogSource &source) { return source.isStream; });
    const auto files = static_cast<qsizetype>(sources.size()) - streams;
    const bool isMixed = streams > 0 && files > 0;
    const auto silent =
        countIf([](const LogSource &source) { return source.isStream && source.hasFailed(); });
    const auto unread =
        countIf([](const LogSource &source) { return !source.isStream && source.hasFailed(); });
    const auto partly = countIf(
        [](const LogSource &source) { return source.isFollowing() && !source.problem.isEmpty(); });
    QStringList words;
    if (silent > 0)
        words << shareText(silent, streams, isMixed ? u"streams"_s : QString(), u"not answering"_s);
    if (unread > 0)
        words << shareText(unread, files, isMixed ? u"files"_s : QString(), u"not readable"_s);
    if (partly > 0)
        words << shareText(partly, streams, isMixed ? u"streams"_s : QString(), u"incomplete"_s);
    return words;
}

StatusItem logItem(const LogsView &logs)
{
    const LogSources &sources = logs.sources();
    StatusItem item;
    item.name = u"Logs"_s;
    QStringList words = outages(sources);
    const auto connecting = std::ranges::count_if(sources, &LogSource::isConnecting);
    if (!words.isEmpty())
        item.health = Health::Bad;
    else if (connecting > 0)
        item.health = Health::Unknown;
    if (connecting > 0)
        words << (sources.size() == 1
                      ? u"connecting"_s
                      : shareText(connecting, static_cast<qsizetype>(sources.size()), {},
                                  u"connecting"_s));
    // No rate where nothing could bring records: it would look like a quiet log.
    if (sources.empty())
        words << u"none followed"_s;
    else if (followsAny(sources))
        words.prepend(
            u"%1/s"_s.arg(logs.recordsPerSecond(), 0, 'f', logs.recordsPerSecond() < 10 ? 1 : 0));
    item.text = words.join(u", "_s);
    item.tip = logs.problems().join(u'\n');
    return item;
}

} // namespace

std::vector<StatusItem> statusItems(const Monitor &monitor, const DashboardPage &dashboards,
                                    const LogsView &logs, const QTimeZone &zone)
{
    return {prometheusItem(monitor, zone), dataItem(dashboards), alertItem(monitor), logItem(logs)};
}

} // namespace trendscope::ui
