#pragma once

#include "core/observability/level.h"
#include "core/observability/log_settings.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace trendscope::observability {

/// Records that wait for the thread that writes them. Thread safe, order is kept.
///
/// Not spdlog's pool: that bounds their number only, and not what they take.
class LogQueue {
public:
    struct Item {
        std::chrono::system_clock::time_point time;
        Level level;
        std::string text;
    };

    /// `write` is called by one thread, and must not throw.
    LogQueue(AsyncSettings settings, std::function<void(const Item &)> write);
    ~LogQueue(); ///< when all of it is written
    LogQueue(const LogQueue &) = delete;
    LogQueue &operator=(const LogQueue &) = delete;

    /// Whether this thread writes for any queue. It must not wait for one.
    static bool isWriter();

    /// Waits for room, or makes it. Throws std::bad_alloc; nothing is queued then.
    void post(Level level, std::string_view text);
    /// Returns when all that was queued before is written or dropped, or after that time, whichever
    /// is first.
    void drain(std::chrono::milliseconds atMost);
    std::uint64_t dropped() const;

private:
    void run();
    bool hasRoomFor(std::size_t size) const;
    void dropOldest();

    const AsyncSettings m_settings;
    const std::function<void(const Item &)> m_write;
    mutable std::mutex m_mutex; ///< guards what follows
    std::deque<Item> m_items;
    std::size_t m_bytes = 0; ///< of their texts
    std::uint64_t m_posted = 0;
    std::uint64_t m_dropped = 0;
    std::uint64_t m_writing = 0; ///< which one, counted from 1; 0: none
    bool m_isStopping = false;
    std::condition_variable m_work;
    std::condition_variable m_progress;
    unsigned m_waiting = 0; ///< for progress
    std::thread m_thread;
};

} // namespace trendscope::observability
