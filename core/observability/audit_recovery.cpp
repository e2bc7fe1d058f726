#include "core/observability/audit_seal_p.h"
#include "core/observability/descriptor_p.h"
#include "core/observability/rotating_file_p.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace trendscope::observability::audit {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t firstLook = 64UL << 10;
constexpr std::size_t lastLook = 256UL << 20;

constexpr std::string_view remedy =
    "; check it with `trendscope audit verify`, then restore what is missing, or move the log's "
    "files and its seal away to begin a new one";

Error invalid(std::string message)
{
    return {Error::Kind::Invalid, std::move(message), {}};
}

class Log {
public:
    explicit Log(const fs::path &path)
        : m_path(path)
        , m_descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC))
    {
        struct stat opened { };
        if (m_descriptor >= 0 && ::fstat(m_descriptor, &opened) == 0) {
            m_size = static_cast<std::size_t>(opened.st_size);
            m_isRegular = S_ISREG(opened.st_mode);
        } else if (errno != ENOENT)
            m_failure = errno;
    }
    ~Log()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Log(const Log &) = delete;
    Log &operator=(const Log &) = delete;

    std::size_t size() const { return m_size; }
    int failure() const { return m_failure; }
    bool isRegular() const { return m_isRegular; }

    /// Its last bytes.
    Result<std::string> tail(std::size_t length) const
    {
        std::string text(std::min(length, m_size), '\0');
        std::size_t read = 0;
        while (read < text.size()) {
            const ssize_t got = ::pread(m_descriptor, text.data() + read, text.size() - read,
                                        static_cast<off_t>(m_size - text.size() + read));
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return tl::unexpected(errorOf("read", got < 0 ? errno : EIO));
            read += static_cast<std::size_t>(got);
        }
        return text;
    }

    Result<void> cut(std::size_t length) const
    {
        if (::ftruncate(m_descriptor, static_cast<off_t>(m_size - length)) != 0
            || ::fdatasync(m_descriptor) != 0)
            return tl::unexpected(errorOf("written", errno));
        return {};
    }

    Error errorOf(std::string_view verb, int reason) const
    {
        return {Error::Kind::System,
                m_path.string() + " can not be " + std::string(verb) + ": "
                    + std::generic_category().message(reason),
                {}};
    }

private:
    const fs::path &m_path;
    int m_descriptor;
    std::size_t m_size = 0;
    int m_failure = 0;
    bool m_isRegular = true; // as it will be created
};

/// Takes the first line off; it ends with a line break.
std::string_view takeLine(std::string_view &lines)
{
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    return line;
}

/// The lines from the sealed record on, or from the one that follows it when that begins the file;
/// nothing when neither is there.
std::optional<std::string_view> fromSealed(std::string_view lines, const AuditPosition &sealed,
                                           bool isWholeFile)
{
    if (isWholeFile) {
        std::string_view rest = lines;
        const auto first = rest.empty() ? std::nullopt : parseLink(takeLine(rest));
        if (first && first->sequence == sealed.sequence + 1 && first->previous == sealed.hash)
            return lines;
    }
    while (!lines.empty()) {
        std::string_view rest = lines;
        const auto link = parseLink(takeLine(rest));
        if (link && link->position() == sealed)
            return lines;
        lines = rest;
    }
    return {};
}

/// Follows the chain from the sealed record, or the one after it, to its end; nothing where it is
/// broken.
std::optional<AuditPosition> follow(std::string_view lines, const AuditPosition &sealed,
                                    Hasher &hasher)
{
    AuditPosition last = sealed;
    for (bool isFirst = true; !lines.empty(); isFirst = false) {
        const auto link = parseLink(takeLine(lines));
        const bool isIntact = link && link->algorithm == hasher.algorithm()
            && viewOf(hasher.hash(link->hashed)) == link->hash;
        const bool isSealed = isFirst && isIntact && link->position() == sealed;
        const bool isNext =
            isIntact && link->sequence == last.sequence + 1 && link->previous == last.hash;
        if (!isSealed && !isNext)
            return {};
        last = link->position();
    }
    return last;
}

Error cutError(const fs::path &path, const AuditPosition &sealed)
{
    return invalid(path.string() + " does not go on from record " + std::to_string(sealed.sequence)
                   + ", which its seal names: records were cut off or changed"
                   + std::string(remedy));
}

Result<AuditPosition> resume(const Log &log, const fs::path &path, const AuditPosition &sealed,
                             Hasher &hasher)
{
    for (std::size_t length = firstLook; length <= lastLook; length *= 8) {
        const auto text = log.tail(length);
        if (!text)
            return tl::unexpected(text.error());
        const bool isWholeFile = text->size() == log.size();
        std::string_view lines = *text;
        const std::size_t torn = lines.size() - (lines.rfind('\n') + 1); // npos + 1 is 0
        lines.remove_suffix(torn);
        if (!isWholeFile)
            lines.remove_prefix(std::min(lines.find('\n'), lines.size() - 1) + 1);
        const auto found = fromSealed(lines, sealed, isWholeFile);
        if (!found && !isWholeFile)
            continue;
        // Nothing but a torn first line: the file was begun after the sealed record.
        const bool isBegun = isWholeFile && lines.empty();
        const auto last = found ? follow(*found, sealed, hasher)
            : isBegun           ? std::optional(sealed)
                                : std::nullopt;
        if (!last)
            break;
        if (torn == 0)
            return *last;
        say(path.string()
            + ": the last line had no end, because its writer was interrupted; it was taken off");
        return log.cut(torn).map([&] { return *last; });
    }
    return tl::unexpected(cutError(path, sealed));
}

/// For a log that is absent or empty though its seal names a record: it was rotated, or moved away
/// by another program, or its records were deleted.
Result<AuditPosition> resumeFromRotated(const fs::path &path, const AuditPosition &sealed,
                                        Hasher &hasher)
{
    const auto rotated = rotatedFilesOf(path);
    const auto goOn = [&](const std::string &why) {
        say(path.string() + " has no records, though its seal names record "
            + std::to_string(sealed.sequence) + "; " + why
            + ": it goes on with the next one. Where nobody moved the file away, records were "
              "deleted");
        return sealed;
    };
    if (rotated.empty())
        return goOn("no rotated file is beside it");
    const fs::path &newest = rotated.back().second;
    if (newest.filename()
        != path.filename().string() + '.' + rotated.back().first.date + '.'
            + std::to_string(rotated.back().first.number))
        return goOn(newest.string() + " is compressed and was not looked at");
    const Log log(newest);
    if (log.failure() != 0)
        return tl::unexpected(log.errorOf("opened", log.failure()));
    const auto end = log.isRegular() ? log.tail(firstLook) : std::string();
    if (!end)
        return tl::unexpected(end.error());
    if (end->size() == log.size() && end->find('\n') == std::string::npos) // not one record
        return tl::unexpected(cutError(newest, sealed));
    return resume(log, newest, sealed, hasher);
}

} // namespace

Result<AuditPosition> recover(const fs::path &path, const std::optional<Seal> &seal, Hasher &hasher)
{
    const Log log(path);
    if (log.failure() != 0)
        return tl::unexpected(log.errorOf("opened", log.failure()));
    if (!log.isRegular())
        return tl::unexpected(
            invalid(path.string() + " is no regular file, which an audit log has to be"));
    if (!seal) {
        if (log.size() == 0 && rotatedFilesOf(path).empty())
            return AuditPosition{};
        return tl::unexpected(invalid(sealOf(path).string() + " is missing, though " + path.string()
                                      + " has records, which may have been cut"
                                      + std::string(remedy)));
    }
    if (seal->algorithm != hasher.algorithm())
        return tl::unexpected(invalid(path.string()
                                      + (hasher.algorithm() == Algorithm::Sha256
                                             ? " was begun with a key, which is needed to "
                                               "go on"
                                             : " was begun without a key; move its files "
                                               "and its seal away to begin one with it")));
    if (!seal->isValid)
        return tl::unexpected(invalid(
            sealOf(path).string()
            + (hasher.algorithm() == Algorithm::Sha256
                   ? " is damaged"
                   : " was not made with this key, or it is damaged: give the key that the log was "
                     "begun with")));
    if (log.size() == 0)
        return seal->position.sequence == 0 ? seal->position
                                            : resumeFromRotated(path, seal->position, hasher);
    return resume(log, path, seal->position, hasher);
}

} // namespace trendscope::observability::audit
