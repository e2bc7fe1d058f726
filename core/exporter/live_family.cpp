#include "core/exporter/live_family_p.h"

#include <cmath>

namespace trendscope::exporter {

using observability::Family;

LiveFamily::LiveFamily(observability::Registry &registry,
                       observability::MetricDescription description)
    : m_family(registry.add(description))
    , m_isCounter(description.type == observability::MetricDescription::Type::Counter)
{
}

bool LiveFamily::set(Labels labels, double value)
{
    m_key.clear();
    appendKey(m_key, labels);
    const auto [place, isNew] = m_series.try_emplace(m_key);
    Series &series = place->second;
    if (isNew) {
        series.labels.assign(labels.begin(), labels.end());
        series.claim = m_family.claim(labels);
    } else if (series.round == m_round)
        return false;
    series.round = m_round;
    show(series, value);
    return true;
}

void LiveFamily::show(Series &series, double value)
{
    const Views labels(series.labels.begin(), series.labels.end());
    if (!m_isCounter)
        return m_family.gauge(labels).set(value);
    if (value < series.shown) { // the source was reset
        m_family.remove(Labels(labels));
        series.shown = 0;
    }
    const double by = value - series.shown;
    m_family.counter(labels).increment(by);
    // The sum that the counter has: what it lacks to `value` by rounding comes with the next one.
    if (std::isfinite(by) && by > 0)
        series.shown += by;
}

void LiveFamily::end()
{
    std::erase_if(m_series, [this](const auto &entry) { return entry.second.round != m_round; });
}

void LiveFamily::clear()
{
    begin();
    end();
}

} // namespace trendscope::exporter
