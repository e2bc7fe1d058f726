#pragma once

#include "core/observability/registry.h"

#include <vector>

namespace trendscope::exporter {

/// The platform's metrics as they may be pushed: all of the catalogue but those about this machine,
/// which the agent measures itself.
std::vector<observability::MetricDescription> pushableCatalogue();

} // namespace trendscope::exporter
