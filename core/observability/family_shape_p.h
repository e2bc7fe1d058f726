#pragma once

#include "core/observability/counter.h"
#include "core/observability/metric_description.h"
#include "core/observability/reference_p.h"

#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>

namespace trendscope::observability {

inline constexpr std::size_t cacheLine = 64;

/// What all series of a family have in common. They may outlive the family, so they share it.
struct FamilyShape {
    MetricDescription description; ///< with the registry's defaults filled in
    std::uint64_t seed = 0;        ///< of the hash of label values, so that no sender can aim
    std::optional<Counter> badValues;
    std::optional<Counter> droppedSeries;
    /// Whether a series ended since the family last looked for those that it can give up.
    mutable std::atomic<bool> hasEnded = false;
    mutable std::atomic<std::uint32_t> references = 1;

    /// Memory for a series, at the begin of a cache line and close to the others': spread over the
    /// heap, they need twice the time in an exposition. Later series use again what is given back.
    void *allocate(std::size_t size) const
    {
        const std::scoped_lock lock(m_mutex);
        return m_memory.allocate(padded(size), cacheLine);
    }
    void deallocate(void *place, std::size_t size) const
    {
        const std::scoped_lock lock(m_mutex);
        m_memory.deallocate(place, padded(size), cacheLine);
    }

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

private:
    static std::size_t padded(std::size_t size)
    {
        return (size + cacheLine - 1) / cacheLine * cacheLine;
    }

    mutable std::mutex m_mutex;
    mutable std::pmr::unsynchronized_pool_resource m_memory{
        {.max_blocks_per_chunk = 256, .largest_required_pool_block = 512}};
};

using ShapeReference = Reference<const FamilyShape>;

} // namespace trendscope::observability
