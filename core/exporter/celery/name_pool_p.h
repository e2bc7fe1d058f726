#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace trendscope::exporter {

/// Each different text once, for good. Untrusted senders choose the texts, so there is a limit:
/// past it, all are "other".
class NamePool {
public:
    explicit NamePool(std::size_t limit)
        : m_limit(limit)
    {
    }

    const std::string *operator[](std::string_view text)
    {
        if (const auto found = m_texts.find(text); found != m_texts.end())
            return &*found;
        return m_texts.size() < m_limit ? &*m_texts.emplace(text).first : &m_other;
    }

    std::vector<std::string> texts() const { return {m_texts.begin(), m_texts.end()}; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const
        {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::unordered_set<std::string, Hash, std::equal_to<>> m_texts; ///< nodes: they never move
    const std::size_t m_limit;
    const std::string m_other = "other";
};

} // namespace trendscope::exporter
