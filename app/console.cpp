#include "app/command.h"
#include "app/common_options.h"
#include "app/installation.h"

namespace trendscope::app {

namespace {

struct Options {
    ConfigOption config;
    ViewOptions view;
    std::string dashboard;
    std::string refresh;
    std::vector<std::string> logs;
};

int run(const Options &options)
{
    auto config = options.config.load();
    if (!config)
        return fail(config.error(), Failed);
    options.view.override(*config);
    std::vector<std::string> logs = options.logs;
    if (logs.empty()) {
        for (const config::LogLocation &log : config->logs)
            logs.push_back(log.location);
    }
    ui::ConsoleOptions console{
        .servers = serversOf(*config),
        .dashboards = dashboardsOf(*config),
        .logs = std::move(logs),
        .logHeaders = {},
        .dashboard = options.dashboard,
        .theme = config->console.theme,
        .timezone = config->console.timezone,
        .refresh = options.refresh.empty() ? config->console.refresh : options.refresh,
        .from = options.view.from,
        .to = options.view.to,
    };
    for (const config::LogLocation &log : config->logs)
        console.logHeaders.emplace_back(log.location, log.headers);
    const auto entry = consoleFunction<decltype(trendscope_run_console)>("trendscope_run_console");
    return entry ? (*entry)(&console) : fail(entry.error(), Failed);
}

} // namespace

Command addConsole(CLI::App &app)
{
    CLI::App *const command =
        app.add_subcommand("console", "Open the window: dashboards, alerts, logs (the default)");
    const auto options = std::make_shared<Options>();
    options->config.addTo(*command);
    options->view.addTo(*command);
    command
        ->add_option("--dashboard", options->dashboard,
                     "Dashboard to open first: uid, file name or title")
        ->type_name("NAME");
    command
        ->add_option("--refresh", options->refresh, "How often to ask again, e.g. 5s; off: never")
        ->type_name("INTERVAL");
    command
        ->add_option("--log", options->logs,
                     "JSON log files to follow, or URLs of agents' /logs/stream")
        ->type_name("FILE|URL");
    command->footer(
        "Examples:\n"
        "  trendscope console --prometheus http://prometheus.example:9090\n"
        "  trendscope console --dashboards ~/dashboards --log /var/log/app/*.json\n"
        "  trendscope console --dashboard api-performance --from now-24h --refresh 1m\n");
    return {command, [options] { return run(*options); }};
}

} // namespace trendscope::app
