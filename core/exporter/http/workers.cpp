#include "core/exporter/http/workers_p.h"

#include <utility>

namespace trendscope::exporter {

Workers::Workers(std::size_t threads, std::size_t waiting)
    : m_mostThreads(threads)
    , m_mostWaiting(waiting)
{
}

Workers::~Workers()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
        m_jobs.clear();
    }
    m_changed.notify_all();
    for (std::thread &thread : m_threads)
        thread.join();
}

bool Workers::post(std::function<void()> job)
{
    const std::lock_guard lock(m_mutex);
    if (m_jobs.size() >= m_mostWaiting)
        return false;
    m_jobs.push_back(std::move(job));
    if (m_idle < m_jobs.size() && m_threads.size() < m_mostThreads)
        m_threads.emplace_back(&Workers::run, this);
    m_changed.notify_one();
    return true;
}

void Workers::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        ++m_idle;
        m_changed.wait(lock, [this] { return m_isEnding || !m_jobs.empty(); });
        --m_idle;
        if (m_isEnding)
            return;
        const auto job = std::move(m_jobs.front());
        m_jobs.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

} // namespace trendscope::exporter
