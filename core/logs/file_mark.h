#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace trendscope::logs {

/// Which file it is, whatever its name.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    auto operator<=>(const FileIdentity &) const = default;
};

/// How a file begins. It tells a file from another one that got its inode, and a copy from other
/// files: log records carry times, so no two logs begin alike.
struct Fingerprint {
    static constexpr std::size_t longest = 1024;

    std::size_t size = 0; ///< how many bytes it is of, up to `longest`
    std::uint64_t hash = 0;
    bool operator==(const Fingerprint &) const = default;
};

/// How far a file was read.
struct FileMark {
    std::filesystem::path path; ///< by which it was found
    FileIdentity identity;
    std::uint64_t offset = 0; ///< of the first line that was not taken
    Fingerprint fingerprint;  ///< of bytes before the offset
};

/// FNV-1a; the same in every version of the program, since it is stored.
std::uint64_t fingerprintHash(std::string_view head);

/// Of the first `size` bytes; nothing when the file has fewer, or can not be read.
std::optional<Fingerprint> fingerprintOf(int descriptor, std::size_t size);

/// What is known of a file without reading it.
struct FileStatus {
    using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

    FileIdentity identity;
    std::uint64_t size = 0;
    Time born; ///< when it came into being; its last change on file systems that don't know
    bool isRegular = false;
};

/// Follows symbolic links.
std::optional<FileStatus> statusOf(const std::filesystem::path &path);
std::optional<FileStatus> statusOf(int descriptor);

} // namespace trendscope::logs
