#include "core/logs/remote_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <functional>
#include <utility>

namespace trendscope::logs {

namespace {

constexpr std::size_t rememberedLines = 64;
constexpr std::size_t mostTailBytes = std::size_t{64} << 20;

std::string jsonTime(Timestamp time)
{
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const std::time_t seconds = whole.time_since_epoch().count();
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::string out(text.data(), std::strftime(text.data(), text.size(), "%FT%T", &parts));
    // To the microsecond: a gap must not be told before the record that it comes after.
    std::snprintf(text.data(), text.size(), ".%06dZ", static_cast<int>((time - whole).count()));
    return out += text.data();
}

/// How many of the first lines of a tail are up to the last known one; 0: it is not there. All that
/// is known is looked for first, else its end at the tail's beginning. Where lines are all alike,
/// some are shown twice rather than not at all.
std::size_t countShown(const std::deque<std::size_t> &known, const std::vector<std::size_t> &tail)
{
    const auto whole = std::search(tail.begin(), tail.end(), known.begin(), known.end());
    if (known.empty() || whole != tail.end())
        return known.empty() ? 0 : static_cast<std::size_t>(whole - tail.begin()) + known.size();
    for (std::size_t count = std::min(known.size() - 1, tail.size()); count > 0; --count) {
        if (std::equal(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(count),
                       known.end() - static_cast<std::ptrdiff_t>(count)))
            return count;
    }
    return 0;
}

/// "12,043 records"
std::string countText(std::size_t records)
{
    std::string digits = std::to_string(records);
    for (std::size_t end = digits.size(); end > 3; end -= 3)
        digits.insert(end - 3, 1, ',');
    return digits + (records == 1 ? " record" : " records");
}

} // namespace

RemoteLog::RemoteLog() = default;
RemoteLog::~RemoteLog() = default;

void RemoteLog::connect(std::size_t tail)
{
    m_tail.clear();
    m_tailBytes = 0;
    m_asked = tail;
    m_isInTail = true;
    m_isAccepted = false;
    m_latestBefore = m_latest;
    m_problem.clear();
    m_decoder.reset();
}

void RemoteLog::take(std::string_view bytes, std::vector<Record> &into)
{
    m_into = &into;
    m_decoder.decode(bytes, *this);
    m_into = nullptr;
}

void RemoteLog::takeVersion(std::size_t version)
{
    m_isAccepted = version == 1;
}

std::uint16_t RemoteLog::indexOf(const std::string &file)
{
    if (const auto known = m_indices.find(file); known != m_indices.end())
        return known->second;
    if (m_files.size() == mostFiles)
        return mostFiles - 1;
    const auto index = static_cast<std::uint16_t>(m_files.size());
    m_files.push_back(file);
    m_state.emplace_back();
    m_indices.emplace(file, index);
    return index;
}

void RemoteLog::takeLine(const std::string &file, std::string_view line)
{
    if (!m_isAccepted)
        return;
    const std::uint16_t index = indexOf(file);
    if (!m_isInTail || m_isFirst)
        return show(index, line);
    m_tailBytes += line.size() + sizeof(Line);
    if (m_tailBytes <= mostTailBytes)
        m_tail.push_back({.file = index, .text = std::string(line)});
}

void RemoteLog::show(std::uint16_t file, std::string_view line)
{
    Record record = m_parser.parse(line);
    record.setSource(file);
    ++m_counts.records;
    m_counts.malformed += record.isMalformed() ? 1 : 0;
    m_counts.live += m_isInTail ? 0 : 1;
    File &state = m_state[file];
    state.hashes.push_back(std::hash<std::string_view>()(line));
    if (state.hashes.size() > rememberedLines)
        state.hashes.pop_front();
    if (const auto time = record.time()) {
        state.latest = std::max(state.latest, time);
        takeTime(*time);
    }
    m_into->push_back(std::move(record));
}

void RemoteLog::takeTime(Timestamp time)
{
    m_latest = std::max(m_latest, std::optional(time));
}

void RemoteLog::takeMissing(const std::string &file, Missing reason, std::size_t records)
{
    if (!m_isAccepted)
        return;
    m_counts.missing += records;
    const std::string text = countText(records) + " missing: "
        + (reason == Missing::Dropped       ? "the connection is too slow"
               : reason == Missing::TooLong ? "longer than the agent's limit"
                                            : "not understood");
    const std::uint16_t index = indexOf(file);
    if (m_isInTail && !m_isFirst)
        m_tail.push_back({.file = index, .text = text, .isMissing = true});
    else
        showMissing(index, text);
}

void RemoteLog::showMissing(std::uint16_t file, const std::string &message)
{
    std::string line = "{";
    if (m_latest)
        line += "\"timestamp\":\"" + jsonTime(*m_latest) + "\",";
    line += "\"level\":\"WARNING\",\"logger\":\"";
    (line += logger) += "\",\"message\":\"" + message + "\"}";
    Record record = m_parser.parse(line);
    record.setSource(file);
    m_into->push_back(std::move(record));
}

void RemoteLog::takeProblem(const std::string &problem)
{
    m_problem = problem;
}

/// For each file of which lines are remembered that are in the tail: how many of its lines there
/// were shown already.
std::map<std::uint16_t, std::size_t> RemoteLog::findShown() const
{
    std::map<std::uint16_t, std::vector<std::size_t>> hashes;
    for (const Line &line : m_tail) {
        if (!line.isMissing)
            hashes[line.file].push_back(std::hash<std::string_view>()(line.text));
    }
    std::map<std::uint16_t, std::size_t> shown;
    for (const auto &[file, tail] : hashes) {
        if (const std::size_t count = countShown(m_state[file].hashes, tail); count > 0)
            shown.emplace(file, count);
    }
    return shown;
}

/// By its time, where the lines before it do not tell.
bool RemoteLog::isNew(const Line &line)
{
    const auto &latest = m_state[line.file].latest;
    const auto time = m_parser.parse(line.text).time();
    return !time || time > (latest ? latest : m_latestBefore);
}

void RemoteLog::dropShown(std::map<std::uint16_t, std::size_t> shown)
{
    std::erase_if(m_tail, [&](const Line &line) {
        const auto left = shown.find(line.file);
        if (left == shown.end())
            return !line.isMissing && !isNew(line);
        const bool wasShown = left->second > 0;
        left->second -= wasShown && !line.isMissing ? 1 : 0;
        return wasShown;
    });
}

void RemoteLog::takeTailEnd(std::size_t records, bool isCut)
{
    const auto shown = findShown();
    const bool isWhole = records < m_asked && !isCut && m_tailBytes <= mostTailBytes;
    const bool hadLines =
        std::ranges::any_of(m_state, [](const File &file) { return !file.hashes.empty(); });
    const std::size_t size = m_tail.size();
    dropShown(shown);
    const std::vector<Line> fresh = std::exchange(m_tail, {});
    // A line that is known is from before the interruption, and what came after it is here, of all
    // files: they are in one order.
    const bool isGap = shown.empty() && (hadLines ? size > 0 : !isWhole && fresh.size() == size);
    if (!m_isFirst && isGap)
        showMissing(fresh.empty() ? 0 : fresh.front().file,
                    "Records may be missing: the interruption was too long");
    for (const Line &line : fresh)
        line.isMissing ? showMissing(line.file, line.text) : show(line.file, line.text);
    m_isInTail = false;
    m_isFirst = false;
}

} // namespace trendscope::logs
