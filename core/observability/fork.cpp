#include "core/observability/fork_p.h"

#include <pthread.h>

#include <vector>

namespace trendscope::observability::forks {

// A fork handler can reach nothing but globals.
constinit std::atomic<unsigned> s_count = 0;

namespace {

constinit std::mutex s_mutex;
using Objects = std::vector<std::weak_ptr<Flushable>>;

/// Never destroyed: a program may fork while it ends.
Objects &objects()
{
    static auto *const made = new Objects;
    return *made;
}

void prepare()
{
    try {
        Objects present;
        {
            const std::lock_guard lock(s_mutex);
            present = objects();
        }
        for (const auto &object : present) {
            if (const auto held = object.lock())
                held->flushBeforeFork();
        }
    } catch (...) { // NOLINT(bugprone-empty-catch): no memory; then it is not flushed
    }
    s_mutex.lock();
}

void goOnInParent()
{
    s_mutex.unlock();
}

void goOnInChild()
{
    s_count.fetch_add(1);
    s_mutex.unlock();
}

} // namespace

std::mutex &mutex()
{
    return s_mutex;
}

void add(const std::shared_ptr<Flushable> &object)
{
    static const int handlers = ::pthread_atfork(prepare, goOnInParent, goOnInChild);
    static_cast<void>(handlers);
    const std::lock_guard lock(s_mutex);
    std::erase_if(objects(), [](const auto &former) { return former.expired(); });
    objects().push_back(object);
}

} // namespace trendscope::observability::forks
