#pragma once

#include "core/observability/export.h"

#include <sys/types.h>

#include <string_view>

namespace trendscope::observability {

/// write(2) to what may be a pipe or a socket whose reader is gone: that is EPIPE, without the
/// SIGPIPE that would end the program. Tried again when a signal interrupts it, and for a second
/// when there is no room in what someone made non-blocking.
ssize_t writeQuietly(int descriptor, std::string_view text);

/// All of it, by as many writes; false when that failed.
bool writeAll(int descriptor, std::string_view text);

/// A line on stderr, as well as that goes.
TRENDSCOPE_OBSERVABILITY_EXPORT void say(std::string_view what);

} // namespace trendscope::observability
