#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace trendscope::logs {

/// Waits until files change, with inotify where that works.
///
/// It may miss changes (network file systems, a full queue, too few watches), so whoever waits
/// looks again after a while, too. wake() may be called from any thread, the rest from one.
class FileWatch {
public:
    FileWatch();
    ~FileWatch();
    FileWatch(const FileWatch &) = delete;
    FileWatch &operator=(const FileWatch &) = delete;

    /// Watches the content of these files and the names in these folders, and no others any more.
    void watch(const std::vector<std::filesystem::path> &files,
               const std::vector<std::filesystem::path> &folders);

    /// Returns when something changed, after wake(), or when the time is over; whether names did.
    bool wait(std::chrono::milliseconds longest);
    /// Whether all that is watched could be, on file systems that only this machine changes.
    bool isCertain() const { return m_isCertain; }
    /// Returns after wake(), or when the time is over.
    void pause(std::chrono::milliseconds longest) const;
    void wake() const;

private:
    bool drain();

    int m_inotify;
    int m_wake;
    std::map<std::string, int> m_watches; ///< by path; -1: it could not be watched
    bool m_isCertain = false;
};

/// The folders in which files appear that globs match; those that exist.
std::vector<std::filesystem::path> foldersOf(const std::vector<std::string> &globs);

} // namespace trendscope::logs
