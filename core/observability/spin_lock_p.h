#pragma once

#include <sched.h>

#include <atomic>

namespace trendscope::observability {

/// For a few instructions at a time, where a std::mutex would cost more than what it guards.
class SpinLock {
public:
    bool try_lock() { return !m_isTaken.exchange(true, std::memory_order_acquire); }
    void lock()
    {
        for (unsigned tries = 1; m_isTaken.load(std::memory_order_relaxed) || !try_lock();
             ++tries) {
            if (tries % 64 == 0)
                ::sched_yield(); // its owner may wait for this processor
        }
    }
    void unlock() { m_isTaken.store(false, std::memory_order_release); }

private:
    std::atomic<bool> m_isTaken = false;
};

} // namespace trendscope::observability
