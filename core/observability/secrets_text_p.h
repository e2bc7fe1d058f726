#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

/// What those who look for secrets share about characters.
namespace trendscope::observability::secrets {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view delimiters = " \t\r\n&;,\"'<>()[]{}";
constexpr std::string_view blanks = " \t";

inline bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

inline bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

inline bool isWord(char c)
{
    return isDigit(c) || isLetter(c);
}

inline bool isBase64Url(char c)
{
    return isWord(c) || c == '-' || c == '_';
}

inline bool isNamePart(char c)
{
    return isBase64Url(c) || c == '.';
}

inline bool isQuote(char c)
{
    return c == '"' || c == '\'';
}

inline bool isOneOf(char c, std::string_view characters)
{
    return characters.find(c) != npos;
}

inline bool isSameWord(std::string_view text, std::string_view lowerCase)
{
    return std::equal(text.begin(), text.end(), lowerCase.begin(), lowerCase.end(),
                      [](char a, char b) { return (isLetter(a) ? char(a | 0x20) : a) == b; });
}

template <class Predicate>
std::size_t endOf(std::string_view text, std::size_t at, Predicate belongs)
{
    while (at < text.size() && belongs(text[at]))
        ++at;
    return at;
}

inline std::size_t delimiterAfter(std::string_view text, std::size_t at)
{
    return std::min(text.find_first_of(delimiters, at), text.size());
}

} // namespace trendscope::observability::secrets
