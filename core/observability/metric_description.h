#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace trendscope::observability {

/// What HELP and TYPE say of a metric, and which labels its series have.
struct MetricDescription {
    /// Unknown is used like a gauge: what others own and never said to be a counter or a gauge.
    enum class Type { Counter, Gauge, Histogram, Unknown };
    /// WhenUsed is for names that others own too: announcing them unasked would be noise.
    enum class Announced { Always, WhenUsed };

    std::string name; ///< [a-zA-Z_:][a-zA-Z0-9_:]*
    Type type = Type::Gauge;
    std::string help;
    /// Names, in the order in which their values are given: [a-zA-Z_][a-zA-Z0-9_]*, none twice.
    std::vector<std::string> labels = {};
    /// Histograms: finite upper bounds, ascending; +Inf is implied.
    std::vector<double> buckets = {};
    Announced announced = Announced::Always;
    /// How many series the family may have; 0: as many as the registry says.
    std::size_t maxSeries = 0;
    /// A series that was not updated for that long is left out of the exposition; 0: as the
    /// registry says.
    std::chrono::milliseconds timeToLive{0};

    /// Whether series of the one are series of the other, too.
    bool hasShapeOf(const MetricDescription &other) const
    {
        return type == other.type && labels == other.labels && buckets == other.buckets;
    }
};

} // namespace trendscope::observability
