#pragma once

#include "core/config/log_rules.h"
#include "core/exporter/log_rules/log_fields_p.h"
#include "core/exporter/log_rules/log_labels_p.h"
#include "core/exporter/log_rules/log_series_p.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace re2 {
class RE2;
}

namespace trendscope::exporter {

/// A config::LogCondition, ready to use.
class LogConditionCheck {
public:
    LogConditionCheck(const config::LogCondition &condition, LogFields &fields);
    ~LogConditionCheck();
    LogConditionCheck(LogConditionCheck &&) noexcept;
    LogConditionCheck &operator=(LogConditionCheck &&) noexcept;

    bool holds(const LogFields &fields) const;

    /// What an index over a field's texts needs: the field, and its texts when the condition asks
    /// for nothing else.
    const LogFields::Ref &field() const { return m_field; }
    const std::vector<std::string> &texts() const { return m_condition.oneOf; }
    bool asksForTextsOnly() const;

private:
    bool isInRange(double number) const;

    config::LogCondition m_condition;
    LogFields::Ref m_field;
    std::unique_ptr<re2::RE2> m_regex;
    bool m_comparesNumbers;
};

/// The rule's metric.
observability::MetricDescription descriptionOf(const config::LogRule &rule);

/// The number that a field's text is, also within a string; nothing when it is none.
std::optional<double> numberOf(std::string_view text);

/// Why a record that a rule matches gives it no sample.
enum class SkipKind { MissingLabel, MissingValue, BadValue };
std::string_view nameOf(SkipKind kind);
/// trendscope_log_records_skipped_total.
observability::Counter skippedRecords(observability::Registry &registry, std::string_view rule,
                                      SkipKind kind);

/// Brings a rule's metric up to date with records that the rule's conditions hold of.
class LogMetric {
public:
    /// `labels` are the rule's; they and `series` must outlive it.
    LogMetric(const config::LogRule &rule, LogLabels &labels, LogFields &fields, LogSeries &series);

    void take(const LogFields &fields);

private:
    using Handle = std::variant<std::monostate, observability::Counter, observability::Gauge,
                                observability::Histogram>;
    struct Value {
        LogFields::Ref field;
        double scale;
        bool isDivisor; ///< the number is divided by `scale`: 0.001 is no binary fraction, 1000 is
    };

    bool readValue(const LogFields &fields, double &value);
    const Handle &handleAt(std::uint32_t number, const LogFields &fields);
    Handle makeHandle(const LogFields &fields);

    SharedFamily *m_series;
    config::LogRule::Type m_type;
    std::vector<Value> m_values;
    std::optional<double> m_valueFallback;
    LogLabels *m_labels;
    std::vector<Handle> m_handles; ///< by the labels' number
    Handle m_unkept;
    std::uint32_t m_epoch = 0;
    observability::Counter m_missingLabel;
    observability::Counter m_missingValue;
    observability::Counter m_badValue;
};

} // namespace trendscope::exporter
