#pragma once

#include "core/logs/stream_decoder.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::logs {

/// Records of a log stream, over its interruptions.
///
/// After an interruption the latest records are asked for again; those that were shown already are
/// recognised by the lines before them, and left out. What is missing, or may be, is told by a
/// record of level WARNING in its place. One thread; needs the memory of one tail.
class RemoteLog final : private stream::Receiver {
public:
    static constexpr std::string_view logger = "trendscope.stream"; ///< of those records
    static constexpr std::size_t mostFiles = 1000; ///< told apart; others count as the last

    struct Counts {
        std::uint64_t records = 0;
        std::uint64_t malformed = 0; ///< that are not JSON objects
        std::uint64_t missing = 0;   ///< that the stream says it left out
        std::uint64_t live = 0;      ///< records that are not of a tail
    };

    RemoteLog();
    ~RemoteLog() override;

    /// A connection begins. The first shows the whole tail, later ones what is new in it; `tail` is
    /// how many records were asked for.
    void connect(std::size_t tail);
    /// Records are appended to `into`; their source is an index of files().
    void take(std::string_view bytes, std::vector<Record> &into);

    /// Whether the sender said, since connect(), that it is a stream of a version that is known.
    bool isAccepted() const { return m_isAccepted; }
    const std::vector<std::string> &files() const { return m_files; }
    const std::string &problem() const { return m_problem; } ///< what the sender can not read
    const Counts &counts() const { return m_counts; }
    /// The latest time in a record or heartbeat.
    std::optional<Timestamp> latest() const { return m_latest; }

private:
    struct File {
        std::deque<std::size_t> hashes; ///< of the latest lines that were shown
        std::optional<Timestamp> latest;
    };
    struct Line {
        std::uint16_t file = 0;
        std::string text;
        bool isMissing = false; ///< `text` says what
    };

    void takeVersion(std::size_t version) override;
    void takeLine(const std::string &file, std::string_view line) override;
    void takeTailEnd(std::size_t records, bool isCut) override;
    void takeTime(Timestamp time) override;
    void takeMissing(const std::string &file, Missing reason, std::size_t records) override;
    void takeProblem(const std::string &problem) override;

    std::uint16_t indexOf(const std::string &file);
    void show(std::uint16_t file, std::string_view line);
    void showMissing(std::uint16_t file, const std::string &message);
    std::map<std::uint16_t, std::size_t> findShown() const;
    bool isNew(const Line &line);
    void dropShown(std::map<std::uint16_t, std::size_t> shown);

    stream::Decoder m_decoder;
    RecordParser m_parser;
    std::vector<std::string> m_files;
    std::map<std::string, std::uint16_t> m_indices;
    std::vector<File> m_state; ///< of each file
    std::vector<Line> m_tail;  ///< of a later connection, until its end
    std::vector<Record> *m_into = nullptr;
    std::size_t m_tailBytes = 0;
    std::size_t m_asked = 0;
    bool m_isFirst = true; ///< connection
    bool m_isInTail = false;
    bool m_isAccepted = false;
    std::string m_problem;
    Counts m_counts;
    std::optional<Timestamp> m_latest;
    std::optional<Timestamp> m_latestBefore; ///< this connection
};

} // namespace trendscope::logs
