#include "core/logs/follower.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trendscope::logs {

using namespace std::chrono_literals;

RateMeter::RateMeter(Clock::time_point start)
    : m_start(start)
{
}

void RateMeter::add(std::uint64_t events, Clock::time_point now)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(now - m_start).count();
    const std::size_t slot = static_cast<std::size_t>(second) % seconds;
    if (m_secondOf[slot] != second) {
        m_secondOf[slot] = second;
        m_counts[slot] = 0;
    }
    m_counts[slot] += events;
}

double RateMeter::perSecond(Clock::time_point now) const
{
    const auto second = std::chrono::floor<std::chrono::seconds>(now - m_start).count();
    std::uint64_t events = 0;
    for (std::size_t slot = 0; slot < seconds; ++slot) {
        if (m_secondOf[slot] > second - static_cast<std::int64_t>(seconds))
            events += m_counts[slot];
    }
    // The current second has only begun; in the first ten there is less than a window to look back
    // on.
    const std::chrono::duration<double> elapsed = now - m_start;
    const double current = elapsed.count() - static_cast<double>(second);
    const double window = std::min(elapsed.count(), static_cast<double>(seconds) - 1 + current);
    return static_cast<double>(events) / std::max(window, 1.0);
}

Follower::Follower(const std::vector<std::filesystem::path> &paths, Clock::time_point start,
                   TailOptions options)
    : m_latest(paths.size())
    , m_rate(start)
{
    m_tails.reserve(paths.size());
    for (const auto &path : paths)
        m_tails.emplace_back(path, options);
}

bool Follower::poll(std::size_t budget, Clock::time_point now, std::vector<Record> &into)
{
    const std::size_t share = budget / std::max<std::size_t>(m_tails.size(), 1);
    bool hasMore = false;
    for (std::size_t source = 0; source < m_tails.size(); ++source) {
        const bool isBacklog =
            m_tails[source].isReadingBacklog() || m_tails[source].state() != Tail::State::Following;
        const std::size_t before = m_arrivals.size();
        const std::size_t bytes =
            m_tails[source].poll(share, [this, source](std::string_view line, bool isCut) {
                take(line, isCut, source);
            });
        m_counters.bytes += bytes;
        hasMore = hasMore || bytes >= share;
        if (!isBacklog)
            m_rate.add(m_arrivals.size() - before, now);
    }
    mergeInto(into);
    return hasMore;
}

void Follower::take(std::string_view line, bool isCut, std::size_t source)
{
    Record record = m_parser.parse(line, isCut);
    record.setSource(static_cast<std::uint16_t>(source));
    ++m_counters.records;
    m_counters.malformed += record.isMalformed() ? 1 : 0;
    m_counters.cut += isCut ? 1 : 0;
    m_latest[source] = std::max(m_latest[source], record.time().value_or(m_latest[source]));
    m_arrivals.push_back({m_latest[source], std::move(record)});
}

void Follower::mergeInto(std::vector<Record> &records)
{
    // Each file on its own stays in the order it was written: a clock set back does not shuffle its
    // lines.
    if (m_tails.size() > 1)
        std::ranges::stable_sort(m_arrivals, {}, &Arrival::time);
    records.reserve(records.size() + m_arrivals.size());
    for (Arrival &arrival : m_arrivals)
        records.push_back(std::move(arrival.record));
    m_arrivals.clear();
}

Follower::Counters Follower::counters(Clock::time_point now) const
{
    Counters counters = m_counters;
    counters.recordsPerSecond = m_rate.perSecond(now);
    return counters;
}

} // namespace trendscope::logs
