#include "core/logs/facets.h"

#include <algorithm>

namespace trendscope::logs {
namespace {

constexpr std::size_t maximumValues = 1000;

std::string_view valueOf(const Record &record, std::string_view key)
{
    if (key == "level" && record.level() != Level::Unknown)
        return levelName(record.level());
    if (key == "logger")
        return record.logger();
    return record.value(key).value_or(std::string_view());
}

} // namespace

void FacetCounts::add(const Record &record)
{
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string_view value = valueOf(record, keys[i]);
        if (value.empty())
            continue;
        Counts &counts = m_counts[i];
        if (const auto found = counts.values.find(value); found != counts.values.end())
            ++found->second;
        else if (counts.values.size() < maximumValues)
            counts.values.emplace(value, 1);
        else
            counts.isPartial = true;
    }
}

void FacetCounts::remove(const Record &record)
{
    for (std::size_t i = 0; i < keys.size(); ++i) {
        Counts &counts = m_counts[i];
        const auto found = counts.values.find(valueOf(record, keys[i]));
        if (found != counts.values.end() && --found->second == 0)
            counts.values.erase(found);
        counts.isPartial = counts.isPartial && !counts.values.empty();
    }
}

void FacetCounts::clear()
{
    m_counts = {};
}

std::vector<FacetCounts::Facet> FacetCounts::top(std::size_t limit) const
{
    std::vector<Facet> facets;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const Counts &counts = m_counts[i];
        if (counts.values.empty())
            continue;
        std::vector<Value> values;
        values.reserve(counts.values.size());
        for (const auto &[text, count] : counts.values)
            values.push_back({text, count});
        const auto byCount = [](const Value &a, const Value &b) {
            return a.count != b.count ? a.count > b.count : a.text < b.text;
        };
        const auto shown = static_cast<std::ptrdiff_t>(std::min(limit, values.size()));
        std::ranges::partial_sort(values, values.begin() + shown, byCount);
        values.resize(static_cast<std::size_t>(shown));
        facets.push_back({keys[i], std::move(values), counts.isPartial});
    }
    return facets;
}

} // namespace trendscope::logs
