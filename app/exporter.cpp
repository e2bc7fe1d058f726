#include "app/agent.h"
#include "app/command.h"
#include "app/common_options.h"

#include <malloc.h>

#include <csignal>

namespace trendscope::app {

namespace {

struct Options {
    ConfigOption config;
    std::vector<std::string> listenAddresses;
    std::string webConfigFile;
    std::vector<std::string> disabledCollectors;
    std::vector<std::string> mountPoints;
    std::string logLevel;
    std::string logFormat;
    std::string logFile;
};

void override(config::Config &config, const Options &options)
{
    if (!options.listenAddresses.empty())
        config.exporter.listenAddresses = options.listenAddresses;
    if (!options.webConfigFile.empty())
        config.exporter.webConfigFile = options.webConfigFile;
    if (!options.disabledCollectors.empty())
        config.exporter.disabledCollectors = options.disabledCollectors;
    if (!options.mountPoints.empty())
        config.exporter.mountPoints = options.mountPoints;
    if (!options.logLevel.empty())
        config.log.level = observability::levelNamed(options.logLevel).value_or(config.log.level);
    if (!options.logFormat.empty())
        config.log.json = options.logFormat == "json";
    if (!options.logFile.empty())
        config.log.file = options.logFile;
}

Result<config::Config> configuration(const Options &options)
{
    auto config = options.config.load();
    if (config)
        override(*config, options);
    return config;
}

/// SIGTERM and SIGINT end the exporter, SIGHUP reloads it. Blocked, in this thread and those that
/// it starts, they wait to be fetched: one that comes while the server starts is not lost.
sigset_t blockSignals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

/// So that a process that runs for months stays as small as it is: by itself glibc gives each
/// thread a heap of its own, and keeps in it what a large exposition took.
void limitHeaps()
{
    constexpr int heaps = 2;
    constexpr int large = 128 << 10; ///< bytes; such blocks go back to the system at once
    ::mallopt(M_ARENA_MAX, heaps);
    ::mallopt(M_MMAP_THRESHOLD, large);
}

int run(const Options &options)
{
    limitHeaps();
    auto config = configuration(options);
    if (!config)
        return fail(config.error(), Failed);
    auto addresses = listenAddresses(*config);
    if (!addresses)
        return fail(addresses.error(), WrongUsage);
    ::signal(SIGPIPE, SIG_IGN); // whoever read our log may go away
    const sigset_t signals = blockSignals();
    Agent agent(*std::move(config), [&options] { return configuration(options); });
    if (const auto started = agent.start(*std::move(addresses)); !started)
        return fail(started.error(), Failed);
    agent.run(signals);
    return Done;
}

} // namespace

Command addExporter(CLI::App &app)
{
    CLI::App *const command = app.add_subcommand(
        "exporter", "Serve this machine's and the platform's metrics to Prometheus");
    const auto options = std::make_shared<Options>();
    options->config.addTo(*command);
    command
        ->add_option("--web.listen-address", options->listenAddresses,
                     "Where to listen; may be repeated. 127.0.0.1:9787 if nothing else is "
                     "configured")
        ->type_name("HOST:PORT");
    command
        ->add_option("--web.config.file", options->webConfigFile,
                     "TLS, users and headers, in the form of Prometheus' exporters")
        ->type_name("FILE");
    command
        ->add_option("--collector.disable", options->disabledCollectors,
                     "Collector to leave out; may be repeated")
        ->type_name("NAME");
    command
        ->add_option(
            "--collector.mount-point", options->mountPoints,
            "Mount point to measure; may be repeated, the fullest counts. / if none is configured")
        ->type_name("DIR");
    command
        ->add_option("--log.level", options->logLevel,
                     "Least level that is logged: debug, info, warning, error or critical")
        ->check(CLI::IsMember({"debug", "info", "warning", "error", "critical"}, CLI::ignore_case)
                    .description(""))
        ->type_name("LEVEL");
    command->add_option("--log.format", options->logFormat, "Form of the log: json or text")
        ->check(CLI::IsMember({"json", "text"}).description(""))
        ->type_name("FORMAT");
    command
        ->add_option("--log.file", options->logFile, "Log to this file instead of standard error")
        ->type_name("FILE");
    command->footer("Examples:\n"
                    "  trendscope exporter\n"
                    "  trendscope exporter --web.listen-address :9787 --collector.mount-point / "
                    "--collector.mount-point /srv\n"
                    "  curl http://127.0.0.1:9787/metrics\n");
    return {command, [options] { return run(*options); }};
}

} // namespace trendscope::app
