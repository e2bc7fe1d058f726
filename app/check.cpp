#include "app/command.h"
#include "app/common_options.h"
#include "core/exporter/config_check.h"

#include <iostream>

namespace trendscope::app {

namespace {

using exporter::ConfigProblem;

struct Options {
    ConfigOption config;
    double timeout = 10; ///< seconds
};

using Check = std::vector<ConfigProblem> (*)(const config::Config &, const Options &);

int run(const Options &options, Check check)
{
    const auto config = options.config.load();
    if (!config)
        return fail(config.error(), Failed);
    const auto problems = check(*config, options);
    for (const ConfigProblem &problem : problems)
        std::cout << problem.where << ": " << problem.what << '\n';
    if (problems.empty())
        std::cout << "Nothing found that would fail\n";
    std::cout.flush();
    if (!std::cout)
        return fail({Error::Kind::System, "The report can not be written", {}}, Failed);
    return problems.empty() ? Done : Failed;
}

std::vector<ConfigProblem> everything(const config::Config &config, const Options &options)
{
    const auto wait = std::chrono::duration_cast<exporter::Collector::Clock::duration>(
        std::chrono::duration<double>(options.timeout));
    return exporter::checkConfig(config, exporter::Collector::Clock::now() + wait);
}

std::vector<ConfigProblem> rules(const config::Config &config, const Options & /*options*/)
{
    return exporter::checkAllRules(config);
}

void addPart(CLI::App &command, const std::shared_ptr<Options> &options,
             const std::shared_ptr<Check> &chosen, Check check)
{
    options->config.addTo(command);
    command.callback([chosen, check] { *chosen = check; });
}

} // namespace

Command addCheck(CLI::App &app)
{
    CLI::App *const command =
        app.add_subcommand("check", "Find what would fail at run time in a configuration");
    command->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto chosen = std::make_shared<Check>();

    CLI::App *const config = command->add_subcommand(
        "config",
        "Everything: files, servers, SQL, globs, rules. Listens nowhere, changes nothing");
    addPart(*config, options, chosen, everything);
    config
        ->add_option("--timeout", options->timeout,
                     "How long servers are waited for. 10 if not given")
        ->check(CLI::Range(0.1, 600.0).description(""))
        ->type_name("SECONDS");
    CLI::App *const onlyRules = command->add_subcommand(
        "rules",
        "The rules that make metrics of logs and of StatsD: files, and what of their last "
        "thousand lines each rule matches");
    addPart(*onlyRules, options, chosen, rules);
    command->footer(
        "Exit status: 0 nothing found, 1 problems, a line each, or a configuration that "
        "can not be read.\n"
        "\n"
        "Examples:\n"
        "  trendscope check config --config /etc/trendscope/trendscope.yml\n"
        "  trendscope check rules\n");
    return {command, [options, chosen] { return run(*options, *chosen); }};
}

} // namespace trendscope::app
