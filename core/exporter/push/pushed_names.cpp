#include "core/exporter/push/pushed_names_p.h"

#include <simdjson.h>

#include <algorithm>

namespace trendscope::exporter {

namespace {

constexpr std::size_t maxNameLength = 200;
constexpr std::size_t maxValueLength = 1'024;
constexpr std::size_t maxLabels = 32;

constexpr bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isWord(std::string_view name, std::string_view others)
{
    const auto isFirst = [&](char c) { return isLetter(c) || others.find(c) != others.npos; };
    return !name.empty() && name.size() <= maxNameLength && isFirst(name[0])
        && std::all_of(name.begin(), name.end(), [&](char c) { return isFirst(c) || isDigit(c); });
}

std::string mangled(std::string_view name, std::string_view others)
{
    std::string out;
    out.reserve(name.size() + 1);
    if (name.empty() || isDigit(name[0]))
        out += '_';
    for (const char c : name)
        out += isLetter(c) || isDigit(c) || others.find(c) != others.npos ? c : '_';
    return out;
}

bool isText(std::string_view value)
{
    return value.size() <= maxValueLength && value.find('\0') == value.npos
        && simdjson::validate_utf8(value);
}

} // namespace

bool isPushableName(std::string_view name)
{
    return isWord(name, ":") && name != "_total";
}

bool isReservedName(std::string_view name)
{
    return name == "up" || name == "ALERTS" || name == "ALERTS_FOR_STATE"
        || name.starts_with("scrape_") || name.starts_with("trendscope_");
}

bool normalize(PushedLabels &labels, PushedType type)
{
    const auto byName = [](const auto &a, const auto &b) { return a.first < b.first; };
    const auto isSameName = [](const auto &a, const auto &b) { return a.first == b.first; };
    std::stable_sort(labels.begin(), labels.end(), byName);
    // Backwards, so that the last one of a name is the one that unique() keeps.
    labels.erase(labels.begin(), std::unique(labels.rbegin(), labels.rend(), isSameName).base());
    std::erase_if(labels, [](const auto &label) { return label.second.empty(); });

    const std::string_view reserved = type == PushedType::Histogram ? "le"
        : type == PushedType::Summary                               ? "quantile"
                                                                    : "";
    return labels.size() <= maxLabels
        && std::all_of(labels.begin(), labels.end(), [&](const auto &label) {
               return isWord(label.first, "") && !label.first.starts_with("__")
                   && label.first != reserved && isText(label.second);
           });
}

std::vector<std::string> sampleNames(std::string_view metric, PushedType type)
{
    constexpr std::string_view total = "_total";
    const bool isCounter = type == PushedType::Counter;
    if (isCounter && metric.ends_with(total))
        metric.remove_suffix(total.size());
    const std::string base(metric);
    switch (type) {
    case PushedType::Counter:
        return {base, base + "_total", base + "_created"};
    case PushedType::Histogram:
        return {base, base + "_bucket", base + "_sum", base + "_count", base + "_created"};
    case PushedType::Summary:
        return {base, base + "_sum", base + "_count", base + "_created"};
    case PushedType::Gauge:
    case PushedType::Set:
        break;
    }
    return {base};
}

std::string mangledName(std::string_view name)
{
    return mangled(name, ":");
}

std::string mangledLabelName(std::string_view name)
{
    const std::string out = mangled(name, "");
    if (!out.starts_with("__")) // which is Prometheus' own
        return out;
    return out.substr(std::min(out.find_first_not_of('_'), out.size()) - 1);
}

} // namespace trendscope::exporter
