#pragma once

#include "core/observability/metric_description.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::observability {

bool isMetricName(std::string_view name); ///< [a-zA-Z_:][a-zA-Z0-9_:]*
bool isLabelName(std::string_view name);  ///< [a-zA-Z_][a-zA-Z0-9_]*, not the reserved __…
/// Whether Prometheus can take it: names, and buckets that are finite and ascend.
bool isValid(const MetricDescription &description);

/// An OpenMetrics counter's name is without `_total`, its sample's is with it.
std::string_view withoutTotal(std::string_view name);

enum class ExposedType { Counter, Gauge, Histogram, Summary, Unknown };

/// The names that families and their samples have, in either format: none may have two meanings.
class MetricNames {
public:
    MetricNames() = default;
    /// All that `others` has are taken.
    explicit MetricNames(std::shared_ptr<const MetricNames> others)
        : m_others(std::move(others))
    {
    }

    /// Whether all names of that metric were free; they are not any more.
    bool take(std::string_view metric, ExposedType type);

private:
    bool isTaken(const std::string &name) const;

    std::shared_ptr<const MetricNames> m_others;
    std::set<std::string, std::less<>> m_taken;
};

} // namespace trendscope::observability
