#include "core/demo/demo_directory.h"

#include <QDir>
#include <QFile>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::demo {
namespace {

using namespace Qt::StringLiterals;

constexpr std::string_view prefix = "trendscope-demo-";
constexpr const char *marker = ".trendscope-demo";

Error systemError(const std::string &what)
{
    const int number = errno;
    return {Error::Kind::System, what + ": " + std::strerror(number),
            "errno " + std::to_string(number)};
}

/// Absolute. QDir::tempPath() is empty for a TMPDIR that is not there, which would make `/` of it.
std::string tempPath()
{
    const QString path = qEnvironmentVariable("TMPDIR", u"/tmp"_s);
    return QFile::encodeName(QDir(path.isEmpty() ? u"/tmp"_s : path).absolutePath()).toStdString();
}

/// A directory of ours, not a link to one; -1 otherwise.
int openOwnDirectory(const std::string &path)
{
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status { };
    if (directory >= 0 && ::fstat(directory, &status) == 0 && status.st_uid == ::geteuid())
        return directory;
    if (directory >= 0)
        ::close(directory);
    return -1;
}

/// The locked marker file; -1 where it is missing, no regular file, or locked by a demo that runs.
int lockMarker(int directory, int flags)
{
    const int lock = ::openat(directory, marker, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
    struct stat status { };
    if (lock >= 0 && ::fstat(lock, &status) == 0 && S_ISREG(status.st_mode)
        && ::flock(lock, LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (lock >= 0)
        ::close(lock);
    return -1;
}

/// Removes links, not what they point at.
void removeTree(const std::string &path)
{
    std::error_code ignored; // what can not be removed now is tried again at the next start
    std::filesystem::remove_all(path, ignored);
}

bool removeIfAbandoned(const std::string &path)
{
    const int directory = openOwnDirectory(path);
    if (directory < 0)
        return false;
    const int lock = lockMarker(directory, 0);
    ::close(directory);
    if (lock < 0)
        return false;
    removeTree(path);
    ::close(lock);
    return true;
}

std::vector<std::string> candidates()
{
    std::vector<std::string> paths;
    const std::string parent = tempPath();
    const std::unique_ptr<DIR, int (*)(DIR *)> listing(::opendir(parent.c_str()), &::closedir);
    if (!listing)
        return paths;
    while (const dirent *entry = ::readdir(listing.get())) {
        if (std::string_view(entry->d_name).starts_with(prefix))
            paths.push_back(parent + '/' + entry->d_name);
    }
    return paths;
}

} // namespace

int DemoDirectory::removeAbandoned()
{
    int removed = 0;
    for (const std::string &path : candidates())
        removed += removeIfAbandoned(path) ? 1 : 0;
    return removed;
}

Result<DemoDirectory> DemoDirectory::create()
{
    const std::string parent = tempPath();
    std::error_code ignored; // then it is none
    if (!std::filesystem::is_directory(parent, ignored))
        return tl::unexpected(
            Error{Error::Kind::System, "TMPDIR: " + parent + " is no directory", {}});
    removeAbandoned();

    std::string path = parent + '/' + std::string(prefix) + "XXXXXX";
    if (!::mkdtemp(path.data())) // mode 0700
        return tl::unexpected(systemError("The demo can not make a directory in " + parent));
    const int directory = openOwnDirectory(path);
    const int lock = directory < 0 ? -1 : lockMarker(directory, O_CREAT | O_EXCL);
    if (directory >= 0)
        ::close(directory);
    if (lock < 0) {
        const Error error = systemError("The demo can not lock its directory " + path);
        removeTree(path);
        return tl::unexpected(error);
    }
    return DemoDirectory(QFile::decodeName(path.c_str()), lock);
}

DemoDirectory::DemoDirectory(QString path, int lock)
    : m_path(std::move(path))
    , m_lock(lock)
{
}

DemoDirectory::DemoDirectory(DemoDirectory &&other) noexcept
    : m_path(std::exchange(other.m_path, {}))
    , m_lock(std::exchange(other.m_lock, -1))
{
}

DemoDirectory &DemoDirectory::operator=(DemoDirectory &&other) noexcept
{
    if (this != &other) {
        remove();
        m_path = std::exchange(other.m_path, {});
        m_lock = std::exchange(other.m_lock, -1);
    }
    return *this;
}

DemoDirectory::~DemoDirectory()
{
    remove();
}

QString DemoDirectory::filePath(const QString &name) const
{
    return m_path + u'/' + name;
}

void DemoDirectory::remove()
{
    if (m_path.isEmpty())
        return;
    removeTree(QFile::encodeName(m_path).toStdString());
    ::close(m_lock);
}

} // namespace trendscope::demo
