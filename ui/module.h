#pragma once

#include <string>
#include <utility>
#include <vector>

/// What the binary calls in libtrendscope-console: plain values, no Qt, so that the binary itself
/// links none.
///
/// Each entry point runs an application to its end and returns the process' exit status (0 done, 1
/// failed, 2 wrong usage, 3 done in part). Call one of them, once, from the main thread.
namespace trendscope::ui {

/// Which servers to ask.
struct Servers {
    std::string prometheus =
        "http://localhost:9090"; ///< http(s) URL, with a path prefix where there is one
    std::string alertmanager;    ///< http(s) URL; empty: only Prometheus is asked
    std::vector<std::pair<std::string, std::string>>
        headers; ///< sent to Prometheus, e.g. X-Scope-OrgID
};

struct ConsoleOptions {
    Servers servers;
    std::vector<std::string> dashboards; ///< files and folders; empty: the shipped ones
    std::vector<std::string> logs; ///< JSON log files to follow, and http(s) URLs of log streams
    /// What is sent with the requests to those of `logs`, e.g. Authorization.
    std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>>
        logHeaders = {};
    std::string dashboard;            ///< uid, file name or title to open first; empty: the first
    std::string theme = "dark";       ///< dark, light
    std::string timezone = "browser"; ///< browser (local), utc, or an IANA name
    std::string refresh;              ///< "5s", "off"; empty: as the dashboard says
    std::string from, to;             ///< time range; empty: as the dashboard says
};

struct SnapshotOptions {
    Servers servers;
    std::vector<std::string> dashboards; ///< files and folders; empty: the shipped ones
    std::string dashboard;               ///< uid, file name or title
    std::string panel;                   ///< title of one panel; empty: the whole dashboard
    std::string from, to;                ///< time range; empty: as the dashboard says
    std::string timezone = "browser";    ///< browser (local), utc, or an IANA name
    std::string theme = "dark";          ///< dark, light
    std::string output;                  ///< PNG file to write
    int width = 0;           ///< device-independent pixels; 0: 1440, or 800 for one panel
    int height = 0;          ///< 0: as high as the dashboard is, or 400 for one panel
    double scale = 1.0;      ///< pixels per device-independent pixel, 0.5 to 4
    int timeoutSeconds = 30; ///< for all queries together
};

struct DemoOptions {
    bool once = false;                        ///< headless, and end when every panel had data
    bool headless = false;                    ///< pictures instead of a window
    std::string outputDirectory = "demo-out"; ///< where the pictures go without a window
    std::string theme = "dark";
    std::string program;        ///< path of this binary, for the exporter as a child process
    std::string shareDirectory; ///< folder that holds config/ and dashboards/
};

} // namespace trendscope::ui

#define TRENDSCOPE_ENTRY __attribute__((visibility("default")))

extern "C" {
TRENDSCOPE_ENTRY int trendscope_run_console(const trendscope::ui::ConsoleOptions *options);
TRENDSCOPE_ENTRY int trendscope_run_snapshot(const trendscope::ui::SnapshotOptions *options);
TRENDSCOPE_ENTRY int trendscope_run_demo(const trendscope::ui::DemoOptions *options);
}

#undef TRENDSCOPE_ENTRY
