#pragma once

#include <algorithm>
#include <chrono>

namespace trendscope::exporter {

/// How long to wait before trying again: `first`, then twice as long each time, up to `most`.
class Backoff {
public:
    using Duration = std::chrono::milliseconds;

    Backoff(Duration first, Duration most)
        : m_most(std::max(most, Duration(10))) // not without a pause, whatever is configured
        , m_first(std::min(first, m_most))
        , m_next(m_first)
    {
    }

    Duration next()
    {
        const Duration pause = m_next;
        m_next = std::min(2 * pause, m_most);
        return pause;
    }
    void reset() { m_next = m_first; } ///< it worked

private:
    const Duration m_most, m_first;
    Duration m_next;
};

} // namespace trendscope::exporter
