#pragma once

#include "core/observability/series_p.h"

#include <cstring>

namespace trendscope::observability {

/// A hash of label values that a sender without the seed can not aim at.
///
/// Own, because std::hash takes no seed and costs more than the whole rest of a warm look-up.
class LabelHash {
public:
    static std::uint64_t of(std::uint64_t seed, Labels labels)
    {
        std::uint64_t hash = seed;
        for (const std::string_view label : labels)
            hash = mix(hash ^ label.size(), word(hash, label));
        return hash;
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;

    static std::uint64_t mix(std::uint64_t a, std::uint64_t b)
    {
        const Wide product = Wide(a ^ odd) * (b ^ 0xD6E8FEB86659FD93U);
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    template <class Number>
    static std::uint64_t read(const char *place)
    {
        Number number = 0;
        std::memcpy(&number, place, sizeof number);
        return number;
    }
    /// Reads overlap where the length is no multiple of 8: it is hashed beside them.
    static std::uint64_t word(std::uint64_t seed, std::string_view text)
    {
        const char *const begin = text.data();
        const std::size_t size = text.size();
        if (size >= 8) {
            std::uint64_t hash = seed;
            for (std::size_t at = 0; at + 8 < size; at += 8)
                hash = mix(hash, read<std::uint64_t>(begin + at));
            return hash ^ read<std::uint64_t>(begin + size - 8);
        }
        if (size >= 4)
            return read<std::uint32_t>(begin) << 32 | read<std::uint32_t>(begin + size - 4);
        if (size == 0)
            return 0;
        return read<std::uint8_t>(begin) << 16 | read<std::uint8_t>(begin + size / 2) << 8
            | read<std::uint8_t>(begin + size - 1);
    }
};

/// The series that this thread found last, so that it finds them again without a lock.
class SeriesCache {
public:
    /// Null when it is not there. What it gives is there until this thread's next keep().
    static Series *find(const FamilyShape &shape, std::uint64_t hash, Labels labels)
    {
        if (s_slots == nullptr)
            return nullptr;
        const Slot &slot = s_slots[hash % size];
        const bool isIt = slot.hash == hash && slot.series && &slot.series->shape() == &shape
            && slot.series->has(labels);
        return isIt ? slot.series : nullptr;
    }
    static void keep(Series &series);

private:
    static constexpr std::size_t size = 512;
    struct Slot {
        std::uint64_t hash = 0;
        Series *series = nullptr; ///< counted
    };
    class Owner;

    static constinit thread_local Slot *s_slots [[gnu::tls_model("initial-exec")]];
};

} // namespace trendscope::observability
