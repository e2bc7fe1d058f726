#include "core/observability/secrets_p.h"
#include "core/observability/secrets_text_p.h"

#include <algorithm>
#include <array>

namespace trendscope::observability::secrets {

namespace {

// --- Assignments

/// Spaces and the quote before `at`, which is where the name's end is then.
std::size_t nameEnd(std::string_view text, std::size_t at)
{
    while (at > 0 && text[at - 1] == ' ')
        --at;
    if (at > 0 && isQuote(text[at - 1])) {
        --at;
        if (at > 0 && text[at - 1] == '\\') // JSON within a JSON string
            --at;
    }
    return at;
}

std::string_view nameBefore(std::string_view text, std::size_t end)
{
    constexpr std::size_t longest = 128;
    std::size_t begin = end;
    while (begin > 0 && end - begin < longest && isNamePart(text[begin - 1]))
        --begin;
    return text.substr(begin, end - begin);
}

std::size_t closingQuote(std::string_view text, std::size_t at, char quote, bool isEscaped)
{
    for (; at < text.size() && text[at] != quote; ++at)
        at += !isEscaped && text[at] == '\\' ? 1 : 0;
    at = std::min(at, text.size());
    return isEscaped && at < text.size() && text[at - 1] == '\\' ? at - 1 : at;
}

/// The value that begins at or after `at`.
Span valueFrom(std::string_view text, std::size_t at)
{
    at = std::min(text.find_first_not_of(blanks, at), text.size());
    const bool isEscaped = at + 1 < text.size() && text[at] == '\\' && isQuote(text[at + 1]);
    at += isEscaped ? 1 : 0;
    if (at < text.size() && isQuote(text[at]))
        return {at + 1, closingQuote(text, at + 1, text[at], isEscaped)};
    Span value{at, delimiterAfter(text, at)};
    for (const std::string_view scheme : {"basic", "bearer", "digest", "token", "apikey"}) {
        if (isSameWord(text.substr(value.begin, value.end - value.begin), scheme))
            value.end = delimiterAfter(
                text, std::min(text.find_first_not_of(blanks, value.end), text.size()));
    }
    return value;
}

/// `: ` after a word is also how a sentence goes on, "Unexpected token: …".
bool isAssignment(std::string_view text, std::size_t at, std::string_view name, bool isQuoted)
{
    if (name.empty())
        return false;
    if (text[at] == '=')
        return at + 1 < text.size() && text[at + 1] != '=';
    return isQuoted || (at + 1 < text.size() && text[at + 1] == ' ' && !isSameWord(name, "token"));
}

} // namespace

void findAssigned(std::string_view text, const Names &names, Spans &found)
{
    for (std::size_t at = text.find_first_of("=:"); at != npos; at = text.find_first_of("=:", at)) {
        const std::size_t end = nameEnd(text, at);
        const std::string_view name = nameBefore(text, end);
        const bool isQuoted = end < at && isQuote(text[text[end] == '\\' ? end + 1 : end]);
        const std::size_t sign = at++;
        if (!isAssignment(text, sign, name, isQuoted) || !names.isSecret(name))
            continue;
        const Span value = valueFrom(text, at);
        if (value.end > value.begin)
            found.push_back(value);
        at = std::max(at, value.end);
    }
}

} // namespace trendscope::observability::secrets
