#include "core/config/config.h"

#include "core/config/keys_p.h"
#include "core/config/yaml_section_p.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace trendscope::config {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> invalid(std::string message)
{
    return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
}

/// Fills a configuration from one YAML document.
class Reader {
public:
    Reader(Config &config, fs::path file)
        : m_config(config)
        , m_file(std::move(file))
    {
    }

    /// `prefix` is the path of `section`, with a dot at its end, or empty. Nothing: all was
    /// understood.
    std::optional<Error> read(const YAML::Node &section, const std::string &prefix)
    {
        if (section.IsNull())
            return {};
        if (!section.IsMap())
            return complaint(section,
                             (prefix.empty() ? "the file" : prefix.substr(0, prefix.size() - 1))
                                 + " should be a map of keys and values");
        std::set<std::string> seen;
        for (const auto &entry : section) {
            const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
            if (!seen.insert(name).second)
                return complaint(entry.first,
                                 "the key " + inQuotes(prefix + name) + " is here a second time");
            if (auto error = readEntry(entry.first, entry.second, prefix))
                return error;
        }
        return {};
    }

private:
    std::optional<Error> readEntry(const YAML::Node &name, const YAML::Node &value,
                                   const std::string &prefix)
    {
        const std::string path = prefix + (name.IsScalar() ? name.Scalar() : "");
        for (const Key &key : keys()) {
            if (key.path == path)
                return key.read ? readSection(key, value) : assign(key, name, value);
            if (key.path.starts_with(path + "."))
                return read(value, path + ".");
        }
        return complaint(name, "unknown key " + inQuotes(path) + suggestion(name, prefix));
    }

    std::optional<Error> readSection(const Key &key, const YAML::Node &value)
    {
        const auto done = key.read(m_config, value, m_file);
        return done ? std::nullopt : std::optional(done.error());
    }

    std::optional<Error> assign(const Key &key, const YAML::Node &name, const YAML::Node &value)
    {
        const YAML::Node resolved = key.isPath ? relativeToFile(value) : value;
        if (const auto expected = key.assign(m_config, resolved))
            return complaint(name, inQuotes(key.path) + " should be " + *expected);
        return {};
    }

    YAML::Node relativeToFile(const YAML::Node &value) const
    {
        if (value.IsScalar() && LogLocation{value.Scalar()}.isUrl())
            return value;
        if (value.IsScalar() && !value.Scalar().empty())
            return YAML::Node((m_file.parent_path() / value.Scalar()).string());
        if (!value.IsSequence())
            return value;
        YAML::Node resolved(YAML::NodeType::Sequence);
        for (const YAML::Node &entry : value)
            resolved.push_back(relativeToFile(entry));
        return resolved;
    }

    std::string suggestion(const YAML::Node &name, const std::string &prefix) const
    {
        std::vector<std::string_view> known;
        for (const Key &key : keys()) {
            if (key.path.starts_with(prefix)) {
                const auto rest = key.path.substr(prefix.size());
                known.push_back(rest.substr(0, rest.find('.')));
            }
        }
        const auto best = nearest(name.IsScalar() ? name.Scalar() : "", known);
        return best.empty() ? "" : "; did you mean " + inQuotes(prefix + std::string(best)) + "?";
    }

    Error complaint(const YAML::Node &at, const std::string &what) const
    {
        return {Error::Kind::Invalid,
                m_file.string() + ":" + std::to_string(at.Mark().line + 1) + ": " + what,
                {}};
    }

    Config &m_config;
    const fs::path m_file;
};

Result<YAML::Node> parse(const fs::path &file)
{
    std::error_code failure;
    if (fs::is_directory(file, failure))
        return tl::unexpected(
            Error{Error::Kind::System, file.string() + " is a folder, not a file", {}});
    const std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf(), stream)) {
        const bool isAbsent = errno == ENOENT;
        return tl::unexpected(Error{isAbsent ? Error::Kind::NotFound : Error::Kind::System,
                                    "The configuration " + file.string()
                                        + " can not be read: " + std::strerror(errno),
                                    {}});
    }
    try {
        return YAML::Load(text.str());
    } catch (const YAML::Exception &error) {
        return invalid(file.string() + ":" + std::to_string(error.mark.line + 1) + ": "
                       + error.msg);
    }
}

/// The first of the usual places that has one.
std::optional<fs::path> usualFile(const Environment &environment)
{
    std::vector<fs::path> places;
    const auto xdg = environment("XDG_CONFIG_HOME");
    const auto home = environment("HOME");
    if (xdg && fs::path(*xdg).is_absolute()) // the XDG specification: others are to be ignored
        places.emplace_back(*xdg);
    else if (home && !home->empty())
        places.push_back(fs::path(*home) / ".config");
    places.emplace_back("/etc");
    for (const fs::path &place : places) {
        std::error_code failure;
        if (fs::exists(place / "trendscope/trendscope.yml", failure))
            return place / "trendscope/trendscope.yml";
    }
    return {};
}

/// The next entry of a list of files and addresses. A file ends at a colon, as in PATH. An address
/// has colons itself: it ends at the next white space, which no address has. So does the file
/// before it, as far as that white space is right before the address; others may be within its
/// name.
std::string takeLocation(std::string_view &rest)
{
    constexpr std::string_view space = " \t\r\n";
    constexpr std::string_view separators = " \t\r\n:";
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
    const auto isAddress = [](std::string_view text) {
        return text.starts_with("http://") || text.starts_with("https://");
    };
    std::size_t end = 0;
    if (isAddress(rest)) {
        end = std::min(rest.find_first_of(space), rest.size());
    } else {
        while (end < rest.size() && rest[end] != ':') {
            if (space.find(rest[end]) != space.npos && isAddress(rest.substr(end + 1)))
                break;
            ++end;
        }
    }
    std::string entry(rest.substr(0, end));
    rest.remove_prefix(end);
    return entry.erase(entry.find_last_not_of(space) + 1);
}

YAML::Node locationsIn(std::string_view value)
{
    YAML::Node list(YAML::NodeType::Sequence);
    while (!value.empty()) {
        if (const std::string entry = takeLocation(value); !entry.empty())
            list.push_back(entry);
    }
    return list;
}

YAML::Node nodeOf(const Key &key, const std::string &value)
{
    if (key.shape == Key::Shape::Locations)
        return locationsIn(value);
    if (key.shape != Key::Shape::List)
        return YAML::Node(value);
    YAML::Node list(YAML::NodeType::Sequence); // as in PATH
    std::istringstream parts(value);
    for (std::string part; std::getline(parts, part, ':');) {
        if (!part.empty())
            list.push_back(part);
    }
    return list;
}

std::optional<Error> override(Config &config, const Environment &environment)
{
    for (const Key &key : keys()) {
        const auto value = key.variable.empty() ? std::nullopt : environment(key.variable.data());
        if (!value || value->empty())
            continue;
        if (const auto expected = key.assign(config, nodeOf(key, *value)))
            return Error{Error::Kind::Invalid,
                         "The environment variable " + inQuotes(key.variable) + " should be "
                             + *expected,
                         {}};
    }
    return {};
}

} // namespace

Environment processEnvironment()
{
    return [](const char *name) -> std::optional<std::string> {
        const char *value = std::getenv(name);
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

Result<Config> load(const std::optional<fs::path> &file, const Environment &environment)
{
    Config config;
    if (const auto chosen = file ? file : usualFile(environment)) {
        const auto document = parse(*chosen);
        if (!document)
            return tl::unexpected(document.error());
        try {
            if (auto error = Reader(config, *chosen).read(*document, ""))
                return tl::unexpected(std::move(*error));
        } catch (const YAML::Exception &error) {
            return invalid(chosen->string() + ": " + error.what());
        }
    }
    if (auto error = override(config, environment))
        return tl::unexpected(std::move(*error));
    return config;
}

} // namespace trendscope::config
