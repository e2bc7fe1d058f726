#include "core/observability/log_settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace trendscope::observability {

namespace {

constexpr std::array levelNames{std::string_view("DEBUG"), std::string_view("INFO"),
                                std::string_view("WARNING"), std::string_view("ERROR"),
                                std::string_view("CRITICAL")};

std::string upperCase(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

std::optional<bool> truthOf(std::string_view word)
{
    const std::string upper = upperCase(word);
    if (upper == "TRUE" || upper == "1" || upper == "YES" || upper == "ON")
        return true;
    if (upper == "FALSE" || upper == "0" || upper == "NO" || upper == "OFF")
        return false;
    return {};
}

template <class T, class Parse>
void read(const char *variable, Parse parse, std::string_view choices, T &setting,
          std::vector<std::string> &problems)
{
    const char *const text = std::getenv(variable);
    if (!text || !*text)
        return;
    if (const std::optional<T> value = parse(text)) {
        setting = *value;
        return;
    }
    std::string problem = "The environment variable ";
    for (const std::string_view part :
         {std::string_view(variable), std::string_view(" is ignored: it is \""),
          std::string_view(text), std::string_view("\", which is none of "), choices})
        problem += part;
    problems.push_back(std::move(problem));
}

} // namespace

std::string_view nameOf(Level level)
{
    return levelNames[static_cast<std::size_t>(level)];
}

std::optional<Level> levelNamed(std::string_view name)
{
    const std::string upper = upperCase(name);
    if (upper == "WARN")
        return Level::Warning;
    if (upper == "FATAL")
        return Level::Critical;
    const auto found = std::find(levelNames.begin(), levelNames.end(), upper);
    if (found == levelNames.end())
        return {};
    return static_cast<Level>(found - levelNames.begin());
}

LogSettings LogSettings::fromEnvironment(LogSettings defaults)
{
    read("LOG_LEVEL", levelNamed, "DEBUG, INFO, WARNING, ERROR and CRITICAL", defaults.level,
         defaults.problems);
    read("LOG_JSON", truthOf, "true and false", defaults.json, defaults.problems);
    if (const char *file = std::getenv("LOG_FILE"))
        defaults.file = file;
    return defaults;
}

} // namespace trendscope::observability
