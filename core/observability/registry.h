#pragma once

#include "export.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::observability {

/// What HELP and TYPE say of a metric, and which labels its series have.
struct MetricDescription {
    enum class Type { Counter, Gauge, Histogram };
    /// WhenUsed is for names that others own too: announcing them unasked would be noise.
    enum class Announced { Always, WhenUsed };

    std::string name;
    Type type = Type::Gauge;
    std::string help;
    std::vector<std::string> labels = {}; ///< names, in the order in which their values are given
    std::vector<double> buckets =
        {}; ///< histograms: finite upper bounds, ascending; +Inf is implied
    Announced announced = Announced::Always;
};

/// One metric with all its series. Thread safe.
///
/// Label values are given in the order of the description's labels. A series begins with its first
/// value. Values that make no sense (not finite, a negative increment or observation) are counted,
/// not taken.
class TRENDSCOPE_OBSERVABILITY_EXPORT Family {
public:
    using LabelValues = std::initializer_list<std::string_view>;

    ~Family();

    void increment(LabelValues labels, double by); ///< counters
    void set(LabelValues labels, double value);    ///< gauges
    /// Histograms: `count` observations of `value` at once; a whole number.
    void observe(LabelValues labels, double value, double count = 1);

    void remove(LabelValues labels); ///< ends that series, where there is one

private:
    friend class Registry;
    struct Private;
    explicit Family(std::unique_ptr<Private> description);

    const std::unique_ptr<Private> d;
};

/// The metrics of one process, in the order in which they were added. Thread safe.
///
/// Brings `trendscope_bad_values_total{metric}`, which counts the values that its families refused.
class TRENDSCOPE_OBSERVABILITY_EXPORT Registry {
public:
    Registry();
    ~Registry();

    /// The family lives as long as the registry. The name must be new to it.
    Family &add(MetricDescription description);

    /// text/plain; version=0.0.4: HELP, TYPE and samples, series sorted by their labels.
    std::string expose() const;

    /// One line `name{labels,extraLabels} value timestamp` a sample; the timestamp is in seconds
    /// since 1970.
    void appendSamples(std::string &out, std::string_view extraLabels,
                       double timestampSeconds) const;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::observability
