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

/// Memory for series, at the begin of a cache line and close to the others': spread over the heap,
/// they need twice the time in an exposition. Later series use again what is given back. Thread
/// safe.
class SeriesMemory {
public:
    void *allocate(std::size_t size)
    {
        const std::scoped_lock lock(m_mutex);
        return m_pool.allocate(padded(size), cacheLine);
    }
    void deallocate(void *place, std::size_t size)
    {
        const std::scoped_lock lock(m_mutex);
        m_pool.deallocate(place, padded(size), cacheLine);
    }

private:
    static std::size_t padded(std::size_t size)
    {
        return (size + cacheLine - 1) / cacheLine * cacheLine;
    }

    std::mutex m_mutex;
    std::pmr::unsynchronized_pool_resource m_pool{
        {.max_blocks_per_chunk = 256, .largest_required_pool_block = 512}};
};

/// What all series of a family have in common. They may outlive the family, so they share it.
struct FamilyShape {
    MetricDescription description; ///< with the registry's defaults filled in
    std::uint64_t seed = 0;        ///< of the hash of label values, so that no sender can aim
    std::optional<Counter> badValues;
    std::optional<Counter> droppedSeries;
    /// Whether a series ended since the family last looked for those that it can give up.
    mutable std::atomic<bool> hasEnded = false;
    mutable std::atomic<std::uint32_t> references = 1;
    mutable std::mutex
        claims; ///< of series: the end of a last one and a new one exclude each other
    mutable SeriesMemory memory;

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
