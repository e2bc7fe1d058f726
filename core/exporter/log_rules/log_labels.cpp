#include "core/exporter/log_rules/log_labels_p.h"

#include <algorithm>

namespace trendscope::exporter {

namespace {

constexpr std::size_t firstPlaces = 256;
constexpr std::size_t mostCombinations = 8192;
constexpr std::size_t longestKey = 512;

bool areAlike(const config::LogRewrite &a, const config::LogRewrite &b)
{
    return a.lowerCase == b.lowerCase && a.ids == b.ids && a.replace == b.replace && a.map == b.map;
}

} // namespace

LogLabels::LogLabels(const std::vector<config::LogLabel> &labels, LogFields &fields)
    : m_settings(labels)
    , m_found(labels.size())
    , m_places(firstPlaces)
{
    for (const config::LogLabel &label : labels)
        m_labels.push_back({fields.add(label.field), label.fallback, LogRewriter(label.rewrite)});
}

bool LogLabels::isLike(const std::vector<config::LogLabel> &labels) const
{
    return std::ranges::equal(m_settings, labels, [](const auto &a, const auto &b) {
        return a.field == b.field && a.fallback == b.fallback && areAlike(a.rewrite, b.rewrite);
    });
}

std::uint32_t LogLabels::number(const LogFields &fields)
{
    if (m_line == fields.line())
        return m_number;
    m_line = fields.line();
    std::size_t hash = 0;
    m_number = findFields(fields, hash) ? find(hash) : missing;
    return m_number;
}

bool LogLabels::findFields(const LogFields &fields, std::size_t &hash)
{
    constexpr std::size_t mixer = 0x9E3779B97F4A7C15; // 2^64 divided by the golden ratio
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        m_found[i] = fields.find(m_labels[i].field);
        if (!m_found[i] && !m_labels[i].fallback)
            return false;
        hash = (hash ^ (m_found[i] ? fields.hashOf(*m_found[i]) : 1)) * mixer;
        hash ^= hash >> 32;
    }
    return true;
}

bool LogLabels::isOf(const Combination &combination) const
{
    std::string_view rest = combination.key;
    for (const LogFields::Field *const field : m_found) {
        const std::string_view raw = field ? field->raw : std::string_view();
        if (rest.size() <= raw.size() || !rest.starts_with(raw) || rest[raw.size()] != ',')
            return false;
        rest.remove_prefix(raw.size() + 1);
    }
    return rest.empty();
}

std::uint32_t LogLabels::find(std::size_t hash)
{
    std::size_t place = hash & (m_places.size() - 1);
    while (m_places[place] != 0) {
        const Combination &combination = m_combinations[m_places[place] - 1];
        if (combination.hash == hash && isOf(combination))
            return m_places[place] - 1;
        place = (place + 1) & (m_places.size() - 1);
    }
    return add(hash, place);
}

std::uint32_t LogLabels::add(std::size_t hash, std::size_t place)
{
    std::string key;
    for (const LogFields::Field *const field : m_found) {
        if (field && field->raw.size() > longestKey)
            return unkept;
        key += field ? field->raw : std::string_view();
        key += ',';
    }
    if (key.size() > longestKey)
        return unkept;
    if (m_combinations.size() == mostCombinations) {
        m_combinations.clear();
        std::ranges::fill(m_places, 0);
        ++m_epoch;
        place = hash & (m_places.size() - 1);
    }
    m_combinations.push_back({hash, std::move(key)});
    m_places[place] = static_cast<std::uint32_t>(m_combinations.size());
    if (2 * m_combinations.size() > m_places.size())
        grow();
    return static_cast<std::uint32_t>(m_combinations.size() - 1);
}

void LogLabels::grow()
{
    m_places.assign(2 * m_places.size(), 0);
    for (std::uint32_t number = 0; number < m_combinations.size(); ++number) {
        std::size_t place = m_combinations[number].hash & (m_places.size() - 1);
        while (m_places[place] != 0)
            place = (place + 1) & (m_places.size() - 1);
        m_places[place] = number + 1;
    }
}

std::vector<std::string> LogLabels::values(const LogFields &fields) const
{
    std::vector<std::string> out(m_labels.size());
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const std::string_view *const text = m_found[i] ? fields.textOf(*m_found[i]) : nullptr;
        out[i] = m_found[i] ? m_labels[i].rewriter.rewritten(text ? *text : m_found[i]->raw)
                            : *m_labels[i].fallback;
    }
    return out;
}

} // namespace trendscope::exporter
