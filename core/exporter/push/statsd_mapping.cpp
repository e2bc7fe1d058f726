#include "core/exporter/push/statsd_mapping.h"

#include "core/config/statsd_mapping_file.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

namespace trendscope::exporter {

namespace {

constexpr std::size_t maxGroups = 30;

using Groups = std::vector<std::string_view>; // of the text that was matched, the first is "$1"

/// A text with "$1" and "${1}" in it.
class Template {
public:
    /// Nothing when it wants more groups than there are.
    static std::optional<Template> parse(std::string_view text, std::size_t groups)
    {
        Template result;
        while (!text.empty()) {
            const std::size_t dollar = std::min(text.find('$'), text.size());
            result.m_parts.push_back({std::string(text.substr(0, dollar)), 0});
            text.remove_prefix(dollar);
            const auto [group, length] = groupAt(text);
            if (group > groups)
                return {};
            if (group == 0 && !text.empty())
                result.m_parts.back().text += '$';
            result.m_parts.back().group = group;
            text.remove_prefix(group == 0 ? std::min<std::size_t>(1, text.size()) : length);
        }
        return result;
    }

    std::string filledFrom(const Groups &groups) const
    {
        std::string out;
        for (const Part &part : m_parts) {
            out += part.text;
            if (part.group > 0)
                out += groups[part.group - 1];
        }
        return out;
    }

private:
    struct Part {
        std::string text;
        std::size_t group; ///< after the text; 0: none
    };

    /// The group that `text` begins with, and how many bytes say so; 0 when it is none.
    static std::pair<std::size_t, std::size_t> groupAt(std::string_view text)
    {
        const bool isBraced = text.starts_with("${");
        std::size_t end = isBraced ? 2 : 1;
        std::size_t group = 0;
        for (; end < text.size() && text[end] >= '0' && text[end] <= '9' && group < 1'000; ++end)
            group = group * 10 + static_cast<std::size_t>(text[end] - '0');
        if (isBraced && (end >= text.size() || text[end++] != '}'))
            return {0, 0};
        return {group, end};
    }

    std::vector<Part> m_parts;
};

std::vector<std::string> partsOf(std::string_view pattern)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= pattern.size();) {
        const std::size_t end = std::min(pattern.find('.', begin), pattern.size());
        parts.emplace_back(pattern.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

bool matchesGlob(const std::vector<std::string> &parts, std::string_view name, Groups &groups)
{
    groups.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string_view part = name.substr(0, name.find('.'));
        const bool isLast = part.size() == name.size();
        if (isLast != (i + 1 == parts.size()))
            return false;
        if (parts[i] == "*")
            groups.push_back(part);
        else if (parts[i] != part)
            return false;
        name.remove_prefix(isLast ? part.size() : part.size() + 1);
    }
    return true;
}

bool matchesRegex(const re2::RE2 &regex, std::string_view name, Groups &groups)
{
    std::array<re2::StringPiece, maxGroups + 1> found;
    const int count = regex.NumberOfCapturingGroups() + 1;
    if (!regex.Match({name.data(), name.size()}, 0, name.size(), re2::RE2::UNANCHORED, found.data(),
                     count))
        return false;
    groups.clear();
    for (int i = 1; i < count; ++i) {
        const re2::StringPiece &group = found[static_cast<std::size_t>(i)];
        groups.emplace_back(group.data(), group.size());
    }
    return true;
}

} // namespace

struct StatsdMappings::Rule {
    config::StatsdMapping settings;
    std::vector<std::string> parts; ///< of a glob
    std::unique_ptr<const re2::RE2> regex;
    Template name;
    std::vector<std::pair<std::string, Template>> labels;
    std::size_t groups = 0; ///< that the match has

    /// What is wrong with the rule; nothing when it is ready.
    std::optional<std::string> prepare()
    {
        if (settings.match.empty())
            return "has nothing to match";
        if (!settings.isDropped && settings.name.empty())
            return "has no name for what it matches";
        if (!std::isfinite(settings.scale) || settings.scale == 0)
            return "has a scale that is no number, or 0";
        const auto &buckets = settings.buckets;
        const bool areFinite =
            std::all_of(buckets.begin(), buckets.end(), [](double b) { return std::isfinite(b); });
        if (!areFinite
            || std::adjacent_find(buckets.begin(), buckets.end(), std::greater_equal<>())
                != buckets.end())
            return "has buckets that do not ascend";
        if (auto problem = settings.pattern == config::StatsdMapping::Pattern::Glob
                ? prepareGlob()
                : prepareRegex())
            return problem;
        return prepareTemplates();
    }

    bool matches(std::string_view text, Groups &found) const
    {
        return regex ? matchesRegex(*regex, text, found) : matchesGlob(parts, text, found);
    }

private:
    std::optional<std::string> prepareGlob()
    {
        parts = partsOf(settings.match);
        for (const std::string &part : parts) {
            if (part != "*" && part.find('*') != part.npos)
                return "has a * that is not a whole part between dots; a regex can do that";
        }
        groups = static_cast<std::size_t>(std::count(parts.begin(), parts.end(), "*"));
        return {};
    }

    std::optional<std::string> prepareRegex()
    {
        re2::RE2::Options options;
        options.set_log_errors(false);
        regex = std::make_unique<const re2::RE2>(settings.match, options);
        if (!regex->ok())
            return "is not a regular expression of RE2: " + regex->error();
        groups = static_cast<std::size_t>(regex->NumberOfCapturingGroups());
        if (groups > maxGroups)
            return "has more than " + std::to_string(maxGroups) + " groups";
        return {};
    }

    std::optional<std::string> prepareTemplates()
    {
        const std::string problem =
            "uses a $ beyond the " + std::to_string(groups) + " that its match has";
        auto parsed = Template::parse(settings.name, groups);
        if (!parsed)
            return problem;
        name = std::move(*parsed);
        for (const auto &[label, value] : settings.labels) {
            auto text = Template::parse(value, groups);
            if (!text)
                return problem;
            labels.emplace_back(label, std::move(*text));
        }
        return {};
    }
};

StatsdMappings::StatsdMappings(std::vector<Rule> rules)
    : m_rules(std::move(rules))
{
}

StatsdMappings::~StatsdMappings() = default;
StatsdMappings::StatsdMappings(StatsdMappings &&) noexcept = default;
StatsdMappings &StatsdMappings::operator=(StatsdMappings &&) noexcept = default;

Result<StatsdMappings> StatsdMappings::compile(std::vector<config::StatsdMapping> rules)
{
    std::vector<Rule> compiled;
    for (config::StatsdMapping &settings : rules) {
        Rule &rule = compiled.emplace_back();
        rule.settings = std::move(settings);
        if (const auto problem = rule.prepare())
            return tl::unexpected(Error{Error::Kind::Invalid,
                                        "StatsD mapping " + std::to_string(compiled.size()) + " ("
                                            + rule.settings.match + ") " + *problem,
                                        {}});
    }
    return StatsdMappings(std::move(compiled));
}

StatsdMappings::Match StatsdMappings::find(std::string_view name,
                                           config::StatsdMapping::Kind kind) const
{
    Groups groups;
    for (const Rule &rule : m_rules) {
        const config::StatsdMapping::Kind wanted = rule.settings.kind;
        if ((wanted != config::StatsdMapping::Kind::Any && wanted != kind)
            || !rule.matches(name, groups))
            continue;
        Match match{&rule.settings, {}, {}};
        if (rule.settings.isDropped)
            return match;
        match.name = rule.name.filledFrom(groups);
        for (const auto &[label, value] : rule.labels)
            match.labels.emplace_back(label, value.filledFrom(groups));
        return match;
    }
    return {nullptr, {}, {}};
}

Result<config::StatsdSettings> readStatsdMappings(std::string_view yaml, const std::string &file,
                                                  config::StatsdSettings defaults)
{
    return config::readStatsdMappings(
        yaml, file, std::move(defaults), [](const config::StatsdMapping &rule) -> Result<void> {
            if (auto usable = StatsdMappings::compile({rule}); !usable)
                return tl::unexpected(usable.error());
            return {};
        });
}

} // namespace trendscope::exporter
