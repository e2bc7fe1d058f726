#include "core/config/log_rules.h"

#include "core/config/keys_p.h"
#include "core/config/log_rule_parts_p.h"
#include "core/config/yaml_section_p.h"

#include <algorithm>
#include <array>
#include <map>

namespace trendscope::config {

namespace {

using Type = LogRule::Type;

class LogRulesReader {
public:
    explicit LogRulesReader(const std::filesystem::path &file)
        : m_yaml(file)
    {
    }

    Result<LogMetrics> read(const YAML::Node &section)
    {
        using Start = LogMetrics::Start;
        constexpr std::array starts{std::pair{std::string_view("beginning"), Start::Beginning},
                                    std::pair{std::string_view("end"), Start::End}};
        LogMetrics out;
        m_yaml.readMap(
            section, "logs",
            {{"files", [&](const auto &node) { out.files = m_yaml.globs(node, "files"); }},
             {"built_in", [&](const auto &node) { out.builtIn = builtIn(node); }},
             m_yaml.to("checkpoint", out.checkpoint),
             {"start", [&](const auto &node) { out.start = m_yaml.oneOf(node, "start", starts); }},
             m_yaml.to("line_limit", out.lineLimit),
             {"rules", [&](const auto &node) { readRules(node, out.rules); }}});
        if (const auto &error = m_yaml.error())
            return tl::unexpected(*error);
        return out;
    }

private:
    std::vector<std::string> builtIn(const YAML::Node &node)
    {
        constexpr std::array<std::string_view, 4> known{"api", "tasks", "business", "audit"};
        std::vector<std::string> out = m_yaml.texts(node, "built_in");
        for (const std::string &name : out) {
            if (std::ranges::find(known, name) != known.end())
                continue;
            const auto near = nearest(name, known);
            m_yaml.complain(node,
                            "there are no built-in rules " + inQuotes(name)
                                + (near.empty() ? "; there are api, tasks, business, audit"
                                                : "; did you mean " + inQuotes(near) + "?"));
        }
        return out;
    }

    void readRules(const YAML::Node &node, std::vector<LogRule> &rules)
    {
        if (node.IsNull())
            return;
        if (!node.IsSequence())
            return m_yaml.complain(node, "'rules' should be a list");
        for (const YAML::Node &each : node) {
            LogRule rule = readRule(each);
            checkRule(each, rule);
            rules.push_back(std::move(rule));
        }
    }

    LogRule readRule(const YAML::Node &node)
    {
        constexpr std::array types{std::pair{std::string_view("counter"), Type::Counter},
                                   std::pair{std::string_view("gauge"), Type::Gauge},
                                   std::pair{std::string_view("histogram"), Type::Histogram}};
        LogRule rule{.name = {}, .metric = {}};
        m_yaml.readMap(
            node, "rules",
            {m_yaml.to("name", rule.name),
             {"files", [&](const auto &value) { rule.files = m_yaml.globs(value, "files"); }},
             {"match", [&](const auto &value) { m_parts.readMatch(value, rule.match); }},
             m_yaml.to("metric", rule.metric),
             m_yaml.to("help", rule.help),
             {"type", [&](const auto &value) { rule.type = m_yaml.oneOf(value, "type", types); }},
             {"buckets", [&](const auto &value) { rule.buckets = m_parts.buckets(value); }},
             {"value", [&](const auto &value) { m_parts.readValue(value, rule); }},
             {"labels", [&](const auto &value) { m_parts.readLabels(value, rule.labels); }},
             m_yaml.to("max_series", rule.maxSeries)});
        if (rule.name.empty())
            rule.name = rule.metric;
        if (rule.help.empty())
            rule.help = "Made of log records by the rule " + rule.name + ".";
        return rule;
    }

    void checkRule(const YAML::Node &at, const LogRule &rule)
    {
        if (rule.metric.empty())
            return m_yaml.complain(at, "a rule needs a 'metric'");
        if (!isName(rule.metric, true))
            return m_yaml.complain(at, inQuotes(rule.metric) + " is not a valid metric name");
        if ((rule.type == Type::Histogram) != !rule.buckets.empty())
            return m_yaml.complain(at,
                                   inQuotes(rule.metric)
                                       + (rule.buckets.empty()
                                              ? " is a histogram and needs 'buckets'"
                                              : " has 'buckets' but is not a histogram"));
        if (rule.type != Type::Counter && rule.value.empty() && !rule.valueFallback)
            return m_yaml.complain(
                at, inQuotes(rule.metric) + " needs a 'value': only counters count records");
        const auto [known, isNew] = m_metrics.try_emplace(rule.metric, rule);
        if (!isNew && !isSameMetric(known->second, rule))
            m_yaml.complain(
                at,
                inQuotes(rule.metric)
                    + " has another type, other labels or other buckets in an earlier rule");
    }

    static bool isSameMetric(const LogRule &a, const LogRule &b)
    {
        return a.type == b.type && a.buckets == b.buckets
            && std::ranges::equal(a.labels, b.labels, {}, &LogLabel::name, &LogLabel::name);
    }

    YamlSection m_yaml;
    LogRuleParts m_parts{m_yaml};
    std::map<std::string, LogRule> m_metrics;
};

} // namespace

Result<LogMetrics> readLogMetrics(const YAML::Node &section, const std::filesystem::path &file)
{
    try {
        return LogRulesReader(file).read(section);
    } catch (const YAML::Exception &error) {
        return tl::unexpected(
            Error{Error::Kind::Invalid, file.string() + ": " + error.what(), error.what()});
    }
}

Result<LogMetrics> parseLogMetrics(const std::string &text, const std::filesystem::path &file)
{
    try {
        return readLogMetrics(YAML::Load(text), file);
    } catch (const YAML::Exception &error) {
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  file.string() + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg,
                  {}});
    }
}

} // namespace trendscope::config
