#include "core/exporter/log_rules/log_rewrite_p.h"

#include <re2/re2.h>

#include <algorithm>

namespace trendscope::exporter {

namespace {

constexpr std::size_t maximumLabelSize = 256;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isHexadecimal(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isUuid(std::string_view text)
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isDash = i == 8 || i == 13 || i == 18 || i == 23;
        if (isDash ? text[i] != '-' : !isHexadecimal(text[i]))
            return false;
    }
    return true;
}

bool isId(std::string_view segment)
{
    constexpr std::size_t shortestHash = 16;
    return !segment.empty()
        && (std::ranges::all_of(segment, isDigit) || isUuid(segment)
            || (segment.size() >= shortestHash && std::ranges::all_of(segment, isHexadecimal)));
}

/// Not within a character.
void cut(std::string &text)
{
    if (text.size() <= maximumLabelSize)
        return;
    std::size_t size = maximumLabelSize;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    text.resize(size);
}

} // namespace

std::string withoutIds(std::string_view path)
{
    path = path.substr(0, path.find('?'));
    std::string out;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view segment = path.substr(begin, end - begin);
        out += isId(segment) ? "{id}" : segment;
        if (end < path.size())
            out += '/';
        begin = end + 1;
    }
    return out;
}

LogRewriter::LogRewriter(const config::LogRewrite &rewrite)
    : m_lowerCase(rewrite.lowerCase)
    , m_ids(rewrite.ids)
    , m_map(rewrite.map.begin(), rewrite.map.end())
{
    for (const auto &[expression, with] : rewrite.replace)
        m_replace.emplace_back(std::make_unique<RE2>(expression, RE2::Quiet), with);
}

LogRewriter::~LogRewriter() = default;
LogRewriter::LogRewriter(LogRewriter &&) noexcept = default;

std::string LogRewriter::rewritten(std::string_view text) const
{
    // What is far longer than a label is cut first, so that it costs nothing.
    std::string out(text.substr(0, 16 * maximumLabelSize));
    if (m_lowerCase)
        std::ranges::transform(out, out.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    if (m_ids)
        out = withoutIds(out);
    for (const auto &[expression, with] : m_replace)
        RE2::GlobalReplace(&out, *expression, with);
    if (const auto found = m_map.find(out); found != m_map.end())
        out = found->second;
    cut(out);
    return out;
}

} // namespace trendscope::exporter
