#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// The first line of `text`, without its end; `text` then begins after it.
inline std::string_view takeLine(std::string_view &text)
{
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

/// The next word between blanks and tabs, empty at the end; `line` then begins after it.
inline std::string_view takeWord(std::string_view &line)
{
    constexpr std::string_view blanks = " \t";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

/// A finite decimal number that is the whole word.
inline std::optional<double> numberOf(std::string_view word)
{
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
        return {};
    return value;
}

/// A whole number in hexadecimal digits, without 0x.
inline std::optional<double> hexOf(std::string_view word)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
    if (error != std::errc() || end != word.data() + word.size() || word.empty())
        return {};
    return static_cast<double>(value);
}

/// A decimal number, or a hexadecimal one after 0x, as sysfs has both.
inline std::optional<double> attributeNumberOf(std::string_view word)
{
    return word.starts_with("0x") ? hexOf(word.substr(2)) : numberOf(word);
}

inline bool isDigits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// The number after a prefix, as text: "3" of "cpu3" and "cpu". Empty where there is none.
inline std::string_view indexOf(std::string_view name, std::string_view prefix)
{
    if (!name.starts_with(prefix) || !isDigits(name.substr(prefix.size())))
        return {};
    return name.substr(prefix.size());
}

} // namespace trendscope::exporter
