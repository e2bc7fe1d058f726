#include "core/exporter/log_rules/log_rule_engine.h"

#include "core/exporter/log_rules/log_rule_p.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>

namespace trendscope::exporter {

namespace {

using RuleIndex = std::uint32_t;

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const
    {
        return std::hash<std::string_view>()(text);
    }
};

struct Rule {
    std::vector<LogConditionCheck> conditions;
    LogMetric metric;

    bool matches(const LogFields &fields) const
    {
        return std::ranges::all_of(conditions,
                                   [&](const auto &condition) { return condition.holds(fields); });
    }
};

/// Which rules a field's text points to.
struct Index {
    LogFields::Ref field;
    std::unordered_map<std::string, std::vector<RuleIndex>, Hash, std::equal_to<>> rules;
};

logs::Level levelOf(std::string_view text)
{
    using logs::Level;
    if (text == "INFO")
        return Level::Info;
    if (text == "WARNING")
        return Level::Warning;
    return logs::levelNamed(text).value_or(Level::Unknown);
}

} // namespace

struct LogRuleEngine::Private {
    Private(std::span<const config::LogRule> settings, LogSeries &series,
            std::unique_ptr<LogSeries> ownSeries = {})
        : own(std::move(ownSeries))
        , level(fields.add({"level", "levelname", "severity"}))
        , matches(settings.size())
    {
        for (const config::LogRule &rule : settings) {
            Rule &added = rules.emplace_back(
                Rule{{}, LogMetric(rule, labelsLike(rule.labels), fields, series)});
            for (const config::LogCondition &condition : rule.match)
                added.conditions.emplace_back(condition, fields);
        }
        buildIndices();
    }

    LogLabels &labelsLike(const std::vector<config::LogLabel> &settings)
    {
        const auto known =
            std::ranges::find_if(labels, [&](const auto &each) { return each->isLike(settings); });
        if (known != labels.end())
            return **known;
        return *labels.emplace_back(std::make_unique<LogLabels>(settings, fields));
    }

    /// Each rule is found by one of its conditions: that of the field which most rules ask for, so
    /// that few fields are looked up for a line.
    void buildIndices()
    {
        std::map<LogFields::Ref, std::size_t> uses;
        for (const Rule &rule : rules) {
            for (const LogConditionCheck &condition : rule.conditions)
                uses[condition.field()] += condition.asksForTextsOnly() ? 1 : 0;
        }
        for (RuleIndex i = 0; i < rules.size(); ++i) {
            auto &conditions = rules[i].conditions;
            const auto best = std::ranges::max_element(conditions, {}, [&](const auto &condition) {
                return condition.asksForTextsOnly() ? uses[condition.field()] : 0;
            });
            if (best == conditions.end() || !best->asksForTextsOnly()) {
                unindexed.push_back(i);
                continue;
            }
            Index &index = indexOver(best->field());
            for (const std::string &text : best->texts())
                index.rules[text].push_back(i);
            conditions.erase(best);
        }
    }

    Index &indexOver(const LogFields::Ref &field)
    {
        const auto known = std::ranges::find(indices, field, &Index::field);
        return known != indices.end() ? *known : indices.emplace_back(Index{field, {}});
    }

    void apply(RuleIndex index)
    {
        Rule &rule = rules[index];
        if (!rule.matches(fields))
            return;
        ++matches[index];
        rule.metric.take(fields);
    }

    void applyAll()
    {
        for (const Index &index : indices) {
            const LogFields::Field *const found = fields.find(index.field);
            const std::string_view *const text = found ? fields.textOf(*found) : nullptr;
            const auto pointed = text ? index.rules.find(*text) : index.rules.end();
            if (pointed == index.rules.end())
                continue;
            for (const RuleIndex rule : pointed->second)
                apply(rule);
        }
        for (const RuleIndex rule : unindexed)
            apply(rule);
    }

    std::unique_ptr<LogSeries> own; ///< where there are no others'
    LogFields fields;
    LogFields::Ref level;
    std::vector<std::unique_ptr<LogLabels>> labels; ///< rules with the same share them
    std::deque<Rule> rules;                         // they do not move
    std::vector<Index> indices;
    std::vector<RuleIndex> unindexed;
    std::vector<std::uint64_t> matches;
};

LogRuleEngine::LogRuleEngine(std::span<const config::LogRule> rules,
                             observability::Registry &registry)
{
    auto own = std::make_unique<LogSeries>(registry);
    LogSeries &series = *own;
    d = std::make_unique<Private>(rules, series, std::move(own));
}

LogRuleEngine::LogRuleEngine(std::span<const config::LogRule> rules, LogSeries &series)
    : d(std::make_unique<Private>(rules, series))
{
}

LogRuleEngine::~LogRuleEngine() = default;

std::size_t LogRuleEngine::padding()
{
    return LogFields::padding();
}

LogRuleEngine::Line LogRuleEngine::take(std::string_view line)
{
    switch (d->fields.read(line)) {
    case LogFields::Fault::None:
        break;
    case LogFields::Fault::NotJson:
        return {.fault = Fault::NotJson};
    case LogFields::Fault::InvalidUtf8:
        return {.fault = Fault::InvalidUtf8};
    }
    d->applyAll();
    const LogFields::Field *const found = d->fields.find(d->level);
    const std::string_view *const text = found ? d->fields.textOf(*found) : nullptr;
    return {.level = text ? levelOf(*text) : logs::Level::Unknown};
}

std::span<const std::uint64_t> LogRuleEngine::matches() const
{
    return d->matches;
}

} // namespace trendscope::exporter
