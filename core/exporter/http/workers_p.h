#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace trendscope::exporter {

/// Runs jobs in threads, at most so many at once; a thread is made when none is free. Jobs don't
/// throw. The destructor waits for those that run, and drops those that wait.
class Workers {
public:
    Workers(std::size_t threads, std::size_t waiting);
    ~Workers();

    /// False: too many wait already.
    bool post(std::function<void()> job);

private:
    void run();

    const std::size_t m_mostThreads;
    const std::size_t m_mostWaiting;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_jobs;
    std::size_t m_idle = 0;
    bool m_isEnding = false;
    std::vector<std::thread> m_threads;
};

} // namespace trendscope::exporter
