#pragma once

#include "core/logs/file_mark.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace trendscope::logs {

/// What is told of lines as they are read. `name` is the path that the file was found by first.
class LineReceiver {
public:
    virtual ~LineReceiver() = default;

    /// Whole lines, each with its newline; `padding` more bytes can be read behind them. Lines
    /// above the limit may be among them where they are short enough to be read with others.
    virtual void takeLines(const std::string &name, std::string_view lines) = 0;
    /// A last line that its file leaves without a newline; padded, too.
    virtual void takeUnended(const std::string &name, std::string_view line) = 0;
    /// A line that is longer than the limit was left out.
    virtual void skipLine(const std::string &name) = 0;
};

/// Where lines are read to: one for all files of a thread, since only one is read at a time.
class LineBuffer {
public:
    /// Bytes; `limit` of a line without its newline, `padding` behind what is read.
    LineBuffer(std::size_t limit, std::size_t padding);

    std::size_t limit() const { return m_limit; }
    std::size_t capacity() const { return m_bytes.size() - m_padding; }
    char *data() { return m_bytes.data(); }
    /// Makes room for the longest line; nothing to do: false.
    bool grow();

private:
    std::size_t m_limit;
    std::size_t m_padding;
    std::string m_bytes;
};

/// One open file that is read by whole lines, from a mark on. One thread.
///
/// What was read is only taken when the file still begins as it did: a file that is truncated and
/// written anew is noticed also when it has outgrown where reading stopped.
class LineFile {
public:
    enum class Outcome {
        CaughtUp,
        HasMore,   ///< than the budget
        Rewritten, ///< begin again at 0; the mark says how far it had been read
        Failed,    ///< the system refuses to read it
    };

    /// Takes the descriptor over. `mark.fingerprint` is the file's.
    LineFile(int descriptor, FileMark mark);
    ~LineFile();
    LineFile(const LineFile &) = delete;
    LineFile &operator=(const LineFile &) = delete;

    /// Reads `budget` bytes at most, rounded up to one buffer, and takes them off it.
    Outcome read(std::size_t &budget, LineBuffer &buffer, const std::string &name,
                 LineReceiver &receiver);
    /// Gives what is there without a newline: nothing more will come.
    void finish(LineBuffer &buffer, const std::string &name, LineReceiver &receiver);
    /// Goes on at another mark of this file.
    void resume(std::uint64_t offset, const Fingerprint &fingerprint);

    const FileMark &mark() const { return m_mark; }
    void setPath(std::filesystem::path path) { m_mark.path = std::move(path); }
    int descriptor() const { return m_descriptor; }
    /// All lines that are there were taken.
    bool isAtEnd() const { return m_isAtEnd; }

private:
    std::size_t readAt(std::uint64_t offset, LineBuffer &buffer);
    bool extendFingerprint(std::uint64_t taken);
    void take(std::string_view read, LineBuffer &buffer, const std::string &name,
              LineReceiver &receiver);
    std::string_view withoutSkipped(std::string_view read, const std::string &name,
                                    LineReceiver &receiver);

    const int m_descriptor;
    FileMark m_mark;
    std::uint64_t m_readEnd = 0;  ///< how far the file was when it was last read to its end
    std::int64_t m_changed = 0;   ///< when it last was, by the file system's clock
    std::uint64_t m_skipping = 0; ///< of a line that is too long: bytes that were seen
    bool m_isAtEnd = false;
    bool m_hasFailed = false;
};

/// Opens a regular file for reading; -1 with errno otherwise.
int openLog(const std::filesystem::path &path);

/// Where the last line begins of which the file does not have the end yet: its size, when it has
/// none. Looks at `limit` bytes at most.
std::uint64_t startOfLastLine(int descriptor, std::uint64_t size, std::size_t limit);

} // namespace trendscope::logs
