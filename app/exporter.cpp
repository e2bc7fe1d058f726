#include "core/exporter/exporter.h"

#include "app/command.h"
#include "app/common_options.h"

#include <csignal>
#include <cstring>

namespace trendscope::app {

namespace {

struct Options {
    ConfigOption config;
    std::string listenAddress;
    std::vector<std::string> mountPoints;
    std::string logLevel;
    std::string logFormat;
    std::string logFile;
};

void override(config::Config &config, const Options &options)
{
    if (!options.listenAddress.empty())
        config.exporter.listenAddress = options.listenAddress;
    if (!options.mountPoints.empty())
        config.exporter.mountPoints = options.mountPoints;
    if (!options.logLevel.empty())
        config.log.level = observability::levelNamed(options.logLevel).value_or(config.log.level);
    if (!options.logFormat.empty())
        config.log.json = options.logFormat == "json";
    if (!options.logFile.empty())
        config.log.file = options.logFile;
}

/// The signals that end the exporter; SIGHUP says that its terminal is gone. Blocked, in this
/// thread and those that it starts, they wait to be fetched: one that comes while the server starts
/// is not lost.
sigset_t blockEndSignals()
{
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int serve(const config::Config &config, const exporter::ListenAddress &address)
{
    const observability::Logging logging(config.log);
    if (const auto &error = logging.error())
        return fail(*error, Failed);
    ::signal(SIGPIPE, SIG_IGN); // whoever read our log may go away
    const sigset_t endSignals = blockEndSignals();

    exporter::Exporter exporter(observability::SystemCollector(config.exporter.mountPoints),
                                logging, TRENDSCOPE_VERSION);
    const auto server = exporter::HttpServer::start(address, exporter.handler());
    if (!server)
        return fail(server.error(), Failed);

    observability::Logger log = logging.logger("trendscope.exporter");
    log.info("Listening",
             {{"address", (*server)->address().text()}, {"version", TRENDSCOPE_VERSION}});
    int signal = 0;
    ::sigwait(&endSignals, &signal);
    log.info("Stopping", {{"signal", std::string("SIG") + ::sigabbrev_np(signal)}});
    return Done;
}

int run(const Options &options)
{
    auto config = options.config.load();
    if (!config)
        return fail(config.error(), Failed);
    override(*config, options);
    const auto address = exporter::ListenAddress::parse(config->exporter.listenAddress);
    if (!address)
        return fail(address.error(), WrongUsage);
    return serve(*config, *address);
}

} // namespace

Command addExporter(CLI::App &app)
{
    CLI::App *const command = app.add_subcommand(
        "exporter", "Serve this machine's and the platform's metrics to Prometheus");
    const auto options = std::make_shared<Options>();
    options->config.addTo(*command);
    command
        ->add_option("--web.listen-address", options->listenAddress,
                     "Where to listen; 127.0.0.1:9787 if nothing else is configured")
        ->type_name("HOST:PORT");
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
