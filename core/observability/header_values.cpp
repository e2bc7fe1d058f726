#include "core/observability/header_values_p.h"

#include <charconv>

namespace trendscope::observability {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string_view cutOff(std::string_view &rest, char separator)
{
    const auto end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(part);
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> HeaderItem::parameter(std::string_view key) const
{
    std::string_view rest = parameters;
    while (!rest.empty()) {
        std::string_view value = cutOff(rest, ';');
        if (!equalsIgnoringCase(cutOff(value, '='), key))
            continue;
        value = trimmed(value);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return {};
}

double HeaderItem::weight() const
{
    const auto text = parameter("q");
    if (!text)
        return 1;
    double weight = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), weight,
                                                std::chars_format::fixed);
    const bool isNumber = failure == std::errc() && end == text->data() + text->size();
    return isNumber && weight >= 0 && weight <= 1 ? weight : 0; // NaN is neither
}

} // namespace trendscope::observability
