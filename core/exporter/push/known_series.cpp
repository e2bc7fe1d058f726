#include "core/exporter/push/pushed_series_p.h"

namespace trendscope::exporter {

using LabelValues = observability::Family::LabelValues;

KnownSeries::KnownSeries(const KnownMetric &metric, std::vector<std::string> values)
    : m_family(metric.family)
    , m_values(std::move(values))
{
    withLabels([this](LabelValues labels) { m_claim = m_family->claim(labels); });
}

template <class Use>
void KnownSeries::withLabels(Use use) const
{
    if (!m_family)
        return;
    switch (m_values.size()) {
    case 0:
        return use({});
    case 1:
        return use({m_values[0]});
    case 2:
        return use({m_values[0], m_values[1]});
    default:
        return use({m_values[0], m_values[1], m_values[2]});
    }
}

void KnownSeries::increment(double by) const
{
    withLabels([&](LabelValues labels) { m_family->increment(labels, by); });
}

void KnownSeries::set(double value) const
{
    withLabels([&](LabelValues labels) { m_family->set(labels, value); });
}

void KnownSeries::observe(double value, double count) const
{
    withLabels([&](LabelValues labels) { m_family->observe(labels, value, count); });
}

} // namespace trendscope::exporter
