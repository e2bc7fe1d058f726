#pragma once

#include "core/config/celery_settings.h"
#include "core/exporter/celery/celery_metrics_p.h"
#include "core/exporter/celery/redis_connection_p.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// Bounds from below how long the oldest message of a Redis list waits, where nothing tells when it
/// was sent: it remembers some messages that it saw at the young end, and as long as one of them is
/// still in the list, what is before it is at least as old. One thread.
class MessageMarkers {
public:
    using Clock = std::chrono::steady_clock;

    /// The oldest message that may still be there; null where none is known.
    const std::string *oldest() const { return m_markers.empty() ? nullptr : &m_markers[0].text; }
    Clock::time_point oldestSeen() const { return m_markers.front().seen; }
    void dropOldest() { m_markers.pop_front(); }
    /// `text` is at the young end now.
    void add(std::string_view text, Clock::time_point now);
    void clear() { m_markers.clear(); }

private:
    static constexpr std::size_t most = 8;
    static constexpr std::size_t maxBytes = 64 << 10; ///< larger messages are not remembered

    struct Marker {
        std::string text;
        Clock::time_point seen;
    };
    std::deque<Marker> m_markers; ///< oldest first
};

/// The id of the task in a message that waits in a queue (protocol 2, which has it in the headers:
/// https://docs.celeryq.dev/en/stable/internals/protocol.html); empty where there is none.
std::string taskIdOf(std::string_view message);

/// How many messages wait in Celery's queues, and for how long. One thread.
class CeleryQueues {
public:
    using Clock = RedisConnection::Clock;
    using SentAt = std::function<std::optional<Clock::time_point>(std::string_view uuid)>;

    CeleryQueues(CeleryMetrics &metrics, const config::CelerySettings &settings);

    /// `known` are queues that others found. What Redis refuses is left out, and the first such
    /// refusal returned. Errors: the connection's.
    Result<Refusal> measure(RedisConnection &redis, const std::vector<std::string> &known,
                            const SentAt &sentAt, Clock::time_point deadline);
    /// Redis does not answer: nothing is known.
    void setUnknown();

private:
    /// What waits under one priority of a queue.
    struct List {
        std::string queue;
        std::string key;
        std::size_t length = 0;
    };
    struct Oldest {
        std::chrono::duration<double> age{-1};
        std::string_view source;
    };

    Result<void> find(RedisConnection &redis, Clock::time_point deadline);
    void learn(std::string_view binding);
    std::vector<List> lists() const;
    Result<void> measureLengths(RedisConnection &redis, std::vector<List> &lists,
                                Clock::time_point deadline);
    Result<Oldest> oldestOf(RedisConnection &redis, const List &list, const SentAt &sentAt,
                            Clock::time_point deadline);
    void publishLength(const std::string &queue, std::optional<double> length);
    void publishOldest(const std::string &queue, const Oldest &oldest);
    void refuse(std::string_view kind);
    void refuse(std::string_view kind, const redisReply &reply);

    CeleryMetrics &m_metrics;
    const config::CelerySettings m_settings;
    std::set<std::string> m_queues;
    std::string m_cursor = "0"; ///< of the search for queues, which goes on at the next scrape
    Refusal m_refusal;          ///< the first one of this measurement
    std::map<std::string, MessageMarkers> m_markers; ///< by the list's key
};

} // namespace trendscope::exporter
