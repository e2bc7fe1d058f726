#pragma once

#include "core/observability/counter.h"
#include "core/observability/metric_description.h"
#include "core/observability/reference_p.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace trendscope::observability {

/// What all series of a family have in common. They may outlive the family, so they share it.
struct FamilyShape {
    MetricDescription description; ///< with the registry's defaults filled in
    std::uint64_t seed = 0;        ///< of the hash of label values, so that no sender can aim
    std::optional<Counter> badValues;
    std::optional<Counter> droppedSeries;
    /// Whether a series ended since the family last looked for those that it can give up.
    mutable std::atomic<bool> hasEnded = false;
    mutable std::atomic<std::uint32_t> references = 1;

    std::int64_t timeToLive() const ///< nanoseconds; 0: none
    {
        return std::chrono::nanoseconds(description.timeToLive).count();
    }
    void refuse() const
    {
        if (badValues)
            badValues->increment();
    }
    void retain() const { references.fetch_add(1, std::memory_order_relaxed); }
    void release() const
    {
        if (references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete this;
    }
};

using ShapeReference = Reference<const FamilyShape>;

} // namespace trendscope::observability
