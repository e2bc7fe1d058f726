#include "app/command.h"
#include "app/common_options.h"
#include "app/installation.h"

namespace trendscope::app {

namespace {

struct Options {
    ConfigOption config;
    ViewOptions view;
    ui::SnapshotOptions snapshot;
};

int run(const Options &options)
{
    auto config = options.config.load();
    if (!config)
        return fail(config.error(), Failed);
    options.view.override(*config);

    ui::SnapshotOptions snapshot = options.snapshot;
    snapshot.servers = serversOf(*config);
    snapshot.dashboards = dashboardsOf(*config);
    snapshot.theme = config->console.theme;
    snapshot.timezone = config->console.timezone;
    snapshot.from = options.view.from;
    snapshot.to = options.view.to;
    const auto entry =
        consoleFunction<decltype(trendscope_run_snapshot)>("trendscope_run_snapshot");
    return entry ? (*entry)(&snapshot) : fail(entry.error(), Failed);
}

void addSizes(CLI::App &command, ui::SnapshotOptions &snapshot)
{
    command
        .add_option("--width", snapshot.width,
                    "Width in pixels; 1440, or 800 for one panel, if not given")
        ->check(CLI::Range(100, 16000))
        ->type_name("PIXELS");
    command
        .add_option("--height", snapshot.height,
                    "Height in pixels; as the dashboard is, or 400 for one panel")
        ->check(CLI::Range(60, 16000))
        ->type_name("PIXELS");
    command.add_option("--scale", snapshot.scale, "Pixels of the picture for each of these")
        ->check(CLI::Range(0.5, 4.0))
        ->capture_default_str()
        ->type_name("FACTOR");
    command.add_option("--timeout", snapshot.timeoutSeconds, "How long to wait for the data")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str()
        ->type_name("SECONDS");
}

} // namespace

Command addSnapshot(CLI::App &app)
{
    CLI::App *const command = app.add_subcommand(
        "snapshot", "Write a dashboard or a panel as a picture, without a window");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("--dashboard", options->snapshot.dashboard,
                     "Dashboard: uid, file name or title")
        ->required()
        ->type_name("NAME");
    command->add_option("--panel", options->snapshot.panel, "Only the panel of this title")
        ->type_name("TITLE");
    command->add_option("-o,--output", options->snapshot.output, "PNG file to write")
        ->required()
        ->type_name("FILE");
    options->config.addTo(*command);
    options->view.addTo(*command);
    addSizes(*command, options->snapshot);
    command->footer(
        "Examples:\n"
        "  trendscope snapshot --dashboard api-performance -o api.png\n"
        "  trendscope snapshot --dashboard api-performance --panel \"P95 Latency\" --from now-6h "
        "-o p95.png\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 written with panels that failed.\n");
    return {command, [options] { return run(*options); }};
}

} // namespace trendscope::app
