#pragma once

#include "core/exporter/wakeup_p.h"
#include "core/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// The numeric addresses of a host, in the order in which they should be tried. The resolver can
/// hang for half a minute: it does so in a thread that nobody waits for past `deadline`, or once
/// `stop` is set. Errors: Network, Timeout, Canceled.
Result<std::vector<std::string>> resolve(const std::string &host, const Wakeup &stop,
                                         std::chrono::steady_clock::time_point deadline);

} // namespace trendscope::exporter
