#include "core/logs/match_p.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace trendscope::logs {
namespace {

char folded(char c)
{
    return static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
}

} // namespace

std::string foldedCase(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), folded);
    return result;
}

bool containsFolded(std::string_view text, std::string_view foldedNeedle)
{
    // In windows that overlap by the needle, so that folding needs no allocation; memmem is linear
    // (two-way search).
    std::array<char, 4096> window;
    const std::size_t step = window.size() - foldedNeedle.size();
    do {
        const std::size_t size = std::min(text.size(), window.size());
        std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size),
                       window.begin(), folded);
        if (::memmem(window.data(), size, foldedNeedle.data(), foldedNeedle.size()))
            return true;
        text.remove_prefix(std::min(step, text.size()));
    } while (text.size() >= foldedNeedle.size());
    return false;
}

Glob::Glob(std::string_view pattern)
{
    for (std::size_t star = pattern.find('*'); star != std::string_view::npos;
         star = pattern.find('*')) {
        m_pieces.emplace_back(pattern.substr(0, star));
        pattern.remove_prefix(star + 1);
    }
    m_pieces.emplace_back(pattern);
}

bool Glob::matches(std::string_view text) const
{
    if (m_pieces.size() < 2)
        return m_pieces.empty() ? text.empty() : text == m_pieces.front();
    const std::string &first = m_pieces.front();
    const std::string &last = m_pieces.back();
    if (text.size() < first.size() + last.size() || !text.starts_with(first)
        || !text.ends_with(last))
        return false;
    text = text.substr(first.size(), text.size() - first.size() - last.size());
    // The earliest place for each piece leaves the most room for those after it.
    for (std::size_t i = 1; i + 1 < m_pieces.size(); ++i) {
        const std::string &piece = m_pieces[i];
        const void *const found = ::memmem(text.data(), text.size(), piece.data(), piece.size());
        if (!found)
            return false;
        text.remove_prefix(static_cast<std::size_t>(static_cast<const char *>(found) - text.data())
                           + piece.size());
    }
    return true;
}

} // namespace trendscope::logs
