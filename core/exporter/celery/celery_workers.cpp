#include "core/exporter/celery/celery_workers_p.h"

#include <algorithm>
#include <utility>

namespace trendscope::exporter {

void CeleryGap::beginAtZero()
{
    m_base = 0;
}

void CeleryGap::countStarted(std::uint64_t clock)
{
    ++(m_pending && clock < m_pending->clock ? m_before : m_after);
}

std::uint64_t CeleryGap::heartbeat(std::uint64_t clock, std::uint64_t processed)
{
    std::int64_t missed = 0;
    if (m_pending) {
        if (m_base && m_pending->processed >= *m_base)
            missed = weigh(static_cast<std::int64_t>(m_pending->processed - *m_base)
                           - static_cast<std::int64_t>(m_before));
        m_base = m_pending->processed;
    }
    // A worker that is heard of in the middle of its life: what it did before is not ours to count.
    m_before = std::exchange(m_after, 0);
    m_pending = Count{clock, processed};
    return static_cast<std::uint64_t>(missed);
}

/// What stays in the balance over two heartbeats is missed.
std::int64_t CeleryGap::weigh(std::int64_t balance)
{
    const std::int64_t previous = m_balance;
    m_balance += balance;
    const std::int64_t missed = std::max<std::int64_t>(0, std::min(previous, m_balance));
    m_balance -= missed;
    if (previous < 0 && m_balance < 0) // more than there were: someone else sends in its name
        m_balance = 0;
    return missed;
}

std::string_view hostOf(std::string_view node)
{
    const auto at = node.find('@');
    return at == std::string_view::npos ? node : node.substr(at + 1);
}

} // namespace trendscope::exporter
