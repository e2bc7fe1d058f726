#pragma once

#include "core/config/celery_settings.h"
#include "core/exporter/backoff_p.h"
#include "core/exporter/celery/celery_event.h"
#include "core/exporter/celery/celery_metrics_p.h"
#include "core/exporter/celery/celery_state.h"
#include "core/exporter/celery/redis_connection_p.h"

#include <mutex>
#include <optional>
#include <thread>

namespace trendscope::exporter {

/// Hears Celery's events in a thread of its own, as long as it lives; connects again when Redis
/// comes back. Ends within 100 ms.
class CeleryListener {
public:
    /// `state` is only used with `mutex` locked; both, and `metrics`, must outlive the listener.
    CeleryListener(const config::CelerySettings &settings, CeleryState &state, std::mutex &mutex,
                   CeleryMetrics &metrics);
    ~CeleryListener();

    /// Why nothing is heard; nothing while all is well, or was not yet tried. Any thread.
    std::optional<Error> error() const;

private:
    using Clock = RedisConnection::Clock;

    void run();
    Error listenOnce();
    Result<void> subscribe(RedisConnection &redis);
    Result<void> hear(RedisConnection &redis);
    void take(const RedisReply &reply);
    void setState(std::optional<Error> error);
    bool pause(std::chrono::milliseconds duration) const; ///< false once it is to end

    const config::CelerySettings m_settings;
    CeleryState &m_state;
    std::mutex &m_stateMutex;
    CeleryMetrics &m_metrics;
    CeleryEventDecoder m_decoder;
    Backoff m_backoff;

    mutable std::mutex m_errorMutex;
    std::optional<Error> m_error;

    Wakeup m_stop;
    std::thread m_thread; ///< last: it uses all the others
};

} // namespace trendscope::exporter
