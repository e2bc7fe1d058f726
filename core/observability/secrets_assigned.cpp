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

/// Where the bracket that is open before `at` is closed.
std::size_t closingBracket(std::string_view text, std::size_t at)
{
    int depth = 1;
    for (; at < text.size(); ++at) {
        const bool beginsText =
            isQuote(text[at]) && std::string_view("[{(,:= \t\r\n").find(text[at - 1]) != npos;
        if (beginsText)
            at = closingQuote(text, at + 1, text[at], false);
        else if (isOneOf(text[at], "[{("))
            ++depth;
        else if (isOneOf(text[at], "]})") && --depth == 0)
            return at;
    }
    return text.size();
}

Span valueInBrackets(std::string_view text, std::size_t at)
{
    const std::size_t end = closingBracket(text, at + 1);
    // What goes on behind the bracket is no list.
    const bool isAll = end + 1 >= text.size() || isOneOf(text[end + 1], delimiters);
    return isAll ? Span{at + 1, end} : Span{at, delimiterAfter(text, end + 1)};
}

/// The value that begins at or after `at`.
Span valueFrom(std::string_view text, std::size_t at)
{
    at = std::min(text.find_first_not_of(blanks, at), text.size());
    const bool isEscaped = at + 1 < text.size() && text[at] == '\\' && isQuote(text[at + 1]);
    at += isEscaped ? 1 : 0;
    if (at < text.size() && isQuote(text[at]))
        return {at + 1, closingQuote(text, at + 1, text[at], isEscaped)};
    if (at < text.size() && isOneOf(text[at], "[{("))
        return valueInBrackets(text, at);
    Span value{at, delimiterAfter(text, at)};
    for (const std::string_view scheme : {"basic", "bearer", "digest", "token", "apikey"}) {
        if (isSameWord(text.substr(value.begin, value.end - value.begin), scheme))
            value.end = delimiterAfter(
                text, std::min(text.find_first_not_of(blanks, value.end), text.size()));
    }
    return value;
}

/// What follows `name:` without quotes: up to a blank or a quote, without the punctuation of what
/// it stands in.
Span wordFrom(std::string_view text, std::size_t at)
{
    const Span value = valueFrom(text, at);
    if (value.begin > 0 && (isQuote(text[value.begin - 1]) || value.end < value.begin))
        return value;
    if (value.begin < text.size() && isOneOf(text[value.begin], "[{("))
        return value;
    std::size_t end = std::min(text.find_first_of(" \t\r\n\"'\\", value.end), text.size());
    while (end > value.end && isOneOf(text[end - 1], ",;.)]}>"))
        --end;
    return {value.begin, end};
}

bool endsInWord(std::string_view text, std::string_view lowerCase)
{
    return text.size() >= lowerCase.size()
        && isSameWord(text.substr(text.size() - lowerCase.size()), lowerCase);
}

/// Cookie, Set-Cookie, Authorization, Proxy-Authorization: the value has blanks.
bool isHeader(std::string_view name)
{
    return endsInWord(name, "cookie") || endsInWord(name, "authorization");
}

/// Up to the line's end, or to that of the text in quotes that begins with the header's name.
Span headerFrom(std::string_view text, std::size_t at, char before)
{
    at = std::min(text.find_first_not_of(blanks, at), text.size());
    const std::array<char, 3> ends{'\r', '\n', isQuote(before) ? before : '\n'};
    return {at, std::min(text.find_first_of({ends.data(), ends.size()}, at), text.size())};
}

/// Names that `:` without a blank follows for other reasons, too: auth:8080, token:5, a::session.
bool isAmbiguous(std::string_view name)
{
    for (const std::string_view clear :
         {"password", "passwords", "passwd", "pwd", "passphrase", "passcode", "key", "keys"}) {
        if (endsInWord(name, clear))
            return false;
    }
    return isSameWord(name, "secret") || !(endsInWord(name, "secret") || endsInWord(name, "token"))
        || isSameWord(name, "token");
}

/// Letters and digits, as words and numbers don't mix them.
bool looksRandom(std::string_view value)
{
    constexpr std::size_t shortest = 6;
    return value.size() >= shortest && std::any_of(value.begin(), value.end(), isDigit)
        && std::any_of(value.begin(), value.end(), isLetter);
}

/// The value after `name:` where neither is in quotes; empty where that is none. `: ` after a word
/// is also how a sentence goes on, "Unexpected token: …".
Span valueAfterColon(std::string_view text, std::size_t at, std::string_view name, char before)
{
    if (at >= text.size() || text[at] == ':' || before == ':')
        return {at, at};
    if (isHeader(name))
        return headerFrom(text, at, before);
    const bool hasBlank = isOneOf(text[at], blanks);
    const Span value = wordFrom(text, at);
    const bool isDoubtful = hasBlank ? isSameWord(name, "token") : isAmbiguous(name);
    const bool isValue =
        !isDoubtful || looksRandom(text.substr(value.begin, value.end - value.begin));
    return isValue ? value : Span{at, at};
}

Span valueAfterEquals(std::string_view text, std::size_t at)
{
    const bool isArrow = at < text.size() && text[at] == '>';
    const bool isComparison = at < text.size() && text[at] == '=';
    return isComparison ? Span{at, at} : valueFrom(text, at + (isArrow ? 1 : 0));
}

} // namespace

void findAssigned(std::string_view text, const Names &names, Spans &found)
{
    for (std::size_t at = text.find_first_of("=:"); at != npos; at = text.find_first_of("=:", at)) {
        const std::size_t end = nameEnd(text, at);
        const std::string_view name = nameBefore(text, end);
        const bool isQuoted = end < at && isQuote(text[text[end] == '\\' ? end + 1 : end]);
        const std::size_t sign = at++;
        if (name.empty() || !names.isSecret(name))
            continue;
        const char before = name.data() == text.data() ? ' ' : *(name.data() - 1);
        const Span value = text[sign] == '=' ? valueAfterEquals(text, at)
            : isQuoted                       ? valueFrom(text, at)
                                             : valueAfterColon(text, at, name, before);
        if (value.end > value.begin)
            found.push_back(value);
        at = std::max(at, value.end);
    }
}

void findOptions(std::string_view text, const Names &names, Spans &found)
{
    constexpr std::string_view mark = "--";
    for (std::size_t at = text.find(mark); at != npos; at = text.find(mark, at)) {
        const std::size_t begin = at + mark.size();
        const bool isBegin = at == 0 || !isNamePart(text[at - 1]);
        at = endOf(text, begin, isNamePart);
        const std::string_view name = text.substr(begin, std::min<std::size_t>(at - begin, 128));
        // `--password x`, or `"--password", "x"` in a list of arguments
        const std::size_t next = std::min(text.find_first_not_of(" \t\"',", at), text.size());
        if (!isBegin || name.empty() || name.starts_with('-') || name.starts_with("no-")
            || next == at || next == text.size() || text[next] == '-' || !names.isSecret(name))
            continue;
        const bool isInQuotes = isQuote(text[next - 1]);
        const Span value = isInQuotes
            ? Span{next, closingQuote(text, next, text[next - 1], false)}
            : Span{next, std::min(text.find_first_of(" \t\r\n\"'", next), text.size())};
        if (value.end > value.begin)
            found.push_back(value);
        at = std::max(at, value.end);
    }
}

} // namespace trendscope::observability::secrets
