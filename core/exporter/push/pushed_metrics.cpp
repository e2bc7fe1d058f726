#include "core/exporter/push/pushed_metrics.h"

#include "core/exporter/push/pushed_store_p.h"

#include <algorithm>

namespace trendscope::exporter {

std::string_view nameOf(Refusal refusal)
{
    switch (refusal) {
    case Refusal::None:
        return "none";
    case Refusal::InvalidName:
        return "invalid_name";
    case Refusal::ReservedName:
        return "reserved_name";
    case Refusal::InvalidLabel:
        return "invalid_label";
    case Refusal::WrongType:
        return "wrong_type";
    case Refusal::WrongLabels:
        return "wrong_labels";
    case Refusal::Conflict:
        return "conflict";
    case Refusal::BadValue:
        return "bad_value";
    case Refusal::TooManySeries:
        return "too_many_series";
    case Refusal::TooManyMembers:
        break;
    }
    return "too_many_members";
}

PushedMetrics::PushedMetrics(observability::Registry &registry,
                             config::PushedMetricsSettings settings)
    : d(std::make_shared<Private>(registry, std::move(settings)))
{
}

PushedMetrics::~PushedMetrics() = default;

std::shared_ptr<::prometheus::Collectable> PushedMetrics::collectable() const
{
    return d;
}

void PushedMetrics::expire(Clock::time_point now)
{
    const std::lock_guard lock(d->mutex);
    d->context.now = now;
    d->expire();
}

std::size_t PushedMetrics::end(PushedSource source)
{
    const std::lock_guard lock(d->mutex);
    for (const auto &[name, metric] : d->metrics) {
        for (const auto &[key, series] : metric.series)
            series->sources.reset(static_cast<std::size_t>(source));
    }
    return d->endThose([](const PushedSeries &series) { return series.sources.none(); },
                       "source_removed");
}

bool PushedMetrics::has(std::string_view metric, PushedSource source) const
{
    const std::lock_guard lock(d->mutex);
    const auto found = d->metrics.find(metric);
    return found != d->metrics.end()
        && std::ranges::any_of(found->second.series, [&](const auto &entry) {
               return entry.second->sources.test(static_cast<std::size_t>(source));
           });
}

std::size_t PushedMetrics::seriesCount() const
{
    const std::lock_guard lock(d->mutex);
    return d->seriesCount;
}

PushedMetrics::Writer::Writer(PushedMetrics &metrics, PushedSource source, Clock::time_point now)
    : m_metrics(metrics)
    , m_lock(metrics.d->mutex)
{
    metrics.d->context.now = now;
    metrics.d->context.source = source;
}

PushedMetrics::Writer::~Writer() = default;

std::uint64_t PushedMetrics::Writer::generation() const
{
    return m_metrics.d->generation;
}

PushedMetrics::Writer::Found PushedMetrics::Writer::find(PushedIdentity identity)
{
    return m_metrics.d->find(identity);
}

Refusal PushedMetrics::Writer::apply(PushedSeries &series, const PushedValue &value)
{
    return m_metrics.d->hear(value.process) ? series.apply(value, m_metrics.d->context)
                                            : Refusal::TooManyMembers;
}

Refusal PushedMetrics::Writer::apply(PushedIdentity identity, const PushedValue &value)
{
    const Found found = find(std::move(identity));
    return found.series ? apply(*found.series, value) : found.refusal;
}

} // namespace trendscope::exporter
