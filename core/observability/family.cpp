#include "core/observability/family_p.h"

#include <algorithm>
#include <cassert>
#include <mutex>

namespace trendscope::observability {

namespace {

using Type = MetricDescription::Type;

/// How long a full family waits before it looks again whether series have ended by themselves.
constexpr std::int64_t sweepInterval = 1'000'000'000;

} // namespace

Family::Private::Private(ShapeReference familyShape)
    : shape(std::move(familyShape))
    , description(shape->description)
    , m_overflow(standIn(Series::Overflow))
{
}

SeriesReference Family::Private::make(Labels labels, std::uint64_t hash) const
{
    return description.type == Type::Histogram ? Series::make<HistogramSeries>(*shape, labels, hash)
                                               : Series::make<Series>(*shape, labels, hash);
}

SeriesReference Family::Private::standIn(Series::Stamp kind) const
{
    SeriesReference series = make({}, 0);
    series->standIn(kind);
    return series;
}

SeriesReference Family::Private::at(Type type, Labels labels)
{
    if (type != description.type || labels.size() != description.labels.size()) {
        assert(false && "a metric is used as another type, or with another number of labels");
        // One that takes whatever the caller's handle gives it.
        SeriesReference series = Series::make<HistogramSeries>(*shape, {}, 0);
        series->standIn(Series::Ignored);
        return series;
    }
    const std::uint64_t hash = LabelHash::of(shape->seed, labels);
    if (Series *const warm = SeriesCache::find(*shape, hash, labels))
        return SeriesReference::to(*warm);
    if (std::all_of(labels.begin(), labels.end(), text::isLabelText))
        return findOrMake({hash, labels});
    std::vector<std::string> mended;
    for (const std::string_view label : labels)
        mended.push_back(text::toLabelText(label));
    const std::vector<std::string_view> views(mended.begin(), mended.end());
    return findOrMake({LabelHash::of(shape->seed, views), views});
}

SeriesReference Family::Private::findOrMake(const Wanted &wanted)
{
    SeriesReference series;
    {
        const std::shared_lock lock(m_mutex);
        series = find(wanted);
        if (!series && isFull() && !canSweep())
            return SeriesReference::to(*m_overflow);
    }
    if (!series)
        series = inserted(wanted);
    if (!series->isStandIn())
        SeriesCache::keep(*series);
    return series;
}

SeriesReference Family::Private::find(const Wanted &wanted) const
{
    const auto found = m_series.find(wanted);
    return found == m_series.end() ? SeriesReference() : SeriesReference::to(**found);
}

SeriesReference Family::Private::inserted(const Wanted &wanted)
{
    SeriesReference made = make(wanted.labels, wanted.hash); // allocates while nobody waits
    const std::unique_lock lock(m_mutex);
    if (auto known = find(wanted)) // another thread came first
        return known;
    if (isFull() && canSweep())
        sweep();
    if (isFull())
        return SeriesReference::to(*m_overflow);
    SeriesReference series = SeriesReference::to(*made);
    m_added.push_back(made.get());
    m_labelSize += made->labels().size();
    m_series.insert(std::move(made));
    return series;
}

bool Family::Private::isFull() const
{
    return m_series.size() >= description.maxSeries + m_ended;
}

bool Family::Private::canSweep() const
{
    return shape->hasEnded.load(std::memory_order_relaxed)
        || Series::now() - m_swept >= sweepInterval;
}

/// Gives up the series that have ended, or never began, and that nobody has.
///
/// While the mutex is held exclusively, nobody can come to have one: what is not shared stays so,
/// and is not changed either. What is shared may be updated and then cease to be, so that is asked
/// once, and first.
void Family::Private::sweep()
{
    shape->hasEnded.exchange(false, std::memory_order_acquire);
    m_swept = Series::now();
    m_ended = 0;
    m_labelSize = 0;
    std::unordered_set<const Series *> over;
    for (const SeriesReference &series : m_series) {
        const bool isShared = series->isShared();
        const bool isVisible = series->isVisible(m_swept);
        if (!isVisible && !isShared) {
            over.insert(series.get());
            continue;
        }
        m_labelSize += series->labels().size();
        m_ended += isVisible || series->isNewborn() ? 0U : 1U;
    }
    if (over.empty())
        return;
    const auto isOver = [&](const Series *series) { return over.contains(series); };
    std::erase_if(m_sorted, isOver);
    std::erase_if(m_added, isOver);
    std::erase_if(m_series, [&](const SeriesReference &series) { return isOver(series.get()); });
}

void Family::Private::remove(Labels labels)
{
    std::vector<std::string> mended;
    for (const std::string_view label : labels)
        mended.push_back(text::toLabelText(label));
    const std::vector<std::string_view> views(mended.begin(), mended.end());
    const std::shared_lock lock(m_mutex);
    if (labels.size() != description.labels.size())
        return;
    if (const auto series = find({LabelHash::of(shape->seed, views), views}))
        series->remove();
}

void Family::Private::clear()
{
    const std::shared_lock lock(m_mutex);
    for (const SeriesReference &series : m_series)
        series->remove();
}

SeriesClaim Family::claim(LabelSpan labels)
{
    return SeriesClaim(d->at(d->description.type, labels).take());
}

Family::Family(std::unique_ptr<Private> description)
    : d(std::move(description))
{
}

Family::~Family() = default;

Counter Family::counter(LabelSpan labels) const
{
    return Counter(d->at(Type::Counter, labels).take());
}

Gauge Family::gauge(LabelSpan labels) const
{
    return Gauge(d->at(d->gaugeType(), labels).take());
}

Histogram Family::histogram(LabelSpan labels) const
{
    return Histogram(d->at(Type::Histogram, labels).take());
}

void Family::increment(LabelValues labels, double by)
{
    if (!isCountable(by))
        return d->shape->refuse();
    d->with(Type::Counter, labels, [&](Series &series) { series.count(by); });
}

void Family::set(LabelValues labels, double value)
{
    if (!std::isfinite(value))
        return d->shape->refuse();
    d->with(d->gaugeType(), labels, [&](Series &series) { series.set(value); });
}

void Family::observe(LabelValues labels, double value, double count)
{
    if (!isObservable(value, count))
        return d->shape->refuse();
    d->with(Type::Histogram, labels,
            [&](Series &series) { static_cast<HistogramSeries &>(series).observe(value, count); });
}

void Family::remove(LabelSpan labels)
{
    d->remove(labels);
}

void Family::clear()
{
    d->clear();
}

} // namespace trendscope::observability
