#pragma once

#include "core/result.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::config {

std::string inQuotes(std::string_view text);

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
    void readMap(const YAML::Node &node, std::string_view what, const std::vector<Entry> &entries);
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
    /// 500ms, 30s, 5m, 2h; 0 without a unit. A year at most.
    std::chrono::milliseconds duration(const YAML::Node &node, std::string_view what);
    /// Relative ones are relative to the file; none stays none.
    std::filesystem::path path(const YAML::Node &node, std::string_view what);
    std::vector<std::filesystem::path> paths(const YAML::Node &node, std::string_view what);
    std::vector<std::string> globs(const YAML::Node &node, std::string_view what); ///< likewise
    /// The value of the word that stands there.
    template <class Value, std::size_t N>
    Value oneOf(const YAML::Node &node, std::string_view what,
                const std::array<std::pair<std::string_view, Value>, N> &words)
    {
        const std::string word = text(node, what);
        std::string all;
        for (const auto &[known, value] : words) {
            if (known == word)
                return value;
            all += (all.empty() ? "" : ", ") + std::string(known);
        }
        complain(node, inQuotes(what) + " should be one of " + all);
        return words.front().second;
    }

    /// Entries that read a value of its type. `out` must live as long as the entry.
    Entry to(std::string_view key, std::string &out);
    Entry to(std::string_view key, bool &out);
    Entry to(std::string_view key, std::size_t &out);
    Entry to(std::string_view key, std::chrono::milliseconds &out);
    Entry to(std::string_view key, std::filesystem::path &out);
    Entry to(std::string_view key, std::vector<std::string> &out);
    Entry to(std::string_view key, std::vector<double> &out);
    Entry to(std::string_view key, std::vector<std::filesystem::path> &out);

    void complain(const YAML::Node &at, const std::string &what);

    const std::optional<Error> &error() const { return m_error; }

private:
    const std::filesystem::path m_file;
    std::optional<Error> m_error;
};

} // namespace trendscope::config
