#include "core/exporter/mirrored_family_p.h"

namespace trendscope::exporter {

using observability::Family;
using observability::MetricDescription;
using observability::Registry;
using Type = MetricDescription::Type;

MirroredFamily::MirroredFamily(Registry &registry, MetricDescription description)
    : m_isCounter(description.type == Type::Counter)
    , m_isLabelled(!description.labels.empty())
{
    m_family = &registry.add(std::move(description));
}

void MirroredFamily::set(std::string_view value, double number)
{
    if (m_known.size() >= maxSeries && !m_known.contains(value))
        return;
    const auto [place, isNew] = m_known.try_emplace(std::string(value));
    Known &known = place->second;
    if (m_isCounter) {
        if (!isNew && number < known.value) {
            drop(place->first);
            known.value = 0;
        }
        put(place->first, number - known.value);
    } else {
        put(place->first, number);
    }
    known = {number, true};
}

void MirroredFamily::endRound()
{
    for (auto at = m_known.begin(); at != m_known.end();) {
        if (at->second.isCurrent) {
            at->second.isCurrent = false;
            ++at;
        } else {
            drop(at->first);
            at = m_known.erase(at);
        }
    }
}

bool MirroredFamily::isSet(std::string_view value) const
{
    const auto found = m_known.find(value);
    return found != m_known.end() && found->second.isCurrent;
}

void MirroredFamily::put(const std::string &label, double number)
{
    if (m_isCounter && m_isLabelled)
        m_family->increment({label}, number);
    else if (m_isCounter)
        m_family->increment({}, number);
    else if (m_isLabelled)
        m_family->set({label}, number);
    else
        m_family->set({}, number);
}

void MirroredFamily::drop(const std::string &label)
{
    if (m_isLabelled)
        m_family->remove(Family::LabelValues{label});
    else
        m_family->remove(Family::LabelValues{});
}

} // namespace trendscope::exporter
