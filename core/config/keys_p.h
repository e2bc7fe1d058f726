#pragma once

#include "core/config/config.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace YAML {
class Node;
}

namespace trendscope::config {

/// One thing that can be configured.
struct Key {
    /// Locations is a list of files and addresses.
    enum class Shape { Text, List, Locations, Map, Section };

    std::string_view path;     ///< in the file, e.g. console.theme
    std::string_view variable; ///< in the environment; empty: none
    Shape shape;
    /// Takes the value over, or says what it should have been.
    std::function<std::optional<std::string>(Config &, const YAML::Node &)> assign;
    bool isPath = false; ///< a file's name: relative to the configuration that names it
    /// Of a section, instead of `assign`: it has keys of its own. Errors: Invalid, with file, line
    /// and key.
    Result<void> (*read)(Config &, const YAML::Node &, const std::filesystem::path &file) = nullptr;
};

std::span<const Key> keys();

/// Which of the known names `name` was probably meant to be; empty when none is near.
std::string_view nearest(std::string_view name, std::span<const std::string_view> known);

} // namespace trendscope::config
