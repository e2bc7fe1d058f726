#include "core/logs/line_follower_p.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <iterator>

namespace trendscope::logs {

namespace {

namespace fs = std::filesystem;

/// The clock of files' times.
FileStatus::Time fileClockNow()
{
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return FileStatus::Time(std::chrono::seconds(now.tv_sec)
                            + std::chrono::nanoseconds(now.tv_nsec));
}

std::vector<std::string> pathsOf(const std::string &pattern)
{
    std::vector<std::string> out;
    glob_t found{};
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
        out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return out;
}

/// The folder that a pattern begins in, up to its first wildcard.
std::string folderOf(const std::string &pattern)
{
    const std::size_t slash = pattern.rfind('/', pattern.find_first_of("*?["));
    return slash == pattern.npos ? "." : pattern.substr(0, std::max<std::size_t>(slash, 1));
}

} // namespace

LineFollower::LineFollower(LineFollowerSettings settings, std::optional<Checkpoint> checkpoint)
    : m_settings(std::move(settings))
    , m_buffer(m_settings.lineLimit, m_settings.padding)
    , m_isFirstStart(!checkpoint)
{
    if (!checkpoint)
        return;
    m_scannedAt = checkpoint->scannedAt;
    std::ranges::copy_if(checkpoint->entries, std::back_inserter(m_pending),
                         [this](const auto &entry) { return isMatched(entry.name); });
    for (const Checkpoint::Entry &entry : m_pending)
        m_paths.emplace(entry.mark.path, entry.name);
}

LineFollower::~LineFollower() = default;

bool LineFollower::isMatched(const std::string &name) const
{
    return std::ranges::any_of(m_settings.globs, [&](const std::string &pattern) {
        return pattern == name
            || ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
    });
}

bool LineFollower::isKnown(const FileIdentity &identity) const
{
    const auto isIt = [&](const auto &source) { return source->file.mark().identity == identity; };
    return std::ranges::any_of(m_sources, isIt) || std::ranges::any_of(m_added, isIt);
}

std::vector<LineFollower::Candidate> LineFollower::matchGlobs()
{
    std::vector<Candidate> out;
    std::set<std::string> names;
    for (const std::string &pattern : m_settings.globs) {
        std::vector<std::string> paths = pathsOf(pattern);
        // glob() finds nothing in a folder that may not be read, and says no more than that.
        const std::string folder = folderOf(pattern);
        if (paths.empty() && ::access(folder.c_str(), R_OK | X_OK) != 0 && errno == EACCES)
            fail(folder, EACCES);
        for (std::string &name : paths) {
            if (isCompressed(name) || !names.insert(name).second)
                continue;
            if (const auto status = statusOf(fs::path(name)); status && status->isRegular)
                out.push_back({std::move(name), *status});
        }
    }
    return out;
}

Result<void> LineFollower::scan(Clock::time_point now)
{
    noteScan(now);
    m_error.reset();
    const std::vector<Candidate> candidates = matchGlobs();
    noticeRotation(candidates, now);
    for (const Candidate &candidate : candidates) {
        if (!isKnown(candidate.status.identity))
            open(candidate, now);
    }
    if (m_isFirstScan)
        recoverPending(now);
    std::erase_if(m_copies, [&](const FileIdentity &copy) {
        return std::ranges::none_of(
            candidates, [&](const Candidate &each) { return each.status.identity == copy; });
    });
    adoptAdded();
    m_isFirstScan = false;
    m_scannedAt = m_scanBegin;
    if (m_error)
        return tl::unexpected(*m_error);
    return {};
}

void LineFollower::noteScan(Clock::time_point now)
{
    m_scanBegin = fileClockNow();
    if (!m_isFirstScan && now - m_nextNewSinceTime < LineFollowerSettings::quiet / 2)
        return;
    if (m_isFirstScan)
        m_newSince = m_isFirstStart ? m_scanBegin : m_scannedAt;
    else
        m_newSince = m_nextNewSince;
    m_nextNewSince = m_scanBegin;
    m_nextNewSinceTime = now;
    m_seen.erase(m_seen.begin(), m_seen.lower_bound({m_newSince, FileIdentity()}));
}

bool LineFollower::wasSeen(const FileStatus &status) const
{
    return m_seen.contains({status.born, status.identity});
}

void LineFollower::noticeRotation(const std::vector<Candidate> &candidates, Clock::time_point now)
{
    std::map<fs::path, std::string> rotated;
    for (const auto &source : m_sources) {
        const auto leadsToIt = [&](const Candidate &candidate) {
            return candidate.status.identity == source->file.mark().identity;
        };
        const bool hasName = std::ranges::any_of(candidates, leadsToIt);
        if (!hasName && !source->isRetired) {
            source->grownAt = now;
            ++m_rotations;
        }
        source->isRetired = !hasName;
        // At each scan, not only the first: its successor may have come and gone since.
        if (!hasName)
            rotated.emplace(source->file.mark().path, source->name);
    }
    for (const auto &[path, name] : rotated)
        addRotatedSince(path, name, now);
}

void LineFollower::open(const Candidate &candidate, Clock::time_point now)
{
    if (m_copies.contains(candidate.status.identity))
        return;
    if (m_sources.size() + m_added.size() >= m_settings.maxFiles) {
        fail(candidate.name, EMFILE);
        return;
    }
    const int descriptor = openLog(candidate.name);
    if (descriptor < 0)
        return fail(candidate.name, errno);
    auto mark = startOf(candidate, descriptor);
    m_seen.insert({candidate.status.born, candidate.status.identity});
    if (!mark) {
        ::close(descriptor);
        return;
    }
    m_added.push_back(std::make_unique<Source>(descriptor, std::move(*mark), candidate.name, now));
}

bool LineFollower::read(std::size_t budget, Clock::time_point now, LineReceiver &receiver)
{
    constexpr std::size_t least = 256 << 10;
    bool hasMore = false;
    const std::size_t share = std::max(budget / std::max<std::size_t>(m_sources.size(), 1), least);
    for (const auto &source : m_sources) {
        const std::uint64_t before = source->file.mark().offset;
        std::size_t left = share;
        const auto outcome = source->file.read(left, m_buffer, source->name, receiver);
        if (source->file.mark().offset != before)
            source->grownAt = now;
        // What came since the file was empty may be more than it has now.
        if (source->wasEmpty && source->file.mark().offset > 0)
            addRotatedSince(source->file.mark().path, source->name, now);
        source->wasEmpty = source->file.mark().offset == 0;
        if (outcome == LineFile::Outcome::Rewritten)
            takeRewritten(*source, now);
        if (outcome == LineFile::Outcome::Failed)
            fail(source->file.mark().path, errno);
        hasMore = hasMore || outcome == LineFile::Outcome::HasMore
            || outcome == LineFile::Outcome::Rewritten;
        if (isFinished(*source, now))
            source->file.finish(m_buffer, source->name, receiver);
    }
    std::erase_if(m_sources, [&](const auto &source) {
        return source->isDropped || isFinished(*source, now);
    });
    adoptAdded();
    return hasMore;
}

/// Retired, read to its end, and nobody writes to it any more.
bool LineFollower::isFinished(const Source &source, Clock::time_point now) const
{
    if (!source.isRetired || !source.file.isAtEnd()
        || now - source.grownAt < LineFollowerSettings::quiet)
        return false;
    // While the file that has its name is empty, the writer may not have gone over to it yet.
    const auto successor = statusOf(fs::path(source.name));
    return !successor || successor->size > 0 || successor->identity == source.file.mark().identity;
}

void LineFollower::adoptAdded()
{
    std::ranges::move(m_added, std::back_inserter(m_sources));
    m_added.clear();
    std::ranges::stable_partition(m_sources, [](const auto &source) { return source->isRetired; });
}

void LineFollower::fail(const fs::path &path, int error)
{
    if (error == ENOENT || m_error) // gone again
        return;
    const std::string reason = error == EMFILE ? "too many files are open" : std::strerror(error);
    m_error = Error{Error::Kind::System, "cannot read " + path.string() + ": " + reason, reason};
}

Checkpoint LineFollower::checkpoint() const
{
    Checkpoint out{.scannedAt = m_scannedAt, .entries = m_pending};
    for (const auto &source : m_sources)
        out.entries.push_back({source->file.mark(), source->name, source->isRetired});
    return out;
}

LineFollower::Counts LineFollower::counts() const
{
    Counts out{.files = m_sources.size(), .rotations = m_rotations, .lost = m_lost};
    for (const auto &source : m_sources) {
        const auto status = statusOf(source->file.descriptor());
        const std::uint64_t offset = source->file.mark().offset;
        out.unread += status && status->size > offset ? status->size - offset : 0;
    }
    return out;
}

std::vector<fs::path> LineFollower::paths() const
{
    std::vector<fs::path> out;
    out.reserve(m_sources.size());
    for (const auto &source : m_sources)
        out.push_back(source->place);
    return out;
}

} // namespace trendscope::logs
