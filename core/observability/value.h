#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace trendscope::observability {

namespace detail {

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t>
    || std::same_as<T, char16_t> || std::same_as<T, char32_t>;

} // namespace detail

/// A value of a field as it is passed to a call: a view, so that making one costs nothing.
///
/// Texts must live until the call returns. A duration becomes its seconds; a null `const char *`
/// becomes null, as does an empty std::optional. An enumerator becomes its number, a path its text.
class Value {
public:
    using Variant =
        std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string_view>;

    constexpr Value(std::nullptr_t) { }
    constexpr Value(std::nullopt_t) { }
    /// A character would be a number. For its text: `std::string_view(&c, 1)`.
    constexpr Value(detail::Character auto) = delete; // log std::string_view(&c, 1), or int{c}
    constexpr Value(std::same_as<bool> auto value)    // not what merely converts to bool
        : m_value(value)
    {
    }
    template <std::signed_integral T>
        requires(!detail::Character<T>)
    constexpr Value(T value)
        : m_value(std::int64_t{value})
    {
    }
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool> && !detail::Character<T>)
    constexpr Value(T value)
        : m_value(std::uint64_t{value})
    {
    }
    constexpr Value(std::floating_point auto value)
        : m_value(static_cast<double>(value))
    {
    }
    template <class Rep, class Period>
    constexpr Value(std::chrono::duration<Rep, Period> value)
        : m_value(std::chrono::duration<double>(value).count())
    {
    }
    constexpr Value(std::string_view text)
        : m_value(text)
    {
    }
    constexpr Value(const std::string &text)
        : m_value(std::string_view(text))
    {
    }
    constexpr Value(const char *text)
    {
        if (text)
            m_value = std::string_view(text);
    }

    template <class T>
        requires std::is_enum_v<T>
    constexpr Value(T value)
        : Value(+static_cast<std::underlying_type_t<T>>(value)) // + : never a character
    {
    }
    /// A view of the path's own text.
    template <std::same_as<std::filesystem::path> Path> // not what merely converts to one
    Value(const Path &path)
        : m_value(std::string_view(path.native()))
    {
    }
    template <class T>
        requires std::constructible_from<Value, const T &>
    constexpr Value(const std::optional<T> &value)
    {
        if (value)
            m_value = Value(*value).m_value;
    }

    constexpr const Variant &variant() const { return m_value; }

private:
    Variant m_value = nullptr;
};

/// A key and its value, e.g. `{"duration", 0.5}`.
struct Field {
    std::string_view key;
    Value value;
};

} // namespace trendscope::observability
