#include "core/observability/hangup_p.h"

#include <atomic>
#include <csignal>
#include <mutex>

namespace trendscope::observability {

namespace {

// A signal handler can reach nothing but globals.
constinit std::atomic<unsigned> s_count = 0;
static_assert(std::atomic<unsigned>::is_always_lock_free, "used in a signal handler");
struct sigaction s_before = {};
constinit std::mutex s_mutex;
unsigned s_users = 0;

void handle(int signal, siginfo_t *info, void *context)
{
    s_count.fetch_add(1, std::memory_order_relaxed);
    if ((s_before.sa_flags & SA_SIGINFO) != 0)
        s_before.sa_sigaction(signal, info, context);
    else if (s_before.sa_handler != SIG_DFL && s_before.sa_handler != SIG_IGN)
        s_before.sa_handler(signal);
}

} // namespace

HangupCounter::HangupCounter()
{
    const std::lock_guard lock(s_mutex);
    if (s_users++ > 0)
        return;
    // Before the handler can run: a signal may come between the two.
    ::sigaction(SIGHUP, nullptr, &s_before);
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGHUP, &ours, nullptr);
}

HangupCounter::~HangupCounter()
{
    const std::lock_guard lock(s_mutex);
    if (--s_users > 0)
        return;
    struct sigaction present = {};
    ::sigaction(SIGHUP, nullptr, &present);
    // Unless the program has another by now.
    if ((present.sa_flags & SA_SIGINFO) != 0 && present.sa_sigaction == handle)
        ::sigaction(SIGHUP, &s_before, nullptr);
}

unsigned HangupCounter::count() const
{
    return s_count.load(std::memory_order_relaxed);
}

} // namespace trendscope::observability
