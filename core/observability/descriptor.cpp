#include "core/observability/descriptor_p.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <string>

namespace trendscope::observability {

namespace {

/// Keeps SIGPIPE away from the thread. One that the program itself made wait stays.
class NoPipeSignal {
public:
    NoPipeSignal()
    {
        ::sigemptyset(&m_signal);
        ::sigaddset(&m_signal, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &m_signal, &m_before);
        m_wasBlocked = ::sigismember(&m_before, SIGPIPE) == 1;
        sigset_t pending;
        m_waited =
            m_wasBlocked && ::sigpending(&pending) == 0 && ::sigismember(&pending, SIGPIPE) == 1;
    }
    ~NoPipeSignal()
    {
        if (!m_wasBlocked)
            ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    NoPipeSignal(const NoPipeSignal &) = delete;
    NoPipeSignal &operator=(const NoPipeSignal &) = delete;

    /// After EPIPE.
    void take() const
    {
        constexpr timespec atOnce{};
        while (!m_waited && ::sigtimedwait(&m_signal, nullptr, &atOnce) < 0 && errno == EINTR) { }
    }

private:
    sigset_t m_signal;
    sigset_t m_before;
    bool m_wasBlocked = false;
    bool m_waited = false; ///< before us
};

} // namespace

ssize_t writeQuietly(int descriptor, std::string_view text)
{
    const NoPipeSignal guard;
    for (;;) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written >= 0)
            return written;
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN) {
            pollfd room{.fd = descriptor, .events = POLLOUT, .revents = 0};
            if (::poll(&room, 1, 1000) > 0)
                continue;
            errno = EAGAIN;
        }
        if (errno == EPIPE) {
            guard.take();
            errno = EPIPE;
        }
        return -1;
    }
}

bool writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = writeQuietly(descriptor, text);
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void say(std::string_view what)
{
    writeAll(STDERR_FILENO, std::string(what) + '\n');
}

} // namespace trendscope::observability
