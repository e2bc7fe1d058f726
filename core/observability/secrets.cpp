#include "core/observability/secrets_p.h"
#include "core/observability/secrets_text_p.h"

#include <algorithm>
#include <array>

namespace trendscope::observability::secrets {

namespace {

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

} // namespace trendscope::observability::secrets
