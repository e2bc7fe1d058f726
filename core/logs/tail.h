#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::logs {

struct TailOptions {
    std::uint64_t backlog =
        8 << 20; ///< bytes at the end of a file that is there at the start, by whole lines
    std::size_t lineLimit = 1 << 20; ///< bytes; what a line has beyond that is left out
};

/// Follows one growing file by whole lines, across rotation, truncation and absence.
///
/// Rename and create, delete and recreate, and copy and truncate are all followed; what the old
/// file still held is read first. Reads only when polled, never blocks on the file's content, has
/// no thread of its own; one thread.
class Tail {
public:
    enum class State {
        Waiting, ///< the file is not there (yet, or any more)
        Following,
        Failed, ///< see error(); tried again at every poll
    };

    /// Called for each line, without its newline; `isCut` when it was longer than the limit.
    using LineSink = std::function<void(std::string_view line, bool isCut)>;

    explicit Tail(std::filesystem::path path, TailOptions options = {});
    ~Tail();
    Tail(Tail &&other) noexcept;
    Tail &operator=(Tail &&) = delete;
    Tail(const Tail &) = delete;
    Tail &operator=(const Tail &) = delete;

    /// Reads what is new, `budget` bytes at most (rounded up to one read), and returns how many
    /// bytes that were.
    std::size_t poll(std::size_t budget, const LineSink &sink);

    const std::filesystem::path &path() const { return m_path; }
    State state() const { return m_state; }
    /// Why the file cannot be read, in Failed; Error::Kind::System, the message names the path.
    const std::optional<Error> &error() const { return m_error; }
    /// What is read now was in the file before following began.
    bool isReadingBacklog() const { return m_offset < m_backlogEnd; }

private:
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        bool operator==(const Identity &) const = default;
    };

    bool open();
    void close();
    void seekToBacklog(std::uint64_t size);
    bool wasRewritten() const;
    void rememberHead(std::string_view chunk);
    void restart(const LineSink &sink);
    bool followRotation(const LineSink &sink);
    void fail(int error);
    std::size_t readUpTo(std::size_t budget, const LineSink &sink);
    void takeChunk(std::string_view chunk, const LineSink &sink);
    void extendPartial(std::string_view part);
    void endLine(const LineSink &sink);

    std::filesystem::path m_path;
    TailOptions m_options;
    State m_state = State::Waiting;
    std::optional<Error> m_error;
    int m_descriptor = -1;
    Identity m_identity;
    std::uint64_t m_offset = 0;
    std::uint64_t m_backlogEnd = 0;
    std::string m_head;    // first bytes of the file: they tell a rewritten file from a grown one
    std::string m_partial; // a last line that has no newline yet
    std::string m_buffer;
    bool m_isCut = false;     // the partial line has already lost bytes
    bool m_skipsLine = false; // the backlog begins within a line
    bool m_hasOpened = false; // a file that appears later is read from its start
};

} // namespace trendscope::logs
