#pragma once

#include "core/observability/audit.h"
#include "core/observability/audit_verify.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace test {

inline std::string textOf(const std::filesystem::path &file)
{
    std::stringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

inline void put(const std::filesystem::path &file, std::string_view text)
{
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

/// With their line breaks.
inline std::vector<std::string> linesOf(const std::filesystem::path &file)
{
    std::vector<std::string> lines;
    std::istringstream text(textOf(file));
    for (std::string line; std::getline(text, line);)
        lines.push_back(line + '\n');
    return lines;
}

inline void putLines(const std::filesystem::path &file, const std::vector<std::string> &lines)
{
    std::string text;
    for (const std::string &line : lines)
        text += line;
    put(file, text);
}

/// `log` and what was rotated from it, the oldest first; fewer than ten a day.
inline std::vector<std::filesystem::path> auditFiles(const std::filesystem::path &log)
{
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(log.parent_path())) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(log.filename().string() + ".2"))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    files.push_back(log);
    return files;
}

} // namespace test
