#include "core/exporter/log_stream/stream_client_p.h"
#include "core/logs/stream_format.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace trendscope::exporter {

namespace {

constexpr std::size_t keptCapacity = std::size_t{256} << 10;
constexpr std::size_t roomToTellDropped = 64;

} // namespace

StreamClient::StreamClient(StreamQuery query, std::size_t limit, StreamCounters counters)
    : m_query(std::move(query))
    , m_limit(limit)
    , m_counters(std::move(counters))
{
}

bool StreamClient::hasRoom(std::size_t size) const
{
    return m_waiting.size() - m_begin + size <= m_limit;
}

bool StreamClient::append(const std::string &file, std::string_view line)
{
    const std::string origin = file == m_file ? std::string() : logs::stream::file(file);
    if (!hasRoom(roomToTellDropped + origin.size() + line.size()))
        return false;
    tellDropped();
    (m_waiting += origin) += line;
    if (!origin.empty())
        m_file = file;
    return true;
}

/// Before what comes after them.
void StreamClient::tellDropped()
{
    if (m_dropped > 0)
        m_waiting += logs::stream::dropped(std::exchange(m_dropped, 0));
}

void StreamClient::take(const std::string &file, std::string_view line)
{
    const std::lock_guard lock(m_mutex);
    if (append(file, line)) {
        m_counters.records.increment();
    } else {
        ++m_dropped;
        m_counters.slow.increment();
    }
}

void StreamClient::skip(const std::string &file, std::size_t records)
{
    const std::lock_guard lock(m_mutex);
    if (!append(file, logs::stream::tooLong(records)))
        m_dropped += records;
}

void StreamClient::tell(std::string_view line)
{
    const std::lock_guard lock(m_mutex);
    if (hasRoom(line.size()))
        m_waiting += line;
}

void StreamClient::setProblem(const std::string &problem)
{
    const std::lock_guard lock(m_mutex);
    m_problem = problem;
}

void StreamClient::beat(std::string_view heartbeat)
{
    const std::lock_guard lock(m_mutex);
    if (m_begin == m_waiting.size())
        m_waiting += heartbeat;
}

void StreamClient::flush()
{
    const std::lock_guard lock(m_mutex);
    if (m_problem != m_toldProblem) {
        const std::string line = logs::stream::problem(m_problem);
        if (hasRoom(line.size())) {
            m_waiting += line;
            m_toldProblem = m_problem;
        }
    }
    if (m_sleeps && m_begin < m_waiting.size()) {
        m_sleeps = false;
        m_wake();
    }
}

void StreamClient::end()
{
    const std::lock_guard lock(m_mutex);
    m_isEnding = true;
    if (std::exchange(m_sleeps, false))
        m_wake();
}

void StreamClient::setWake(std::function<void()> wake)
{
    const std::lock_guard lock(m_mutex);
    m_wake = std::move(wake);
}

std::optional<std::size_t> StreamClient::read(char *to, std::size_t size)
{
    const std::lock_guard lock(m_mutex);
    if (m_begin == m_waiting.size())
        tellDropped();
    const std::size_t count = std::min(size, m_waiting.size() - m_begin);
    if (count == 0 && m_isEnding)
        return {};
    m_sleeps = count == 0;
    std::memcpy(to, m_waiting.data() + m_begin, count);
    m_begin += count;
    if (m_begin == m_waiting.size()) {
        m_begin = 0;
        m_waiting.clear();
        if (m_waiting.capacity() > keptCapacity)
            m_waiting.shrink_to_fit();
    } else if (m_begin > m_waiting.size() / 2) { // each byte is moved once at most
        m_waiting.erase(0, std::exchange(m_begin, 0));
    }
    return count;
}

} // namespace trendscope::exporter
