#pragma once

#include "core/observability/export.h"
#include "core/observability/rotating_file_p.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace trendscope::observability {

struct LogFileSettings {
    std::filesystem::path file = {}; ///< empty: stderr
    Rotation rotation = {};
    /// How long a line may wait to be written; 0: no line waits. For stderr none ever does.
    std::chrono::milliseconds flushWithin{0};
    /// Called once when writing begins to fail, and when a rotation fails, from the thread that
    /// noticed it. It may log. Not called by the constructor: error() says what failed there.
    std::function<void(const Error &)> onError = {};
};

/// Where lines go: a file by its path, or stderr. Thread safe.
///
/// An outage (a full disk, a folder that is gone) stops no one: 1 MiB of lines waits, what comes on
/// top is counted as dropped. It is tried again every `flushWithin`. Beginning and end are said
/// once on stderr. A file that can not be opened at the start is an outage too, but then the lines
/// go to stderr.
class TRENDSCOPE_OBSERVABILITY_EXPORT LogFile {
public:
    explicit LogFile(LogFileSettings settings);
    ~LogFile(); ///< writes what waits
    LogFile(const LogFile &) = delete;
    LogFile &operator=(const LogFile &) = delete;

    /// `line`: one or more, each with its line break. When `isUrgent` it is written, with all that
    /// waits before it, when this returns; but in an outage it waits like any other.
    void write(std::string_view line, bool isUrgent);
    void flush(); ///< tries to write what waits
    /// The same, unless another thread goes on writing for that long.
    void flush(std::chrono::milliseconds atMost);
    void reopen(); ///< flushes, then opens the path anew

    bool isTerminal() const;            ///< whether its lines go to one, and always will
    std::optional<Error> error() const; ///< of the outage that lasts
    std::uint64_t droppedRecords() const { return m_dropped; } ///< lines; exact

    /// In a child process: closes the parent's file there. Nothing else may be called afterwards.
    void leaveBehind() { m_file.close(); }

private:
    /// Falling back: the file could not be opened since the start.
    enum class State { Working, FallingBack, Failing };

    void run(); ///< the flushing thread
    void arm();
    void flush(std::unique_lock<std::timed_mutex> output);
    std::optional<Error> writeBatch();
    Result<void> writeChunks(std::string_view &lines);
    void writeToStderr(std::string_view lines);
    std::optional<Error> begin(State state, const Error &error);
    void end();
    void putBack(std::string_view lines);
    std::optional<Error> newRotationError();
    void report(const Error &error) const;

    const LogFileSettings m_settings;
    const std::size_t m_chunkSize; ///< what is written at once

    std::timed_mutex m_outputMutex; ///< taken before m_mutex; guards the next four
    RotatingFile m_file;
    std::string m_batch;                             ///< what is being written
    std::chrono::steady_clock::time_point m_nextTry; ///< of opening, while falling back
    bool m_saidRotation = false;

    mutable std::mutex m_mutex; ///< guards what follows; never held over a system call
    std::string m_pending;
    State m_state = State::Working;
    std::optional<Error> m_error;
    std::uint64_t m_droppedBefore = 0; ///< of m_dropped, when the outage began
    bool m_isArmed = false;            ///< the thread will flush
    bool m_isStopping = false;
    std::condition_variable m_wake;
    std::atomic<std::uint64_t> m_dropped = 0;
    std::thread m_thread;
};

} // namespace trendscope::observability
