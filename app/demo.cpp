#include "app/command.h"
#include "app/common_options.h"
#include "app/installation.h"

namespace trendscope::app {

namespace {

int run(ui::DemoOptions demo)
{
    demo.program = programFile().string();
    demo.shareDirectory = shareDirectory().string();
    const auto entry = consoleFunction<decltype(trendscope_run_demo)>("trendscope_run_demo");
    return entry ? (*entry)(&demo) : fail(entry.error(), Failed);
}

} // namespace

Command addDemo(CLI::App &app)
{
    CLI::App *const command = app.add_subcommand(
        "demo", "Show everything on this machine: a simulated platform with a real Prometheus");
    const auto options = std::make_shared<ui::DemoOptions>();
    command->add_flag("--once", options->once,
                      "Write the pictures and end, with status 1 when a panel had no data; implies "
                      "--headless");
    command->add_flag("--headless", options->headless,
                      "Open no window, even where there is a display: write pictures instead");
    command
        ->add_option("--output-directory", options->outputDirectory,
                     "Where the pictures go when there is no window")
        ->capture_default_str()
        ->type_name("DIR");
    command->add_option("--theme", options->theme, "Colours: dark or light")
        ->check(CLI::IsMember({"dark", "light"}).description(""))
        ->capture_default_str()
        ->type_name("THEME");
    command->footer("Everything listens on loopback only, and ends with the demo.\n"
                    "\n"
                    "Examples:\n"
                    "  trendscope demo\n"
                    "  trendscope demo --once --output-directory pictures\n");
    return {command, [options] { return run(*options); }};
}

} // namespace trendscope::app
