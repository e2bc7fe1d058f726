#pragma once

#include "core/observability/exposition_p.h"

#include <prometheus/metric_family.h>

namespace trendscope::observability {

/// Writes what prometheus-cpp's collectables give, as far as it makes a valid exposition.
class ForeignFamilies {
public:
    /// `names` has those of our own metrics; foreign ones come to it.
    ForeignFamilies(std::string &out, MetricNames names, bool isOpenMetrics);

    void append(const std::vector<prometheus::MetricFamily> &families);

    /// The names of what was left out: one for a family, and one for each of its series.
    const std::vector<std::string> &refused() const { return m_refused; }

private:
    void append(const prometheus::MetricFamily &family);

    std::string &m_out;
    MetricNames m_names;
    const bool m_isOpenMetrics;
    std::vector<std::string> m_refused;
};

} // namespace trendscope::observability
