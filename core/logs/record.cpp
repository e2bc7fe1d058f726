#include "core/logs/record.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trendscope::logs {
namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string_view levelName(Level level)
{
    constexpr std::array<std::string_view, 6> names{"",        "DEBUG", "INFO",
                                                    "WARNING", "ERROR", "CRITICAL"};
    return names[static_cast<std::size_t>(level)];
}

std::optional<Level> levelNamed(std::string_view word)
{
    constexpr std::array words{
        std::pair{std::string_view("info"), Level::Info},
        std::pair{std::string_view("debug"), Level::Debug},
        std::pair{std::string_view("warning"), Level::Warning},
        std::pair{std::string_view("error"), Level::Error},
        std::pair{std::string_view("critical"), Level::Critical},
        std::pair{std::string_view("warn"), Level::Warning},
        std::pair{std::string_view("fatal"), Level::Critical},
        std::pair{std::string_view("trace"), Level::Debug},
        std::pair{std::string_view("notice"), Level::Info},
        std::pair{std::string_view("information"), Level::Info},
        std::pair{std::string_view("err"), Level::Error},
        std::pair{std::string_view("crit"), Level::Critical},
        std::pair{std::string_view("alert"), Level::Critical},
        std::pair{std::string_view("emergency"), Level::Critical},
        std::pair{std::string_view("panic"), Level::Critical},
    };
    const auto same = [word](const auto &entry) {
        return std::ranges::equal(word, entry.first, [](char a, char b) { return lower(a) == b; });
    };
    const auto *const found = std::ranges::find_if(words, same);
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string_view> Record::value(std::string_view key) const
{
    const auto found = std::ranges::find(
        m_fields, key, [this](const FieldSlice &field) { return view(field.key); });
    return found == m_fields.end() ? std::nullopt : std::optional(view(found->value));
}

} // namespace trendscope::logs
