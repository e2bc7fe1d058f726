#include "core/config/log_rule_parts_p.h"

#include <re2/re2.h>

#include <algorithm>

namespace trendscope::config {

namespace {

/// `event|event_type` names two fields, of which the first that is there is meant.
LogField fieldOf(const std::string &names)
{
    LogField field;
    for (std::size_t begin = 0; begin <= names.size();) {
        const std::size_t end = std::min(names.find('|', begin), names.size());
        field.push_back(names.substr(begin, end - begin));
        begin = end + 1;
    }
    return field;
}

} // namespace

bool isName(std::string_view text, bool isMetric)
{
    const auto isLetter = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
            || (isMetric && c == ':');
    };
    return !text.empty() && isLetter(text.front())
        && std::ranges::all_of(text, [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

std::vector<double> LogRuleParts::buckets(const YAML::Node &node)
{
    std::vector<double> out = m_yaml.numbers(node, "buckets");
    if (out.empty() || std::ranges::adjacent_find(out, std::ranges::greater_equal()) != out.end())
        m_yaml.complain(node, "'buckets' should be a list of ascending numbers");
    return out;
}

void LogRuleParts::readMatch(const YAML::Node &node, std::vector<LogCondition> &match)
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

void LogRuleParts::readCondition(const YAML::Node &node, LogCondition &condition)
{
    const auto number = [this](std::optional<double> &into, std::string_view key) {
        return YamlSection::Entry{
            key, [this, &into, key](const auto &value) { into = m_yaml.number(value, key); }};
    };
    m_yaml.readMap(
        node, "match",
        {{"is", [&](const auto &value) { condition.oneOf = m_yaml.texts(value, "is"); }},
         {"exists", [&](const auto &value) { condition.exists = m_yaml.flag(value, "exists"); }},
         number(condition.above, "above"),
         number(condition.atLeast, "at_least"),
         number(condition.below, "below"),
         number(condition.atMost, "at_most"),
         {"regex", [&](const auto &value) { condition.regex = regex(value, 0); }}});
}

std::string LogRuleParts::regex(const YAML::Node &node, int groups)
{
    std::string text = m_yaml.text(node, "regex");
    const RE2 expression(text, RE2::Quiet);
    if (!expression.ok())
        m_yaml.complain(node, "'regex' is not a valid expression: " + expression.error());
    else if (expression.NumberOfCapturingGroups() < groups)
        m_yaml.complain(node, "'with' refers to a group that 'regex' does not have");
    return text;
}

void LogRuleParts::readValue(const YAML::Node &node, LogRule &rule)
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

void LogRuleParts::readValueField(const YAML::Node &node, LogRule &rule)
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

void LogRuleParts::readLabels(const YAML::Node &node, std::vector<LogLabel> &labels)
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
            m_yaml.complain(value,
                            "the label " + inQuotes(name) + " has neither a field nor a constant");
        labels.push_back(std::move(label));
    });
}

void LogRuleParts::readLabel(const YAML::Node &node, LogLabel &label)
{
    m_yaml.readMap(
        node, "labels",
        {{"field", [&](const auto &value) { label.field = m_yaml.texts(value, "field"); }},
         {"constant", [&](const auto &value) { label.fallback = m_yaml.text(value, "constant"); }},
         {"default", [&](const auto &value) { label.fallback = m_yaml.text(value, "default"); }},
         {"lower_case",
          [&](const auto &value) { label.rewrite.lowerCase = m_yaml.flag(value, "lower_case"); }},
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

void LogRuleParts::readReplace(const YAML::Node &node, Replacements &steps)
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

} // namespace trendscope::config
