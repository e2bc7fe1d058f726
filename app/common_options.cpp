#include "app/common_options.h"

#include "app/installation.h"

#include <iostream>

namespace trendscope::app {

namespace {

void overrideWith(const std::string &option, std::string &value)
{
    if (!option.empty())
        value = option;
}

} // namespace

int fail(const Error &error, int status)
{
    std::cerr << "trendscope: " << error.message << '\n';
    if (!error.detail.empty())
        std::cerr << error.detail << '\n';
    return status;
}

void ConfigOption::addTo(CLI::App &command)
{
    command
        .add_option("--config", file, "Configuration to read instead of the usual trendscope.yml")
        ->type_name("FILE");
}

Result<config::Config> ConfigOption::load() const
{
    const auto chosen = file.empty() ? std::nullopt : std::optional<std::filesystem::path>(file);
    return config::load(chosen, config::processEnvironment());
}

void ViewOptions::addTo(CLI::App &command)
{
    command
        .add_option("--prometheus", prometheus,
                    "Prometheus server, with a path prefix where there is one")
        ->type_name("URL");
    command.add_option("--alertmanager", alertmanager, "Alertmanager, for silences and receivers")
        ->type_name("URL");
    command
        .add_option("--dashboards", dashboards,
                    "Grafana dashboards: JSON files, or folders of them")
        ->type_name("DIR|FILE");
    command.add_option("--theme", theme, "Colours: dark or light")
        ->check(CLI::IsMember({"dark", "light"}).description(""))
        ->type_name("THEME");
    command
        .add_option("--timezone", timezone,
                    "browser (this machine's), utc, or a name such as Europe/Berlin")
        ->type_name("ZONE");
    command.add_option("--from", from, "Begin of the time range, e.g. now-6h")->type_name("TIME");
    command.add_option("--to", to, "End of the time range, e.g. now")->type_name("TIME");
}

void ViewOptions::override(config::Config &config) const
{
    overrideWith(prometheus, config.prometheus.url);
    overrideWith(alertmanager, config.alertmanager.url);
    overrideWith(theme, config.console.theme);
    overrideWith(timezone, config.console.timezone);
    if (!dashboards.empty())
        config.dashboards = dashboards;
}

ui::Servers serversOf(const config::Config &config)
{
    return {.prometheus = config.prometheus.url,
            .alertmanager = config.alertmanager.url,
            .headers = config.prometheus.headers};
}

std::vector<std::string> dashboardsOf(const config::Config &config)
{
    if (!config.dashboards.empty())
        return config.dashboards;
    return {(shareDirectory() / "dashboards").string()};
}

} // namespace trendscope::app
