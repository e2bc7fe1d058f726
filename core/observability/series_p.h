#pragma once

#include "core/observability/context_p.h"
#include "core/observability/exemplar_p.h"
#include "core/observability/family_shape_p.h"
#include "core/observability/stripes_p.h"

#include <prometheus/gauge.h>

#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>

namespace trendscope::observability {

using Labels = std::span<const std::string_view>;

/// What a series is found by. Apart from the series: an exposition has no use for it.
struct SeriesKey {
    std::uint64_t hash = 0;
    std::string values; ///< of the labels, as they are, each with its length before it
};

/// One series: its labels, its value, and how many have it.
///
/// Counters and gauges are prometheus-cpp's gauge: its counter only adds a check that is made
/// before.
///
/// It is one piece of memory with its head, at the begin of a cache line: an exposition of many
/// series takes as long as their memory takes to arrive.
class Series {
public:
    /// When a series was last updated, in nanoseconds of the coarse monotonic clock, or:
    enum Stamp : std::int64_t {
        Ignored = -3,  ///< it stands in for a use that makes no sense: takes values, for nobody
        Overflow = -2, ///< it stands in for those that were refused
        Newborn = -1,  ///< it has no value yet
        Removed = 0,
        Permanent = std::numeric_limits<std::int64_t>::max(), ///< at some time; it never expires
    };

    /// `labels` must be valid texts, as many as the family has, or none.
    template <class Kind>
    static Reference<Series> make(const FamilyShape &shape, Labels labels, std::uint64_t hash)
    {
        const std::string head = headOf(shape, labels);
        void *const memory = shape.memory.allocate(sizeof(Kind) + head.size());
        return Reference<Series>(new (memory) Kind(shape, head, keyOf(labels, hash)));
    }
    using Key = std::unique_ptr<const SeriesKey>;
    Series(const FamilyShape &shape, std::string_view head, Key key)
        : Series(shape, head, std::move(key), false)
    {
    }
    virtual ~Series();
    Series(const Series &) = delete;
    Series &operator=(const Series &) = delete;
    void retain() { m_references.fetch_add(1, std::memory_order_relaxed); }
    void release()
    {
        if (m_references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            destroy();
    }
    bool isShared() const { return m_references.load(std::memory_order_acquire) > 1; }

    const FamilyShape &shape() const { return *m_shape; }
    std::uint64_t hash() const { return m_key->hash; }
    bool has(Labels labels) const;
    std::vector<std::string> values() const; ///< of the labels
    /// As they are written: `a="b",c="d"`.
    std::string_view labels() const
    {
        return m_headSize > 1 ? head().substr(1, m_headSize - 3U) : std::string_view();
    }
    /// What is between a sample's name and its value: `{a="b",c="d"} `, or a blank.
    std::string_view head() const { return {text(), m_headSize}; }
    /// Asks for the memory of what a sample is written from, as far as it usually goes.
    void fetch() const
    {
        const char *const begin = reinterpret_cast<const char *>(this);
        __builtin_prefetch(begin);
        __builtin_prefetch(begin + cacheLine);
    }
    /// For the rest, when that is there.
    void fetchRest() const
    {
        if (m_headSize + sizeof(Series) > 2 * cacheLine)
            __builtin_prefetch(text() + cacheLine);
    }

    /// A counter's increment, finite and not negative.
    ///
    /// The usual case comes first and ends in prometheus-cpp's own function: what is done after
    /// that would need a stack frame. An update while the series is removed counts as one before.
    void count(double by)
    {
        if (isPermanent() && ContextNode::current() == nullptr) [[likely]]
            return m_value.Increment(by);
        count(by, ContextNode::currentTrace());
    }
    void count(double by, const Trace &trace);
    void set(double value)
    {
        if (isPermanent()) [[likely]]
            return m_value.Set(value);
        m_value.Set(value);
        stamp();
    }
    void change(double by)
    {
        if (isPermanent()) [[likely]]
            return m_value.Increment(by);
        m_value.Increment(by);
        stamp();
    }
    double value() const { return isStandIn() ? 0 : m_value.Value(); }

    void remove();
    void standIn(Stamp kind) { m_stamp.store(kind, std::memory_order_relaxed); }
    bool isStandIn() const { return m_stamp.load(std::memory_order_relaxed) < Newborn; }
    bool isNewborn() const { return m_stamp.load(std::memory_order_relaxed) == Newborn; }
    /// Whether it is in an exposition made at that time.
    bool isVisible(std::int64_t now) const
    {
        const std::int64_t stamp = m_stamp.load(std::memory_order_acquire);
        return stamp == Permanent
            || (stamp > Removed
                && (now - stamp <= m_shape->timeToLive()
                    || m_holders.load(std::memory_order_relaxed) > 0));
    }
    /// As SeriesClaim says. One that stands in for others is nobody's: false.
    bool claim();
    void giveUpClaim();
    /// While it is held a series does not expire: something that it tells of is still going on.
    void hold() { m_holders.fetch_add(1, std::memory_order_relaxed); }
    void letGo() { m_holders.fetch_sub(1, std::memory_order_relaxed); }
    static std::int64_t now();

    /// A counter has one exemplar, a histogram one for each bucket. Null until there is one.
    const Exemplar *exemplars() const { return m_exemplars.load(std::memory_order_acquire); }

protected:
    Series(const FamilyShape &shape, std::string_view head, Key key, bool isHistogram);

    bool isPermanent() const { return m_stamp.load(std::memory_order_relaxed) == Permanent; }
    void noteUpdate()
    {
        if (!isPermanent()) [[unlikely]]
            stamp();
    }
    void keepExemplar(std::size_t index, double value, const Trace &trace);
    virtual void reset();

private:
    static std::string headOf(const FamilyShape &shape, Labels labels);
    static Key keyOf(Labels labels, std::uint64_t hash);
    void destroy();
    std::size_t ownSize() const; ///< without the head, which is behind
    const char *text() const { return reinterpret_cast<const char *>(this) + ownSize(); }
    void stamp();
    std::size_t exemplarCount() const;

    prometheus::Gauge m_value;
    std::atomic<std::int64_t> m_stamp = Newborn;
    std::atomic<std::uint32_t> m_references = 1;
    std::atomic<std::uint32_t> m_holders = 0;
    const std::uint32_t m_headSize : 31;
    const std::uint32_t m_isHistogram : 1;
    std::uint32_t m_claims = 0;       ///< with the shape's mutex
    const FamilyShape *const m_shape; ///< counted
    const Key m_key;
    std::atomic<Exemplar *> m_exemplars = nullptr;
    // The head follows whatever class this is.
};

class HistogramSeries final : public Series {
public:
    HistogramSeries(const FamilyShape &shape, std::string_view head, Key key);

    void observe(double value, double count)
    {
        const std::size_t bucket = bucketOf(value);
        m_stripes.observe(bucket, value, count);
        noteUpdate();
        if (ContextNode::current() != nullptr) [[unlikely]]
            keepExemplar(bucket, value, ContextNode::currentTrace());
    }
    void observe(double value, double count, const Trace &trace)
    {
        const std::size_t bucket = bucketOf(value);
        m_stripes.observe(bucket, value, count);
        noteUpdate();
        keepExemplar(bucket, value, trace);
    }
    struct Totals {
        std::vector<double> counts; ///< by bucket, +Inf last; not cumulative
        double count = 0;
        double sum = 0;
    };
    void read(Totals &totals) const; ///< they agree with each other

private:
    std::size_t bucketOf(double value) const;
    void reset() override;

    Stripes m_stripes;
};

inline std::size_t Series::ownSize() const
{
    return m_isHistogram != 0 ? sizeof(HistogramSeries) : sizeof(Series);
}

using SeriesReference = Reference<Series>;

/// Not negative, and so far from the largest number that no sum of them gets there. Written so that
/// NaN is neither.
inline bool isCountable(double value)
{
    return value >= 0 && value <= 0x1p960;
}

inline bool isObservable(double value, double count)
{
    return isCountable(value) && isCountable(count) && (count == 1 || std::trunc(count) == count)
        && isCountable(value * count);
}

} // namespace trendscope::observability
