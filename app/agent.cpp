#include "app/agent.h"

#include "app/command.h"
#include "app/reloader.h"
#include "core/exporter/service_manager.h"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>

namespace trendscope::app {

using exporter::ListenAddress;

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 900ms;       ///< with collectors that hang, at the end
constexpr auto reloadPatience = 500ms; ///< with a reload that is on its way then

observability::LogSettings logSettings(const config::Config &config,
                                       observability::Metrics &metrics)
{
    observability::LogSettings settings = config.log;
    settings.metrics = &metrics.registry();
    return settings;
}

} // namespace

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

Agent::Agent(config::Config config, std::function<Result<config::Config>()> configure)
    : m_configure(std::move(configure))
    , m_config(std::move(config))
    , m_logging(logSettings(m_config, m_metrics))
    , m_log(m_logging.logger("trendscope.exporter"))
{
}

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
    m_exporter->setPaths(m_sources->paths());
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
    Reloader reloader([this] { static_cast<void>(reload()); }); // which tells the log
    exporter::ServiceManager::notifyReady();
    int signal = 0;
    while (::sigwait(&signals, &signal) != 0 || signal == SIGHUP) {
        if (signal == SIGHUP)
            reloader.ask();
    }
    m_isEnding = true;
    exporter::ServiceManager::notifyStopping();
    m_log.info("Stopping", {{"signal", std::string("SIG") + ::sigabbrev_np(signal)}});
    end();
}

/// Returns once nothing hangs that the destructors would wait for; else ends the process, since
/// threads can not be ended from outside.
void Agent::end()
{
    const bool isIdle = m_exporter->stop(std::chrono::steady_clock::now() + patience);
    // A reload does not wait for collectors any more.
    std::unique_lock reloading(m_reloading, reloadPatience);
    if (isIdle && reloading)
        return;
    if (reloading)
        m_exporter->collectors().destroyIdle();
    m_log.warning(isIdle ? "A reload hangs, ending without it"
                         : "A collector hangs, ending without it");
    m_logging.flush();
    ::_exit(Done);
}

/// Takes the configuration over, as far as it can be without a restart, or leaves everything as it
/// is and says why.
Result<void> Agent::reload()
{
    const std::lock_guard lock(m_reloading);
    if (m_isEnding)
        return tl::unexpected(Error{Error::Kind::Unavailable, "The exporter is ending", {}});
    exporter::ServiceManager::notifyReloading();
    auto done = reloadNow();
    if (m_isEnding) // there is nobody any more whom the rest could be told
        return done;
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

Result<void> Agent::reloadNow()
{
    auto config = m_configure();
    if (!config)
        return tl::unexpected(config.error());
    return apply(*std::move(config));
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
    m_exporter->setPaths(m_sources->paths());
    m_config = std::move(config);
    return {};
}

} // namespace trendscope::app
