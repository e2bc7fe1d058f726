#pragma once

#include "core/result.h"

#include <filesystem>
#include <optional>
#include <string>

namespace trendscope::exporter {

/// The first line of a file that holds a secret, without its end. Errors, which name the file:
/// NotFound, System (it can not be read), Invalid (it has no line).
Result<std::string> readFirstLine(const std::filesystem::path &file);

/// The secret that an environment variable or, where none is named, a file holds; nothing where
/// neither is named. Errors: as above, and Invalid for a variable that is not set.
Result<std::optional<std::string>> secretFrom(const std::string &variable,
                                              const std::filesystem::path &file);

} // namespace trendscope::exporter
