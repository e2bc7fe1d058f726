#include "core/observability/secrets_p.h"

#include <algorithm>
#include <array>
#include <string>

namespace trendscope::observability::secrets {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view delimiters = " \t\r\n&;,\"'<>()[]{}";
constexpr std::string_view blanks = " \t";

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isWord(char c)
{
    return isDigit(c) || isLetter(c);
}

bool isBase64Url(char c)
{
    return isWord(c) || c == '-' || c == '_';
}

bool isNamePart(char c)
{
    return isBase64Url(c) || c == '.';
}

bool isQuote(char c)
{
    return c == '"' || c == '\'';
}

bool isSameWord(std::string_view text, std::string_view lowerCase)
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

std::size_t delimiterAfter(std::string_view text, std::size_t at)
{
    return std::min(text.find_first_of(delimiters, at), text.size());
}

// --- JSON Web Tokens

/// The end of the token that begins at `begin`, or where to go on, as `found` says.
struct Token {
    std::size_t end;
    bool found;
};

Token tokenAt(std::string_view text, std::size_t begin)
{
    constexpr std::size_t shortestHeader = 10;
    constexpr int signedParts = 3;
    constexpr int encryptedParts = 5;
    std::size_t end = endOf(text, begin, isBase64Url);
    if (end - begin < shortestHeader || end + 1 >= text.size() || text[end] != '.'
        || !isBase64Url(text[end + 1]))
        return {end, false};
    const bool isSigned = text.substr(end + 1, 2) == "ey";
    int parts = 1;
    while (parts < (isSigned ? signedParts : encryptedParts) && end < text.size()
           && text[end] == '.') {
        const std::size_t next = endOf(text, end + 1, isBase64Url);
        // Only the signature may be empty: what else ends with a full stop is a sentence.
        if (next == end + 1 && parts + 1 != signedParts)
            break;
        end = next;
        ++parts;
    }
    return {end, parts >= signedParts};
}

// --- Card numbers

/// Up to 19 digits of groups that are one space or hyphen apart.
struct Digits {
    static constexpr std::size_t most = 19;

    bool append(std::string_view group)
    {
        if (size + group.size() > most)
            return false;
        std::copy(group.begin(), group.end(), digits.begin() + static_cast<std::ptrdiff_t>(size));
        size += group.size();
        return true;
    }
    std::string_view text() const { return {digits.data(), size}; }

    std::array<char, most> digits = {};
    std::size_t size = 0;
};

bool isLuhn(std::string_view digits)
{
    int sum = 0;
    bool isDoubled = false;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, isDoubled = !isDoubled) {
        const int value = (*digit - '0') * (isDoubled ? 2 : 1);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

/// Whether cards of that length begin so. Keeps most ids and every time since 1970, in ms, µs or
/// ns, which would have a card's check digit by chance.
bool beginsAsCard(std::string_view digits)
{
    const int first = digits[0] - '0';
    const int second = digits[1] - '0';
    switch (digits.size()) {
    case 13:
        return first == 4;
    case 14: // Diners Club
        return first == 3 && (second == 0 || second == 6 || second == 8 || second == 9);
    case 15: // American Express
        return first == 3 && (second == 4 || second == 7);
    case 16:
        return first >= 2 && first <= 6;
    default:
        return first >= 4 && first <= 6;
    }
}

bool isCard(std::string_view digits)
{
    return digits.size() >= 13 && digits.size() <= Digits::most && beginsAsCard(digits)
        && isLuhn(digits);
}

/// A digit next to it, a letter, or the point of a fraction: then it is a part of something else.
bool isWhole(std::string_view text, std::size_t begin, std::size_t end)
{
    const auto isPoint = [&](std::size_t at) { return text[at] == '.' || text[at] == ','; };
    if (begin > 0 && (isWord(text[begin - 1]) || text[begin - 1] == '_'))
        return false;
    if (begin > 1 && isPoint(begin - 1) && isDigit(text[begin - 2]))
        return false;
    if (end < text.size() && (isWord(text[end]) || text[end] == '_'))
        return false;
    return !(end + 1 < text.size() && isPoint(end) && isDigit(text[end + 1]));
}

/// The end of the longest card number whose first group is at `begin`; `begin` when there is none.
std::size_t cardAt(std::string_view text, std::size_t begin)
{
    Digits digits;
    std::size_t card = begin;
    for (std::size_t at = begin; at < text.size() && isDigit(text[at]);) {
        const std::size_t end = endOf(text, at, isDigit);
        if (!digits.append(text.substr(at, end - at)))
            break;
        if (isCard(digits.text()) && isWhole(text, begin, end))
            card = end;
        const bool isSeparated = end < text.size() && (text[end] == ' ' || text[end] == '-');
        at = isSeparated ? end + 1 : text.size();
    }
    return card;
}

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

void findJwts(std::string_view text, Spans &found)
{
    for (std::size_t at = text.find("eyJ"); at != npos; at = text.find("eyJ", at)) {
        const Token token = tokenAt(text, at);
        if (token.found)
            found.push_back({at, token.end});
        at = token.end;
    }
}

void findCardNumbers(std::string_view text, Spans &found)
{
    for (std::size_t at = 0; at < text.size();) {
        if (!isDigit(text[at])) {
            ++at;
            continue;
        }
        const std::size_t end = cardAt(text, at);
        if (end > at)
            found.push_back({at, end});
        at = end > at ? end : endOf(text, at, isDigit);
    }
}

void findUrlPasswords(std::string_view text, Spans &found)
{
    constexpr std::string_view mark = "://";
    for (std::size_t at = text.find(mark); at != npos; at = text.find(mark, at)) {
        at += mark.size();
        const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at), text.size());
        const std::string_view authority = text.substr(at, end - at);
        const std::size_t host = authority.rfind('@');
        if (host != npos && host > 0) {
            const std::size_t colon = authority.substr(0, host).find(':');
            const std::size_t password = colon == npos ? 0 : colon + 1;
            if (password < host)
                found.push_back({at + password, at + host});
        }
        at = end;
    }
}

void findBearerTokens(std::string_view text, Spans &found)
{
    constexpr std::string_view scheme = "bearer";
    for (std::size_t at = text.find(' '); at != npos; at = text.find(' ', at)) {
        const std::size_t blank = at;
        at = std::min(text.find_first_not_of(blanks, at), text.size());
        const std::size_t begin = blank - std::min(blank, scheme.size());
        if (!isSameWord(text.substr(begin, blank - begin), scheme)
            || (begin > 0 && isWord(text[begin - 1])))
            continue;
        const std::size_t end = delimiterAfter(text, at);
        if (end > at)
            found.push_back({at, end});
        at = end;
    }
}

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
