#include "core/exporter/log_stream/stream_backlog_p.h"
#include "core/logs/line_file.h"
#include "core/logs/rotated_files.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace trendscope::exporter {

namespace {

/// Of all files together: the other clients wait that long.
constexpr std::size_t mostBytes = std::size_t{64} << 20;

} // namespace

StreamBacklog::StreamBacklog(const StreamQuery &query, std::size_t lineLimit)
    : m_query(query)
    , m_limits{.line = lineLimit, .bytes = mostBytes}
{
}

void StreamBacklog::addFiles(const std::vector<logs::Checkpoint::Entry> &followed)
{
    for (const auto &entry : followed)
        m_known.insert(entry.mark.identity);
    for (const auto &entry : followed) {
        if (!m_query.takesFile(entry.name))
            continue;
        m_files.push_back(entry.name);
        Lines newestFirst;
        addFile(entry.mark.path, entry.mark.identity, entry.mark.offset, newestFirst);
        if (!entry.isRetired)
            addRotated(entry, newestFirst);
        take(std::move(newestFirst));
    }
}

void StreamBacklog::addRotated(const logs::Checkpoint::Entry &entry, Lines &newestFirst)
{
    const auto rotated = logs::rotatedSince(entry.mark.path, {});
    for (auto file = rotated.rbegin(); file != rotated.rend(); ++file) {
        if (newestFirst.size() < m_query.tail() && m_known.insert(file->status.identity).second)
            addFile(file->path, file->status.identity, file->status.size, newestFirst);
    }
}

void StreamBacklog::addFile(const std::filesystem::path &path, const logs::FileIdentity &identity,
                            std::uint64_t end, Lines &newestFirst)
{
    const int descriptor = logs::openLog(path);
    if (descriptor < 0)
        return;
    const auto status = logs::statusOf(descriptor);
    if (status && status->identity == identity) {
        const std::uint64_t lastLine =
            logs::startOfLastLine(descriptor, std::min(end, status->size), m_limits.line);
        const bool isWhole =
            logs::readLinesBackwards(descriptor, lastLine, m_limits, [&](std::string_view line) {
                return takeLine(line, newestFirst);
            });
        m_isCut = m_isCut || !isWhole;
    }
    ::close(descriptor);
}

/// Whether more are wanted.
bool StreamBacklog::takeLine(std::string_view line, Lines &newestFirst)
{
    const logs::Record record = m_parser.parse(line);
    if (m_query.takes(record))
        newestFirst.push_back({record.time().value_or(logs::Timestamp::min()), m_files.size() - 1,
                               std::string(m_encoder.encode(line))});
    return newestFirst.size() < m_query.tail();
}

/// A file's lines stay in their order, also when its clock was set back.
void StreamBacklog::take(Lines newestFirst)
{
    std::ranges::reverse(newestFirst);
    logs::Timestamp latest = logs::Timestamp::min();
    for (Line &line : newestFirst)
        line.time = latest = std::max(latest, line.time);
    std::ranges::move(newestFirst, std::back_inserter(m_lines));
}

void StreamBacklog::giveTo(StreamClient &client, std::size_t bytes)
{
    constexpr std::size_t roomForEnd = 4096;
    std::ranges::stable_sort(m_lines, {}, &Line::time);
    std::size_t room = bytes - std::min(bytes, roomForEnd);
    auto first = m_lines.end();
    const auto asked =
        m_lines.end() - static_cast<std::ptrdiff_t>(std::min(m_lines.size(), m_query.tail()));
    while (first != asked) {
        const Line &line = *std::prev(first);
        const std::size_t size = line.text.size() + logs::stream::file(m_files[line.file]).size();
        if (size > room) {
            m_isCut = true;
            break;
        }
        room -= size;
        --first;
    }
    std::for_each(first, m_lines.end(),
                  [&](const Line &line) { client.take(m_files[line.file], line.text); });
    client.tell(logs::stream::tail(static_cast<std::size_t>(m_lines.end() - first), m_isCut));
}

} // namespace trendscope::exporter
