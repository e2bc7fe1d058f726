#include "ui/module.h"

#include "ui/shell/complaint.h"
#include "ui/shell/console.h"
#include "ui/shell/demo_session.h"
#include "ui/snapshot/snapshot.h"

#include <QTextStream>

namespace {

using namespace trendscope;

constexpr int failed = 1;
constexpr int wrongUsage = 2;

int fail(const Error &error)
{
    ui::complain(error);
    return error.kind == Error::Kind::Invalid ? wrongUsage : failed;
}

} // namespace

int trendscope_run_console(const ui::ConsoleOptions *options)
{
    if (!ui::Application::hasDisplay())
        return fail({Error::Kind::System,
                     "there is no display to open a window on: set DISPLAY or WAYLAND_DISPLAY, or "
                     "use trendscope snapshot",
                     {}});
    ui::Application application(ui::Application::Display::Window, options->theme);
    auto console = ui::Console::create(*options, application);
    if (!console)
        return fail(console.error());
    (*console)->window().show();
    return application.run();
}

int trendscope_run_snapshot(const ui::SnapshotOptions *options)
{
    const ui::Application application(ui::Application::Display::Offscreen, options->theme);
    const auto result = ui::takeSnapshot(*options, application.theme());
    return result ? *result : fail(result.error());
}

int trendscope_run_demo(const ui::DemoOptions *options)
{
    const bool hasDisplay = ui::Application::hasDisplay();
    const bool isHeadless = !hasDisplay || options->headless || options->once;
    const auto display =
        isHeadless ? ui::Application::Display::Offscreen : ui::Application::Display::Window;
    if (!hasDisplay && !options->headless)
        QTextStream(stdout) << "There is no display: the dashboards are drawn to "
                            << QString::fromStdString(options->outputDirectory) << " instead."
                            << Qt::endl;
    ui::Application application(display, options->theme);
    ui::DemoSession session(*options, display, application);
    return session.run();
}
