#include "core/observability/file_access_p.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace trendscope::observability {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

/// Its size when it ends within a line, else 0.
off_t tornSize(int descriptor)
{
    struct stat there { };
    if (::fstat(descriptor, &there) != 0 || there.st_size == 0)
        return 0;
    char last = '\n';
    const ssize_t read = ::pread(descriptor, &last, 1, there.st_size - 1);
    return read == 1 && last != '\n' ? there.st_size : 0;
}

} // namespace

fs::path withoutLink(const fs::path &file)
{
    std::error_code ignored;
    // A link to a pipe or a terminal, as /dev/stderr is, leads to no path.
    if (fs::is_symlink(file, ignored) && fs::is_regular_file(file, ignored)) {
        fs::path target = fs::canonical(file, ignored);
        if (!ignored)
            return target;
    }
    return file;
}

int openToAppend(const fs::path &file, bool &isCreated)
{
    constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int descriptor = ::open(file.c_str(), flags);
    isCreated = descriptor < 0 && errno == ENOENT;
    if (isCreated)
        descriptor = ::open(file.c_str(), flags | O_CREAT, 0640);
    if (descriptor < 0)
        return -errno;
    // Only opening must not wait.
    if (const int status = ::fcntl(descriptor, F_GETFL); status >= 0)
        ::fcntl(descriptor, F_SETFL, status & ~O_NONBLOCK);
    return descriptor;
}

bool endsTorn(const fs::path &file)
{
    constexpr int looks = 20;
    constexpr int looksAlike = 5; // in a row: nobody is writing
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    off_t size = tornSize(descriptor);
    int alike = 1;
    for (int i = 0; i < looks && size > 0 && alike < looksAlike; ++i) {
        std::this_thread::sleep_for(1ms);
        const off_t now = tornSize(descriptor);
        alike = now == size ? alike + 1 : 1;
        size = now;
    }
    ::close(descriptor);
    return size > 0 && alike == looksAlike;
}

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

} // namespace trendscope::observability
