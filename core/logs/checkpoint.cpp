#include "core/logs/checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace trendscope::logs {

namespace {

constexpr std::string_view magic = "trendscope-log-checkpoint-1";

tl::unexpected<Error> failure(Error::Kind kind, const std::filesystem::path &path,
                              const std::string &why)
{
    return tl::unexpected(
        Error{kind, "The checkpoint " + path.string() + " " + why, std::strerror(errno)});
}

/// Without blanks and newlines, which separate fields.
std::string escaped(const std::string &text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && c != '%') {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out.empty() ? "%" : out;
}

std::string unescaped(const std::string &text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
        } else if (i + 2 < text.size()) {
            out += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
            i += 2;
        }
    }
    return out;
}

std::string textOf(const Checkpoint &checkpoint)
{
    std::ostringstream out;
    out << magic << ' ' << checkpoint.scannedAt.time_since_epoch().count() << '\n';
    for (const auto &[mark, name, isRetired] : checkpoint.entries) {
        out << mark.identity.device << ' ' << mark.identity.inode << ' ' << mark.offset << ' '
            << mark.fingerprint.size << ' ' << mark.fingerprint.hash << ' ' << isRetired << ' '
            << escaped(name) << ' ' << escaped(mark.path.string()) << '\n';
    }
    out << "end " << checkpoint.entries.size() << '\n';
    return out.str();
}

bool writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno != EINTR)
            return false;
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return true;
}

bool readEntry(const std::string &line, Checkpoint &into)
{
    std::istringstream fields(line);
    Checkpoint::Entry entry;
    FileMark &mark = entry.mark;
    std::string name;
    std::string path;
    fields >> mark.identity.device >> mark.identity.inode >> mark.offset >> mark.fingerprint.size
        >> mark.fingerprint.hash >> entry.isRetired >> name >> path;
    if (!fields || mark.fingerprint.size > Fingerprint::longest)
        return false;
    entry.name = unescaped(name);
    mark.path = unescaped(path);
    into.entries.push_back(std::move(entry));
    return true;
}

} // namespace

Result<void> save(const Checkpoint &checkpoint, const std::filesystem::path &path)
{
    const std::string temporary = path.string() + ".new";
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return failure(Error::Kind::System, path,
                       "can not be written: " + std::string(std::strerror(errno)));
    const bool isWritten = writeAll(descriptor, textOf(checkpoint));
    const int error = errno;
    ::close(descriptor);
    if (isWritten && ::rename(temporary.c_str(), path.c_str()) == 0)
        return {};
    errno = isWritten ? errno : error;
    const std::string why = std::strerror(errno);
    ::unlink(temporary.c_str());
    return failure(Error::Kind::System, path, "can not be written: " + why);
}

Result<void> CheckpointFile::keep(const std::function<Checkpoint()> &checkpoint)
{
    constexpr std::chrono::milliseconds interval{900}; // with a pause it is less than a second
    constexpr std::chrono::seconds longest{10};
    const auto now = std::chrono::steady_clock::now();
    m_isBehind = now - m_keptAt < interval;
    if (m_isBehind)
        return m_outcome;
    m_keptAt = now;
    const Checkpoint latest = checkpoint();
    const bool isSaved = m_saved && m_saved->entries == latest.entries
        && latest.scannedAt - m_saved->scannedAt < longest;
    return isSaved ? m_outcome : write(latest);
}

Result<void> CheckpointFile::write(const Checkpoint &checkpoint)
{
    m_keptAt = std::chrono::steady_clock::now();
    m_saved.reset();
    if (m_path.empty())
        return {};
    m_outcome = save(checkpoint, m_path);
    if (m_outcome)
        m_saved = checkpoint;
    return m_outcome;
}

Result<std::optional<Checkpoint>> loadCheckpoint(const std::filesystem::path &path)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file && errno == ENOENT)
        return std::optional<Checkpoint>();
    std::string line;
    if (!std::getline(file, line))
        return failure(Error::Kind::System, path,
                       "can not be read: " + std::string(std::strerror(errno)));
    std::istringstream head(line);
    std::string word;
    std::int64_t scannedAt = 0;
    if (!(head >> word >> scannedAt) || word != magic)
        return failure(Error::Kind::Invalid, path, "is none of this program");
    Checkpoint out{.scannedAt = FileStatus::Time(std::chrono::nanoseconds(scannedAt))};
    while (std::getline(file, line)) {
        if (line == "end " + std::to_string(out.entries.size()))
            return std::optional(std::move(out));
        if (!readEntry(line, out))
            break;
    }
    return failure(Error::Kind::Invalid, path, "is damaged");
}

} // namespace trendscope::logs
