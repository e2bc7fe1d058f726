#pragma once

#include "core/logs/checkpoint.h"
#include "core/logs/line_file.h"
#include "core/logs/rotated_files.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace trendscope::logs {

struct LineFollowerSettings {
    std::vector<std::string> globs;  ///< as of the shell: *, ?, [a-z]
    bool startsAtEnd = true;         ///< of files that are there at the first start
    std::size_t lineLimit = 1 << 20; ///< bytes
    std::size_t padding = 0;         ///< bytes behind what the receiver gets
    std::size_t maxFiles = 1000;     ///< open at once
    /// A file that lost its name is given up after it was quiet for that long.
    static constexpr std::chrono::seconds quiet{10};
};

/// Follows the files that globs match, each line exactly once.
///
/// Rename and create, delete and create, copy and truncate, and symbolic links that are switched
/// are all followed, also where they happened while the program was down and a checkpoint tells how
/// far it had read. A file is known by what it is, not by its name. Files that are new are read
/// from their beginning.
///
/// What can not be had: lines that copytruncate itself loses (those between its copy and its
/// truncation that were not read meanwhile), and files that were compressed or moved to another
/// folder before they were read to their end.
///
/// One thread. Memory: one buffer of the line limit, and some hundred bytes a file.
class LineFollower {
public:
    using Clock = std::chrono::steady_clock;

    struct Counts {
        std::size_t files = 0;    ///< that are followed
        std::uint64_t unread = 0; ///< bytes
        std::uint64_t rotations = 0;
        std::uint64_t lost = 0; ///< files of which it is not known what was not read
    };

    /// `checkpoint`: nothing at the first start.
    LineFollower(LineFollowerSettings settings, std::optional<Checkpoint> checkpoint);
    ~LineFollower();
    LineFollower(const LineFollower &) = delete;
    LineFollower &operator=(const LineFollower &) = delete;

    /// Looks which files there are now. Errors: one that names the first file that can not be read.
    Result<void> scan(Clock::time_point now);
    /// Reads about `budget` bytes; whether there is more.
    bool read(std::size_t budget, Clock::time_point now, LineReceiver &receiver);

    Checkpoint checkpoint() const;
    Counts counts() const;
    /// The files as they are, for watching them.
    std::vector<std::filesystem::path> paths() const;

private:
    struct Source;
    struct Candidate {
        std::string name;
        FileStatus status;
    };

    std::vector<Candidate> matchGlobs();
    bool isMatched(const std::string &name) const;
    bool isKnown(const FileIdentity &identity) const;
    void noteScan(Clock::time_point now);
    bool wasSeen(const FileStatus &status) const;
    void noticeRotation(const std::vector<Candidate> &candidates, Clock::time_point now);
    void open(const Candidate &candidate, Clock::time_point now);
    std::optional<FileMark> startOf(const Candidate &candidate, int descriptor);
    bool isCopy(const Candidate &candidate, int descriptor) const;
    bool isCopy(const FoundFile &file) const;
    void addRotated(const FoundFile &file, const std::filesystem::path &original,
                    const std::string &name, std::uint64_t offset, Clock::time_point now);
    void addRotatedSince(const std::filesystem::path &path, const std::string &name,
                         Clock::time_point now);
    void recoverPending(Clock::time_point now);
    void takeRewritten(Source &source, Clock::time_point now);
    void recoverTruncated(const FileMark &mark, const std::string &name, Clock::time_point now);
    bool isFinished(const Source &source, Clock::time_point now) const;
    void adoptAdded();
    void fail(const std::filesystem::path &path, int error);

    const LineFollowerSettings m_settings;
    LineBuffer m_buffer;
    std::vector<std::unique_ptr<Source>> m_sources; ///< retired ones first
    std::vector<std::unique_ptr<Source>> m_added;   ///< while the others are gone through
    std::vector<Checkpoint::Entry> m_pending;       ///< of the checkpoint, not yet found again
    FileStatus::Time m_scannedAt; ///< the latest scan's beginning, when it was done
    FileStatus::Time m_scanBegin;
    /// Rotated files born since may be new: a scan that is some seconds old, as they may be noticed
    /// late. Those that are not new were seen.
    FileStatus::Time m_newSince;
    std::set<std::pair<FileStatus::Time, FileIdentity>> m_seen; ///< born since then
    FileStatus::Time m_nextNewSince;
    Clock::time_point m_nextNewSinceTime;
    std::map<std::filesystem::path, std::string> m_paths; ///< of the checkpoint, and their names
    std::set<FileIdentity> m_copies; ///< matched by a glob, but of files we read
    std::optional<Error> m_error;
    bool m_isFirstScan = true;
    bool m_isFirstStart;
    std::uint64_t m_rotations = 0;
    std::uint64_t m_lost = 0;
};

} // namespace trendscope::logs
