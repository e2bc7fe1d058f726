#pragma once

#include "core/exporter/shared_family_p.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trendscope::exporter {

/// A metric that shows what its source says now: series that the source no longer has end.
///
/// Counters are given as the source's own count, and follow it when it starts again. For one
/// thread.
class LiveFamily {
public:
    using Labels = std::span<const std::string_view>;

    /// A gauge or a counter.
    LiveFamily(observability::Registry &registry, observability::MetricDescription description);
    LiveFamily(LiveFamily &&) = default;
    ~LiveFamily() { clear(); } ///< nobody says any more what they are

    void begin() { ++m_round; }
    /// False where these labels were set since begin() already: the first value stays.
    bool set(Labels labels, double value);
    void end();   ///< ends the series that were not set since begin()
    void clear(); ///< ends all

private:
    using Views = std::vector<std::string_view>;
    struct Series {
        std::vector<std::string> labels;
        observability::SeriesClaim claim; ///< others may show the same series
        double shown = 0;
        std::uint64_t round = 0;
    };

    void show(Series &series, double value);

    observability::Family &m_family;
    const bool m_isCounter;
    std::unordered_map<std::string, Series> m_series; ///< by labels, each with its length before it
    std::uint64_t m_round = 0;
    std::string m_key; ///< kept for its memory
};

} // namespace trendscope::exporter
