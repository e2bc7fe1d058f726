#include "core/logs/tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace trendscope::logs {
namespace {

constexpr std::size_t chunkSize = 256 << 10;
constexpr std::size_t headSize = 256;

std::size_t preadAll(int descriptor, char *into, std::size_t size, std::uint64_t offset)
{
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, into + done, size - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

} // namespace

Tail::Tail(std::filesystem::path path, TailOptions options)
    : m_path(std::move(path))
    , m_options(options)
{
}

Tail::~Tail()
{
    close();
}

Tail::Tail(Tail &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_options(other.m_options)
    , m_state(other.m_state)
    , m_error(std::move(other.m_error))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_identity(other.m_identity)
    , m_offset(other.m_offset)
    , m_backlogEnd(other.m_backlogEnd)
    , m_head(std::move(other.m_head))
    , m_partial(std::move(other.m_partial))
    , m_buffer(std::move(other.m_buffer))
    , m_isCut(other.m_isCut)
    , m_skipsLine(other.m_skipsLine)
    , m_hasOpened(other.m_hasOpened)
{
}

std::size_t Tail::poll(std::size_t budget, const LineSink &sink)
{
    if (m_descriptor < 0 && !open())
        return 0;
    if (wasRewritten())
        restart(sink);
    std::size_t done = readUpTo(budget, sink);
    if (done < budget && followRotation(sink))
        done += readUpTo(budget - done, sink);
    return done;
}

bool Tail::open()
{
    // Not blocking: a named pipe without a writer would hold the caller for ever.
    m_descriptor = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status { };
    if (m_descriptor < 0 || ::fstat(m_descriptor, &status) != 0) {
        const int error = errno;
        close();
        // The next file to appear under this name is new from its first byte.
        m_hasOpened = m_hasOpened || error == ENOENT;
        fail(error);
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        close();
        m_state = State::Failed;
        m_error = Error{Error::Kind::System, m_path.string() + " is not a regular file", {}};
        return false;
    }
    m_identity = {status.st_dev, status.st_ino};
    m_offset = 0;
    m_backlogEnd = 0;
    m_head.clear();
    if (!m_hasOpened)
        seekToBacklog(static_cast<std::uint64_t>(status.st_size));
    m_hasOpened = true;
    m_state = State::Following;
    m_error.reset();
    return true;
}

void Tail::close()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    m_descriptor = -1;
}

void Tail::fail(int error)
{
    if (error == ENOENT || error == ENOTDIR) {
        m_state = State::Waiting;
        m_error.reset();
        return;
    }
    const std::string reason = std::generic_category().message(error);
    m_state = State::Failed;
    m_error = Error{Error::Kind::System, "cannot read " + m_path.string() + ": " + reason, reason};
}

void Tail::seekToBacklog(std::uint64_t size)
{
    m_backlogEnd = size;
    std::array<char, headSize> head{};
    m_head.assign(head.data(), preadAll(m_descriptor, head.data(), head.size(), 0));
    if (size <= m_options.backlog)
        return;
    // One byte earlier, so that a line which begins exactly there is not taken for the rest of
    // another.
    m_offset = size - m_options.backlog - 1;
    m_skipsLine = true;
}

/// True when the file was truncated, also when it has since grown past where it was.
bool Tail::wasRewritten() const
{
    struct stat status { };
    if (::fstat(m_descriptor, &status) != 0)
        return false;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < m_offset)
        return true;
    if (size == m_offset || m_head.empty())
        return false;
    std::array<char, headSize> head{};
    const std::size_t count = preadAll(m_descriptor, head.data(), m_head.size(), 0);
    return std::string_view(head.data(), count) != m_head;
}

void Tail::rememberHead(std::string_view chunk)
{
    if (m_head.size() == m_offset && m_head.size() < headSize)
        m_head += chunk.substr(0, headSize - m_head.size());
}

/// Begins the same file again from its first byte.
void Tail::restart(const LineSink &sink)
{
    endLine(sink);
    m_offset = 0;
    m_backlogEnd = 0;
    m_skipsLine = false;
    m_head.clear();
}

/// Goes over to the file that has taken the name; true when it did.
bool Tail::followRotation(const LineSink &sink)
{
    struct stat status { };
    if (::stat(m_path.c_str(), &status) != 0) {
        // Whoever writes may go on writing to the old file until it opens the new one, so that
        // stays open.
        fail(errno);
        return false;
    }
    if (Identity{status.st_dev, status.st_ino} == m_identity)
        return false;
    // Empty: the writer has not gone over to it yet. Afterwards nothing more comes to the old file,
    // so what that has now is all it ever will.
    if (S_ISREG(status.st_mode) && status.st_size == 0)
        return false;
    while (readUpTo(chunkSize, sink) > 0) { }
    endLine(sink);
    m_skipsLine = false;
    close();
    return open();
}

std::size_t Tail::readUpTo(std::size_t budget, const LineSink &sink)
{
    m_buffer.resize(chunkSize);
    std::size_t done = 0;
    while (done < budget) {
        const std::size_t count = std::min(chunkSize, budget - done);
        const ssize_t got =
            ::pread(m_descriptor, m_buffer.data(), count, static_cast<off_t>(m_offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fail(errno);
            break;
        }
        m_state = State::Following;
        m_error.reset();
        if (got == 0)
            break;
        const std::string_view chunk(m_buffer.data(), static_cast<std::size_t>(got));
        rememberHead(chunk);
        takeChunk(chunk, sink);
        m_offset += chunk.size();
        done += chunk.size();
    }
    return done;
}

void Tail::takeChunk(std::string_view chunk, const LineSink &sink)
{
    while (!chunk.empty()) {
        const std::size_t newline = chunk.find('\n');
        const std::string_view part = chunk.substr(0, newline);
        if (newline == std::string_view::npos) {
            extendPartial(part);
            return;
        }
        chunk.remove_prefix(newline + 1);
        // Most lines lie within one chunk and are passed on without a copy.
        if (!m_skipsLine && m_partial.empty() && !m_isCut && part.size() <= m_options.lineLimit) {
            if (!part.empty())
                sink(part, false);
            continue;
        }
        extendPartial(part);
        endLine(sink);
    }
}

void Tail::extendPartial(std::string_view part)
{
    if (m_skipsLine)
        return;
    const std::size_t room = m_options.lineLimit - m_partial.size();
    m_isCut = m_isCut || part.size() > room;
    m_partial += part.substr(0, room);
}

void Tail::endLine(const LineSink &sink)
{
    if (!m_skipsLine && !m_partial.empty())
        sink(m_partial, m_isCut);
    m_partial.clear();
    m_isCut = false;
    m_skipsLine = false;
}

} // namespace trendscope::logs
