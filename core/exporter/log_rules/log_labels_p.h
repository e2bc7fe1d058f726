#pragma once

#include "core/config/log_rules.h"
#include "core/exporter/log_rules/log_fields_p.h"
#include "core/exporter/log_rules/log_rewrite_p.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// Numbers the combinations of label values that log lines have, for rules with the same labels.
///
/// A combination is known by the fields' JSON texts, so values are only rewritten when it is new.
/// Keeps some thousand combinations; where there are more, all numbers are forgotten and given
/// anew.
class LogLabels {
public:
    static constexpr std::uint32_t missing = 0xffffffff; ///< a label has neither field nor fallback
    static constexpr std::uint32_t unkept = 0xfffffffe;  ///< too long to be kept

    LogLabels(const std::vector<config::LogLabel> &labels, LogFields &fields);

    /// Whether rules with these labels have the same values, whatever the labels are called.
    bool isLike(const std::vector<config::LogLabel> &labels) const;

    /// Of the latest line, counted from 0 on; or one of the constants.
    std::uint32_t number(const LogFields &fields);
    /// Numbers of another epoch mean nothing.
    std::uint32_t epoch() const { return m_epoch; }

    /// The values of the line that number() was asked for last.
    std::vector<std::string> values(const LogFields &fields) const;

private:
    struct Label {
        LogFields::Ref field;
        std::optional<std::string> fallback;
        LogRewriter rewriter;
    };
    struct Combination {
        std::size_t hash;
        std::string key; ///< the JSON texts, each with a comma after it
    };

    bool findFields(const LogFields &fields, std::size_t &hash);
    bool isOf(const Combination &combination) const;
    std::uint32_t find(std::size_t hash);
    std::uint32_t add(std::size_t hash, std::size_t place);
    void grow();

    std::vector<config::LogLabel> m_settings;
    std::vector<Label> m_labels;
    std::vector<const LogFields::Field *> m_found; ///< null where the line has no such field
    std::vector<Combination> m_combinations;
    std::vector<std::uint32_t> m_places; ///< number + 1, at or after the place that the hash says
    std::uint64_t m_line = 0;
    std::uint32_t m_number = missing; ///< of that line
    std::uint32_t m_epoch = 0;
};

} // namespace trendscope::exporter
