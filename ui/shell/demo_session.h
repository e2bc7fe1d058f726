#pragma once

#include "core/demo/signal_watch.h"
#include "core/demo/supervisor.h"
#include "ui/module.h"
#include "ui/shell/console.h"

#include <QLabel>
#include <QObject>

#include <memory>

namespace trendscope::ui {

/// `trendscope demo` from start to end: the demo, and the console on it, or pictures without a
/// window.
class DemoSession final : public QObject {
    Q_OBJECT

public:
    /// `display` is the application's own.
    DemoSession(const DemoOptions &options, Application::Display display, Application &application);

    /// Runs until the window is closed, be it the one of the progress, until Ctrl-C, or with `once`
    /// until the pictures are drawn. Returns the exit status.
    int run();

private:
    /// What the pictures do not show.
    struct Missing {
        int panels = 0;     ///< had no data
        int dashboards = 0; ///< could not be read
    };

    void openProgressWindow();
    void showProgress(const QString &text);
    void begin();
    void openConsole();
    void drawPictures();
    Result<Missing> drawLibrary();
    Result<int> drawPicture(const dashboard::Dashboard &dashboard, prom::Client &client);
    void end();
    void fail(const Error &error);
    ConsoleOptions consoleOptions() const;

    const DemoOptions m_options;
    const bool m_hasWindow;
    Application &m_application;
    demo::SignalWatch m_signals; // before any thread begins
    demo::Demo m_demo;
    std::unique_ptr<QLabel> m_progress; ///< the window until the console opens
    std::unique_ptr<Console> m_console;
    bool m_isEnding = false;
    bool m_hasFailed = false;
};

} // namespace trendscope::ui
