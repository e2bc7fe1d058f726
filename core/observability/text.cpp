#include "core/observability/text_p.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace trendscope::observability::text {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

std::uint8_t byteAt(std::string_view text, std::size_t at)
{
    return static_cast<std::uint8_t>(text[at]);
}

bool isContinuation(std::string_view text, std::size_t at)
{
    return at < text.size() && (byteAt(text, at) & 0xC0) == 0x80;
}

void appendHex(std::string &out, std::string_view prefix, unsigned value, int digits)
{
    constexpr std::string_view hex = "0123456789abcdef";
    out += prefix;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        out += hex[(value >> shift) & 0xF];
}

std::size_t writeWhole(char *place, std::int64_t value)
{
    return static_cast<std::size_t>(std::to_chars(place, place + longestNumber, value).ptr - place);
}

/// A number with at most three decimals, which most are, in a quarter of the time that it takes to
/// find out how many one has; 0 when it is none.
///
/// At most 15 digits make one double and no other, and a quotient is rounded exactly: what divides
/// back to the value is its shortest text.
std::size_t writeThousandths(char *place, double value)
{
    const double magnitude = std::abs(value);
    const auto thousandths = static_cast<std::int64_t>(magnitude * 1000 + 0.5);
    if (static_cast<double>(thousandths) / 1000 != magnitude)
        return 0;
    *place = '-';
    char *end = place + (value < 0 ? 1 : 0);
    end += writeWhole(end, thousandths / 1000);
    *end++ = '.';
    for (std::int64_t rest = thousandths % 1000, unit = 100; rest != 0; unit /= 10) {
        *end++ = static_cast<char>('0' + rest / unit);
        rest %= unit;
    }
    return static_cast<std::size_t>(end - place);
}

/// Calls `append(character)` for each valid character; what is not valid becomes U+FFFD.
template <class Append>
void forEachCharacter(std::string_view text, std::string &out, Append append)
{
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        if (length == 0)
            out += replacement;
        else
            append(text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void appendControl(std::string &out, char control, std::string_view otherwise)
{
    switch (control) {
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        appendHex(out, otherwise, static_cast<std::uint8_t>(control), otherwise == "\\x" ? 2 : 4);
    }
}

bool isControl(std::string_view character)
{
    return character.size() == 1 && (byteAt(character, 0) < 0x20 || character[0] == 0x7F);
}

} // namespace

std::size_t characterLength(std::string_view rest)
{
    if (rest.empty())
        return 0;
    const std::uint8_t lead = byteAt(rest, 0);
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || !isContinuation(rest, 1))
        return 0;
    if (lead < 0xE0)
        return 2;
    // The second byte rules out overlong forms, surrogates and what is above U+10FFFF.
    const std::uint8_t second = byteAt(rest, 1);
    const bool outOfRange = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)
        || (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    if (outOfRange || !isContinuation(rest, 2))
        return 0;
    if (lead < 0xF0)
        return 3;
    return isContinuation(rest, 3) ? 4 : 0;
}

bool isLabelText(std::string_view value)
{
    while (!value.empty()) {
        const std::size_t length = characterLength(value);
        if (length == 0 || value[0] == '\0')
            return false;
        value.remove_prefix(length);
    }
    return true;
}

std::string toLabelText(std::string_view value)
{
    std::string out;
    forEachCharacter(value, out, [&](std::string_view character) {
        out += character[0] == '\0' ? replacement : character;
    });
    return out;
}

void appendEscapedLabel(std::string &out, std::string_view value)
{
    for (const char c : value) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\' || c == '"')
            out += {'\\', c};
        else
            out += c;
    }
}

void appendEscapedHelp(std::string &out, std::string_view help)
{
    for (const char c : help) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\')
            out += "\\\\";
        else
            out += c;
    }
}

void appendJson(std::string &out, std::string_view value)
{
    out += '"';
    forEachCharacter(value, out, [&](std::string_view character) {
        if (isControl(character))
            return appendControl(out, character[0], "\\u");
        if (character == "\"" || character == "\\")
            out += '\\';
        out += character;
    });
    out += '"';
}

void appendVisible(std::string &out, std::string_view value)
{
    forEachCharacter(value, out, [&](std::string_view character) {
        const bool isC1 =
            character.size() == 2 && byteAt(character, 0) == 0xC2 && byteAt(character, 1) < 0xA0;
        if (isControl(character))
            appendControl(out, character[0], "\\x");
        else if (isC1)
            appendHex(out, "\\u", byteAt(character, 1), 4);
        else
            out += character;
    });
}

std::size_t writeNumber(char *place, double value)
{
    // As an integer where it is one: the shortest text of 100000 would be 1e+05. An integer has no
    // negative 0.
    if (std::abs(value) < 1e15) {
        const auto whole = static_cast<std::int64_t>(value);
        if (static_cast<double>(whole) == value && (whole != 0 || !std::signbit(value)))
            return writeWhole(place, whole);
    }
    if (value != 0 && std::abs(value) < 1e11) {
        if (const std::size_t length = writeThousandths(place, value); length != 0)
            return length;
    }
    const auto write = [place](std::string_view text) {
        std::copy(text.begin(), text.end(), place);
        return text.size();
    };
    if (std::isnan(value))
        return write("NaN");
    if (std::isinf(value))
        return write(value > 0 ? "+Inf" : "-Inf");
    return static_cast<std::size_t>(std::to_chars(place, place + longestNumber, value).ptr - place);
}

void appendNumber(std::string &out, double value)
{
    std::array<char, longestNumber> buffer;
    out.append(buffer.data(), writeNumber(buffer.data(), value));
}

void appendSeconds(std::string &out, double seconds)
{
    std::array<char, 400> buffer; // the largest double has 309 digits before its point
    const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), seconds,
                                              std::chars_format::fixed, 3);
    out.append(buffer.data(), end);
}

} // namespace trendscope::observability::text
