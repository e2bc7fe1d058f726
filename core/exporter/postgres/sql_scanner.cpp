#include "core/exporter/postgres/sql_scanner_p.h"

#include <algorithm>
#include <cctype>

namespace trendscope::exporter {

namespace {

bool isWordStart(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return std::isalpha(byte) || c == '_' || byte >= 0x80;
}

bool isWordPart(char c)
{
    return isWordStart(c) || std::isdigit(static_cast<unsigned char>(c)) || c == '$';
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

} // namespace

SqlToken SqlScanner::next()
{
    while (!m_rest.empty()) {
        const char c = m_rest.front();
        if (skipBlank(c) || skipComment() || skipLiteral(c))
            continue;
        if (c == '"')
            return {SqlToken::Kind::Quoted, quoted()};
        if (isWordStart(c))
            return word();
        const std::string one(1, c);
        m_rest.remove_prefix(1);
        return {SqlToken::Kind::Punctuation, one};
    }
    return {};
}

void SqlScanner::drop(std::size_t count)
{
    m_rest.remove_prefix(std::min(count, m_rest.size()));
}
/// Up to the end of the text where `end` is not in it.
void SqlScanner::dropThrough(std::string_view end, std::size_t from)
{
    const std::size_t place = m_rest.find(end, from);
    drop(place == std::string_view::npos ? m_rest.size() : place + end.size());
}

bool SqlScanner::skipBlank(char c)
{
    if (!std::isspace(static_cast<unsigned char>(c)))
        return false;
    drop(1);
    return true;
}

bool SqlScanner::skipComment()
{
    if (m_rest.starts_with("--")) {
        dropThrough("\n", 2);
        return true;
    }
    if (!m_rest.starts_with("/*"))
        return false;
    int depth = 0; // they nest
    do {
        if (m_rest.starts_with("/*"))
            ++depth;
        else if (m_rest.starts_with("*/"))
            --depth;
        drop(m_rest.starts_with("/*") || m_rest.starts_with("*/") ? 2 : 1);
    } while (depth > 0 && !m_rest.empty());
    return true;
}

bool SqlScanner::skipLiteral(char c)
{
    if (c == '\'') {
        skipString(false);
        return true;
    }
    if ((c == 'e' || c == 'E') && m_rest.substr(1, 1) == "'") {
        drop(1);
        skipString(true);
        return true;
    }
    if (std::isdigit(static_cast<unsigned char>(c))) {
        while (!m_rest.empty() && (isWordPart(m_rest.front()) || m_rest.front() == '.'))
            drop(1);
        return true;
    }
    return c == '$' && skipDollar();
}

void SqlScanner::skipString(bool hasEscapes)
{
    drop(1);
    while (!m_rest.empty()) {
        if (hasEscapes && m_rest.front() == '\\')
            drop(2);
        else if (m_rest.starts_with("''"))
            drop(2);
        else if (m_rest.front() == '\'')
            return drop(1);
        else
            drop(1);
    }
}

/// $1, or a string between $tag$ and $tag$.
bool SqlScanner::skipDollar()
{
    std::size_t end = 1;
    while (end < m_rest.size() && isWordPart(m_rest[end]) && m_rest[end] != '$')
        ++end;
    const bool isTag =
        end < m_rest.size() && m_rest[end] == '$' && (end == 1 || isWordStart(m_rest[1]));
    if (isTag)
        dropThrough(m_rest.substr(0, end + 1), end + 1);
    else
        drop(end);
    return true;
}

std::string SqlScanner::quoted()
{
    std::string name;
    drop(1);
    while (!m_rest.empty()) {
        const bool isQuote = m_rest.front() == '"';
        if (isQuote && !m_rest.starts_with("\"\"")) {
            drop(1);
            break;
        }
        name += m_rest.front();
        drop(isQuote ? 2 : 1);
    }
    return name;
}

SqlToken SqlScanner::word()
{
    std::size_t end = 1;
    while (end < m_rest.size() && isWordPart(m_rest[end]))
        ++end;
    SqlToken token{SqlToken::Kind::Word, lower(m_rest.substr(0, end))};
    drop(end);
    return token;
}

} // namespace trendscope::exporter
