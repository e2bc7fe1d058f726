#include "core/exporter/log_rules/log_rule_engine.h"
#include "core/exporter/log_rules/log_rule_p.h"
#include "core/exporter/log_rules/log_series_p.h"

#include <algorithm>

namespace trendscope::exporter {

namespace {

std::vector<config::LogRule> rulesOf(const std::string &metric, const config::LogMetrics &settings)
{
    auto rules = allRules(settings);
    std::erase_if(rules, [&](const config::LogRule &rule) { return rule.metric != metric; });
    return rules;
}

} // namespace

std::vector<config::LogRule> allRules(const config::LogMetrics &settings)
{
    std::vector<config::LogRule> out = builtInLogRules(settings.builtIn);
    out.insert(out.end(), settings.rules.begin(), settings.rules.end());
    return out;
}

SharedFamily &LogSeries::of(const config::LogRule &rule)
{
    const auto known = m_families.find(rule.metric);
    if (known != m_families.end())
        return known->second;
    return m_families.emplace(rule.metric, m_registry.add(descriptionOf(rule))).first->second;
}

void LogSeries::change(const config::LogMetrics &before, const config::LogMetrics &after)
{
    // Which lines a series is of nobody knows, so with the files all of them change.
    const bool haveSameFiles = before.files == after.files;
    std::erase_if(m_families, [&](const auto &entry) {
        return !haveSameFiles || rulesOf(entry.first, before) != rulesOf(entry.first, after);
    });
}

} // namespace trendscope::exporter
