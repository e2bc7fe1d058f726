#pragma once

#include "label_value.h"
#include "registry.h"

#include <array>

namespace trendscope::observability {

/// One metric whose labels are the members of a struct, so that a label that is wrong or was
/// forgotten does not compile. The struct has up to six LabelValue members and their names:
///
///     struct QueueLabels {
///         LabelValue queueName;
///         LabelValue priority;
///         static constexpr std::array<std::string_view, 2> names = {"queue_name", "priority"};
///     };
///     const auto waiting =
///         registry.add<GaugeFamily<QueueLabels>>({.name = "jobs_waiting", .help = "…"});
///     waiting.labels({.queueName = "default", .priority = 3}).set(17);
///
/// Cheap to copy; lives as long as the registry. Thread safe.
template <class Labels, class Handle>
class TypedFamily {
public:
    static constexpr auto type = Handle::type;

    explicit TypedFamily(Family &family)
        : m_family(&family)
    {
    }

    /// The series with these labels. In a thread that used them lately this costs some 30 ns and
    /// allocates nothing; keep the handle where even that matters.
    Handle labels(const Labels &labels) const { return m_family->handle<Handle>(valuesOf(labels)); }
    /// Ends that series, where there is one.
    void remove(const Labels &labels) const { m_family->remove(valuesOf(labels)); }

    static std::vector<std::string> labelNames()
    {
        return {Labels::names.begin(), Labels::names.end()};
    }

private:
    static constexpr std::size_t size = Labels::names.size();
    static_assert(size >= 1 && size <= 6);

    /// A struct with fewer or more members than names does not compile.
    static std::array<std::string_view, size> valuesOf(const Labels &labels)
    {
        const auto views = [](const auto &...values) {
            return std::array<std::string_view, size>{values.view()...};
        };
        if constexpr (size == 1) {
            const auto &[a] = labels;
            return views(a);
        } else if constexpr (size == 2) {
            const auto &[a, b] = labels;
            return views(a, b);
        } else if constexpr (size == 3) {
            const auto &[a, b, c] = labels;
            return views(a, b, c);
        } else if constexpr (size == 4) {
            const auto &[a, b, c, e] = labels;
            return views(a, b, c, e);
        } else if constexpr (size == 5) {
            const auto &[a, b, c, e, f] = labels;
            return views(a, b, c, e, f);
        } else {
            const auto &[a, b, c, e, f, g] = labels;
            return views(a, b, c, e, f, g);
        }
    }

    Family *m_family;
};

template <class Labels>
using CounterFamily = TypedFamily<Labels, Counter>;
template <class Labels>
using GaugeFamily = TypedFamily<Labels, Gauge>;
template <class Labels>
using HistogramFamily = TypedFamily<Labels, Histogram>;

} // namespace trendscope::observability
