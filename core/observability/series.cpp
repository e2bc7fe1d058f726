#include "core/observability/series_p.h"
#include "core/observability/text_p.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <numeric>

namespace trendscope::observability {

namespace {

constexpr std::uint32_t longestHead = ~std::uint32_t{0} >> 1; ///< that has a size
using Length = std::uint32_t;

void appendRaw(std::string &out, std::string_view value)
{
    const auto length = static_cast<Length>(value.size());
    out.append(reinterpret_cast<const char *>(&length), sizeof length);
    out += value;
}

/// The value at `place`, which then is after it.
std::string_view readRaw(const char *&place)
{
    Length length = 0;
    std::memcpy(&length, place, sizeof length);
    const std::string_view value(place + sizeof length, length);
    place += sizeof length + length;
    return value;
}

} // namespace

std::string Series::headOf(const FamilyShape &shape, Labels labels)
{
    std::string head;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        head += i == 0 ? '{' : ',';
        head += shape.description.labels[i];
        head += "=\"";
        text::appendEscapedLabel(head, labels[i]);
        head += '"';
    }
    head += labels.empty() ? " " : "} ";
    head.resize(std::min<std::size_t>(head.size(), longestHead));
    return head;
}

Series::Key Series::keyOf(Labels labels, std::uint64_t hash)
{
    auto key = std::make_unique<SeriesKey>();
    key->hash = hash;
    for (const std::string_view label : labels)
        appendRaw(key->values, label);
    key->values.shrink_to_fit();
    return key;
}

Series::Series(const FamilyShape &shape, std::string_view head, Key key, bool isHistogram)
    : m_headSize(head.size() & longestHead)
    , m_isHistogram(isHistogram ? 1 : 0)
    , m_shape(&shape)
    , m_key(std::move(key))
{
    std::copy(head.begin(), head.end(), const_cast<char *>(text()));
    shape.retain();
}

void Series::destroy()
{
    const ShapeReference shape(m_shape); // that of this series
    const std::size_t size = ownSize() + m_headSize;
    this->~Series();
    shape->memory.deallocate(this, size);
}

Series::~Series()
{
    delete[] m_exemplars.load();
}

bool Series::has(Labels labels) const
{
    const char *place = m_key->values.data();
    return std::all_of(labels.begin(), labels.end(),
                       [&](std::string_view label) { return label == readRaw(place); });
}

std::vector<std::string> Series::values() const
{
    const char *place = m_key->values.data();
    std::vector<std::string> values(labels().empty() ? 0 : m_shape->description.labels.size());
    for (std::string &value : values)
        value = readRaw(place);
    return values;
}

std::int64_t Series::now()
{
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    constexpr std::int64_t second = 1'000'000'000;
    return time.tv_sec * second + time.tv_nsec;
}

/// After the value, so that nobody sees a 0 that never was.
void Series::stamp()
{
    switch (m_stamp.load(std::memory_order_relaxed)) {
    case Ignored:
        return m_shape->refuse();
    case Overflow:
        if (m_shape->droppedSeries)
            m_shape->droppedSeries->increment();
        return;
    default:
        m_stamp.store(m_shape->timeToLive() > 0 ? now() : Permanent, std::memory_order_release);
    }
}

void Series::count(double by, const Trace &trace)
{
    m_value.Increment(by);
    noteUpdate();
    keepExemplar(0, by, trace);
}

void Series::remove()
{
    if (isStandIn() || isNewborn())
        return;
    m_stamp.store(Removed, std::memory_order_relaxed);
    reset();
    m_shape->hasEnded.store(true, std::memory_order_release);
}

bool Series::claim()
{
    if (isStandIn())
        return false;
    const std::lock_guard lock(m_shape->claims);
    ++m_claims;
    return true;
}

void Series::giveUpClaim()
{
    const std::lock_guard lock(m_shape->claims);
    if (--m_claims == 0)
        remove();
}

void Series::reset()
{
    if (m_shape->description.type == MetricDescription::Type::Counter)
        m_value.Set(0);
    if (Exemplar *const exemplars = m_exemplars.load(std::memory_order_acquire))
        std::for_each_n(exemplars, exemplarCount(), [](Exemplar &exemplar) { exemplar.clear(); });
}

std::size_t Series::exemplarCount() const
{
    return m_shape->description.buckets.size() + 1;
}

void Series::keepExemplar(std::size_t index, double value, const Trace &trace)
{
    if (trace.isEmpty() || isStandIn())
        return;
    Exemplar *exemplars = m_exemplars.load(std::memory_order_acquire);
    if (!exemplars) {
        auto made = std::make_unique<Exemplar[]>(exemplarCount());
        if (m_exemplars.compare_exchange_strong(exemplars, made.get()))
            exemplars = made.release();
    }
    exemplars[index].keep(trace, value);
}

HistogramSeries::HistogramSeries(const FamilyShape &shape, std::string_view head, Key key)
    : Series(shape, head, std::move(key), true)
    , m_stripes(shape.description.buckets.size() + 1)
{
}

std::size_t HistogramSeries::bucketOf(double value) const
{
    const std::vector<double> &bounds = shape().description.buckets;
    constexpr std::size_t few = 16;
    if (bounds.size() > few)
        return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), value)
                                        - bounds.begin());
    std::size_t bucket = 0; // without a branch that depends on the value
    for (const double bound : bounds)
        bucket += bound < value ? 1U : 0U;
    return bucket;
}

void HistogramSeries::read(Totals &totals) const
{
    totals.counts.assign(shape().description.buckets.size() + 1, 0);
    totals.sum = 0;
    if (!isStandIn())
        m_stripes.addTo(totals.counts, totals.sum);
    totals.count = std::accumulate(totals.counts.begin(), totals.counts.end(), 0.0);
}

void HistogramSeries::reset()
{
    Series::reset();
    m_stripes.reset();
}

} // namespace trendscope::observability
