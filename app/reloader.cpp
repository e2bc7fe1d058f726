#include "app/reloader.h"

#include <utility>

namespace trendscope::app {

Reloader::Reloader(std::function<void()> reload)
    : m_reload(std::move(reload))
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{
}

Reloader::~Reloader() = default;

void Reloader::ask()
{
    const std::lock_guard lock(m_mutex);
    m_isAsked = true;
    m_asked.notify_one();
}

void Reloader::run(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (m_asked.wait(lock, stop, [this] { return m_isAsked; }) && !stop.stop_requested()) {
        m_isAsked = false;
        lock.unlock();
        m_reload();
        lock.lock();
    }
}

} // namespace trendscope::app
