#pragma once

#include "core/logs/file_mark.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace trendscope::logs {

/// Whether a file is compressed, by its name: such files are not read.
bool isCompressed(const std::filesystem::path &path);

/// Whether `name` is what rotation makes of `original`: app.log.1, app.log-20240101,
/// app-20240101.log and app.1.log of app.log.
bool isRotatedName(std::string_view name, std::string_view original);

struct FoundFile {
    std::filesystem::path path;
    FileStatus status;
};

/// The file that `mark` is of, in the folder of its path: itself under whatever name, or a copy of
/// it with a rotated name, which may have less than was read. `except` is not looked at.
std::optional<FoundFile> findMarked(const FileMark &mark,
                                    const std::optional<FileIdentity> &except = {});

/// Rotated files of `path` that came into being at `since` or later, oldest first.
std::vector<FoundFile> rotatedSince(const std::filesystem::path &path, FileStatus::Time since);

} // namespace trendscope::logs
