#pragma once

#include "core/logs/file_mark.h"
#include "core/result.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trendscope::logs {

/// How far log files were read, kept over the program's end.
struct Checkpoint {
    struct Entry {
        FileMark mark;
        std::string name;       ///< the path that the file was found by first
        bool isRetired = false; ///< its name had gone over to another file
        bool operator==(const Entry &other) const
        {
            return mark.offset == other.mark.offset && mark.identity == other.mark.identity
                && mark.path == other.mark.path && mark.fingerprint == other.mark.fingerprint
                && name == other.name && isRetired == other.isRetired;
        }
    };

    FileStatus::Time scannedAt; ///< files born since are new to us
    std::vector<Entry> entries = {};
};

/// Replaces the file at once: whoever reads it finds the old one or the new one. It is not forced
/// to the disk, which could take seconds; one that a power cut damages is refused. Errors: System.
Result<void> save(const Checkpoint &checkpoint, const std::filesystem::path &path);

/// A checkpoint's file, written where that says something new. One thread.
class CheckpointFile {
public:
    /// An empty path: nothing is kept.
    explicit CheckpointFile(std::filesystem::path path)
        : m_path(std::move(path))
    {
    }

    /// Once a second, where files or offsets are others than those saved last. A time alone, which
    /// only says that no file has come since, is saved each ten seconds. Errors: System, until it
    /// has worked.
    Result<void> keep(const std::function<Checkpoint()> &checkpoint);
    /// Whether the latest keep() came too early, so that there should be another.
    bool isBehind() const { return m_isBehind; }
    /// In any case.
    Result<void> write(const Checkpoint &checkpoint);

private:
    const std::filesystem::path m_path;
    std::optional<Checkpoint> m_saved; ///< nothing: not yet, or it failed
    Result<void> m_outcome;
    std::chrono::steady_clock::time_point m_keptAt;
    bool m_isBehind = false;
};

/// Nothing when there is no such file. Errors: System, when it can not be read; Invalid.
Result<std::optional<Checkpoint>> loadCheckpoint(const std::filesystem::path &path);

} // namespace trendscope::logs
