#include "core/config/log_rules.h"

#include "core/config/keys_p.h"
#include "core/config/yaml_section_p.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>

namespace trendscope::config {

namespace {

using Type = LogRule::Type;

bool isName(std::string_view text, bool isMetric)
{
    const auto isLetter = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
            || (isMetric && c == ':');
    };
    return !text.empty() && isLetter(text.front())
        && std::ranges::all_of(text, [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

/// A member whose text is one of some words.
template <class Value, std::size_t N>
Value oneOf(YamlSection &yaml, const YAML::Node &node, std::string_view what,
            const std::array<std::pair<std::string_view, Value>, N> &words)
{
    const std::string text = yaml.text(node, what);
    std::string all;
    for (const auto &[word, value] : words) {
        if (word == text)
            return value;
        all += (all.empty() ? "" : ", ") + std::string(word);
    }
    yaml.complain(node, inQuotes(what) + " should be one of " + all);
    return words.front().second;
}

class LogRulesReader {
public:
    explicit LogRulesReader(const std::filesystem::path &file)
        : m_folder(file.parent_path())
        , m_yaml(file)
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
            {{"files", [&](const auto &node) { out.files = paths(node, "files"); }},
             {"built_in", [&](const auto &node) { out.builtIn = builtIn(node); }},
             {"checkpoint",
              [&](const auto &node) { out.checkpoint = path(m_yaml.text(node, "checkpoint")); }},
             {"start", [&](const auto &node) { out.start = oneOf(m_yaml, node, "start", starts); }},
             {"line_limit",
              [&](const auto &node) { out.lineLimit = m_yaml.count(node, "line_limit"); }},
             {"rules", [&](const auto &node) { readRules(node, out.rules); }}});
        if (m_yaml.error())
            return tl::unexpected(*m_yaml.error());
        return out;
    }

private:
    std::string path(const std::string &text) const
    {
        return text.empty() ? text : (m_folder / text).string();
    }

    std::vector<std::string> paths(const YAML::Node &node, std::string_view what)
    {
        std::vector<std::string> out = m_yaml.texts(node, what);
        for (std::string &each : out)
            each = path(each);
        return out;
    }

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
            {{"name", [&](const auto &value) { rule.name = m_yaml.text(value, "name"); }},
             {"files", [&](const auto &value) { rule.files = paths(value, "files"); }},
             {"match", [&](const auto &value) { readMatch(value, rule.match); }},
             {"metric", [&](const auto &value) { rule.metric = m_yaml.text(value, "metric"); }},
             {"help", [&](const auto &value) { rule.help = m_yaml.text(value, "help"); }},
             {"type", [&](const auto &value) { rule.type = oneOf(m_yaml, value, "type", types); }},
             {"buckets", [&](const auto &value) { rule.buckets = buckets(value); }},
             {"value", [&](const auto &value) { readValue(value, rule); }},
             {"labels", [&](const auto &value) { readLabels(value, rule.labels); }},
             {"max_series",
              [&](const auto &value) { rule.maxSeries = m_yaml.count(value, "max_series"); }}});
        if (rule.name.empty())
            rule.name = rule.metric;
        if (rule.help.empty())
            rule.help = "Made of log records by the rule " + rule.name + ".";
        return rule;
    }

    std::vector<double> buckets(const YAML::Node &node)
    {
        std::vector<double> out = m_yaml.numbers(node, "buckets");
        if (out.empty()
            || std::ranges::adjacent_find(out, std::ranges::greater_equal()) != out.end())
            m_yaml.complain(node, "'buckets' should be a list of ascending numbers");
        return out;
    }

    void readMatch(const YAML::Node &node, std::vector<LogCondition> &match)
    {
        m_yaml.readPairs(node, "match", [&](const std::string &field, const YAML::Node &value) {
            LogCondition condition{.field = fieldOf(field)};
            if (value.IsMap())
                readCondition(value, condition);
            else
                condition.oneOf = m_yaml.texts(value, field);
            match.push_back(std::move(condition));
        });
    }

    /// `event|event_type` names two fields, of which the first that is there is meant.
    static LogField fieldOf(const std::string &names)
    {
        LogField field;
        for (std::size_t begin = 0; begin <= names.size();) {
            const std::size_t end = std::min(names.find('|', begin), names.size());
            field.push_back(names.substr(begin, end - begin));
            begin = end + 1;
        }
        return field;
    }

    void readCondition(const YAML::Node &node, LogCondition &condition)
    {
        const auto number = [this](std::optional<double> &into, std::string_view key) {
            return YamlSection::Entry{
                key, [this, &into, key](const auto &value) { into = m_yaml.number(value, key); }};
        };
        m_yaml.readMap(
            node, "match",
            {{"is", [&](const auto &value) { condition.oneOf = m_yaml.texts(value, "is"); }},
             {"exists",
              [&](const auto &value) { condition.exists = m_yaml.flag(value, "exists"); }},
             number(condition.above, "above"),
             number(condition.atLeast, "at_least"),
             number(condition.below, "below"),
             number(condition.atMost, "at_most"),
             {"regex", [&](const auto &value) { condition.regex = regex(value, 0); }}});
    }

    /// `groups`: how many the replacement that goes with it refers to.
    std::string regex(const YAML::Node &node, int groups)
    {
        std::string text = m_yaml.text(node, "regex");
        const RE2 expression(text, RE2::Quiet);
        if (!expression.ok())
            m_yaml.complain(node, "'regex' is not a valid expression: " + expression.error());
        else if (expression.NumberOfCapturingGroups() < groups)
            m_yaml.complain(node, "'with' refers to a group that 'regex' does not have");
        return text;
    }

    void readValue(const YAML::Node &node, LogRule &rule)
    {
        if (node.IsScalar()) {
            rule.value = {{.field = node.Scalar()}};
            return;
        }
        if (!node.IsSequence())
            return readValueField(node, rule);
        for (const YAML::Node &each : node)
            readValueField(each, rule);
    }

    void readValueField(const YAML::Node &node, LogRule &rule)
    {
        LogValueField value{.field = {}};
        if (node.IsScalar())
            value.field = node.Scalar();
        else
            m_yaml.readMap(
                node, "value",
                {{"field", [&](const auto &each) { value.field = m_yaml.text(each, "field"); }},
                 {"scale", [&](const auto &each) { value.scale = m_yaml.number(each, "scale"); }},
                 {"default",
                  [&](const auto &each) { rule.valueFallback = m_yaml.number(each, "default"); }}});
        if (!value.field.empty())
            rule.value.push_back(std::move(value));
    }

    void readLabels(const YAML::Node &node, std::vector<LogLabel> &labels)
    {
        m_yaml.readPairs(node, "labels", [&](const std::string &name, const YAML::Node &value) {
            LogLabel label{.name = name};
            if (value.IsMap())
                readLabel(value, label);
            else
                label.field = m_yaml.texts(value, name);
            if (!isName(name, false) || name.starts_with("__") || name == "le")
                m_yaml.complain(value, inQuotes(name) + " is not a valid label name");
            if (label.field.empty() && !label.fallback)
                m_yaml.complain(
                    value, "the label " + inQuotes(name) + " has neither a field nor a constant");
            labels.push_back(std::move(label));
        });
    }

    void readLabel(const YAML::Node &node, LogLabel &label)
    {
        m_yaml.readMap(
            node, "labels",
            {{"field", [&](const auto &value) { label.field = m_yaml.texts(value, "field"); }},
             {"constant",
              [&](const auto &value) { label.fallback = m_yaml.text(value, "constant"); }},
             {"default",
              [&](const auto &value) { label.fallback = m_yaml.text(value, "default"); }},
             {"lower_case",
              [&](const auto &value) {
                  label.rewrite.lowerCase = m_yaml.flag(value, "lower_case");
              }},
             {"ids", [&](const auto &value) { label.rewrite.ids = m_yaml.flag(value, "ids"); }},
             {"replace", [&](const auto &value) { readReplace(value, label.rewrite.replace); }},
             {"map", [&](const auto &value) {
                  m_yaml.readPairs(value, "map", [&](const std::string &from, const auto &to) {
                      label.rewrite.map.emplace_back(from, m_yaml.text(to, from));
                  });
              }}});
        if (node["constant"] && (node["field"] || node["default"]))
            m_yaml.complain(node, "a label has either a constant or a field");
    }

    void readReplace(const YAML::Node &node,
                     std::vector<std::pair<std::string, std::string>> &steps)
    {
        if (!node.IsSequence())
            return m_yaml.complain(node, "'replace' should be a list");
        for (const YAML::Node &each : node) {
            std::string expression;
            std::string with;
            m_yaml.readMap(
                each, "replace",
                {{"with", [&](const auto &value) { with = m_yaml.text(value, "with"); }},
                 {"regex", [&](const auto &) { /* below: it is checked against "with" */ }}});
            if (m_yaml.error())
                return;
            if (!each["regex"])
                return m_yaml.complain(each, "'replace' needs a regex");
            expression = regex(each["regex"], RE2::MaxSubmatch(with));
            steps.emplace_back(std::move(expression), std::move(with));
        }
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

    const std::filesystem::path m_folder;
    YamlSection m_yaml;
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
