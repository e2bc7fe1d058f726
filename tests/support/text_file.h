#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

/// All that is in the file; empty when it can not be read.
inline std::string textOf(const std::filesystem::path &file)
{
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}
