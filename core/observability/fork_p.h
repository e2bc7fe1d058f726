#pragma once

#include <atomic>
#include <memory>
#include <mutex>

/// What fork() does to objects with threads and locks: in the child those threads are gone, and
/// what they had locked stays so. Such an object is left behind there, and another made.
namespace trendscope::observability::forks {

extern std::atomic<unsigned> s_count;

/// How many forks led from the process that loaded the library to this one.
inline unsigned count()
{
    return s_count.load(std::memory_order_acquire);
}

/// Held over each fork, so that it is free in the child. Nothing that is done under it may wait
/// for another thread.
std::mutex &mutex();

class Flushable {
public:
    virtual ~Flushable() = default;
    /// The child, or a parent that ends at once as daemon() lets it, writes nothing of what waits.
    /// Must not wait for long.
    virtual void flushBeforeFork() = 0;
};

/// Flushes it before each fork for as long as it lives.
void add(const std::shared_ptr<Flushable> &object);

} // namespace trendscope::observability::forks
