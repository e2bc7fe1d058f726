#pragma once

#include "core/config/config.h"
#include "ui/module.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace trendscope::app {

/// Says on stderr what went wrong, and returns `status`.
int fail(const Error &error, int status);

/// Where the configuration comes from; of every command.
struct ConfigOption {
    std::string file;

    void addTo(CLI::App &command);
    Result<config::Config> load() const;
};

/// Options of the commands that show dashboards; each overrides the configuration.
struct ViewOptions {
    std::string prometheus;
    std::string alertmanager;
    std::vector<std::string> dashboards;
    std::string theme;
    std::string timezone;
    std::string from;
    std::string to;

    void addTo(CLI::App &command);
    void override(config::Config &config) const;
};

ui::Servers serversOf(const config::Config &config);

/// The configured dashboards, else those that were shipped with this program.
std::vector<std::string> dashboardsOf(const config::Config &config);

} // namespace trendscope::app
