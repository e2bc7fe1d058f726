#include "core/exporter/push/statsd_mapping.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

namespace trendscope::exporter {

namespace {

/// What a key's value should have been, where it is not that.
using Problem = std::optional<std::string>;
template <class Target>
using Keys = std::map<std::string, std::function<Problem(Target &, const YAML::Node &)>>;

Problem readText(std::string &out, const YAML::Node &node)
{
    if (!node.IsScalar())
        return "a text";
    out = node.Scalar();
    return {};
}

Problem readNumber(double &out, const YAML::Node &node)
{
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(out))
        return "a number";
    return {};
}

/// Go's durations, of one unit: 500ms, 30s, 5m, 2h; 0.
Problem readDuration(std::chrono::milliseconds &out, const YAML::Node &node)
{
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(end, text.data() + text.size());
    static const std::map<std::string, double> units = {
        {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
    const auto factor = units.find(unit);
    const bool isZero = unit.empty() && number == 0;
    if (error != std::errc() || number < 0 || number > 1e6 || (factor == units.end() && !isZero))
        return "a duration such as 30s, 5m or 2h";
    out = std::chrono::milliseconds(isZero ? 0 : std::llround(number * factor->second));
    return {};
}

Problem readBool(bool &out, const YAML::Node &node)
{
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    if (text != "true" && text != "false")
        return "true or false";
    out = text == "true";
    return {};
}

template <class Value, class Out>
Problem readWord(Out &out, const YAML::Node &node, const std::map<std::string, Value> &words)
{
    const auto word = words.find(node.IsScalar() ? node.Scalar() : "");
    if (word != words.end()) {
        out = word->second;
        return {};
    }
    std::string expected;
    for (const auto &[name, value] : words)
        expected += (expected.empty() ? "" : ", ") + name;
    return "one of " + expected;
}

Problem readObserver(std::optional<config::StatsdObserver> &out, const YAML::Node &node)
{
    return readWord(out, node,
                    std::map<std::string, config::StatsdObserver>{
                        {"histogram", config::StatsdObserver::Histogram},
                        {"summary", config::StatsdObserver::Summary}});
}

Problem readPattern(config::StatsdMapping::Pattern &out, const YAML::Node &node)
{
    return readWord(out, node,
                    std::map<std::string, config::StatsdMapping::Pattern>{
                        {"glob", config::StatsdMapping::Pattern::Glob},
                        {"regex", config::StatsdMapping::Pattern::Regex}});
}

Problem readBuckets(std::vector<double> &out, const YAML::Node &node)
{
    const YAML::Node list = node.IsMap() ? node["buckets"] : node;
    if (!list || !list.IsSequence())
        return "a list of numbers, or a map with the key buckets";
    out.clear();
    for (const auto &each : list) {
        if (readNumber(out.emplace_back(), each))
            return "a list of numbers, or a map with the key buckets";
    }
    return {};
}

Problem readLabels(std::vector<std::pair<std::string, std::string>> &out, const YAML::Node &node)
{
    if (!node.IsMap())
        return "a map of label names and values";
    for (const auto &entry : node) {
        if (!entry.first.IsScalar() || !entry.second.IsScalar())
            return "a map of label names and values";
        out.emplace_back(entry.first.Scalar(), entry.second.Scalar());
    }
    return {};
}

/// Read and passed over: what tunes statsd_exporter's own cache, matching or quantiles.
template <class Target>
Problem ignore(Target & /*target*/, const YAML::Node & /*node*/)
{
    return {};
}

/// What `defaults` may have as well as a rule.
Keys<config::StatsdMapping> commonKeys()
{
    using Rule = config::StatsdMapping;
    using Node = YAML::Node;
    return {
        {"match_type", [](Rule &r, const Node &n) { return readPattern(r.pattern, n); }},
        {"observer_type", [](Rule &r, const Node &n) { return readObserver(r.observer, n); }},
        {"timer_type", [](Rule &r, const Node &n) { return readObserver(r.observer, n); }},
        {"buckets", [](Rule &r, const Node &n) { return readBuckets(r.buckets, n); }},
        {"histogram_options", [](Rule &r, const Node &n) { return readBuckets(r.buckets, n); }},
        {"ttl", [](Rule &r, const Node &n) { return readDuration(r.timeToLive, n); }},
        {"summary_options", ignore<Rule>},
        {"quantiles", ignore<Rule>},
        {"glob_disable_ordering", ignore<Rule>},
    };
}

Keys<config::StatsdMapping> ruleKeys()
{
    using Rule = config::StatsdMapping;
    using Node = YAML::Node;
    using Kind = config::StatsdMapping::Kind;
    Keys<Rule> keys = commonKeys();
    keys.merge(Keys<Rule>{
        {"match", [](Rule &r, const Node &n) { return readText(r.match, n); }},
        {"name", [](Rule &r, const Node &n) { return readText(r.name, n); }},
        {"help", [](Rule &r, const Node &n) { return readText(r.help, n); }},
        {"labels", [](Rule &r, const Node &n) { return readLabels(r.labels, n); }},
        {"scale", [](Rule &r, const Node &n) { return readNumber(r.scale, n); }},
        {"honor_labels", [](Rule &r, const Node &n) { return readBool(r.honorLabels, n); }},
        {"action",
         [](Rule &r, const Node &n) {
             return readWord<bool>(r.isDropped, n, {{"drop", true}, {"map", false}});
         }},
        {"match_metric_type",
         [](Rule &r, const Node &n) {
             return readWord<Kind>(r.kind, n,
                                   {{"counter", Kind::Counter},
                                    {"gauge", Kind::Gauge},
                                    {"observer", Kind::Observer},
                                    {"timer", Kind::Observer},
                                    {"set", Kind::Set}});
         }},
    });
    return keys;
}

/// Reads the file; the first problem ends it.
class MappingFile {
public:
    MappingFile(std::string file, config::StatsdSettings settings)
        : m_file(std::move(file))
        , m_settings(std::move(settings))
    {
    }

    Result<config::StatsdSettings> read(const YAML::Node &root)
    {
        m_settings.mappings.clear();
        if (root && !root.IsNull() && !root.IsMap())
            return complaint(root, "the file should be a map with the key mappings");
        config::StatsdMapping defaults;
        for (const auto &entry : root) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
            std::optional<Error> error;
            if (key == "defaults")
                error = readMap(entry.second, commonKeys(), defaults);
            else if (key != "mappings")
                error = complaintOf(entry.first,
                                    "unknown key '" + key + "'; known are defaults, mappings");
            if (error)
                return tl::unexpected(*error);
        }
        m_settings.observer = defaults.observer.value_or(m_settings.observer);
        if (defaults.timeToLive.count() > 0)
            m_settings.timeToLive = defaults.timeToLive;
        if (!defaults.buckets.empty())
            m_settings.buckets = defaults.buckets;
        if (root && root.IsMap() && root["mappings"]) {
            if (auto error = readRules(root["mappings"], defaults))
                return tl::unexpected(*error);
        }
        return m_settings;
    }

private:
    std::optional<Error> readRules(const YAML::Node &list, const config::StatsdMapping &defaults)
    {
        if (list.IsNull())
            return {};
        if (!list.IsSequence())
            return complaintOf(list, "'mappings' should be a list");
        const Keys<config::StatsdMapping> keys = ruleKeys();
        for (const auto &each : list) {
            config::StatsdMapping &rule = m_settings.mappings.emplace_back(defaults);
            if (auto error = readMap(each, keys, rule))
                return error;
            if (auto usable = StatsdMappings::compile({rule}); !usable)
                return complaintOf(each, usable.error().message);
        }
        return {};
    }

    std::optional<Error> readMap(const YAML::Node &map, const Keys<config::StatsdMapping> &keys,
                                 config::StatsdMapping &rule) const
    {
        if (!map.IsMap())
            return complaintOf(map, "here should be a map of keys and values");
        for (const auto &entry : map) {
            const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
            const auto key = keys.find(name);
            if (key == keys.end())
                return complaintOf(entry.first,
                                   "unknown key '" + name + "'; known are " + namesOf(keys));
            if (const Problem expected = key->second(rule, entry.second))
                return complaintOf(entry.first, "'" + name + "' should be " + *expected);
        }
        return {};
    }

    static std::string namesOf(const Keys<config::StatsdMapping> &keys)
    {
        std::string names;
        for (const auto &[name, read] : keys)
            names += (names.empty() ? "" : ", ") + name;
        return names;
    }

    Error complaintOf(const YAML::Node &at, const std::string &what) const
    {
        return {Error::Kind::Invalid,
                m_file + ":" + std::to_string(at.Mark().line + 1) + ": " + what,
                {}};
    }
    tl::unexpected<Error> complaint(const YAML::Node &at, const std::string &what) const
    {
        return tl::unexpected(complaintOf(at, what));
    }

    const std::string m_file;
    config::StatsdSettings m_settings;
};

} // namespace

Result<config::StatsdSettings> readStatsdMappings(std::string_view yaml, const std::string &file,
                                                  config::StatsdSettings defaults)
{
    try {
        return MappingFile(file, std::move(defaults)).read(YAML::Load(std::string(yaml)));
    } catch (const YAML::Exception &error) {
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg,
                  {}});
    }
}

} // namespace trendscope::exporter
