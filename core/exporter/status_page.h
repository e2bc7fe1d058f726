#pragma once

#include "core/exporter/collector_runner.h"

#include <string>
#include <vector>

namespace trendscope::exporter {

/// A path that is there only where the configuration asks for it.
struct StatusPath {
    std::string path;
    std::string method; ///< "GET" becomes a link
    std::string text;   ///< what it is for
};

/// What the page at / tells.
struct Status {
    std::string version;
    std::vector<CollectorRunner::State> collectors;
    std::vector<std::string> addresses;
    std::vector<StatusPath> paths;     ///< beside those that are always there
    std::vector<std::string> problems; ///< sentences, e.g. why a reload was refused
};

/// HTML without scripts. Texts may hold anything.
std::string statusPage(const Status &status);

} // namespace trendscope::exporter
