#include "ui/module.h"

#include "ui/shell/console.h"
#include "ui/shell/demo_session.h"
#include "ui/snapshot/snapshot.h"

#include <QTextStream>

#include <cstdio>

namespace {

using namespace trendscope;

constexpr int failed = 1;

int fail(const Error &error)
{
    QTextStream(stderr) << "trendscope: " << QString::fromStdString(error.message) << Qt::endl;
    return failed;
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
    ui::Application application(ui::Application::Display::Offscreen, options->theme);
    const auto result = ui::takeSnapshot(*options, application.theme());
    return result ? *result : fail(result.error());
}

int trendscope_run_demo(const ui::DemoOptions *options)
{
    const bool hasDisplay = ui::Application::hasDisplay() && !options->headless;
    ui::Application application(hasDisplay ? ui::Application::Display::Window
                                           : ui::Application::Display::Offscreen,
                                options->theme);
    ui::DemoSession session(*options, hasDisplay, application);
    return session.run();
}
