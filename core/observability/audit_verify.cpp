#include "core/observability/audit_verify.h"

#include "core/observability/audit_checker_p.h"
#include "core/observability/rotating_file_p.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <system_error>

namespace trendscope::observability {

namespace fs = std::filesystem;
using audit::Checker;
using audit::Hasher;

namespace {

constexpr std::size_t blockSize = 128UL << 10;

class Reader {
public:
    explicit Reader(const fs::path &file)
        : m_file(file)
        , m_descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC))
    {
    }
    ~Reader()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    /// Calls takeLine() of `lines` for each, until that returns false; then takeTooLongLine() for
    /// one that is, and takeTornLine() for what follows the last line break.
    template <class Lines>
    Result<void> read(Lines &lines)
    {
        if (m_descriptor < 0)
            return tl::unexpected(failure(m_openError));
        std::size_t held = 0; // of m_buffer: the beginning of a line
        bool isSkipping = false;
        for (;;) {
            if (m_buffer.size() < held + blockSize)
                m_buffer.resize(held + blockSize);
            const ssize_t got = ::read(m_descriptor, m_buffer.data() + held, blockSize);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return tl::unexpected(failure(errno));
            if (got == 0)
                break;
            const char *begin = m_buffer.data();
            const char *const end = begin + held + got;
            const char *from = begin + held;
            while (const char *const stop = static_cast<const char *>(
                       std::memchr(from, '\n', static_cast<std::size_t>(end - from)))) {
                if (isSkipping)
                    lines.takeTooLongLine();
                else if (!lines.takeLine({begin, static_cast<std::size_t>(stop - begin)}))
                    return {};
                isSkipping = false;
                begin = from = stop + 1;
            }
            held = static_cast<std::size_t>(end - begin);
            isSkipping = isSkipping || held > audit::maxLineLength;
            held = isSkipping ? 0 : held;
            std::memmove(m_buffer.data(), begin, held);
        }
        if (held > 0 || isSkipping)
            lines.takeTornLine();
        return {};
    }

private:
    Error failure(int reason) const
    {
        return {Error::Kind::System,
                m_file.string() + " can not be read: " + std::generic_category().message(reason),
                {}};
    }

    const fs::path &m_file;
    const int m_descriptor;
    const int m_openError = errno;
    std::string m_buffer;
};

/// The sequence of a file's first record that was not edited: an edited number would mix the files
/// up.
struct FirstSequence {
    Hasher plain;
    Hasher keyed;
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    int linesLeft = 1000;

    bool takeLine(std::string_view line)
    {
        const auto link = audit::parseLink(line);
        if (!link)
            return --linesLeft > 0;
        Hasher &hasher = link->algorithm == audit::Algorithm::Sha256 ? plain : keyed;
        const bool isCheckable = hasher.algorithm() == link->algorithm;
        const bool isIntact =
            !isCheckable || audit::viewOf(hasher.hash(link->hashed)) == link->hash;
        if (isIntact || first == std::numeric_limits<std::uint64_t>::max())
            first = link->sequence;
        return !isIntact && --linesLeft > 0;
    }
    void takeTooLongLine() { --linesLeft; }
    void takeTornLine() { }
};

struct LinesOf {
    Checker &checker;

    bool takeLine(std::string_view line)
    {
        checker.takeLine(line);
        return true;
    }
    void takeTooLongLine() { checker.takeTooLongLine(); }
    void takeTornLine() { checker.takeTornLine(); }
};

Result<std::vector<fs::path>> sorted(const std::vector<fs::path> &files, std::string_view key)
{
    std::vector<std::pair<std::uint64_t, fs::path>> found;
    for (const fs::path &file : files) {
        const std::string ending = file.extension().string();
        if (ending == ".gz" || ending == ".xz" || ending == ".zst" || ending == ".bz2")
            return tl::unexpected(
                Error{Error::Kind::Invalid, file.string() + " is compressed; unpack it first", {}});
        FirstSequence first{.plain = Hasher(), .keyed = Hasher(key)};
        if (auto read = Reader(file).read(first); !read)
            return tl::unexpected(read.error());
        found.emplace_back(first.first, file);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<fs::path> paths;
    paths.reserve(found.size());
    for (auto &[sequence, path] : found)
        paths.push_back(std::move(path));
    return paths;
}

/// FILE, for FILE and for what was FILE before a rotation.
fs::path currentOf(const fs::path &file)
{
    const fs::path path = RotatingFile(file, {}).path(); // where FILE is a link, the seal is there
    const auto rotated = parseRotatedName(path.filename().string());
    return rotated && !fs::exists(audit::sealOf(path)) ? path.parent_path() / rotated->file : path;
}

struct FoundSeal {
    fs::path path;
    std::optional<audit::Seal> seal; ///< none: damaged
    bool isOfGiven = true;           ///< its log is one of the files, so that they go up to it
};

FoundSeal readSeal(const fs::path &path, std::string_view key)
{
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    Hasher hasher(key);
    auto seal = audit::parseSeal(text, hasher);
    if (seal && !seal->isValid && seal->algorithm == audit::Algorithm::Sha256) {
        Hasher plain;
        seal = audit::parseSeal(text, plain);
    }
    return {.path = path, .seal = std::move(seal)};
}

std::optional<FoundSeal> findSeal(const AuditVerification &verification,
                                  const std::vector<fs::path> &files, std::string_view key)
{
    if (!verification.seal.empty())
        return readSeal(verification.seal, key);
    std::error_code ignored;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        const fs::path current = currentOf(*file);
        if (!fs::exists(audit::sealOf(current), ignored))
            continue;
        FoundSeal found = readSeal(audit::sealOf(current), key);
        found.isOfGiven = !fs::exists(current, ignored)
            || std::any_of(files.begin(), files.end(), [&](const fs::path &given) {
                   return fs::equivalent(given, current, ignored);
               });
        return found;
    }
    return {};
}

/// Whether the seal was made with this key, or needs none where there is none.
bool isTrusted(const audit::Seal &seal, std::string_view key)
{
    const bool isKeyed = seal.algorithm == audit::Algorithm::HmacSha256;
    return isKeyed && key.empty() ? true : seal.isValid && isKeyed == !key.empty();
}

AuditProblem wrongSeal(const FoundSeal &found)
{
    const char *const message = !found.seal ? "this is no seal, or it is damaged"
        : found.seal->algorithm == audit::Algorithm::Sha256
        ? "this seal was made without the key"
        : "the key does not fit this seal: it is another log's key, or the seal was forged";
    return {.kind = AuditProblem::Kind::WrongSeal, .file = found.path.string(), .message = message};
}

void addNotes(AuditReport &report, const std::optional<FoundSeal> &found)
{
    const std::uint64_t last = report.last.sequence;
    if (!found) {
        if (!report.isEndKnown)
            report.notes.emplace_back("there is no seal and no --expect: records cut off at the "
                                      "end would not show");
        return;
    }
    if (!found->seal)
        return;
    const std::uint64_t sealed = found->seal->position.sequence;
    if (sealed < last)
        report.notes.push_back(std::to_string(last - sealed) + " after the sealed record "
                               + std::to_string(sealed)
                               + ": the writer was interrupted, or is writing");
    else if (sealed > last && !found->isOfGiven)
        report.notes.push_back("the seal names record " + std::to_string(sealed)
                               + ": the files after these were not given");
}

} // namespace

Result<AuditReport> verifyAuditLog(const AuditVerification &verification)
try {
    std::string key;
    if (!verification.keyFile.empty()) {
        auto read = audit::readKey(verification.keyFile);
        if (!read)
            return tl::unexpected(read.error());
        key = std::move(*read);
    }
    // Before the records: those that are written meanwhile are then after it.
    const auto files = sorted(verification.files, key);
    if (!files)
        return tl::unexpected(files.error());
    const std::optional<FoundSeal> found = findSeal(verification, *files, key);
    const std::optional<audit::Seal> seal =
        found && found->seal && isTrusted(*found->seal, key) ? found->seal : std::nullopt;

    Checker checker(key, verification.after);
    bool isEndKnown = verification.expect.has_value();
    if (verification.expect)
        checker.watch(*verification.expect, "--expect");
    if (seal && found && found->isOfGiven) {
        checker.watch(seal->position, "the seal " + found->path.string());
        isEndKnown = true;
    }
    for (const fs::path &file : *files) {
        checker.beginFile(file.string());
        LinesOf lines{checker};
        if (auto read = Reader(file).read(lines); !read)
            return tl::unexpected(read.error());
    }
    AuditReport report = checker.finish(seal && seal->isValid && !key.empty());
    report.isEndKnown = isEndKnown;
    if (found && !seal) {
        report.problems.push_back(wrongSeal(*found));
        ++report.problemCount;
        report.isAuthenticated = false;
    }
    addNotes(report, found);
    return report;
} catch (const std::exception &exception) { // of OpenSSL, or out of memory
    return tl::unexpected(
        Error{Error::Kind::System,
              std::string("The audit log can not be verified: ") + exception.what(),
              {}});
}

std::vector<fs::path> auditFilesOf(const fs::path &log)
{
    const fs::path actual = RotatingFile(log, {}).path(); // where it is a link, beside that
    const bool isSameName = actual.filename() == log.filename();
    std::vector<fs::path> files;
    for (const auto &[name, path] : rotatedFilesOf(actual))
        files.push_back(isSameName ? log.parent_path() / path.filename() : path);
    std::error_code ignored;
    if (files.empty() || fs::exists(actual, ignored))
        files.push_back(log);
    return files;
}

} // namespace trendscope::observability
