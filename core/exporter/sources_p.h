#pragma once

#include "core/config/config.h"
#include "core/observability/metric_description.h"

#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// A metric that the configuration makes: of a rule or a query.
struct OwnMetric {
    std::string where; ///< in the configuration
    observability::MetricDescription metric;
};

/// In the order of the configuration.
std::vector<OwnMetric> ownMetrics(const config::Config::Exporter &settings);

/// With the rules of the mapping file in it. Errors: System, Invalid.
Result<config::StatsdSettings> withMappings(const config::StatsdSettings &settings);

bool isDisabled(std::string_view name, const config::Config::Exporter &settings);

} // namespace trendscope::exporter
