#include "core/logs/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace trendscope::logs {

namespace {

constexpr std::size_t chunkSize = 256 << 10; // fits the processor's cache

/// How many bytes; less than asked for only at the file's end; nothing when the system refuses.
std::optional<std::size_t> preadAll(int descriptor, char *into, std::size_t size,
                                    std::uint64_t offset)
{
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, into + done, size - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return {};
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

} // namespace

LineBuffer::LineBuffer(std::size_t limit, std::size_t padding)
    : m_limit(limit)
    , m_padding(padding)
    , m_bytes(chunkSize + padding, '\0')
{
}

bool LineBuffer::grow()
{
    const std::size_t needed = std::max(m_limit + 1, chunkSize);
    if (capacity() >= needed)
        return false;
    m_bytes.resize(needed + m_padding);
    return true;
}

LineFile::LineFile(int descriptor, FileMark mark)
    : m_descriptor(descriptor)
    , m_mark(std::move(mark))
{
}

LineFile::~LineFile()
{
    ::close(m_descriptor);
}

void LineFile::resume(std::uint64_t offset, const Fingerprint &fingerprint)
{
    m_mark.offset = offset;
    m_mark.fingerprint = fingerprint;
    m_readEnd = 0;
    m_changed = 0;
    m_skipping = 0;
    m_isAtEnd = false;
}

std::size_t LineFile::readAt(std::uint64_t offset, LineBuffer &buffer)
{
    const auto count = preadAll(m_descriptor, buffer.data(), buffer.capacity(), offset);
    m_hasFailed = !count;
    return count.value_or(0);
}

/// From one reading of the head: between two of them the file could become another.
bool LineFile::extendFingerprint(std::uint64_t taken)
{
    Fingerprint &known = m_mark.fingerprint;
    const std::size_t size = std::min<std::uint64_t>(taken, Fingerprint::longest);
    std::array<char, Fingerprint::longest> head;
    const auto count = preadAll(m_descriptor, head.data(), std::max(size, known.size), 0);
    if (!count || *count < std::max(size, known.size))
        return false;
    if (known.size != 0 && fingerprintHash({head.data(), known.size}) != known.hash)
        return false;
    if (size > known.size)
        known = {size, fingerprintHash({head.data(), size})};
    return true;
}

LineFile::Outcome LineFile::read(std::size_t &budget, LineBuffer &buffer, const std::string &name,
                                 LineReceiver &receiver)
{
    m_isAtEnd = false;
    while (budget > 0) {
        struct stat status { };
        if (::fstat(m_descriptor, &status) != 0)
            return Outcome::Failed;
        const auto size = static_cast<std::uint64_t>(status.st_size);
        if (size < m_mark.offset || size < m_readEnd)
            return Outcome::Rewritten;
        // The same size may be that of another content, which then was written later.
        const std::int64_t changed = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
        const bool wasEmptied = size == 0 && m_changed != 0; // of what was not even seen
        if (size == m_readEnd && (changed == m_changed || (!wasEmptied && extendFingerprint(0)))) {
            m_changed = changed;
            m_isAtEnd = true;
            return Outcome::CaughtUp;
        }
        if (size == m_readEnd)
            return Outcome::Rewritten;
        const std::uint64_t from = m_mark.offset + m_skipping;
        const std::size_t count = readAt(from, buffer);
        if (m_hasFailed)
            return Outcome::Failed;
        const std::string_view read(buffer.data(), count);
        const auto end = read.rfind('\n');
        // Now, not before: what was read is of the file that the mark is of.
        if (!extendFingerprint(end == read.npos ? m_mark.offset : from + end + 1))
            return Outcome::Rewritten;
        take(read, buffer, name, receiver);
        if (count < buffer.capacity())
            m_readEnd = from + count;
        budget -= std::min(budget, count);
    }
    return Outcome::HasMore;
}

/// Gives the whole lines of what was read at the mark, or skipped behind it, and moves the mark.
void LineFile::take(std::string_view read, LineBuffer &buffer, const std::string &name,
                    LineReceiver &receiver)
{
    std::string_view rest = m_skipping > 0 ? withoutSkipped(read, name, receiver) : read;
    if (m_skipping > 0)
        return;
    // Zeroes at a line's beginning are what a truncated file has where its writer went on.
    const std::size_t zeroes = std::min(rest.find_first_not_of('\0'), rest.size());
    m_mark.offset += zeroes;
    rest.remove_prefix(zeroes);
    const std::size_t last = rest.rfind('\n');
    if (last != rest.npos) {
        receiver.takeLines(name, rest.substr(0, last + 1));
        m_mark.offset += last + 1;
    } else if (rest.size() > buffer.limit()) {
        m_skipping = rest.size();
    } else if (rest.size() == buffer.capacity()) {
        buffer.grow(); // and it is read again
    }
}

std::string_view LineFile::withoutSkipped(std::string_view read, const std::string &name,
                                          LineReceiver &receiver)
{
    const std::size_t newline = read.find('\n');
    if (newline == read.npos) {
        m_skipping += read.size();
        return {};
    }
    receiver.skipLine(name);
    m_mark.offset += m_skipping + newline + 1;
    m_skipping = 0;
    return read.substr(newline + 1);
}

void LineFile::finish(LineBuffer &buffer, const std::string &name, LineReceiver &receiver)
{
    if (m_skipping > 0)
        return receiver.skipLine(name);
    std::size_t count = readAt(m_mark.offset, buffer);
    if (count == buffer.capacity() && buffer.grow())
        count = readAt(m_mark.offset, buffer);
    if (m_hasFailed || !extendFingerprint(m_mark.offset))
        return;
    const std::string_view line(buffer.data(), count);
    if (line.find_first_not_of('\0') != line.npos && line.find('\n') == line.npos)
        receiver.takeUnended(name, line);
    m_mark.offset += count;
}

int openLog(const std::filesystem::path &path)
{
    // Not blocking: a named pipe without a writer would hold the caller for ever.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status { };
    if (descriptor < 0 || (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)))
        return descriptor;
    ::close(descriptor);
    errno = EINVAL;
    return -1;
}

std::uint64_t startOfLastLine(int descriptor, std::uint64_t size, std::size_t limit)
{
    std::string tail(std::min<std::uint64_t>(size, limit), '\0');
    const auto count = preadAll(descriptor, tail.data(), tail.size(), size - tail.size());
    const std::size_t newline = std::string_view(tail.data(), count.value_or(0)).rfind('\n');
    if (newline != std::string_view::npos)
        return size - tail.size() + newline + 1;
    return tail.size() == size ? 0 : size;
}

} // namespace trendscope::logs
