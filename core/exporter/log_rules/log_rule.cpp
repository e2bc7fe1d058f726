#include "core/exporter/log_rules/log_rule_p.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace trendscope::exporter {

using observability::MetricDescription;
using Type = config::LogRule::Type;

MetricDescription descriptionOf(const config::LogRule &rule)
{
    MetricDescription out{.name = rule.metric,
                          .type = rule.type == Type::Counter ? MetricDescription::Type::Counter
                              : rule.type == Type::Gauge     ? MetricDescription::Type::Gauge
                                                             : MetricDescription::Type::Histogram,
                          .help = rule.help,
                          .buckets = rule.buckets,
                          .maxSeries = rule.maxSeries};
    for (const config::LogLabel &label : rule.labels)
        out.labels.push_back(label.name);
    return out;
}

std::string_view nameOf(SkipKind kind)
{
    switch (kind) {
    case SkipKind::MissingLabel:
        return "missing_label";
    case SkipKind::MissingValue:
        return "missing_value";
    case SkipKind::BadValue:
        break;
    }
    return "bad_value";
}

observability::Counter skippedRecords(observability::Registry &registry, std::string_view rule,
                                      SkipKind kind)
{
    auto &family = registry.add({.name = "trendscope_log_records_skipped_total",
                                 .type = MetricDescription::Type::Counter,
                                 .help = "Log records that match a rule but give it no sample.",
                                 .labels = {"rule", "kind"},
                                 .announced = MetricDescription::Announced::WhenUsed});
    return family.counter({rule, nameOf(kind)});
}

std::optional<double> numberOf(std::string_view text)
{
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

LogConditionCheck::LogConditionCheck(const config::LogCondition &condition, LogFields &fields)
    : m_condition(condition)
    , m_field(fields.add(condition.field))
    , m_comparesNumbers(condition.above || condition.atLeast || condition.below || condition.atMost)
{
    std::ranges::sort(m_condition.oneOf);
    if (!condition.regex.empty())
        m_regex = std::make_unique<RE2>(condition.regex, RE2::Quiet);
}

LogConditionCheck::~LogConditionCheck() = default;
LogConditionCheck::LogConditionCheck(LogConditionCheck &&) noexcept = default;
LogConditionCheck &LogConditionCheck::operator=(LogConditionCheck &&) noexcept = default;

bool LogConditionCheck::asksForTextsOnly() const
{
    return !m_condition.oneOf.empty() && m_condition.exists.value_or(true) && !m_comparesNumbers
        && !m_regex;
}

bool LogConditionCheck::holds(const LogFields &fields) const
{
    const LogFields::Field *const found = fields.find(m_field);
    if (!found || !m_condition.exists.value_or(true))
        return !found && !m_condition.exists.value_or(true);
    if (m_condition.oneOf.empty() && !m_comparesNumbers && !m_regex)
        return true;
    const std::string_view *const text = fields.textOf(*found);
    if (!text)
        return false;
    if (!m_condition.oneOf.empty()
        && !std::binary_search(m_condition.oneOf.begin(), m_condition.oneOf.end(), *text))
        return false;
    if (m_comparesNumbers) {
        const auto number = numberOf(*text);
        if (!number || !isInRange(*number))
            return false;
    }
    return !m_regex || RE2::PartialMatch(*text, *m_regex);
}

bool LogConditionCheck::isInRange(double number) const
{
    return (!m_condition.above || number > *m_condition.above)
        && (!m_condition.atLeast || number >= *m_condition.atLeast)
        && (!m_condition.below || number < *m_condition.below)
        && (!m_condition.atMost || number <= *m_condition.atMost);
}

LogMetric::LogMetric(const config::LogRule &rule, LogLabels &labels, LogFields &fields,
                     LogSeries &series)
    : m_series(&series.of(rule))
    , m_type(rule.type)
    , m_valueFallback(rule.valueFallback)
    , m_labels(&labels)
    , m_missingLabel(skippedRecords(series.registry(), rule.name, SkipKind::MissingLabel))
    , m_missingValue(skippedRecords(series.registry(), rule.name, SkipKind::MissingValue))
    , m_badValue(skippedRecords(series.registry(), rule.name, SkipKind::BadValue))
{
    if (rule.value.empty() && rule.type == Type::Counter && !m_valueFallback)
        m_valueFallback = 1;
    for (const config::LogValueField &value : rule.value) {
        const double divisor = std::round(1 / value.scale);
        const bool isDivisor = std::abs(value.scale) < 1 && 1 / divisor == value.scale;
        m_values.push_back(
            {fields.add({value.field}), isDivisor ? divisor : value.scale, isDivisor});
    }
}

void LogMetric::take(const LogFields &fields)
{
    const std::uint32_t number = m_labels->number(fields);
    double value = 0;
    if (number == LogLabels::missing)
        return m_missingLabel.increment();
    if (!readValue(fields, value))
        return;
    const Handle &handle = handleAt(number, fields);
    switch (m_type) {
    case Type::Counter:
        return std::get_if<observability::Counter>(&handle)->increment(value);
    case Type::Gauge:
        return std::get_if<observability::Gauge>(&handle)->set(value);
    case Type::Histogram:
        return std::get_if<observability::Histogram>(&handle)->observe(value);
    }
}

bool LogMetric::readValue(const LogFields &fields, double &value)
{
    for (const Value &source : m_values) {
        const LogFields::Field *const found = fields.find(source.field);
        if (!found)
            continue;
        const std::string_view *const text = fields.textOf(*found);
        const auto number = text ? numberOf(*text) : std::nullopt;
        if (number)
            value = source.isDivisor ? *number / source.scale : *number * source.scale;
        const bool isGood = number && std::isfinite(value) && (value >= 0 || m_type == Type::Gauge);
        if (!isGood)
            m_badValue.increment();
        return isGood;
    }
    if (!m_valueFallback)
        m_missingValue.increment();
    value = m_valueFallback.value_or(0);
    return m_valueFallback.has_value();
}

const LogMetric::Handle &LogMetric::handleAt(std::uint32_t number, const LogFields &fields)
{
    if (number == LogLabels::unkept) {
        m_unkept = makeHandle(fields);
        return m_unkept;
    }
    if (m_epoch != m_labels->epoch()) {
        m_epoch = m_labels->epoch();
        m_handles.clear();
    }
    if (number >= m_handles.size())
        m_handles.resize(number + 1);
    Handle &handle = m_handles[number];
    if (std::holds_alternative<std::monostate>(handle))
        handle = makeHandle(fields);
    return handle;
}

LogMetric::Handle LogMetric::makeHandle(const LogFields &fields)
{
    const std::vector<std::string> values = m_labels->values(fields);
    const std::vector<std::string_view> labels(values.begin(), values.end());
    m_series->claim(labels);
    switch (m_type) {
    case Type::Counter:
        return m_series->family().counter(labels);
    case Type::Gauge:
        return m_series->family().gauge(labels);
    case Type::Histogram:
        break;
    }
    return m_series->family().histogram(labels);
}

} // namespace trendscope::exporter
