#pragma once

#include "core/config/log_rules.h"
#include "core/logs/record.h"
#include "core/observability/registry.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

class LogSeries;

/// Makes metrics of JSON log lines, as rules say. One thread.
///
/// Each line is parsed once, and only rules that its fields point to are tried, so many rules cost
/// little more than one. Memory does not grow with what the lines hold.
class LogRuleEngine {
public:
    enum class Fault { None, NotJson, InvalidUtf8 };
    struct Line {
        Fault fault = Fault::None;
        logs::Level level = logs::Level::Unknown;
    };

    /// The rules must be valid, as config::readLogMetrics() makes sure; the metrics are added to
    /// `registry`, which must outlive the engine.
    LogRuleEngine(std::span<const config::LogRule> rules, observability::Registry &registry);
    /// The same in a registry's `series`, which must outlive the engine.
    LogRuleEngine(std::span<const config::LogRule> rules, LogSeries &series);
    ~LogRuleEngine();
    LogRuleEngine(const LogRuleEngine &) = delete;
    LogRuleEngine &operator=(const LogRuleEngine &) = delete;

    /// How many bytes behind a line must be readable.
    static std::size_t padding();

    /// `line` is one JSON object, without its newline.
    Line take(std::string_view line);

    /// How many lines each rule's conditions held of, in the order of the rules.
    std::span<const std::uint64_t> matches() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// The rules that come with the program, of these groups: api, tasks, business, audit.
std::vector<config::LogRule> builtInLogRules(std::span<const std::string> groups);

} // namespace trendscope::exporter
