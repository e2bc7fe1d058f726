#include "core/logs/file_watch.h"

#include <glob.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <set>

namespace trendscope::logs {

namespace {

constexpr std::uint32_t contentEvents = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
constexpr std::uint32_t nameEvents = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

/// Whether inotify tells of all changes there. Those that are not named may be changed by other
/// machines, or by a program in user space.
bool isLocal(const char *path)
{
    struct statfs system = {};
    if (::statfs(path, &system) != 0)
        return false;
    switch (static_cast<std::uint32_t>(system.f_type)) {
    case BTRFS_SUPER_MAGIC:
    case EXT4_SUPER_MAGIC: // and of ext2 and ext3
    case F2FS_SUPER_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
    case XFS_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}

} // namespace

FileWatch::FileWatch()
    : m_inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
    , m_wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
}

FileWatch::~FileWatch()
{
    for (const int descriptor : {m_inotify, m_wake}) {
        if (descriptor >= 0)
            ::close(descriptor);
    }
}

void FileWatch::watch(const std::vector<std::filesystem::path> &files,
                      const std::vector<std::filesystem::path> &folders)
{
    std::map<std::string, int> watches;
    std::set<int> wanted;
    m_isCertain = true;
    const auto add = [&](const std::filesystem::path &path, std::uint32_t events) {
        // Asked for again each time: another file may have taken the name.
        const int watch = ::inotify_add_watch(m_inotify, path.c_str(), events);
        watches[path.string()] = watch;
        wanted.insert(watch);
        m_isCertain = m_isCertain && watch >= 0 && isLocal(path.c_str());
    };
    for (const auto &file : files)
        add(file, contentEvents);
    for (const auto &folder : folders)
        add(folder, nameEvents | IN_ONLYDIR);
    for (const auto &[path, watch] : m_watches) {
        if (watch >= 0 && !wanted.contains(watch))
            ::inotify_rm_watch(m_inotify, watch);
    }
    m_watches = std::move(watches);
}

bool FileWatch::wait(std::chrono::milliseconds longest)
{
    std::array<pollfd, 2> descriptors{pollfd{m_wake, POLLIN, 0}, pollfd{m_inotify, POLLIN, 0}};
    ::poll(descriptors.data(), descriptors.size(), static_cast<int>(longest.count()));
    std::uint64_t woken = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(m_wake, &woken, sizeof woken);
    return drain();
}

void FileWatch::pause(std::chrono::milliseconds longest) const
{
    pollfd descriptor{m_wake, POLLIN, 0};
    ::poll(&descriptor, 1, static_cast<int>(longest.count()));
}

void FileWatch::wake() const
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t ignored = ::write(m_wake, &one, sizeof one);
}

bool FileWatch::drain()
{
    bool haveNamesChanged = false;
    alignas(inotify_event) std::array<char, 16 << 10> buffer;
    for (;;) {
        const ssize_t size = ::read(m_inotify, buffer.data(), buffer.size());
        if (size <= 0)
            return haveNamesChanged;
        for (ssize_t at = 0; at < size;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            haveNamesChanged = haveNamesChanged || (event.mask & ~std::uint32_t(IN_MODIFY)) != 0;
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
}

std::vector<std::filesystem::path> foldersOf(const std::vector<std::string> &globs)
{
    std::set<std::filesystem::path> out;
    for (const std::string &pattern : globs) {
        const auto folder = std::filesystem::path(pattern).parent_path();
        glob_t found{};
        if (::glob(folder.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
            out.insert(found.gl_pathv, found.gl_pathv + found.gl_pathc);
        ::globfree(&found);
    }
    return {out.begin(), out.end()};
}

} // namespace trendscope::logs
