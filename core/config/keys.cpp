#include "core/config/collector_sections_p.h"
#include "core/config/keys_p.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

namespace trendscope::config {

namespace {

using Complaint = std::optional<std::string>;
using Check = Complaint (*)(const std::string &);

Complaint anyText(const std::string &)
{
    return {};
}

Complaint url(const std::string &value)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (value.starts_with(scheme) && value.size() > scheme.size()
            && value[scheme.size()] != '/')
            return {};
    }
    return "an http or https URL";
}

Complaint urlOrNone(const std::string &value)
{
    return value.empty() ? std::nullopt : url(value);
}

Complaint theme(const std::string &value)
{
    if (value == "dark" || value == "light")
        return {};
    return "dark or light";
}

Complaint refresh(const std::string &value)
{
    const auto unit = value.find_first_not_of("0123456789");
    const bool isInterval = unit != 0 && unit != std::string::npos
        && (value.substr(unit) == "s" || value.substr(unit) == "m" || value.substr(unit) == "h");
    if (value.empty() || value == "off" || isInterval)
        return {};
    return "an interval such as 5s or 1m, or off";
}

/// YAML's null counts as empty, so that "url:" alone means none.
std::optional<std::string> textOf(const YAML::Node &node)
{
    if (node.IsNull())
        return "";
    if (!node.IsScalar())
        return {};
    return node.Scalar();
}

/// A key for the text that `member` finds in a configuration.
template <class Member>
auto text(Member member, Check check = anyText)
{
    return [member, check](Config &config, const YAML::Node &node) -> Complaint {
        const auto value = textOf(node);
        if (!value)
            return "a text";
        if (Complaint complaint = check(*value))
            return complaint;
        member(config) = *value;
        return {};
    };
}

template <class Member>
auto list(Member member)
{
    return [member](Config &config, const YAML::Node &node) -> Complaint {
        std::vector<std::string> values;
        if (!node.IsSequence() && !node.IsNull())
            return "a list";
        for (const YAML::Node &entry : node) {
            if (!entry.IsScalar())
                return "a list of texts";
            values.push_back(entry.Scalar());
        }
        member(config) = std::move(values);
        return {};
    };
}

constexpr const char *headersShape = "a map of header names and values, each of one line";

Complaint readHeaders(std::vector<std::pair<std::string, std::string>> &out, const YAML::Node &node)
{
    if (!node.IsMap() && !node.IsNull())
        return headersShape;
    out.clear();
    for (const auto &entry : node) {
        if (!entry.first.IsScalar() || !entry.second.IsScalar())
            return headersShape;
        // A line break would end the header and begin whatever follows it.
        const std::string &value = entry.second.Scalar();
        if (value.find_first_of("\r\n") != std::string::npos
            || entry.first.Scalar().find_first_of("\r\n: ") != std::string::npos)
            return headersShape;
        out.emplace_back(entry.first.Scalar(), value);
    }
    return {};
}

Complaint assignHeaders(Config &config, const YAML::Node &node)
{
    return readHeaders(config.prometheus.headers, node);
}

/// Texts, or maps with `url` and `headers`.
Complaint assignLogs(Config &config, const YAML::Node &node)
{
    constexpr const char *shape = "a list of files and of URLs, or of maps with url and headers";
    std::vector<LogLocation> logs;
    if (!node.IsSequence() && !node.IsNull())
        return shape;
    for (const YAML::Node &entry : node) {
        LogLocation &log = logs.emplace_back();
        if (entry.IsScalar()) {
            log.location = entry.Scalar();
            continue;
        }
        if (!entry.IsMap() || !entry["url"] || !entry["url"].IsScalar()
            || entry.size() != (entry["headers"] ? 2U : 1U))
            return shape;
        log.location = entry["url"].Scalar();
        if (Complaint complaint = url(log.location))
            return "a list in which each url is " + *complaint;
        if (entry["headers"] && readHeaders(log.headers, entry["headers"]))
            return std::string("a list in which headers are ") + headersShape;
    }
    config.logs = std::move(logs);
    return {};
}

/// One text, with commas between, or a list.
Complaint assignListenAddresses(Config &config, const YAML::Node &node)
{
    std::vector<std::string> addresses;
    const auto add = [&](const std::string &text) {
        std::istringstream parts(text);
        for (std::string part; std::getline(parts, part, ',');) {
            const auto begin = part.find_first_not_of(' ');
            if (begin != part.npos)
                addresses.push_back(part.substr(begin, part.find_last_not_of(' ') + 1 - begin));
        }
    };
    if (node.IsScalar())
        add(node.Scalar());
    else if (!node.IsSequence())
        return "an address, or a list of them";
    for (const YAML::Node &entry : node) {
        if (!entry.IsScalar())
            return "an address, or a list of them";
        add(entry.Scalar());
    }
    if (addresses.empty())
        return "an address, or a list of them";
    config.exporter.listenAddresses = std::move(addresses);
    return {};
}

Complaint assignLevel(Config &config, const YAML::Node &node)
{
    const auto level = node.IsScalar() ? observability::levelNamed(node.Scalar()) : std::nullopt;
    if (!level)
        return "debug, info, warning, error or critical";
    config.log.level = *level;
    return {};
}

Complaint assignJson(Config &config, const YAML::Node &node)
{
    bool value = false;
    const bool isOne = node.IsScalar() && node.Scalar() == "1";
    const bool isZero = node.IsScalar() && node.Scalar() == "0";
    if (!isOne && !isZero && !(node.IsScalar() && YAML::convert<bool>::decode(node, value)))
        return "true or false";
    config.log.json = isOne || value;
    return {};
}

/// A section of `exporter`, read as a whole.
template <void (*Read)(YamlSection &, const YAML::Node &, Config::Exporter &)>
Result<void> section(Config &config, const YAML::Node &node, const std::filesystem::path &file)
{
    YamlSection yaml(file);
    Read(yaml, node, config.exporter);
    if (const auto &error = yaml.error())
        return tl::unexpected(*error);
    return {};
}

Result<void> readLogs(Config &config, const YAML::Node &node, const std::filesystem::path &file)
{
    auto logs = readLogMetrics(node, file);
    if (!logs)
        return tl::unexpected(logs.error());
    config.exporter.logs = *std::move(logs);
    return {};
}

std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (const char letter : a) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (letter == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row[b.size()];
}

} // namespace

std::span<const Key> keys()
{
    using Shape = Key::Shape;
    static const std::array all{
        Key{"prometheus.url", "TRENDSCOPE_PROMETHEUS_URL", Shape::Text,
            text([](Config &c) -> auto & { return c.prometheus.url; }, url)},
        Key{"prometheus.headers", "", Shape::Map, assignHeaders},
        Key{"alertmanager.url", "TRENDSCOPE_ALERTMANAGER_URL", Shape::Text,
            text([](Config &c) -> auto & { return c.alertmanager.url; }, urlOrNone)},
        Key{"dashboards", "TRENDSCOPE_DASHBOARDS", Shape::List,
            list([](Config &c) -> auto & { return c.dashboards; }), true},
        Key{"logs", "TRENDSCOPE_LOGS", Shape::Locations, assignLogs, true},
        Key{"console.theme", "TRENDSCOPE_THEME", Shape::Text,
            text([](Config &c) -> auto & { return c.console.theme; }, theme)},
        Key{"console.refresh", "TRENDSCOPE_REFRESH", Shape::Text,
            text([](Config &c) -> auto & { return c.console.refresh; }, refresh)},
        Key{"console.timezone", "TRENDSCOPE_TIMEZONE", Shape::Text,
            text([](Config &c) -> auto & { return c.console.timezone; })},
        Key{"exporter.listen_address", "TRENDSCOPE_LISTEN_ADDRESS", Shape::Text,
            assignListenAddresses},
        Key{"exporter.web_config_file", "TRENDSCOPE_WEB_CONFIG_FILE", Shape::Text,
            text([](Config &c) -> auto & { return c.exporter.webConfigFile; }), true},
        Key{"exporter.disabled_collectors", "TRENDSCOPE_DISABLED_COLLECTORS", Shape::List,
            list([](Config &c) -> auto & { return c.exporter.disabledCollectors; })},
        Key{"exporter.mount_points", "TRENDSCOPE_MOUNT_POINTS", Shape::List,
            list([](Config &c) -> auto & { return c.exporter.mountPoints; })},
        Key{"exporter.log_stream", "", Shape::Section, {}, false, section<readLogStream>},
        Key{"exporter.node", "", Shape::Section, {}, false, section<readNode>},
        Key{"exporter.cgroup", "", Shape::Section, {}, false, section<readCgroup>},
        Key{"exporter.postgres", "", Shape::Section, {}, false, section<readPostgres>},
        Key{"exporter.pgbouncer", "", Shape::Section, {}, false, section<readPgbouncer>},
        Key{"exporter.celery", "", Shape::Section, {}, false, section<readCelery>},
        Key{"exporter.logs", "", Shape::Section, {}, false, readLogs},
        Key{"exporter.statsd", "", Shape::Section, {}, false, section<readStatsd>},
        Key{"exporter.push", "", Shape::Section, {}, false, section<readPush>},
        Key{"log.level", "LOG_LEVEL", Shape::Text, assignLevel},
        Key{"log.json", "LOG_JSON", Shape::Text, assignJson},
        Key{"log.file", "LOG_FILE", Shape::Text,
            text([](Config &c) -> auto & { return c.log.file; }), true},
    };
    return all;
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> known)
{
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        if (const std::size_t edits = distance(name, candidate); edits < least) {
            least = edits;
            best = candidate;
        }
    }
    return best;
}

} // namespace trendscope::config
