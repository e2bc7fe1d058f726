#pragma once

#include "core/exporter/http/http_message.h"
#include "core/exporter/log_stream/stream_query_p.h"
#include "core/observability/counter.h"

#include <mutex>

namespace trendscope::exporter {

struct StreamCounters {
    observability::Counter records; ///< that were taken for some client
    observability::Counter slow;    ///< that a client was too slow for
    observability::Counter tooLong; ///< that no client got
};

/// What waits for one client: so many bytes at most, and beyond that a number of dropped records.
/// Thread safe.
class StreamClient final : public BodyStream {
public:
    StreamClient(StreamQuery query, std::size_t limit, StreamCounters counters);

    const StreamQuery &query() const { return m_query; }

    /// Takes a line of the stream from that file, if there is room.
    void take(const std::string &file, std::string_view line);
    /// Another line of the stream; those that find no room are lost.
    void tell(std::string_view line);
    void setProblem(const std::string &problem);
    void beat(std::string_view heartbeat); ///< told only when nothing waits
    /// Those of a file that were too long.
    void skip(const std::string &file, std::size_t records);
    /// What was taken and told goes to the client.
    void flush();
    /// The client gets what it has, and no more.
    void end();

    void setWake(std::function<void()> wake) override;
    std::optional<std::size_t> read(char *to, std::size_t size) override;

private:
    bool hasRoom(std::size_t size) const;
    bool append(const std::string &file, std::string_view line);
    void tellDropped();

    const StreamQuery m_query;
    const std::size_t m_limit;
    StreamCounters m_counters;

    std::mutex m_mutex; ///< of what is below
    std::function<void()> m_wake;
    std::string m_waiting;
    std::size_t m_begin = 0; ///< of what is still to be read
    std::string m_file;      ///< that the latest line was of
    std::string m_problem;
    std::string m_toldProblem;
    std::size_t m_dropped = 0; ///< since it was last told
    bool m_sleeps = false;     ///< the server waits for wake()
    bool m_isEnding = false;
};

} // namespace trendscope::exporter
