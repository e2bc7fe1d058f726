#pragma once

#include "core/logs/record.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trendscope::logs {

/// Counts the values of the keys that people narrow logs by, as records come and go. One thread.
///
/// At most 1,000 different values of a key are counted at a time; a key with more is marked, its
/// counts are then of those values only.
class FacetCounts {
public:
    struct Value {
        std::string text;
        std::uint64_t count;
    };

    struct Facet {
        std::string_view key;
        std::vector<Value> top; ///< most frequent first, equal ones by text
        bool isPartial;         ///< there are values that were not counted
    };

    /// Each record that is removed was added before.
    void add(const Record &record);
    void remove(const Record &record);
    void clear();

    /// The keys that have values, with the `limit` most frequent of each.
    std::vector<Facet> top(std::size_t limit) const;

private:
    static constexpr std::array<std::string_view, 8> keys{
        "level", "logger", "event", "endpoint", "status_code", "task_name", "source", "category"};

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>{}(text);
        }
    };

    struct Counts {
        std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> values;
        bool isPartial = false;
    };

    std::array<Counts, keys.size()> m_counts;
};

} // namespace trendscope::logs
