#include "core/observability/metric_names_p.h"

#include <algorithm>
#include <cmath>

namespace trendscope::observability {

namespace {

constexpr std::string_view total = "_total";

bool isWord(std::string_view name, std::string_view others)
{
    const auto isLetter = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != others.npos;
    };
    return !name.empty() && isLetter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
        return isLetter(c) || (c >= '0' && c <= '9');
    });
}

std::vector<std::string> namesOf(std::string_view metric, ExposedType type)
{
    const auto with = [&](std::initializer_list<std::string_view> suffixes) {
        const std::string_view base = type == ExposedType::Counter ? withoutTotal(metric) : metric;
        std::vector<std::string> names;
        for (const std::string_view suffix : suffixes)
            names.push_back(std::string(base) + std::string(suffix));
        return names;
    };
    switch (type) {
    case ExposedType::Counter:
        return with({"", total, "_created"});
    case ExposedType::Histogram:
        return with({"", "_bucket", "_sum", "_count", "_created"});
    case ExposedType::Summary:
        return with({"", "_sum", "_count", "_created"});
    case ExposedType::Gauge:
    case ExposedType::Unknown:
        break;
    }
    return with({""});
}

} // namespace

bool isMetricName(std::string_view name)
{
    return isWord(name, "_:");
}

bool isLabelName(std::string_view name)
{
    return isWord(name, "_") && !name.starts_with("__");
}

bool isValid(const MetricDescription &description)
{
    const bool isHistogram = description.type == MetricDescription::Type::Histogram;
    const auto &labels = description.labels;
    const auto &buckets = description.buckets;
    // A counter that is called only "_total" would have no name in OpenMetrics.
    return isMetricName(description.name) && !withoutTotal(description.name).empty()
        && std::all_of(labels.begin(), labels.end(), isLabelName)
        && std::set<std::string_view>(labels.begin(), labels.end()).size() == labels.size()
        && (isHistogram ? std::find(labels.begin(), labels.end(), "le") == labels.end()
                        : buckets.empty())
        && std::all_of(buckets.begin(), buckets.end(), [](double b) { return std::isfinite(b); })
        && std::adjacent_find(buckets.begin(), buckets.end(), std::greater_equal<>())
        == buckets.end();
}

std::string_view withoutTotal(std::string_view name)
{
    return name.ends_with(total) ? name.substr(0, name.size() - total.size()) : name;
}

bool MetricNames::isTaken(const std::string &name) const
{
    return m_taken.contains(name) || (m_others && m_others->isTaken(name));
}

bool MetricNames::take(std::string_view metric, ExposedType type)
{
    std::vector<std::string> names = namesOf(metric, type);
    if (std::any_of(names.begin(), names.end(),
                    [this](const std::string &name) { return isTaken(name); }))
        return false;
    m_taken.insert(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    return true;
}

} // namespace trendscope::observability
