#include "core/logs/line_follower_p.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace trendscope::logs {

namespace {

namespace fs = std::filesystem;

fs::path realPath(const std::string &name)
{
    std::error_code failure;
    const fs::path real = fs::canonical(name, failure);
    return failure ? fs::path(name) : real;
}

/// Whether a file is still what a mark says that was read of it.
bool isMarked(int descriptor, std::uint64_t size, const FileMark &mark)
{
    const Fingerprint &known = mark.fingerprint;
    return size >= mark.offset
        && (known.size == 0 || fingerprintOf(descriptor, known.size) == known);
}

/// Whether the file is no copy of the original, which has not been truncated since the mark: a copy
/// is the same as far as both go. Compared is the end of that.
bool differ(int copy, int original, const FileMark &mark)
{
    constexpr std::uint64_t window = 4096;
    const auto copied = statusOf(copy);
    const auto now = statusOf(original);
    const bool isAsItWas = copied && now && now->size >= mark.offset
        && (mark.fingerprint.size == 0
            || fingerprintOf(original, mark.fingerprint.size) == mark.fingerprint);
    if (!isAsItWas)
        return false;
    const std::uint64_t end = std::min(copied->size, now->size);
    const std::size_t size = std::min(end, window);
    std::array<char, window> one{};
    std::array<char, window> other{};
    const auto offset = static_cast<off_t>(end - size);
    const ssize_t got = ::pread(copy, one.data(), size, offset);
    return got != ::pread(original, other.data(), size, offset) || one != other;
}

} // namespace

/// Where reading begins; nothing for a file that is not to be read, or not yet.
std::optional<FileMark> LineFollower::startOf(const Candidate &candidate, int descriptor)
{
    const auto status = statusOf(descriptor);
    if (!status || status->identity != candidate.status.identity) // another one just took its name
        return {};
    FileMark mark{
        .path = realPath(candidate.name), .identity = status->identity, .fingerprint = {}};
    const auto entry = std::ranges::find_if(
        m_pending, [&](const auto &each) { return each.mark.identity == status->identity; });
    if (entry != m_pending.end() && isMarked(descriptor, status->size, entry->mark)) {
        mark.offset = entry->mark.offset;
        mark.fingerprint = entry->mark.fingerprint;
        m_pending.erase(entry);
        return mark;
    }
    if (isCopy(candidate, descriptor))
        return {};
    if (entry != m_pending.end())
        return mark; // truncated meanwhile, or another file that got its inode
    const bool hadName = std::ranges::any_of(
        m_pending, [&](const auto &each) { return each.name == candidate.name; });
    const bool isNew =
        m_isFirstStart ? !m_isFirstScan : hadName || status->born >= m_scannedAt || !m_isFirstScan;
    if (isNew || !m_settings.startsAtEnd)
        return mark;
    mark.offset = startOfLastLine(descriptor, status->size, m_settings.lineLimit);
    const auto head =
        fingerprintOf(descriptor, std::min<std::uint64_t>(mark.offset, Fingerprint::longest));
    mark.fingerprint = head.value_or(Fingerprint{});
    return mark;
}

/// A copy of a file that we read, made to truncate that one: its lines are, or will be, read from
/// there. Programs that begin their logs alike have others further on.
bool LineFollower::isCopy(const Candidate &candidate, int descriptor) const
{
    const fs::path path = realPath(candidate.name);
    const auto isOf = [&](const FileMark &mark, int original) {
        if (mark.path.parent_path() != path.parent_path()
            || !isRotatedName(path.filename().string(), mark.path.filename().string()))
            return false;
        const std::size_t size = std::min<std::uint64_t>(
            candidate.status.size,
            mark.fingerprint.size > 0 ? mark.fingerprint.size : Fingerprint::longest);
        if (size == 0)
            return false;
        const auto head = fingerprintOf(descriptor, size);
        const bool hasHead = head
            && (head == mark.fingerprint
                || (original >= 0 && fingerprintOf(original, size) == head));
        return hasHead && (original < 0 || !differ(descriptor, original, mark));
    };
    const auto isOfSource = [&](const auto &source) {
        return isOf(source->file.mark(), source->file.descriptor());
    };
    return std::ranges::any_of(m_sources, isOfSource) || std::ranges::any_of(m_added, isOfSource)
        || std::ranges::any_of(m_pending, [&](const auto &entry) { return isOf(entry.mark, -1); });
}

bool LineFollower::isCopy(const FoundFile &file) const
{
    const int descriptor = openLog(file.path);
    if (descriptor < 0)
        return false;
    const bool is = isCopy({file.path.string(), file.status}, descriptor);
    ::close(descriptor);
    return is;
}

/// Files of the checkpoint that have other names now, or whose lines only a copy has.
void LineFollower::recoverPending(Clock::time_point now)
{
    for (const Checkpoint::Entry &entry : m_pending) {
        const auto found = findMarked(entry.mark);
        if (found && !isKnown(found->status.identity))
            addRotated(*found, entry.mark.path, entry.name,
                       std::min(entry.mark.offset, found->status.size), now);
        else if (!found && !entry.isRetired && entry.mark.offset > 0)
            ++m_lost;
    }
    for (const auto &[path, name] : m_paths)
        addRotatedSince(path, name, now);
    m_paths.clear();
    m_pending.clear();
}

void LineFollower::takeRewritten(Source &source, Clock::time_point now)
{
    const FileMark mark = source.file.mark();
    const auto status = statusOf(source.file.descriptor());
    // A copy that was written over an older one.
    if (status && isCopy({source.place.string(), *status}, source.file.descriptor())) {
        source.isDropped = true;
        m_copies.insert(mark.identity);
        return;
    }
    // The kernel shows a truncated file's size before its time: seen in between, it changes twice.
    if (mark.offset > 0)
        ++m_rotations;
    source.file.resume(0, {});
    recoverTruncated(mark, source.name, now);
}

/// Goes on in the copy that was made before the truncation.
void LineFollower::recoverTruncated(const FileMark &mark, const std::string &name,
                                    Clock::time_point now)
{
    const auto copy = mark.fingerprint.size > 0 ? findMarked(mark, mark.identity) : std::nullopt;
    const auto known = std::ranges::find_if(m_sources, [&](const auto &source) {
        return copy && source->file.mark().identity == copy->status.identity;
    });
    if (known != m_sources.end()) {
        // It is read already, unless this copy was written over an older one.
        const Fingerprint &theirs = (*known)->file.mark().fingerprint;
        if (fingerprintOf((*known)->file.descriptor(), theirs.size) != theirs)
            (*known)->file.resume(std::min(mark.offset, copy->status.size), mark.fingerprint);
    } else if (copy && !isKnown(copy->status.identity)) {
        addRotated(*copy, mark.path, name, std::min(mark.offset, copy->status.size), now);
    }
    addRotatedSince(mark.path, name, now);
}

void LineFollower::addRotated(const FoundFile &file, const fs::path &original,
                              const std::string &name, std::uint64_t offset, Clock::time_point now)
{
    const int descriptor = openLog(file.path);
    if (descriptor < 0)
        return fail(file.path, errno);
    const auto head =
        fingerprintOf(descriptor, std::min<std::uint64_t>(offset, Fingerprint::longest));
    const bool hasName = isMatched(file.path.string());
    FileMark mark{hasName ? file.path : original, file.status.identity, offset,
                  head.value_or(Fingerprint{})};
    auto source = std::make_unique<Source>(descriptor, std::move(mark), name, now);
    source->place = file.path;
    source->isRetired = !hasName;
    m_seen.insert({file.status.born, file.status.identity});
    m_copies.erase(file.status.identity);
    m_added.push_back(std::move(source));
}

/// Files that came and were rotated away before anyone looked.
void LineFollower::addRotatedSince(const fs::path &path, const std::string &name,
                                   Clock::time_point now)
{
    for (const FoundFile &file : rotatedSince(path, m_newSince)) {
        const bool isOurs = isKnown(file.status.identity) || wasSeen(file.status)
            || isMatched(file.path.string()) || isCopy(file);
        if (!isOurs)
            addRotated(file, path, name, 0, now);
    }
}

} // namespace trendscope::logs
