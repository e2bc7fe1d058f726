#pragma once

#include "core/alert/monitor.h"
#include "core/dashboard/loader.h"
#include "core/net/access.h"
#include "core/prom/client.h"
#include "core/prom/target_feed.h"
#include "ui/module.h"
#include "ui/shell/application.h"
#include "ui/shell/main_window.h"

#include <memory>

namespace trendscope::ui {

/// The console: servers, dashboards and the window on them.
class Console {
public:
    /// `application` must outlive the console. Errors: Invalid, naming the option.
    static Result<std::unique_ptr<Console>>
    create(const ConsoleOptions &options, Application &application,
           std::chrono::milliseconds alertInterval = std::chrono::seconds(10));

    MainWindow &window() { return *m_window; }
    alert::Monitor &monitor() { return m_monitor; }

private:
    Console(const ConsoleOptions &options, Application &application,
            alert::Monitor::Options servers);

    Result<void> apply(const ConsoleOptions &options);
    void reportFirstPaint();

    net::Access m_network;
    prom::Client m_client;
    alert::Monitor m_monitor;
    prom::TargetFeed m_targets;
    dashboard::Library m_library;
    std::unique_ptr<MainWindow> m_window;
    bool m_hasPainted = false;
};

} // namespace trendscope::ui
