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
bool beginsAsCard(std::string_view digits, bool isGrouped)
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
        break;
    }
    if (isGrouped)
        return first >= 4 && first <= 6;
    // As one number that long it is an id more often: only what is known to issue such cards.
    constexpr auto issuers = std::to_array<std::string_view>(
        {"62", "5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"});
    return std::any_of(issuers.begin(), issuers.end(),
                       [&](std::string_view issuer) { return digits.starts_with(issuer); });
}

bool isCard(std::string_view digits, bool isGrouped)
{
    return digits.size() >= 13 && digits.size() <= Digits::most && beginsAsCard(digits, isGrouped)
        && isLuhn(digits);
}

/// Whether the letters before `at` are a name's, `card4111…`, and not a part of an id in
/// hexadecimal or base 36.
bool isAfterName(std::string_view text, std::size_t at)
{
    constexpr std::size_t longest = 16;
    std::size_t begin = at;
    bool isHexadecimal = true;
    for (; begin > 0 && at - begin < longest && isLetter(text[begin - 1]); --begin)
        isHexadecimal = isHexadecimal && (text[begin - 1] | 0x20) <= 'f';
    return at - begin > 1 && !isHexadecimal && (begin == 0 || !isDigit(text[begin - 1]));
}

/// Next to a digit, a letter, or the point of a fraction it is a part of something else. A comma
/// also stands between values.
bool isWhole(std::string_view text, std::size_t begin, std::size_t end)
{
    if (begin > 0 && isWord(text[begin - 1]) && !isAfterName(text, begin))
        return false;
    if (begin > 1 && text[begin - 1] == '.' && isDigit(text[begin - 2]))
        return false;
    if (end < text.size() && isWord(text[end]))
        return false;
    return !(end + 1 < text.size() && text[end] == '.' && isDigit(text[end + 1]));
}

/// The end of the longest card number whose first group is at `begin`; `begin` when there is none.
std::size_t cardAt(std::string_view text, std::size_t begin)
{
    constexpr std::size_t longestGroup = 8;
    Digits digits;
    bool isGrouped = true;
    std::size_t card = begin;
    for (std::size_t at = begin; at < text.size() && isDigit(text[at]);) {
        const std::size_t end = endOf(text, at, isDigit);
        if (!digits.append(text.substr(at, end - at)))
            break;
        isGrouped = isGrouped && end - at <= longestGroup;
        if (isCard(digits.text(), isGrouped) && isWhole(text, begin, end))
            card = end;
        const bool isSeparated = end < text.size() && (text[end] == ' ' || text[end] == '-');
        at = isSeparated ? end + 1 : text.size();
    }
    return card;
}

// --- URLs

/// Whether `host:text` is a host and its port, and not a user and the begin of a password.
bool isPort(std::string_view text)
{
    constexpr std::size_t longest = 5;
    return text.size() <= longest && std::all_of(text.begin(), text.end(), isDigit);
}

/// The last @ before the blank or quote that ends what `at` is in; kept for all that is in there,
/// so that a text is gone through once.
class Run {
public:
    explicit Run(std::string_view text)
        : m_text(text)
    {
    }
    std::size_t lastAt(std::size_t at)
    {
        if (at >= m_end) {
            m_end = std::min(m_text.find_first_of(" \t\r\n\"'<>", at), m_text.size());
            m_at = m_text.substr(at, m_end - at).rfind('@');
            m_at += m_at == npos ? 0 : at;
        }
        return m_at != npos && m_at > at ? m_at : npos;
    }

private:
    std::string_view m_text;
    std::size_t m_end = 0;
    std::size_t m_at = npos;
};

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
    Run run(text);
    for (std::size_t at = text.find(mark); at != npos; at = text.find(mark, at)) {
        at += mark.size();
        std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at), text.size());
        const std::string_view authority = text.substr(at, end - at);
        const std::size_t colon = authority.find(':');
        std::size_t host = authority.rfind('@');
        // A password with a character that should have been percent-encoded.
        if (host == npos && colon != npos && !authority.starts_with('[')
            && !isPort(authority.substr(colon + 1))) {
            const std::size_t beyond = run.lastAt(at);
            host = beyond == npos ? npos : beyond - at;
            end = beyond == npos ? end : beyond;
        }
        if (host != npos && host > 0) {
            const std::size_t password = colon == npos || colon > host ? 0 : colon + 1;
            if (password < host)
                found.push_back({at + password, at + host});
        }
        at = end;
    }
}

void findBearerTokens(std::string_view text, Spans &found)
{
    constexpr std::string_view scheme = "bearer";
    const auto isBlank = [](char c) { return c == ' ' || c == '\t'; };
    const auto isOther = [&](char c) { return !isBlank(c); };
    for (std::size_t blank = endOf(text, 0, isOther); blank < text.size();) {
        const std::size_t at = endOf(text, blank, isBlank);
        const std::size_t begin = blank - std::min(blank, scheme.size());
        blank = endOf(text, at, isOther);
        if (!isSameWord(text.substr(begin, scheme.size()), scheme)
            || (begin > 0 && isWord(text[begin - 1])))
            continue;
        const std::size_t end = delimiterAfter(text, at);
        if (end > at)
            found.push_back({at, end});
    }
}

void findPrivateKeys(std::string_view text, Spans &found)
{
    constexpr std::string_view begin = "-----BEGIN ";
    constexpr std::string_view end = "-----END ";
    constexpr std::string_view dashes = "-----";
    constexpr std::size_t longestLabel = 64;
    for (std::size_t at = text.find(begin); at != npos; at = text.find(begin, at)) {
        const std::size_t from = at;
        at += begin.size();
        const std::string_view label = text.substr(at, longestLabel);
        if (label.substr(0, label.find(dashes)).find("PRIVATE KEY") == npos)
            continue;
        at = std::min(text.find(end, at), text.size());
        const std::size_t tail = text.substr(at, longestLabel).find(dashes, dashes.size());
        at = tail == npos ? text.size() : at + tail + dashes.size();
        found.push_back({from, at});
    }
}

} // namespace trendscope::observability::secrets
