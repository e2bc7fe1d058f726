#include "app/command.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <span>

namespace {

using namespace trendscope::app;

/// The arguments in reverse, as CLI11 wants them; without a subcommand they are the console's.
std::vector<std::string> argumentsOf(int argc, char **argv)
{
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    constexpr std::array own{"-h", "--help", "--version"};
    const bool isConsole = arguments.empty()
        || (arguments.front().starts_with('-')
            && std::find(own.begin(), own.end(), arguments.front()) == own.end());
    if (isConsole)
        arguments.insert(arguments.begin(), "console");
    std::reverse(arguments.begin(), arguments.end());
    return arguments;
}

bool isOneOf(std::span<const Command> commands, const std::string &name)
{
    return std::any_of(commands.begin(), commands.end(),
                       [&](const Command &command) { return command.options->get_name() == name; });
}

int run(int argc, char **argv)
{
    CLI::App app("Trendscope: dashboards, alerts and metrics of the Trend Intelligence Platform.",
                 "trendscope");
    app.set_version_flag("--version", "trendscope " TRENDSCOPE_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  trendscope                                            the console, on "
        "http://localhost:9090\n"
        "  trendscope --prometheus http://prometheus.example:9090\n"
        "  trendscope exporter --web.listen-address :9787\n"
        "  trendscope snapshot --dashboard api-performance -o api.png\n"
        "  trendscope demo                                       everything, on this "
        "machine alone\n"
        "  trendscope audit verify --key-file audit.key audit.log\n"
        "  trendscope check config                               what would fail at run time\n"
        "\n"
        "trendscope COMMAND --help describes a command.\n");
    const std::array commands{addConsole(app), addExporter(app), addSnapshot(app),
                              addDemo(app),    addAudit(app),    addCheck(app)};
    const std::vector<std::string> arguments = argumentsOf(argc, argv);
    const std::string &name = arguments.back(); // reversed: the first
    if (!name.starts_with('-') && !isOneOf(commands, name)) {
        std::cerr << "trendscope: there is no command '" << name
                  << "'; trendscope --help lists them\n";
        return WrongUsage;
    }
    try {
        app.parse(std::vector<std::string>(arguments));
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? Done : WrongUsage;
    }
    const auto chosen = std::find_if(commands.begin(), commands.end(), [](const Command &command) {
        return command.options->parsed();
    });
    return chosen->run();
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception &error) {
        std::cerr << "trendscope: " << error.what() << '\n';
        return Failed;
    }
}
