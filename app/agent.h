#pragma once

#include "core/config/config.h"
#include "core/exporter/exporter.h"
#include "core/exporter/http/server.h"
#include "core/exporter/http/web_config.h"
#include "core/exporter/sources.h"

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace trendscope::app {

/// Where a configuration says to listen. Errors: Invalid.
Result<std::vector<exporter::ListenAddress>> listenAddresses(const config::Config &config);

/// The running exporter. SIGHUP, SIGTERM and SIGINT must be blocked before it is made.
class Agent {
public:
    /// `configure` gives the configuration of the moment: at the start, and for each reload.
    Agent(config::Config config, std::function<Result<config::Config>()> configure);

    /// Listens from then on. Errors: what the configuration asks for can not be had.
    Result<void> start(std::vector<exporter::ListenAddress> addresses);
    /// Until one of the signals ends it, within two seconds, whatever goes on then.
    void run(const sigset_t &signals);

private:
    Result<void> reload();
    exporter::Handler handler();
    Result<void> reloadNow();
    Result<void> apply(config::Config config);
    void end();

    const std::function<Result<config::Config>()> m_configure;
    std::timed_mutex m_reloading; ///< a signal and a request may want it at once
    std::atomic<bool> m_isEnding = false;
    config::Config m_config;
    observability::Metrics m_metrics;
    observability::Logging m_logging;
    observability::Logger m_log;
    std::shared_ptr<exporter::WebConfig> m_web;
    std::unique_ptr<exporter::Sources> m_sources; ///< outlives the collectors
    std::unique_ptr<exporter::Exporter> m_exporter;
    std::unique_ptr<exporter::HttpServer> m_server;
};

} // namespace trendscope::app
