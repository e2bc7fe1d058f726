#pragma once

#include "core/observability/registry.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <functional>
#include <memory>
#include <set>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <variant>

namespace trendscope::observability {

/// One series: its labels as they are written, `a="b",c="d"`, and its value.
struct Series {
    std::string labels;
    std::variant<std::monostate, prometheus::Counter, prometheus::Gauge, prometheus::Histogram>
        value;
};

/// A sample's text is its name, labels and value; what goes around them differs.
struct SampleFormat {
    std::string_view extraLabels; ///< as they are written; may be empty
    std::string_view suffix;      ///< after the value: a timestamp, the line's end
};

struct Family::Private {
    Private(MetricDescription metric, Family *refusals);

    /// Calls `apply` with that series, which is made when it is new.
    template <class Apply>
    void with(std::span<const std::string_view> labels, Apply apply);

    void refuse();

    void appendHead(std::string &out) const; ///< HELP and TYPE
    void appendSamples(std::string &out, const SampleFormat &format) const;
    bool isEmpty() const;

    const MetricDescription description;

private:
    friend class Family;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const
        {
            return std::hash<std::string_view>()(key);
        }
    };
    struct ByLabels {
        bool operator()(const Series *a, const Series *b) const { return a->labels < b->labels; }
    };

    Series &insert(std::string_view key, std::span<const std::string_view> labels);
    std::string textOf(std::span<const std::string_view> labels) const;
    void appendHistogram(std::string &out, const Series &series, const SampleFormat &format) const;

    Family *const m_refusals; ///< counts refused values; null in the one that counts them
    mutable std::shared_mutex
        m_mutex; ///< shared while a value changes, exclusive while a series comes or goes
    std::unordered_map<std::string, std::unique_ptr<Series>, Hash, std::equal_to<>> m_series;
    std::set<const Series *, ByLabels> m_sorted;
};

} // namespace trendscope::observability
