#include "core/observability/series_p.h"
#include "core/observability/text_p.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <numeric>

namespace trendscope::observability {

namespace {

using Length = std::uint32_t;

void appendRaw(std::string &out, std::string_view value)
{
    const auto length = static_cast<Length>(value.size());
    out.append(reinterpret_cast<const char *>(&length), sizeof length);
    out += value;
}

} // namespace

Series::Series(std::shared_ptr<const FamilyShape> shape, Labels labels, std::uint64_t hash)
    : m_shape(std::move(shape))
    , m_timeToLive(std::chrono::nanoseconds(m_shape->description.timeToLive).count())
    , m_hash(hash)
{
    for (std::size_t i = 0; i < labels.size(); ++i) {
        m_text += i == 0 ? '{' : ',';
        m_text += m_shape->description.labels[i];
        m_text += "=\"";
        text::appendEscapedLabel(m_text, labels[i]);
        m_text += '"';
    }
    m_text += labels.empty() ? " " : "} ";
    m_headSize = static_cast<std::uint32_t>(m_text.size());
    for (const std::string_view label : labels)
        appendRaw(m_text, label);
    m_text.shrink_to_fit();
}

Series::~Series()
{
    delete[] m_exemplars.load();
}

bool Series::has(Labels labels) const
{
    const char *place = m_text.data() + m_headSize;
    for (const std::string_view label : labels) {
        Length length = 0;
        std::memcpy(&length, place, sizeof length);
        place += sizeof length;
        if (length != label.size() || std::memcmp(place, label.data(), length) != 0)
            return false;
        place += length;
    }
    return true;
}

std::vector<std::string> Series::values() const
{
    std::vector<std::string> values;
    for (std::size_t at = m_headSize; at < m_text.size();) {
        Length length = 0;
        std::memcpy(&length, m_text.data() + at, sizeof length);
        values.emplace_back(m_text, at + sizeof length, length);
        at += sizeof length + length;
    }
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
        m_stamp.store(m_timeToLive > 0 ? now() : Permanent, std::memory_order_release);
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
    m_shape->hasEnded.store(true, std::memory_order_relaxed);
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

HistogramSeries::HistogramSeries(std::shared_ptr<const FamilyShape> shape, Labels labels,
                                 std::uint64_t hash)
    : Series(std::move(shape), labels, hash)
    , m_stripes(this->shape().description.buckets.size() + 1)
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
