#include "core/observability/audit_seal_p.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace trendscope::observability::audit {

namespace {

constexpr int openFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;

/// Of the open file, not of the process: two writers in one process exclude each other, too.
bool lock(int descriptor, short type = F_WRLCK)
{
    struct flock whole { };
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_OFD_SETLK, &whole) == 0;
}

bool writeWhole(int descriptor, std::string_view text)
{
    const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
    if (written >= 0 && static_cast<std::size_t>(written) != text.size())
        errno = ENOSPC;
    return written >= 0 && static_cast<std::size_t>(written) == text.size();
}

} // namespace

SealFile::SealFile(std::filesystem::path path, int descriptor)
    : m_path(std::move(path))
    , m_descriptor(descriptor)
{
}

SealFile::SealFile(SealFile &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

SealFile::~SealFile()
{
    if (m_descriptor < 0)
        return;
    (void)lock(m_descriptor, F_UNLCK); // a forked child may have the file open, too
    ::close(m_descriptor);
}

Result<SealFile> SealFile::open(const std::filesystem::path &log)
{
    const std::filesystem::path path = sealOf(log);
    SealFile seal(path, ::open(path.c_str(), openFlags, 0640));
    if (seal.m_descriptor < 0)
        return tl::unexpected(seal.errorOf("opened", errno));
    if (!lock(seal.m_descriptor) || !seal.isInPlace())
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    log.string()
                                        + " is in use: another writer has its seal locked; give "
                                          "each process an audit log of its own",
                                    {}});
    return seal;
}

bool SealFile::isInPlace() const
{
    struct stat ours { };
    struct stat there { };
    return ::fstat(m_descriptor, &ours) == 0 && ::lstat(m_path.c_str(), &there) == 0
        && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Result<std::string> SealFile::read() const
{
    std::array<char, 4096> text;
    const ssize_t size = ::pread(m_descriptor, text.data(), text.size(), 0);
    if (size < 0)
        return tl::unexpected(errorOf("read", errno));
    return std::string(text.data(), static_cast<std::size_t>(size));
}

Result<void> SealFile::write(std::string_view text)
{
    if (!isInPlace())
        return putBack(text);
    if (!writeWhole(m_descriptor, text))
        return tl::unexpected(errorOf("written", errno));
    return {};
}

Result<void> SealFile::putBack(std::string_view text)
{
    std::filesystem::path aside = m_path;
    aside += ".new";
    const int descriptor = ::open(aside.c_str(), openFlags | O_TRUNC, 0640);
    if (descriptor < 0)
        return tl::unexpected(errorOf("written", errno));
    const bool isDone = lock(descriptor) && writeWhole(descriptor, text)
        && ::rename(aside.c_str(), m_path.c_str()) == 0;
    const int reason = errno;
    ::close(isDone ? std::exchange(m_descriptor, descriptor) : descriptor);
    if (!isDone)
        return tl::unexpected(errorOf("written", reason));
    return sync();
}

Result<void> SealFile::sync()
{
    const int folder = ::open(m_path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isSynced = ::fdatasync(m_descriptor) == 0 && folder >= 0 && ::fsync(folder) == 0;
    const int reason = errno;
    if (folder >= 0)
        ::close(folder);
    if (!isSynced)
        return tl::unexpected(errorOf("written to the disk", reason));
    return {};
}

void SealFile::remove()
{
    if (isInPlace())
        ::unlink(m_path.c_str());
}

Error SealFile::errorOf(std::string_view verb, int reason) const
{
    return {Error::Kind::System,
            "The seal " + m_path.string() + " can not be " + std::string(verb) + ": "
                + std::generic_category().message(reason),
            {}};
}

} // namespace trendscope::observability::audit
