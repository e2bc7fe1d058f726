#include "core/config/statsd_mapping_file.h"

#include "core/config/yaml_section_p.h"

#include <array>

namespace trendscope::config {

namespace {

using namespace std::string_view_literals;

using Entries = std::vector<YamlSection::Entry>;

constexpr std::array observers{std::pair{"histogram"sv, StatsdObserver::Histogram},
                               std::pair{"summary"sv, StatsdObserver::Summary}};
constexpr std::array patterns{std::pair{"glob"sv, StatsdMapping::Pattern::Glob},
                              std::pair{"regex"sv, StatsdMapping::Pattern::Regex}};
constexpr std::array actions{std::pair{"drop"sv, true}, std::pair{"map"sv, false}};
constexpr std::array kinds{std::pair{"counter"sv, StatsdMapping::Kind::Counter},
                           std::pair{"gauge"sv, StatsdMapping::Kind::Gauge},
                           std::pair{"observer"sv, StatsdMapping::Kind::Observer},
                           std::pair{"timer"sv, StatsdMapping::Kind::Observer},
                           std::pair{"set"sv, StatsdMapping::Kind::Set}};

template <class Value, std::size_t N, class Out>
YamlSection::Entry word(YamlSection &yaml, std::string_view key,
                        const std::array<std::pair<std::string_view, Value>, N> &words, Out &out)
{
    return {key, [&, key](const YAML::Node &node) { out = yaml.oneOf(node, key, words); }};
}

/// What tunes statsd_exporter's own cache, matching or quantiles.
YamlSection::Entry passedOver(std::string_view key)
{
    return {key, [](const YAML::Node &) {}};
}

/// What `defaults` may have as well as a rule.
Entries commonEntries(YamlSection &yaml, StatsdMapping &rule)
{
    const auto readOptions = [&](const YAML::Node &node) {
        const YAML::Node list = node.IsMap() ? node["buckets"] : node;
        if (!list)
            return yaml.complain(node, "'histogram_options' should be a map with the key buckets");
        rule.buckets = yaml.numbers(list, "buckets");
    };
    return {word(yaml, "match_type", patterns, rule.pattern),
            word(yaml, "observer_type", observers, rule.observer),
            word(yaml, "timer_type", observers, rule.observer),
            yaml.to("buckets", rule.buckets),
            {"histogram_options", readOptions},
            yaml.to("ttl", rule.timeToLive),
            passedOver("summary_options"),
            passedOver("quantiles"),
            passedOver("glob_disable_ordering")};
}

Entries ruleEntries(YamlSection &yaml, StatsdMapping &rule)
{
    const auto readLabels = [&](const YAML::Node &node) {
        if (node.IsNull())
            yaml.complain(node, "'labels' should be a map of keys and values");
        yaml.readPairs(node, "labels", [&](const std::string &name, const YAML::Node &value) {
            rule.labels.emplace_back(name, yaml.text(value, name));
        });
    };
    Entries entries = commonEntries(yaml, rule);
    for (const YamlSection::Entry &entry :
         {yaml.to("match", rule.match), yaml.to("name", rule.name), yaml.to("help", rule.help),
          yaml.to("honor_labels", rule.honorLabels), word(yaml, "action", actions, rule.isDropped),
          word(yaml, "match_metric_type", kinds, rule.kind),
          YamlSection::Entry{"labels", readLabels},
          YamlSection::Entry{
              "scale", [&](const YAML::Node &node) { rule.scale = yaml.number(node, "scale"); }}})
        entries.push_back(entry);
    return entries;
}

/// Reads the file; the first problem ends it.
class MappingFile {
public:
    MappingFile(const std::string &file, StatsdSettings settings)
        : m_yaml(file)
        , m_settings(std::move(settings))
    {
    }

    template <class Check>
    Result<StatsdSettings> read(const YAML::Node &root, const Check &check)
    {
        YAML::Node defaults;
        YAML::Node rules;
        m_yaml.readMap(root, "the file",
                       {{"defaults", [&](const YAML::Node &node) { defaults.reset(node); }},
                        {"mappings", [&](const YAML::Node &node) { rules.reset(node); }}});
        m_settings.mappings.clear();
        StatsdMapping common;
        m_yaml.readMap(defaults, "defaults", commonEntries(m_yaml, common));
        m_settings.observer = common.observer.value_or(m_settings.observer);
        if (common.timeToLive.count() > 0)
            m_settings.timeToLive = common.timeToLive;
        if (!common.buckets.empty())
            m_settings.buckets = common.buckets;
        readRules(rules, common, check);
        if (m_yaml.error())
            return tl::unexpected(*m_yaml.error());
        return std::move(m_settings);
    }

private:
    template <class Check>
    void readRules(const YAML::Node &list, const StatsdMapping &common, const Check &check)
    {
        if (!list.IsSequence() && !list.IsNull())
            return m_yaml.complain(list, "'mappings' should be a list");
        for (const YAML::Node &each : list) {
            StatsdMapping &rule = m_settings.mappings.emplace_back(common);
            m_yaml.readMap(each, "mapping", ruleEntries(m_yaml, rule));
            if (m_yaml.error())
                return;
            if (const auto usable = check(rule); !usable)
                m_yaml.complain(each, usable.error().message);
        }
    }

    YamlSection m_yaml;
    StatsdSettings m_settings;
};

} // namespace

Result<StatsdSettings>
readStatsdMappings(std::string_view yaml, const std::string &file, StatsdSettings defaults,
                   const std::function<Result<void>(const StatsdMapping &)> &check)
{
    try {
        return MappingFile(file, std::move(defaults)).read(YAML::Load(std::string(yaml)), check);
    } catch (const YAML::Exception &error) {
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg,
                  {}});
    }
}

} // namespace trendscope::config
