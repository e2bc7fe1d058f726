#pragma once

#include "core/exporter/system/node_text_p.h"

namespace trendscope::exporter {

inline bool isNameBegin(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

inline bool isNameCharacter(char c)
{
    return isNameBegin(c) || (c >= '0' && c <= '9');
}

/// NaN and the infinities are values too.
inline std::optional<double> valueOf(std::string_view word)
{
    double value = 0;
    if (word.starts_with('+'))
        word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size())
        return {};
    return value;
}

/// Takes one line apart. What it can not take, it leaves.
class LineReader {
public:
    explicit LineReader(std::string_view line)
        : m_rest(line)
    {
    }

    void skipBlanks()
    {
        m_rest.remove_prefix(std::min(m_rest.find_first_not_of(" \t"), m_rest.size()));
    }
    bool isAtEnd() const { return m_rest.empty(); }
    std::string_view rest() const { return m_rest; }
    std::string_view word() { return takeWord(m_rest); }

    bool take(char c)
    {
        skipBlanks();
        if (!m_rest.starts_with(c))
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    /// A metric's name, which may have colons, or a label's; empty: none is here.
    std::string_view name(bool isMetric)
    {
        skipBlanks();
        std::size_t size = 0;
        const auto fits = [&](char c) {
            return (isMetric && c == ':') || (size == 0 ? isNameBegin(c) : isNameCharacter(c));
        };
        while (size < m_rest.size() && fits(m_rest[size]))
            ++size;
        const std::string_view name = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return name;
    }

    std::optional<std::string> quoted()
    {
        if (!take('"'))
            return {};
        std::string text;
        for (std::size_t at = 0; at < m_rest.size(); ++at) {
            char c = m_rest[at];
            if (c == '"') {
                m_rest.remove_prefix(at + 1);
                return text;
            }
            if (c == '\\') {
                c = ++at < m_rest.size() ? m_rest[at] : '\0';
                if (c == 'n')
                    c = '\n';
                else if (c != '\\' && c != '"')
                    return {};
            }
            text += c;
        }
        return {};
    }

private:
    std::string_view m_rest;
};

} // namespace trendscope::exporter
