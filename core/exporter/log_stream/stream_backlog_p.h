#pragma once

#include "core/exporter/log_stream/stream_client_p.h"
#include "core/logs/checkpoint.h"
#include "core/logs/lines_backwards.h"
#include "core/logs/stream_format.h"

#include <set>

namespace trendscope::exporter {

/// The latest records that are in files already, for one client. One thread.
class StreamBacklog {
public:
    StreamBacklog(const StreamQuery &query, std::size_t lineLimit);

    /// Those before the mark, and in the files that its file was rotated to.
    void addFiles(const std::vector<logs::Checkpoint::Entry> &followed);
    /// Gives the newest of what was added, as many as are asked for and fit into `bytes`, in the
    /// order of their times.
    void giveTo(StreamClient &client, std::size_t bytes);

private:
    struct Line {
        logs::Timestamp time; ///< of the latest record that has one
        std::size_t file = 0;
        std::string text;
    };
    using Lines = std::vector<Line>;

    void addFile(const std::filesystem::path &path, const logs::FileIdentity &identity,
                 std::uint64_t end, Lines &newestFirst);
    void addRotated(const logs::Checkpoint::Entry &entry, Lines &newestFirst);
    bool takeLine(std::string_view line, Lines &newestFirst);
    void take(Lines newestFirst);

    const StreamQuery &m_query;
    logs::BackwardsLimits m_limits;
    logs::RecordParser m_parser;
    logs::stream::Encoder m_encoder;
    std::vector<std::string> m_files;
    std::set<logs::FileIdentity> m_known;
    Lines m_lines;
    bool m_isCut = false;
};

} // namespace trendscope::exporter
