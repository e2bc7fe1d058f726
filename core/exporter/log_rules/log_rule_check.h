#pragma once

#include "core/config/log_rules.h"

#include <string>
#include <vector>

namespace trendscope::exporter {

/// What of log rules would come to nothing on this machine, a sentence each; empty: all is well.
///
/// Globs that match no file, files that can not be read or whose last lines are not JSON objects,
/// and rules of the configuration (not those that come with the program) that match none of the
/// last thousand lines of each of their files, or match but find no label or value. Reads 16 MiB of
/// a file at most, changes nothing.
std::vector<std::string> checkRules(const config::LogMetrics &settings);

} // namespace trendscope::exporter
