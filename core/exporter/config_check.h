#pragma once

#include "core/config/config.h"
#include "core/exporter/collector.h"

#include <string>
#include <vector>

namespace trendscope::exporter {

/// What would fail at run time.
struct ConfigProblem {
    std::string where; ///< the section of the configuration, e.g. "exporter.postgres"
    std::string what;  ///< one sentence
};

/// Tries what the exporter would do with that configuration: reads its files, connects to each
/// server, runs the queries once, and looks for the files and for lines that the rules match.
/// Listens nowhere, changes nothing: queries run in read-only transactions.
///
/// Servers are waited for until `deadline`, all at a time.
std::vector<ConfigProblem> checkConfig(const config::Config &config,
                                       Collector::Clock::time_point deadline);

/// The rules for logs alone, see checkRules(); and those for StatsD.
std::vector<ConfigProblem> checkAllRules(const config::Config &config);

} // namespace trendscope::exporter
