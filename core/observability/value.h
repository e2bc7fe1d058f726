#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace trendscope::observability {

/// A value of a field as it is passed to a call: a view, so that making one costs nothing.
///
/// Texts must live until the call returns. A duration becomes its seconds; a null `const char *`
/// becomes null.
class Value {
public:
    using Variant =
        std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string_view>;

    constexpr Value(std::nullptr_t) { }
    constexpr Value(std::same_as<bool> auto value) // not what merely converts to bool
        : m_value(value)
    {
    }
    constexpr Value(std::signed_integral auto value)
        : m_value(std::int64_t{value})
    {
    }
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
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
