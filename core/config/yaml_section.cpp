#include "core/config/keys_p.h"
#include "core/config/yaml_section_p.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace trendscope::config {

std::string inQuotes(std::string_view text)
{
    std::string out = "'";
    out += text;
    out += '\'';
    return out;
}

YamlSection::YamlSection(std::filesystem::path file)
    : m_file(std::move(file))
{
}

void YamlSection::complain(const YAML::Node &at, const std::string &what)
{
    if (m_error)
        return;
    m_error = Error{Error::Kind::Invalid,
                    m_file.string() + ":" + std::to_string(at.Mark().line + 1) + ": " + what,
                    {}};
}

void YamlSection::readPairs(
    const YAML::Node &node, std::string_view what,
    const std::function<void(const std::string &, const YAML::Node &)> &take)
{
    if (m_error || !node || node.IsNull())
        return;
    if (!node.IsMap())
        return complain(node, inQuotes(what) + " should be a map of keys and values");
    std::set<std::string> seen;
    for (const auto &entry : node) {
        if (!entry.first.IsScalar())
            return complain(entry.first, inQuotes(what) + " has a key that is not a text");
        const std::string &key = entry.first.Scalar();
        if (!seen.insert(key).second)
            return complain(entry.first, "the key " + inQuotes(key) + " is here a second time");
        take(key, entry.second);
        if (m_error)
            return;
    }
}

void YamlSection::readMap(const YAML::Node &node, std::string_view what,
                          const std::vector<Entry> &entries)
{
    readPairs(node, what, [&](const std::string &key, const YAML::Node &value) {
        const auto found = std::ranges::find(entries, key, &Entry::key);
        if (found != entries.end())
            return found->take(value);
        std::vector<std::string_view> known;
        known.reserve(entries.size());
        for (const Entry &entry : entries)
            known.push_back(entry.key);
        const std::string_view near = nearest(key, known);
        complain(value,
                 "unknown key " + inQuotes(key) + " in " + inQuotes(what)
                     + (near.empty() ? "" : "; did you mean " + inQuotes(near) + "?"));
    });
}

std::string YamlSection::text(const YAML::Node &node, std::string_view what)
{
    if (node.IsScalar())
        return node.Scalar();
    complain(node, inQuotes(what) + " should be a text");
    return {};
}

double YamlSection::number(const YAML::Node &node, std::string_view what)
{
    double value = 0;
    if (node.IsScalar() && YAML::convert<double>::decode(node, value) && std::isfinite(value))
        return value;
    complain(node, inQuotes(what) + " should be a number");
    return 0;
}

std::size_t YamlSection::count(const YAML::Node &node, std::string_view what)
{
    constexpr double most = 1e9;
    double value = 0;
    if (node.IsScalar() && YAML::convert<double>::decode(node, value) && value >= 1 && value <= most
        && value == std::floor(value))
        return static_cast<std::size_t>(value);
    complain(node, inQuotes(what) + " should be a whole number from 1 on");
    return 1;
}

bool YamlSection::flag(const YAML::Node &node, std::string_view what)
{
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
        complain(node, inQuotes(what) + " should be true or false");
    return value;
}

std::vector<std::string> YamlSection::texts(const YAML::Node &node, std::string_view what)
{
    if (node.IsScalar())
        return {node.Scalar()};
    std::vector<std::string> out;
    if (!node.IsSequence())
        complain(node, inQuotes(what) + " should be a text or a list of texts");
    else
        for (const YAML::Node &entry : node)
            out.push_back(text(entry, what));
    return out;
}

std::vector<double> YamlSection::numbers(const YAML::Node &node, std::string_view what)
{
    std::vector<double> out;
    if (!node.IsSequence())
        complain(node, inQuotes(what) + " should be a list of numbers");
    else
        for (const YAML::Node &entry : node)
            out.push_back(number(entry, what));
    return out;
}

std::chrono::milliseconds YamlSection::duration(const YAML::Node &node, std::string_view what)
{
    static const std::map<std::string_view, double> units{
        {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
    constexpr double year = 365 * 24 * 3'600'000.0;
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    double number = -1;
    const char *const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    const auto unit = units.find({end, static_cast<std::size_t>(last - end)});
    const double factor = unit != units.end() ? unit->second : number == 0 && end == last ? 1 : 0;
    if (error == std::errc() && factor > 0 && number >= 0 && number * factor <= year)
        return std::chrono::milliseconds(std::llround(number * factor));
    complain(node, inQuotes(what) + " should be a time such as 500ms, 30s, 5m or 2h");
    return {};
}

std::filesystem::path YamlSection::path(const YAML::Node &node, std::string_view what)
{
    if (node.IsNull())
        return {};
    const std::string name = text(node, what);
    return name.empty() ? std::filesystem::path() : m_file.parent_path() / name;
}

std::vector<std::filesystem::path> YamlSection::paths(const YAML::Node &node, std::string_view what)
{
    std::vector<std::filesystem::path> out;
    for (const std::string &name : texts(node, what))
        out.push_back(m_file.parent_path() / name);
    return out;
}

std::vector<std::string> YamlSection::globs(const YAML::Node &node, std::string_view what)
{
    std::vector<std::string> out;
    for (const auto &path : paths(node, what))
        out.push_back(path.string());
    return out;
}

YamlSection::Entry YamlSection::to(std::string_view key, std::string &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = text(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, bool &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = flag(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::size_t &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = count(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::chrono::milliseconds &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = duration(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::filesystem::path &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = path(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::vector<std::string> &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = texts(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::vector<double> &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = numbers(node, key); }};
}

YamlSection::Entry YamlSection::to(std::string_view key, std::vector<std::filesystem::path> &out)
{
    return {key, [this, key, &out](const YAML::Node &node) { out = paths(node, key); }};
}

} // namespace trendscope::config
