#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace trendscope::app {

/// What a process reports when it ends.
enum ExitStatus { Done = 0, Failed = 1, WrongUsage = 2, DoneInPart = 3 };

/// A subcommand: what it accepts, and what it does once that was read.
struct Command {
    CLI::App *options;        ///< owned by the application that it was added to
    std::function<int()> run; ///< returns the exit status
};

Command addAudit(CLI::App &app);
Command addCheck(CLI::App &app);
Command addConsole(CLI::App &app);
Command addExporter(CLI::App &app);
Command addSnapshot(CLI::App &app);
Command addDemo(CLI::App &app);

} // namespace trendscope::app
