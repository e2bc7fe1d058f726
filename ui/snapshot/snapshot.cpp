#include "ui/snapshot/snapshot.h"

#include "core/dashboard/loader.h"
#include "core/net/access.h"
#include "core/prom/client.h"
#include "ui/dashboard/dashboard_view.h"
#include "ui/panels/panel_frame.h"
#include "ui/servers/servers.h"

#include <QEventLoop>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QSaveFile>
#include <QTextStream>

#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using State = dashboard::PanelFeed::State;

constexpr int doneInPart = 3;
constexpr int dashboardWidth = 1440;
constexpr QSize panelSize(800, 400);
constexpr int largestSide = 30'000; ///< device pixels; above, an image takes gigabytes

Error error(Error::Kind kind, const QString &message)
{
    return {kind, message.toStdString(), {}};
}

Result<dashboard::AbsoluteRange> rangeOf(const dashboard::Dashboard &dashboard,
                                         const SnapshotOptions &options, const QTimeZone &zone)
{
    const dashboard::TimeRange range{
        options.from.empty() ? dashboard.from : QString::fromStdString(options.from),
        options.to.empty() ? dashboard.to : QString::fromStdString(options.to)};
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return dashboard::resolve(range, now, zone);
}

/// A dashboard with one panel that fills it.
dashboard::Dashboard onlyPanel(dashboard::Dashboard dashboard, const QString &title, QSize size)
{
    std::vector<dashboard::Panel> found;
    const auto collect = [&](const std::vector<dashboard::Panel> &panels, auto &&self) -> void {
        for (const dashboard::Panel &panel : panels) {
            if (found.empty() && panel.type != "row"_L1
                && panel.title.compare(title, Qt::CaseInsensitive) == 0)
                found.push_back(panel);
            self(panel.children, self);
        }
    };
    collect(dashboard.panels, collect);
    if (!found.empty())
        found.front().gridPos = {
            0, 0, 24, std::max(1, static_cast<int>(std::lround((size.height() - 8) / 38.0)))};
    dashboard.panels = std::move(found);
    return dashboard;
}

/// Waits until every panel has an answer or a failure, at most as long as the options allow.
void waitFor(DashboardView &view, int seconds)
{
    QEventLoop loop;
    QTimer::singleShot(std::chrono::seconds(seconds), &loop, &QEventLoop::quit);
    QObject::connect(&view, &DashboardView::dataChanged, &loop, [&] {
        if (view.isSettled())
            loop.quit();
    });
    if (!view.isSettled())
        loop.exec();
}

Gaps reportGaps(const DashboardView &view)
{
    Gaps gaps;
    for (PanelFrame *frame : view.frames()) {
        const State state = frame->feed().state();
        if (state == State::Ready && frame->feed().data().fields.empty())
            ++gaps.empty;
        const bool isDrawn = frame->view().isSupported();
        if (frame->isHidden() || (isDrawn && (state == State::Ready || state == State::Idle)))
            continue;
        ++gaps.failed;
        const QString reason = !isDrawn ? frame->view().accessibleDescription()
            : state == State::Failed    ? frame->stateText()
                                        : u"no answer in time"_s;
        QTextStream(stderr) << "trendscope: panel \"" << frame->title() << "\": " << reason
                            << Qt::endl;
    }
    return gaps;
}

Result<void> savePicture(QWidget &widget, const QString &file, double scale)
{
    QImage image((QSizeF(widget.size()) * scale).toSize(), QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(widget.palette().color(QPalette::Window));
    if (QWidget *focused = widget.focusWidget())
        focused->clearFocus(); // the ring is for a person at a keyboard
    widget.render(&image);
    QSaveFile target(file); // a full disk leaves the old picture, not half of the new one
    if (!target.open(QIODevice::WriteOnly) || !image.save(&target, "PNG") || !target.commit())
        return tl::unexpected(
            error(Error::Kind::System, u"%1: %2"_s.arg(file, target.errorString())));
    return {};
}

} // namespace

Result<Gaps> drawDashboard(const dashboard::Dashboard &dashboard, prom::Client &client,
                           const SnapshotOptions &options, const Theme &theme)
{
    const bool isZoneChosen = !options.timezone.empty() && options.timezone != "browser";
    const auto zoneName = isZoneChosen
        ? dashboard::zoneNamed(QString::fromStdString(options.timezone))
        : dashboard::zoneOf(dashboard.timezone);
    if (!zoneName)
        return tl::unexpected(zoneName.error());
    const QTimeZone &zone = *zoneName;
    if (!QString::fromStdString(options.output).endsWith(".png"_L1, Qt::CaseInsensitive))
        return tl::unexpected(
            error(Error::Kind::Invalid,
                  u"--output: \"%1\" does not end in .png; other formats are not written"_s.arg(
                      QString::fromStdString(options.output))));
    const auto range = rangeOf(dashboard, options, zone);
    if (!range)
        return tl::unexpected(range.error());

    const bool isPanel = !options.panel.empty();
    const int width = options.width > 0 ? options.width
        : isPanel                       ? panelSize.width()
                                        : dashboardWidth;
    const QSize size(width, options.height > 0 ? options.height : panelSize.height());
    const QString panel = QString::fromStdString(options.panel);
    const dashboard::Dashboard drawn = isPanel ? onlyPanel(dashboard, panel, size) : dashboard;
    if (isPanel && drawn.panels.empty())
        return tl::unexpected(
            error(Error::Kind::NotFound,
                  u"--panel: \"%1\" has no panel \"%2\""_s.arg(dashboard.title, panel)));

    DashboardView view(client, drawn, theme, zone);
    view.setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view.resize(size);
    view.show();
    view.resize(width, options.height > 0 ? options.height : view.contentHeight());
    if (isPanel) {
        view.resize(size);
        view.frames().front()->setGeometry(
            view.viewport()->rect()); // the panel alone fills the picture
    }
    if (std::max(view.width(), view.height()) * options.scale > largestSide)
        return tl::unexpected(
            error(Error::Kind::Invalid,
                  u"the picture would be larger than %1 pixels; use a smaller --scale"_s.arg(
                      largestSide)));
    view.refresh(*range, false);
    waitFor(view, options.timeoutSeconds);
    const Gaps gaps = reportGaps(view);
    if (const auto saved = savePicture(view, QString::fromStdString(options.output), options.scale);
        !saved)
        return tl::unexpected(saved.error());
    return gaps;
}

Result<int> takeSnapshot(const SnapshotOptions &options, const Theme &theme)
{
    auto endpoint = prometheusOf(options.servers);
    if (!endpoint)
        return tl::unexpected(endpoint.error());
    const dashboard::Library library = dashboard::loadLibrary(stringsOf(options.dashboards));
    for (const Error &problem : library.problems)
        QTextStream(stderr) << "trendscope: " << QString::fromStdString(problem.message)
                            << Qt::endl;
    const QString name = QString::fromStdString(options.dashboard);
    const dashboard::Dashboard *dashboard = library.find(name);
    if (!dashboard) {
        QStringList known;
        for (const dashboard::Dashboard &each : library.dashboards)
            known << each.uid;
        const QString message = u"--dashboard: there is no \"%1\"; there are %2"_s.arg(
            name, known.isEmpty() ? u"none"_s : known.join(u", "_s));
        return tl::unexpected(error(Error::Kind::NotFound, message));
    }
    net::Access network;
    prom::Client client(network.manager(), *endpoint);
    return drawDashboard(*dashboard, client, options, theme).map([](Gaps gaps) {
        return gaps.failed > 0 ? doneInPart : 0;
    });
}

} // namespace trendscope::ui
