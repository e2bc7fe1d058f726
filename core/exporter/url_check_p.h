#pragma once

#include "core/result.h"

#include <chrono>
#include <string>

namespace trendscope::exporter {

/// Whether something listens where an http or https URL points to. Errors: Invalid, Network,
/// Timeout.
Result<void> checkReachable(const std::string &url, std::chrono::steady_clock::time_point deadline);

} // namespace trendscope::exporter
