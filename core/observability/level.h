#pragma once

#include "export.h"

#include <optional>
#include <string_view>

namespace trendscope::observability {

enum class Level { Debug, Info, Warning, Error, Critical };

/// DEBUG, INFO, WARNING, ERROR, CRITICAL.
TRENDSCOPE_OBSERVABILITY_EXPORT std::string_view nameOf(Level level);
/// The level of such a name, or of WARN and FATAL as in Python, in any case; nothing when there is
/// none of it.
TRENDSCOPE_OBSERVABILITY_EXPORT std::optional<Level> levelNamed(std::string_view name);

} // namespace trendscope::observability
