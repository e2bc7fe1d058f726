#pragma once

#include "core/config/log_rules.h"
#include "core/exporter/log_rules/log_rule_engine.h"
#include "core/exporter/log_rules/log_series_p.h"
#include "core/logs/line_file.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace trendscope::exporter {

/// Gives each line to the rules of its file, and counts lines and errors. One thread.
class LogLineCounter final : public logs::LineReceiver {
public:
    LogLineCounter(const config::LogMetrics &settings, std::shared_ptr<LogSeries> series);
    ~LogLineCounter() override;

    void takeLines(const std::string &name, std::string_view lines) override;
    void takeUnended(const std::string &name, std::string_view line) override;
    void skipLine(const std::string &name) override;

    /// Of each rule, how many lines of that file (or of one with the same rules) its conditions
    /// held of.
    std::vector<std::uint64_t> matches(const std::string &name);
    bool brings(std::string_view metric) const; ///< whether a rule does; in any thread
    bool isFor(std::size_t rule, const std::string &name) const;
    /// Lines of that file that were not taken.
    std::uint64_t faults(const std::string &name);

private:
    enum class Error { NotJson, InvalidUtf8, TooLong, Cut };
    static constexpr std::size_t levels = 6;
    static constexpr std::size_t errors = 4;

    /// What is counted for one file.
    struct File {
        LogRuleEngine *engine;
        const std::vector<std::size_t> *rules; ///< of the engine, by their place in m_rules
        std::uint64_t faults = 0;
    };
    using Counts = std::array<std::uint64_t, levels>;

    File &fileOf(const std::string &name);
    LogRuleEngine::Line take(File &file, std::string_view line, Counts &counts);
    void countLines(const std::string &name, std::size_t level, double lines);
    void countError(const std::string &name, Error error);

    const std::shared_ptr<LogSeries> m_series;
    observability::Family &m_lines;
    observability::Family &m_errors;
    const std::size_t m_lineLimit;
    const std::vector<config::LogRule> m_rules;
    /// Files with the same rules share an engine.
    std::map<std::vector<std::size_t>, std::unique_ptr<LogRuleEngine>> m_engines;
    std::unordered_map<std::string, File> m_files;
};

} // namespace trendscope::exporter
