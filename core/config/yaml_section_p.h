#pragma once

#include "core/result.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::config {

/// Reads parts of one YAML document and keeps the first complaint, which names file and line.
///
/// What is read after a complaint is of no use; nothing throws.
class YamlSection {
public:
    struct Entry {
        std::string_view key;
        std::function<void(const YAML::Node &)> take;
    };

    explicit YamlSection(std::filesystem::path file);

    /// Gives the value of each key of a map to its entry. `what` names the map in complaints. Null
    /// counts as a map without keys.
    void readMap(const YAML::Node &node, std::string_view what,
                 std::initializer_list<Entry> entries);
    /// Gives keys and values of a map whose keys are free.
    void readPairs(const YAML::Node &node, std::string_view what,
                   const std::function<void(const std::string &, const YAML::Node &)> &take);

    std::string text(const YAML::Node &node, std::string_view what);
    double number(const YAML::Node &node, std::string_view what);
    std::size_t count(const YAML::Node &node, std::string_view what); ///< from 1 on
    bool flag(const YAML::Node &node, std::string_view what);
    /// A list of texts; a single text is a list of one.
    std::vector<std::string> texts(const YAML::Node &node, std::string_view what);
    std::vector<double> numbers(const YAML::Node &node, std::string_view what);

    void complain(const YAML::Node &at, const std::string &what);

    const std::optional<Error> &error() const { return m_error; }

private:
    const std::filesystem::path m_file;
    std::optional<Error> m_error;
};

std::string inQuotes(std::string_view text);

} // namespace trendscope::config
