#include "core/observability/log_queue_p.h"
#include "core/observability/quiet_thread_p.h"

namespace trendscope::observability {

namespace {

constinit thread_local bool s_isWriter [[gnu::tls_model("initial-exec")]] = false;

} // namespace

LogQueue::LogQueue(AsyncSettings settings, std::function<void(const Item &)> write)
    : m_settings(settings)
    , m_write(std::move(write))
    , m_thread(quietThread([this] { run(); }))
{
}

LogQueue::~LogQueue()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_work.notify_one();
    m_thread.join();
}

bool LogQueue::isWriter()
{
    return s_isWriter;
}

bool LogQueue::hasRoomFor(std::size_t size) const
{
    // One that is larger than the whole queue goes through it alone.
    return m_items.empty()
        || (m_items.size() < m_settings.queue && m_bytes + size <= m_settings.queueBytes);
}

void LogQueue::dropOldest()
{
    m_bytes -= m_items.front().text.size();
    m_items.pop_front();
    ++m_dropped;
}

void LogQueue::post(Level level, std::string_view text)
{
    Item item{std::chrono::system_clock::now(), level, std::string(text)};
    {
        std::unique_lock lock(m_mutex);
        if (m_settings.overflow == AsyncSettings::Overflow::DropOldest) {
            while (!hasRoomFor(text.size()))
                dropOldest();
        } else if (!hasRoomFor(text.size())) {
            ++m_waiting;
            m_progress.wait(lock, [&] { return hasRoomFor(text.size()); });
            --m_waiting;
        }
        m_items.push_back(std::move(item));
        m_bytes += text.size();
        ++m_posted;
    }
    m_work.notify_one();
}

void LogQueue::drain(std::chrono::milliseconds atMost)
{
    const auto until = std::chrono::steady_clock::now() + atMost;
    std::unique_lock lock(m_mutex);
    const std::uint64_t last = m_posted;
    ++m_waiting;
    m_progress.wait_until(lock, until, [&] {
        const std::uint64_t firstWaiting = m_posted - m_items.size() + 1;
        return firstWaiting > last && (m_writing == 0 || m_writing > last);
    });
    --m_waiting;
}

std::uint64_t LogQueue::dropped() const
{
    const std::lock_guard lock(m_mutex);
    return m_dropped;
}

void LogQueue::run()
{
    s_isWriter = true;
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_work.wait(lock, [this] { return m_isStopping || !m_items.empty(); });
        if (m_items.empty())
            return;
        m_writing = m_posted - m_items.size() + 1;
        const Item item = std::move(m_items.front());
        m_items.pop_front();
        m_bytes -= item.text.size();
        lock.unlock();
        m_write(item);
        lock.lock();
        m_writing = 0;
        if (m_waiting > 0)
            m_progress.notify_all();
    }
}

} // namespace trendscope::observability
