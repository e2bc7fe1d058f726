#pragma once

#include "core/observability/context_p.h"
#include "core/observability/counter.h"
#include "core/observability/exemplar_p.h"
#include "core/observability/stripes_p.h"

#include <prometheus/gauge.h>

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace trendscope::observability {

using Labels = std::span<const std::string_view>;

/// What all series of a family have in common. They may outlive the family, so they share it.
struct FamilyShape {
    MetricDescription description; ///< with the registry's defaults filled in
    std::uint64_t seed;            ///< of the hash of label values, so that no sender can aim
    std::optional<Counter> badValues;
    std::optional<Counter> droppedSeries;
    /// Whether a series ended since the family last looked for those that it can give up.
    mutable std::atomic<bool> hasEnded = false;

    void refuse() const
    {
        if (badValues)
            badValues->increment();
    }
};

/// One series: its labels, its value, and how many have it.
///
/// Counters and gauges are prometheus-cpp's gauge: its counter only adds a check that is made
/// before.
class alignas(64) Series {
public:
    /// When a series was last updated, in nanoseconds of the coarse monotonic clock, or:
    enum Stamp : std::int64_t {
        Ignored = -3,  ///< it stands in for a use that makes no sense: takes values, for nobody
        Overflow = -2, ///< it stands in for those that were refused
        Newborn = -1,  ///< it has no value yet
        Removed = 0,
        Permanent = std::numeric_limits<std::int64_t>::max(), ///< at some time; it never expires
    };

    /// `labels` must be valid texts, as many as the family has.
    Series(std::shared_ptr<const FamilyShape> shape, Labels labels, std::uint64_t hash);
    virtual ~Series();
    Series(const Series &) = delete;
    Series &operator=(const Series &) = delete;

    void retain() { m_references.fetch_add(1, std::memory_order_relaxed); }
    void release()
    {
        if (m_references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete this;
    }
    bool isShared() const { return m_references.load(std::memory_order_acquire) > 1; }

    const FamilyShape &shape() const { return *m_shape; }
    std::uint64_t hash() const { return m_hash; }
    bool has(Labels labels) const;
    std::vector<std::string> values() const; ///< of the labels
    /// As they are written: `a="b",c="d"`.
    std::string_view labels() const
    {
        return m_headSize > 1 ? head().substr(1, m_headSize - 3) : std::string_view();
    }
    /// What is between a sample's name and its value: `{a="b",c="d"} `, or a blank.
    std::string_view head() const { return {m_text.data(), m_headSize}; }
    /// Asks for the memory of what head() and value() will read; `fetchText` once the rest is
    /// there.
    void fetch() const { __builtin_prefetch(&m_value); }
    void fetchText() const
    {
        __builtin_prefetch(m_text.data());
        __builtin_prefetch(m_text.data() + 64);
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
        return stamp == Permanent || (stamp > Removed && now - stamp <= m_timeToLive);
    }
    static std::int64_t now();

    /// A counter has one exemplar, a histogram one for each bucket. Null until there is one.
    const Exemplar *exemplars() const { return m_exemplars.load(std::memory_order_acquire); }

protected:
    bool isPermanent() const { return m_stamp.load(std::memory_order_relaxed) == Permanent; }
    void noteUpdate()
    {
        if (!isPermanent()) [[unlikely]]
            stamp();
    }
    void keepExemplar(std::size_t index, double value, const Trace &trace);
    virtual void reset();

private:
    void stamp();
    std::size_t exemplarCount() const;

    // What updates and the exposition need comes first, on one cache line.
    prometheus::Gauge m_value;
    std::atomic<std::int64_t> m_stamp = Newborn;
    std::atomic<std::uint32_t> m_references = 1;
    std::uint32_t m_headSize = 0;
    std::string m_text; ///< the head, then the values as they are, each with its length before it
    std::atomic<Exemplar *> m_exemplars = nullptr;
    const std::shared_ptr<const FamilyShape> m_shape;
    const std::int64_t m_timeToLive; ///< nanoseconds; 0: none
    const std::uint64_t m_hash;
};

class HistogramSeries final : public Series {
public:
    HistogramSeries(std::shared_ptr<const FamilyShape> shape, Labels labels, std::uint64_t hash);

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

/// A counted reference.
class SeriesReference {
public:
    SeriesReference() = default;
    explicit SeriesReference(Series *counted)
        : m_series(counted)
    {
    }
    static SeriesReference to(Series &series)
    {
        series.retain();
        return SeriesReference(&series);
    }
    SeriesReference(const SeriesReference &) = delete;
    SeriesReference &operator=(const SeriesReference &) = delete;
    SeriesReference(SeriesReference &&other) noexcept
        : m_series(other.take())
    {
    }
    SeriesReference &operator=(SeriesReference &&other) noexcept
    {
        std::swap(m_series, other.m_series);
        return *this;
    }
    ~SeriesReference()
    {
        if (m_series)
            m_series->release();
    }

    Series *take() { return std::exchange(m_series, nullptr); }
    Series *get() const { return m_series; }
    Series &operator*() const { return *m_series; }
    Series *operator->() const { return m_series; }
    explicit operator bool() const { return m_series != nullptr; }

private:
    Series *m_series = nullptr;
};

/// Finite and not negative: written so that NaN is neither.
inline bool isCountable(double value)
{
    return value >= 0 && value <= std::numeric_limits<double>::max();
}

inline bool isObservable(double value, double count)
{
    return isCountable(value) && isCountable(count) && (count == 1 || std::trunc(count) == count)
        && isCountable(value * count);
}

} // namespace trendscope::observability
