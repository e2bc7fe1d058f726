#pragma once

#include "core/observability/export.h"
#include "core/observability/rotation.h"
#include "core/result.h"

#include <sys/stat.h>
#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace trendscope::observability {

/// What the name of a rotated file says.
struct RotatedName {
    std::string file; ///< the name that it had, without a folder
    std::string date; ///< 2024-01-15
    std::uint64_t number = 0;

    bool operator<(const RotatedName &other) const
    {
        return std::tie(date, number) < std::tie(other.date, other.number);
    }
};
/// Nothing when `name`, without a folder, is none of a rotated file. The ending of a compressed
/// one (.gz, .xz, .zst, .bz2) is no hindrance.
TRENDSCOPE_OBSERVABILITY_EXPORT std::optional<RotatedName> parseRotatedName(std::string_view name);

/// What was rotated from that file, the oldest first.
std::vector<std::pair<RotatedName, std::filesystem::path>>
rotatedFilesOf(const std::filesystem::path &file);

/// One file that is only appended to, found by its path.
///
/// Single-threaded. Each write looks where the path leads to (one stat): where the file was
/// deleted, or renamed by logrotate or by another process that rotates it, a new one is created.
class TRENDSCOPE_OBSERVABILITY_EXPORT RotatingFile {
public:
    /// Opens nothing yet. A relative path is one from the current folder of now. Where it is a link
    /// to a file, that file is rotated, beside itself.
    RotatingFile(const std::filesystem::path &file, const Rotation &rotation);
    ~RotatingFile();
    RotatingFile(const RotatingFile &) = delete;
    RotatingFile &operator=(const RotatingFile &) = delete;

    /// Created with mode 0640 when absent. Errors: System.
    Result<void> open();
    /// Appends with one write(2), to a new file when a rotation is due. All or nothing: what a full
    /// disk cut off is taken back; where that can not be done, the next write begins on a new line.
    Result<void> write(std::string_view wholeLines);
    /// Takes back what the last write appended. Errors: System, also when others wrote after it.
    Result<void> takeBackLast();
    /// Whether a write of that size would now go to another file than the last one did.
    bool leavesFileFor(std::size_t incoming);
    /// What was written is on the disk, and a new file's name in its folder. Errors: System.
    Result<void> sync();
    /// Opens the file anew, even where the path still leads to it. A link is followed anew.
    Result<void> reopen();
    void close(); ///< until the next write

    /// Whether a write was cut off and could not be taken back.
    bool isMidLine() const { return m_isMidLine; }

    const std::filesystem::path &path() const { return m_file; }
    /// Why the last rotation that was due did not happen; the file grows on, and a minute later it
    /// is tried again.
    const std::optional<Error> &rotationError() const { return m_rotationError; }

private:
    Result<void> follow();
    bool isRotationDue(std::size_t incoming) const;
    Result<void> rotate();
    bool moveAside(); ///< false: m_rotationError says why
    void removeOld() const;
    ssize_t writePiece(std::string_view text) const;
    Result<void> append(std::string_view text);
    bool takeBack(off_t begin, std::size_t size) const;
    bool isInPlace(struct stat &there) const;
    Result<void> makeRoom(std::size_t incoming);
    void lock();
    void unlock();
    Error errorOf(std::string_view verb, int reason) const;
    Error errorOf(std::string_view verb, const std::string &why) const;

    std::filesystem::path m_given; ///< absolute
    std::filesystem::path m_file;  ///< where it leads to
    Rotation m_rotation;
    int m_descriptor = -1;
    dev_t m_device = 0;
    ino_t m_inode = 0;
    std::uint64_t m_size = 0;  ///< before the next write
    std::time_t m_written = 0; ///< when the last one was, by whomever
    bool m_isRegular = false;
    bool m_isMidLine = false; ///< it does not end with a line break
    bool m_isFolderUnsynced = false;
    bool m_wasOpened = false;
    bool m_isLocked = false;
    std::size_t m_lastSize = 0; ///< of what the last write appended
    std::optional<Error> m_rotationError;
    std::chrono::steady_clock::time_point m_nextRotation; ///< not before
    std::chrono::steady_clock::time_point m_nextWait;     ///< for the lock, not before
};

} // namespace trendscope::observability
