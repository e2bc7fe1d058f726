#include "core/exporter/exporter.h"

#include "app/command.h"
#include "app/common_options.h"
#include "core/exporter/http/server.h"
#include "core/exporter/http/web_config.h"
#include "core/exporter/service_manager.h"
#include "core/exporter/sources.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <mutex>

namespace trendscope::app {

namespace {

using namespace std::chrono_literals;
using exporter::ListenAddress;

constexpr auto patience = 900ms; ///< with collectors that hang, at the end

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

Result<std::vector<ListenAddress>> listenAddresses(const config::Config &config)
{
    std::vector<ListenAddress> addresses;
    for (const std::string &text : config.exporter.listenAddresses) {
        auto address = ListenAddress::parse(text);
        if (!address)
            return tl::unexpected(address.error());
        addresses.push_back(*std::move(address));
    }
    return addresses;
}

observability::LogSettings logSettings(const config::Config &config,
                                       observability::Metrics &metrics)
{
    observability::LogSettings settings = config.log;
    settings.metrics = &metrics.registry();
    return settings;
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

/// The running exporter.
class Agent {
public:
    Agent(const Options &options, config::Config config)
        : m_options(options)
        , m_config(std::move(config))
        , m_logging(logSettings(m_config, m_metrics))
        , m_log(m_logging.logger("trendscope.exporter"))
    {
    }

    Result<void> start(std::vector<ListenAddress> addresses);
    void run(const sigset_t &signals);
    Result<void> reload();

private:
    exporter::Handler handler();
    Result<void> apply(config::Config config);

    const Options m_options;
    std::mutex m_reloading; ///< a signal and a request may want it at once
    config::Config m_config;
    observability::Metrics m_metrics;
    observability::Logging m_logging;
    observability::Logger m_log;
    std::shared_ptr<exporter::WebConfig> m_web;
    std::unique_ptr<exporter::Sources> m_sources; ///< outlives the collectors
    std::unique_ptr<exporter::Exporter> m_exporter;
    std::unique_ptr<exporter::HttpServer> m_server;
};

Result<void> Agent::start(std::vector<ListenAddress> addresses)
{
    if (const auto &error = m_logging.error())
        return tl::unexpected(*error);
    if (!m_config.exporter.webConfigFile.empty()) {
        auto web = exporter::WebConfig::open(m_config.exporter.webConfigFile, m_log);
        if (!web)
            return tl::unexpected(web.error());
        m_web = *std::move(web);
    }
    m_exporter = std::make_unique<exporter::Exporter>(exporter::Exporter::Collectors(), m_metrics,
                                                      m_logging, TRENDSCOPE_VERSION);
    m_sources = std::make_unique<exporter::Sources>(m_metrics, m_logging, m_exporter->collectors(),
                                                    m_config.exporter.pushedMetrics);
    if (auto begun = m_sources->apply(m_config.exporter); !begun)
        return begun;
    exporter::ServerSettings settings{.sockets = exporter::ServiceManager::takeSockets(),
                                      .postPaths = {"/-/reload", "/push"},
                                      .quickPaths = {"/-/healthy", "/-/ready"},
                                      .web = m_web};
    if (settings.sockets.empty()) // else the service manager says where to listen
        settings.addresses = std::move(addresses);
    auto server = exporter::HttpServer::start(std::move(settings), handler());
    if (!server)
        return tl::unexpected(server.error());
    m_server = *std::move(server);

    std::vector<std::string> texts;
    for (const ListenAddress &address : m_server->addresses()) {
        texts.push_back(address.text());
        m_log.info("Listening", {{"address", texts.back()}, {"version", TRENDSCOPE_VERSION}});
    }
    m_exporter->setAddresses(std::move(texts));
    return {};
}

exporter::Handler Agent::handler()
{
    return m_exporter->handler(
        [this] { return reload(); },
        {{"/push", [this](const exporter::Request &request) { return m_sources->push(request); }},
         {"/logs/stream",
          [this](const exporter::Request &request) { return m_sources->streamLogs(request); }}});
}

void Agent::run(const sigset_t &signals)
{
    exporter::ServiceManager::notifyReady();
    int signal = 0;
    while (::sigwait(&signals, &signal) != 0 || signal == SIGHUP) {
        if (signal == SIGHUP)
            static_cast<void>(reload()); // tells the log
    }
    exporter::ServiceManager::notifyStopping();
    m_log.info("Stopping", {{"signal", std::string("SIG") + ::sigabbrev_np(signal)}});
    const bool isDone = m_exporter->stop(std::chrono::steady_clock::now() + patience);
    if (!isDone) {                                        // threads can not be ended from outside
        for (const char *name : {"logs", "postgres_log"}) // with their checkpoints
            m_exporter->collectors().remove(name, std::chrono::steady_clock::now());
        m_log.warning("A collector hangs, ending without it");
        m_logging.flush();
        ::_exit(Done);
    }
}

/// Takes the configuration over, as far as it can be without a restart, or leaves everything as it
/// is and says why.
Result<void> Agent::reload()
{
    const std::lock_guard lock(m_reloading);
    exporter::ServiceManager::notifyReloading();
    auto config = configuration(m_options);
    const auto done =
        config ? apply(*std::move(config)) : Result<void>(tl::unexpected(config.error()));
    if (done) {
        m_log.info("Configuration reloaded");
        m_exporter->setProblem({});
    } else {
        m_log.error("New configuration refused, the old one stays",
                    {{"reason", done.error().message}});
        m_exporter->setProblem("The latest reload was refused, the old configuration stays: "
                               + done.error().message);
    }
    exporter::ServiceManager::notifyReady();
    return done;
}

Result<void> Agent::apply(config::Config config)
{
    if (const auto addresses = listenAddresses(config); !addresses)
        return tl::unexpected(addresses.error());
    if (config.exporter.listenAddresses != m_config.exporter.listenAddresses
        || config.exporter.webConfigFile != m_config.exporter.webConfigFile)
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "exporter.listen_address and exporter.web_config_file are changed by a restart "
                  "only",
                  {}});
    if (auto usable = exporter::check(config.exporter); !usable)
        return usable;
    if (m_web) {
        if (auto done = m_web->reload(); !done)
            return done;
    }
    if (auto done = m_logging.configure(logSettings(config, m_metrics)); !done)
        return done;
    if (auto done = m_sources->apply(config.exporter); !done) {
        static_cast<void>(m_logging.configure(logSettings(m_config, m_metrics)));
        return done;
    }
    m_config = std::move(config);
    return {};
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
    Agent agent(options, *std::move(config));
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
