#include "core/observability/descriptor_p.h"
#include "core/observability/log_file_p.h"
#include "core/observability/quiet_thread_p.h"

#include <unistd.h>

#include <algorithm>

namespace trendscope::observability {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t bufferSize = 64UL << 10;
constexpr std::size_t waitingLimit = 1UL << 20;
constexpr std::chrono::milliseconds retryInterval = 100ms; // where lines are not flushed by time

std::uint64_t countLines(std::string_view lines)
{
    return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

/// How much of `lines` are whole lines of at most `limit` bytes; 0 when the first has more.
std::size_t wholeLines(std::string_view lines, std::size_t limit)
{
    if (lines.size() <= limit)
        return lines.size();
    return limit == 0 ? 0 : lines.rfind('\n', limit - 1) + 1; // npos + 1 is 0
}

std::string recordsLost(std::uint64_t count)
{
    return std::to_string(count) + (count == 1 ? " record was lost" : " records were lost");
}

} // namespace

LogFile::LogFile(LogFileSettings settings)
    : m_settings(std::move(settings))
    , m_chunkSize(m_settings.rotation.maxBytes > 0
                      ? std::min<std::size_t>(bufferSize, m_settings.rotation.maxBytes)
                      : bufferSize)
    , m_file(m_settings.file, m_settings.rotation)
{
    m_pending.reserve(bufferSize + bufferSize / 4);
    m_batch.reserve(bufferSize + bufferSize / 4);
    if (m_settings.file.empty())
        return;
    if (const auto opened = m_file.open(); !opened)
        begin(State::FallingBack, opened.error());
    m_thread = quietThread([this] { run(); });
}

LogFile::~LogFile()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    flush();
    if (m_state != State::Failing)
        return;
    m_dropped += countLines(m_pending);
    say(m_error->message + "; " + recordsLost(m_dropped - m_droppedBefore));
}

void LogFile::write(std::string_view line, bool isUrgent)
{
    {
        const std::lock_guard lock(m_mutex);
        const bool isFailing = m_state == State::Failing;
        if (isFailing && m_pending.size() + line.size() > waitingLimit) {
            m_dropped += countLines(line);
            return;
        }
        m_pending += line;
        const bool waits = isFailing
            || (!isUrgent && m_state == State::Working && m_settings.flushWithin > 0ms
                && !m_settings.file.empty() && m_pending.size() < m_chunkSize);
        if (waits) {
            arm();
            return;
        }
    }
    flush();
}

void LogFile::arm()
{
    if (m_isArmed)
        return;
    m_isArmed = true;
    m_wake.notify_one();
}

void LogFile::run()
{
    const auto interval = m_settings.flushWithin > 0ms ? m_settings.flushWithin : retryInterval;
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        m_wake.wait(lock, [this] {
            return m_isStopping || m_isArmed || m_state == State::FallingBack; // to try it again
        });
        const bool isIdle = !m_isArmed;
        m_wake.wait_for(lock, isIdle ? std::max(interval, retryInterval) : interval,
                        [this] { return m_isStopping; });
        m_isArmed = false;
        lock.unlock();
        flush();
        lock.lock();
    }
}

void LogFile::flush()
{
    flush(std::unique_lock(m_outputMutex));
}

void LogFile::flush(std::chrono::milliseconds atMost)
{
    if (std::unique_lock output(m_outputMutex, atMost); output.owns_lock())
        flush(std::move(output));
}

void LogFile::flush(std::unique_lock<std::timed_mutex> output)
{
    const std::optional<Error> failure = writeBatch();
    const std::optional<Error> rotationFailure = newRotationError();
    output.unlock();
    for (const auto &error : {failure, rotationFailure}) {
        if (error)
            report(*error);
    }
}

void LogFile::reopen()
{
    flush();
    const std::lock_guard output(m_outputMutex);
    m_nextTry = {};
    // A failure is the next write's: as long as there is nothing to write there is no outage.
    if (!m_settings.file.empty())
        (void)m_file.reopen();
}

std::optional<Error> LogFile::writeBatch()
{
    State state = State::Working;
    m_batch.clear();
    if (m_batch.capacity() > 2 * bufferSize)
        m_batch.shrink_to_fit(); // one large line must not hold its memory forever
    {
        const std::lock_guard lock(m_mutex);
        m_batch.swap(m_pending);
        state = m_state;
    }
    std::string_view lines = m_batch;
    const bool isFallingBack = state == State::FallingBack;
    if (lines.empty() && !isFallingBack)
        return {};
    const auto now = std::chrono::steady_clock::now();
    if (m_settings.file.empty() || (isFallingBack && now < m_nextTry)) {
        writeToStderr(lines);
        return {};
    }
    if (isFallingBack)
        m_nextTry =
            now + std::max<std::chrono::milliseconds>(m_settings.flushWithin, retryInterval);
    const auto written = lines.empty() ? m_file.open() : writeChunks(lines);
    if (written) {
        if (state != State::Working)
            end();
        return {};
    }
    if (isFallingBack) {
        writeToStderr(lines);
        return {};
    }
    putBack(lines);
    return begin(State::Failing, written.error());
}

/// Leaves in `lines` what could not be written.
Result<void> LogFile::writeChunks(std::string_view &lines)
{
    while (!lines.empty()) {
        std::size_t size = wholeLines(lines, m_chunkSize);
        if (size == 0)
            size = std::min(lines.find('\n'), lines.size() - 1) + 1;
        if (auto written = m_file.write(lines.substr(0, size)); !written)
            return written;
        lines.remove_prefix(size);
    }
    return {};
}

void LogFile::writeToStderr(std::string_view lines)
{
    if (!writeAll(STDERR_FILENO, lines))
        m_dropped += countLines(lines);
}

/// Returns what is to be reported: the error, unless the outage is known already.
std::optional<Error> LogFile::begin(State state, const Error &error)
{
    {
        const std::lock_guard lock(m_mutex);
        m_error = error;
        if (m_state == state)
            return {};
        m_state = state;
    }
    say(error.message
        + (state == State::Failing ? "; log records wait" : "; log records go to stderr")
        + ", it is tried again");
    return error;
}

void LogFile::end()
{
    std::uint64_t lost = 0;
    {
        const std::lock_guard lock(m_mutex);
        m_state = State::Working;
        m_error.reset();
        lost = m_dropped - m_droppedBefore;
        m_droppedBefore = m_dropped;
    }
    say(m_file.path().string() + " can be written again; " + recordsLost(lost));
}

void LogFile::putBack(std::string_view lines)
{
    const std::lock_guard lock(m_mutex);
    m_pending.insert(0, lines);
    // A line that never fits must not take those after it along.
    while (m_pending.size() > waitingLimit && wholeLines(m_pending, waitingLimit) == 0) {
        m_pending.erase(0, std::min(m_pending.find('\n'), m_pending.size() - 1) + 1);
        ++m_dropped;
    }
    const std::size_t kept = wholeLines(m_pending, waitingLimit);
    m_dropped += countLines(std::string_view(m_pending).substr(kept));
    m_pending.resize(kept);
    arm();
}

std::optional<Error> LogFile::newRotationError()
{
    const std::optional<Error> &error = m_file.rotationError();
    const bool isNew = error && !m_saidRotation;
    m_saidRotation = error.has_value();
    if (!isNew)
        return {};
    say(error->message + "; it grows on");
    return error;
}

void LogFile::report(const Error &error) const
{
    if (!m_settings.onError)
        return;
    try {
        m_settings.onError(error);
    } catch (...) { // NOLINT(bugprone-empty-catch): the handler's trouble must not become logging's
    }
}

bool LogFile::isTerminal() const
{
    return m_settings.file.empty() && ::isatty(STDERR_FILENO) == 1;
}

std::optional<Error> LogFile::error() const
{
    const std::lock_guard lock(m_mutex);
    return m_error;
}

} // namespace trendscope::observability
