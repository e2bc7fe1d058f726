#include "core/net/poll.h"

#include <utility>

namespace trendscope::net {

Poll::Poll(std::chrono::milliseconds interval, std::function<void()> ask)
    : m_interval(interval)
    , m_ask(std::move(ask))
{
    m_timer.setSingleShot(true);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { m_ask(); });
}

void Poll::start()
{
    if (m_active)
        return;
    m_active = true;
    m_ask();
}

void Poll::stop()
{
    m_active = false;
    m_timer.stop();
}

void Poll::succeeded()
{
    m_backoff.reset();
    askIn(m_interval);
}

void Poll::failed()
{
    askIn(m_backoff.next());
}

void Poll::askIn(std::chrono::milliseconds wait)
{
    if (m_active)
        m_timer.start(wait);
}

} // namespace trendscope::net
