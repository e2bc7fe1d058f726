#pragma once

#include "core/observability/registry.h"
#include "core/observability/sample_writer_p.h"
#include "core/observability/series_cache_p.h"

#include <shared_mutex>
#include <unordered_set>

namespace prometheus {
struct MetricFamily;
}

namespace trendscope::observability {

/// The series of one metric: finds them, makes new ones, gives up those that have ended, and writes
/// those that are left.
struct Family::Private {
    explicit Private(ShapeReference familyShape);

    /// Calls `apply` with that series, as fast as it can be found.
    template <class Apply>
    void with(MetricDescription::Type type, Labels labels, Apply apply)
    {
        if (type == description.type && labels.size() == description.labels.size()) [[likely]] {
            const std::uint64_t hash = LabelHash::of(shape->seed, labels);
            if (Series *const warm = SeriesCache::find(*shape, hash, labels))
                return apply(*warm);
        }
        apply(*at(type, labels));
    }
    /// The series, made when it is new; a stand-in when there is no room, or none could be meant.
    SeriesReference at(MetricDescription::Type type, Labels labels);
    /// Ends that series, where there is one.
    void remove(Labels labels);
    void clear();

    /// HELP, TYPE and samples; nothing while it is not announced.
    void append(std::string &out, bool isOpenMetrics);
    void appendSamples(std::string &out, const SampleFormat &format);
    /// About as many bytes as appendSamples() is going to append.
    std::size_t sampleSize(const SampleFormat &format) const;
    ::prometheus::MetricFamily collect();
    bool isAnnounced() const;

    /// Of those that are used like gauges, the one that this is, if it is one.
    MetricDescription::Type gaugeType() const
    {
        using Type = MetricDescription::Type;
        return description.type == Type::Unknown ? Type::Unknown : Type::Gauge;
    }

    const ShapeReference shape;
    const MetricDescription &description;

private:
    struct Wanted {
        std::uint64_t hash;
        Labels labels;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const SeriesReference &series) const { return series->hash(); }
        std::size_t operator()(const Wanted &wanted) const { return wanted.hash; }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const SeriesReference &a, const SeriesReference &b) const
        {
            return a.get() == b.get();
        }
        bool operator()(const SeriesReference &series, const Wanted &wanted) const
        {
            return series->hash() == wanted.hash && series->has(wanted.labels);
        }
        bool operator()(const Wanted &wanted, const SeriesReference &series) const
        {
            return (*this)(series, wanted);
        }
    };

    SeriesReference find(const Wanted &wanted) const;
    SeriesReference findOrMake(const Wanted &wanted);
    SeriesReference make(Labels labels, std::uint64_t hash) const;
    SeriesReference standIn(Series::Stamp kind) const;
    SeriesReference inserted(const Wanted &wanted);
    bool isFull() const;
    bool canSweep() const;
    void sweep();
    void sort();

    template <class Visit>
    void forEachVisible(Visit visit);
    void writeScalars(SampleWriter &writer, const SampleFormat &format);
    void writeHistograms(SampleWriter &writer, const SampleFormat &format);

    mutable std::shared_mutex m_mutex; ///< exclusive only while series come and go
    std::unordered_set<SeriesReference, Hash, Equal> m_series;
    std::vector<Series *> m_sorted; ///< by their labels
    std::vector<Series *> m_added;  ///< since it was sorted
    std::size_t m_labelSize = 0;    ///< bytes of all labels as they are written
    std::size_t m_ended = 0; ///< series that are not exposed, but had by someone, at the last sweep
    std::int64_t m_swept = 0;
    const SeriesReference m_overflow;
};

} // namespace trendscope::observability
