#include "core/demo/signal_watch.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace trendscope::demo {
namespace {

constexpr std::array watchedSignals{SIGINT, SIGTERM, SIGHUP};

// A signal handler has no other way to reach an object. -1: nobody watches.
std::atomic<int> wakeUp{-1}; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<int>::is_always_lock_free);

void handle(int)
{
    const int saved = errno;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wakeUp.load(), &one, sizeof one);
    errno = saved;
}

void setHandler(void (*handler)(int))
{
    struct sigaction action { };
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    for (const int number : watchedSignals)
        ::sigaction(number, &action, nullptr);
}

} // namespace

SignalWatch::SignalWatch(QObject *parent)
    : QObject(parent)
    , m_descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &SignalWatch::readSignals);
    wakeUp = m_descriptor;
    setHandler(&handle);
}

SignalWatch::~SignalWatch()
{
    setHandler(SIG_DFL);
    wakeUp = -1;
    m_notifier.reset();
    ::close(m_descriptor);
}

void SignalWatch::readSignals()
{
    std::uint64_t count = 0;
    if (::read(m_descriptor, &count, sizeof count) > 0)
        Q_EMIT stopRequested();
}

} // namespace trendscope::demo
