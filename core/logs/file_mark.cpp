#include "core/logs/file_mark.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trendscope::logs {

namespace {

std::optional<FileStatus> statusAt(int descriptor, const char *path, int flags)
{
    struct statx status { };
    const unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
    if (::statx(descriptor, path, flags, wanted, &status) != 0)
        return {};
    const auto &born = status.stx_mask & STATX_BTIME ? status.stx_btime : status.stx_mtime;
    return FileStatus{
        .identity = {makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino},
        .size = status.stx_size,
        .born = FileStatus::Time(std::chrono::seconds(born.tv_sec)
                                 + std::chrono::nanoseconds(born.tv_nsec)),
        .isRegular = S_ISREG(status.stx_mode)};
}

} // namespace

std::uint64_t fingerprintHash(std::string_view head)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : head)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

std::optional<Fingerprint> fingerprintOf(int descriptor, std::size_t size)
{
    std::array<char, Fingerprint::longest> head;
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, head.data() + done, size - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return {};
        done += static_cast<std::size_t>(count);
    }
    return Fingerprint{size, fingerprintHash({head.data(), size})};
}

std::optional<FileStatus> statusOf(const std::filesystem::path &path)
{
    return statusAt(AT_FDCWD, path.c_str(), 0);
}

std::optional<FileStatus> statusOf(int descriptor)
{
    return statusAt(descriptor, "", AT_EMPTY_PATH);
}

} // namespace trendscope::logs
