#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace trendscope::observability {

/// The value of a label as it is passed to a call: a text's view, or a number's digits. Allocates
/// nothing.
///
/// Made from texts, integers (status codes) and enumerations that have a function
/// `std::string_view labelText(Enumeration)` beside them. A text must live until the call returns.
class LabelValue {
public:
    constexpr LabelValue(std::string_view text)
        : m_text(text)
    {
    }
    constexpr LabelValue(const std::string &text)
        : m_text(text)
    {
    }
    constexpr LabelValue(const char *text) ///< null is the empty text
        : m_text(text ? std::string_view(text) : std::string_view())
    {
    }
    template <std::integral T>
        requires(sizeof(T) > 1) // neither bool nor a character, which could mean several texts
    LabelValue(T number)
        : m_text(nullptr, 0)
    {
        const auto [end, failure] =
            std::to_chars(m_digits.data(), m_digits.data() + m_digits.size(), number);
        m_length = static_cast<std::uint8_t>(end - m_digits.data());
    }
    template <class T>
        requires std::is_enum_v<T> && requires(T value) {
            {
                labelText(value)
            } -> std::same_as<std::string_view>;
        }
    constexpr LabelValue(T value)
        : m_text(labelText(value))
    {
    }

    constexpr std::string_view view() const
    {
        return m_length == 0 ? m_text : std::string_view(m_digits.data(), m_length);
    }

private:
    std::string_view m_text;
    std::array<char, 20> m_digits; ///< of the longest 64-bit number
    std::uint8_t m_length = 0;     ///< of the digits; 0: it is a text
};

} // namespace trendscope::observability
