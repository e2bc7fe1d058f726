#pragma once

#include "core/config/log_rules.h"
#include "core/config/yaml_section_p.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::config {

/// Whether a metric, or a label, may be called so.
bool isName(std::string_view text, bool isMetric);

/// Reads the parts of a rule that have parts of their own. Complaints go to the section.
class LogRuleParts {
public:
    explicit LogRuleParts(YamlSection &yaml)
        : m_yaml(yaml)
    {
    }

    std::vector<double> buckets(const YAML::Node &node);
    void readMatch(const YAML::Node &node, std::vector<LogCondition> &match);
    void readValue(const YAML::Node &node, LogRule &rule);
    void readLabels(const YAML::Node &node, std::vector<LogLabel> &labels);

private:
    using Replacements = std::vector<std::pair<std::string, std::string>>;

    void readCondition(const YAML::Node &node, LogCondition &condition);
    /// `groups`: how many the replacement that goes with it refers to.
    std::string regex(const YAML::Node &node, int groups);
    void readValueField(const YAML::Node &node, LogRule &rule);
    void readLabel(const YAML::Node &node, LogLabel &label);
    void readReplace(const YAML::Node &node, Replacements &steps);

    YamlSection &m_yaml;
};

} // namespace trendscope::config
