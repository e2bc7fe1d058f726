#include "core/observability/rotating_file_p.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace trendscope::observability {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto secondsOfDay = 86400;

fs::path withoutLink(const fs::path &file)
{
    std::error_code ignored;
    // A link to a pipe or a terminal, as /dev/stderr is, leads to no path.
    if (fs::is_symlink(file, ignored) && fs::is_regular_file(file, ignored)) {
        fs::path target = fs::canonical(file, ignored);
        if (!ignored)
            return target;
    }
    const fs::path absolute = fs::absolute(file, ignored);
    return ignored ? file : absolute;
}

std::string dateOf(std::time_t time)
{
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 32> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

/// The clock that file systems stamp with: the usual one may be a tick ahead, so that a file begun
/// right after midnight would be taken for yesterday's.
std::time_t now()
{
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec;
}

bool endsMidLine(const fs::path &file, std::uint64_t size)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    char last = '\n';
    const ssize_t read = ::pread(descriptor, &last, 1, static_cast<off_t>(size) - 1);
    ::close(descriptor);
    return read == 1 && last != '\n';
}

/// Like rename(2), but never over another file.
int renameTo(const fs::path &from, const fs::path &to)
{
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS) // not every file system can do it
        return errno;
    struct stat there { };
    if (::lstat(to.c_str(), &there) == 0)
        return EEXIST;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

} // namespace

RotatingFile::RotatingFile(const fs::path &file, const Rotation &rotation)
    : m_file(withoutLink(file))
    , m_rotation(rotation)
{
}

RotatingFile::~RotatingFile()
{
    close();
}

Result<void> RotatingFile::open()
{
    close();
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int descriptor = ::open(m_file.c_str(), flags);
    if (descriptor < 0 && errno == ENOENT) {
        descriptor = ::open(m_file.c_str(), flags | O_CREAT, 0640);
        m_isFolderUnsynced = descriptor >= 0;
    }
    struct stat opened { };
    if (descriptor < 0 || ::fstat(descriptor, &opened) != 0) {
        const int reason = errno;
        if (descriptor >= 0)
            ::close(descriptor);
        return tl::unexpected(errorOf("opened", reason));
    }
    m_descriptor = descriptor;
    m_device = opened.st_dev;
    m_inode = opened.st_ino;
    m_size = static_cast<std::uint64_t>(opened.st_size);
    m_written = opened.st_mtim.tv_sec;
    m_isRegular = S_ISREG(opened.st_mode);
    m_isMidLine = m_isRegular && m_size > 0 && endsMidLine(m_file, m_size);
    return {};
}

void RotatingFile::close()
{
    // Forgotten first: another process may be forked in between, and close it there.
    if (const int descriptor = std::exchange(m_descriptor, -1); descriptor >= 0)
        ::close(descriptor);
}

Result<void> RotatingFile::reopen()
{
    return open();
}

bool RotatingFile::isInPlace(struct stat &there) const
{
    return m_descriptor >= 0 && ::stat(m_file.c_str(), &there) == 0 && there.st_dev == m_device
        && there.st_ino == m_inode;
}

Result<void> RotatingFile::follow()
{
    struct stat there { };
    if (!isInPlace(there))
        return open();
    m_size = static_cast<std::uint64_t>(there.st_size);
    m_written = there.st_mtim.tv_sec;
    return {};
}

Result<void> RotatingFile::write(std::string_view wholeLines)
{
    m_lastSize = 0;
    if (auto followed = follow(); !followed)
        return followed;
    if (isRotationDue(wholeLines.size())) {
        if (auto rotated = rotate(); !rotated)
            return rotated;
    }
    if (!m_isMidLine)
        return append(wholeLines);
    return append('\n' + std::string(wholeLines)).map([this] { m_isMidLine = false; });
}

bool RotatingFile::isRotationDue(std::size_t incoming) const
{
    if (!m_isRegular || m_size == 0)
        return false;
    const bool isFull = m_rotation.maxBytes > 0 && m_size + incoming > m_rotation.maxBytes;
    // By the last write, so that it holds for files of earlier runs and of other processes too.
    const bool isOld = m_rotation.daily && m_written / secondsOfDay < now() / secondsOfDay;
    return (isFull || isOld) && std::chrono::steady_clock::now() >= m_nextRotation;
}

Result<void> RotatingFile::rotate()
{
    // Whoever holds the lock rotates. Not waited for: any process that may read the file could
    // hold it forever.
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0)
        return {};
    struct stat there { };
    const bool isOurs =
        ::stat(m_file.c_str(), &there) == 0 && there.st_dev == m_device && there.st_ino == m_inode;
    if (isOurs && !moveAside()) {
        ::flock(m_descriptor, LOCK_UN);
        m_nextRotation = std::chrono::steady_clock::now() + 1min;
        return {};
    }
    if (isOurs)
        m_rotationError.reset();
    auto opened = open(); // closes the old one, and with it the lock
    if (isOurs)
        removeOld();
    return opened;
}

bool RotatingFile::moveAside()
{
    const std::string date = dateOf(m_written);
    std::uint64_t number = 1;
    for (const auto &rotated : rotatedFilesOf(m_file)) {
        if (rotated.first.date == date)
            number = std::max(number, rotated.first.number + 1);
    }
    int reason = EEXIST;
    for (; reason == EEXIST; ++number) {
        fs::path aside = m_file;
        aside += '.' + date + '.' + std::to_string(number);
        reason = renameTo(m_file, aside);
    }
    if (reason != 0)
        m_rotationError = errorOf("rotated", reason);
    m_isFolderUnsynced = m_isFolderUnsynced || reason == 0;
    return reason == 0;
}

void RotatingFile::removeOld() const
{
    if (m_rotation.keep == 0)
        return;
    const auto files = rotatedFilesOf(m_file);
    for (std::size_t i = 0; i + m_rotation.keep < files.size(); ++i) {
        std::error_code ignored;
        fs::remove(files[i].second, ignored);
    }
}

Result<void> RotatingFile::append(std::string_view text)
{
    std::size_t written = 0;
    off_t begin = -1;
    while (written < text.size()) {
        const ssize_t piece = ::write(m_descriptor, text.data() + written, text.size() - written);
        if (piece < 0 && errno == EINTR)
            continue;
        if (piece < 0 && errno == EAGAIN) { // a pipe that someone else made so
            pollfd room{.fd = m_descriptor, .events = POLLOUT, .revents = 0};
            if (::poll(&room, 1, 1000) > 0)
                continue;
            errno = EAGAIN;
        }
        if (piece <= 0) {
            const int reason = piece < 0 ? errno : ENOSPC;
            m_isMidLine = !takeBack(begin, written) || m_isMidLine;
            return tl::unexpected(errorOf("written", reason));
        }
        if (written == 0 && static_cast<std::size_t>(piece) < text.size())
            begin = ::lseek(m_descriptor, 0, SEEK_CUR) - piece;
        written += static_cast<std::size_t>(piece);
    }
    m_lastSize = text.size();
    return {};
}

bool RotatingFile::takeBack(off_t begin, std::size_t size) const
{
    if (size == 0)
        return true;
    // Another process could append between the look and the cut; but where we found no room, it
    // finds none.
    struct stat there { };
    const bool isLast = begin >= 0 && ::fstat(m_descriptor, &there) == 0
        && there.st_size == begin + static_cast<off_t>(size);
    return isLast && ::ftruncate(m_descriptor, begin) == 0;
}

Result<void> RotatingFile::takeBackLast()
{
    const off_t end = ::lseek(m_descriptor, 0, SEEK_CUR);
    if (!takeBack(end - static_cast<off_t>(m_lastSize), m_lastSize))
        return tl::unexpected(errorOf("truncated", errno));
    m_lastSize = 0;
    return {};
}

bool RotatingFile::leavesFileFor(std::size_t incoming)
{
    struct stat there { };
    if (!isInPlace(there))
        return true;
    m_size = static_cast<std::uint64_t>(there.st_size);
    m_written = there.st_mtim.tv_sec;
    return isRotationDue(incoming);
}

Result<void> RotatingFile::sync()
{
    // EINVAL: a pipe or a device, which has nothing to sync.
    if (m_descriptor >= 0 && ::fdatasync(m_descriptor) != 0 && errno != EINVAL)
        return tl::unexpected(errorOf("written to the disk", errno));
    if (!m_isFolderUnsynced)
        return {};
    const int folder = ::open(m_file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isSynced = folder >= 0 && (::fsync(folder) == 0 || errno == EINVAL);
    const int reason = errno;
    if (folder >= 0)
        ::close(folder);
    if (!isSynced)
        return tl::unexpected(errorOf("written to the disk", reason));
    m_isFolderUnsynced = false;
    return {};
}

Error RotatingFile::errorOf(std::string_view verb, int reason) const
{
    const std::string why = std::generic_category().message(reason);
    return {Error::Kind::System, m_file.string() + " can not be " + std::string(verb) + ": " + why,
            why};
}

} // namespace trendscope::observability
