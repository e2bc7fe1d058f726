#include "core/observability/descriptor_p.h"
#include "core/observability/file_access_p.h"
#include "core/observability/rotating_file_p.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace trendscope::observability {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto secondsOfDay = 86400;

fs::path absolutePath(const fs::path &file)
{
    std::error_code ignored;
    const fs::path absolute = fs::absolute(file, ignored);
    return ignored ? file : absolute;
}

/// The clock that file systems stamp with: the usual one may be a tick ahead, so that a file begun
/// right after midnight would be taken for yesterday's.
std::time_t now()
{
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
    return time.tv_sec;
}

} // namespace

RotatingFile::RotatingFile(const fs::path &file, const Rotation &rotation)
    : m_given(absolutePath(file))
    , m_file(withoutLink(m_given))
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
    bool isCreated = false;
    const int descriptor = openToAppend(m_file, isCreated);
    if (descriptor < 0)
        return tl::unexpected(descriptor == -ENXIO ? errorOf("opened", "nobody reads the pipe")
                                                   : errorOf("opened", -descriptor));
    struct stat opened { };
    if (::fstat(descriptor, &opened) != 0) {
        const int reason = errno;
        ::close(descriptor);
        return tl::unexpected(errorOf("opened", reason));
    }
    m_descriptor = descriptor;
    m_isFolderUnsynced = m_isFolderUnsynced || isCreated;
    m_device = opened.st_dev;
    m_inode = opened.st_ino;
    m_size = static_cast<std::uint64_t>(opened.st_size);
    m_written = opened.st_mtim.tv_sec;
    m_isRegular = S_ISREG(opened.st_mode);
    // Only a run before us has left it torn: of other files that we come upon another process
    // writes just now.
    m_isMidLine = m_isRegular && !std::exchange(m_wasOpened, true) && endsTorn(m_file);
    return {};
}

void RotatingFile::close()
{
    // Forgotten first: another process may be forked in between, and close it there.
    m_isLocked = false;
    if (const int descriptor = std::exchange(m_descriptor, -1); descriptor >= 0)
        ::close(descriptor);
}

Result<void> RotatingFile::reopen()
{
    m_file = withoutLink(m_given);
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
    if (auto ready = makeRoom(wholeLines.size()); !ready)
        return ready;
    const bool wasMidLine = m_isMidLine;
    // Looked at again: others may have ended the line meanwhile.
    auto written = wasMidLine && endsTorn(m_file) ? append('\n' + std::string(wholeLines))
                                                  : append(wholeLines);
    if (written && wasMidLine)
        m_isMidLine = false;
    unlock();
    return written;
}

/// Opens the file that is to be written to; locks it where others must not make it larger before.
Result<void> RotatingFile::makeRoom(std::size_t incoming)
{
    constexpr int attempts = 10; // another process may rotate at the same time
    for (int i = 0; i < attempts; ++i) {
        if (auto followed = follow(); !followed)
            return followed;
        if (m_isRegular && m_rotation.maxBytes > 0) {
            lock();
            struct stat there { };
            if (!isInPlace(there)) {
                unlock();
                continue;
            }
            m_size = static_cast<std::uint64_t>(there.st_size);
        }
        if (!isRotationDue(incoming))
            return {};
        if (auto rotated = rotate(); !rotated)
            return rotated;
    }
    return m_descriptor >= 0 ? Result<void>() : follow();
}

/// Waited for as long as a writer may be kept from the processor while it has it, but not for long:
/// any process that may read the file could hold it forever.
void RotatingFile::lock()
{
    constexpr auto patience = 250ms;
    const auto begin = std::chrono::steady_clock::now();
    auto now = begin;
    while (!m_isLocked && now - begin < patience) {
        m_isLocked = ::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0;
        if (m_isLocked || begin < m_nextWait)
            return;
        std::this_thread::sleep_for(50us);
        now = std::chrono::steady_clock::now();
    }
    if (!m_isLocked)
        m_nextWait = now + 10s;
}

void RotatingFile::unlock()
{
    if (std::exchange(m_isLocked, false))
        ::flock(m_descriptor, LOCK_UN);
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
    // Whoever holds the lock rotates.
    if (!m_isLocked && ::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0)
        return {};
    m_isLocked = true;
    struct stat there { };
    const bool isOurs =
        ::stat(m_file.c_str(), &there) == 0 && there.st_dev == m_device && there.st_ino == m_inode;
    if (isOurs && !moveAside()) {
        unlock();
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

/// A file needs no care, which costs.
ssize_t RotatingFile::writePiece(std::string_view text) const
{
    ssize_t written = -1;
    do
        written = m_isRegular ? ::write(m_descriptor, text.data(), text.size())
                              : writeQuietly(m_descriptor, text);
    while (written < 0 && errno == EINTR);
    return written;
}

Result<void> RotatingFile::append(std::string_view text)
{
    std::size_t written = 0;
    off_t begin = -1;
    while (written < text.size()) {
        const ssize_t piece = writePiece(text.substr(written));
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
    return errorOf(verb, std::generic_category().message(reason));
}

Error RotatingFile::errorOf(std::string_view verb, const std::string &why) const
{
    return {Error::Kind::System, m_file.string() + " can not be " + std::string(verb) + ": " + why,
            why};
}

} // namespace trendscope::observability
