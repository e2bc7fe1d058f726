#pragma once

#include "core/demo/signal_watch.h"
#include "core/demo/supervisor.h"
#include "ui/module.h"
#include "ui/shell/console.h"

#include <QLabel>
#include <QObject>

#include <memory>

namespace trendscope::ui {

/// `trendscope demo` from start to end: the demo, and the console on it, or pictures where there is
/// no display.
class DemoSession final : public QObject {
    Q_OBJECT

public:
    DemoSession(const DemoOptions &options, bool hasDisplay, Application &application);

    /// Runs until the window is closed, Ctrl-C, or with `once` until the pictures are drawn.
    /// Returns the exit status.
    int run();

private:
    void showProgress(const QString &text);
    void begin();
    void openConsole();
    void drawPictures();
    int drawPicturesOnce(); ///< returns how many panels had no data
    void fail(const Error &error);
    ConsoleOptions consoleOptions() const;

    const DemoOptions m_options;
    const bool m_hasDisplay;
    Application &m_application;
    demo::SignalWatch m_signals; // before any thread begins
    demo::Demo m_demo;
    std::unique_ptr<QLabel> m_progress; ///< the window until the console opens
    std::unique_ptr<Console> m_console;
    bool m_hasFailed = false;
};

} // namespace trendscope::ui
