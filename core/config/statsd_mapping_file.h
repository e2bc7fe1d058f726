#pragma once

#include "core/config/statsd_settings.h"
#include "core/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace trendscope::config {

/// Reads statsd_exporter's mapping file, YAML with `defaults` and `mappings`, over `defaults`:
/// its rules replace those of `defaults`, its defaults observer, buckets and timeToLive.
///
/// `file` is for messages. `check` says what is wrong with a rule that reads well. Errors: Invalid,
/// naming file, line and key.
Result<StatsdSettings>
readStatsdMappings(std::string_view yaml, const std::string &file, StatsdSettings defaults,
                   const std::function<Result<void>(const StatsdMapping &)> &check);

} // namespace trendscope::config
