#include "core/exporter/celery/celery_listener_p.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;

constexpr auto pingInterval = 5s;
constexpr auto longestSilence = 15s; ///< not even an answer to a ping: the connection is half open

/// For PSUBSCRIBE: what would be a pattern stands for itself.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (std::string_view("*?[]\\^").find(c) != std::string_view::npos)
            out += '\\';
        out += c;
    }
    return out;
}

bool isArray(const redisReply &reply, std::size_t size, std::string_view first)
{
    return reply.type == REDIS_REPLY_ARRAY && reply.elements == size
        && textOf(*reply.element[0]) == first;
}

} // namespace

CeleryListener::CeleryListener(const config::CelerySettings &settings, CeleryState &state,
                               std::mutex &mutex, CeleryMetrics &metrics)
    : m_settings(settings)
    , m_state(state)
    , m_stateMutex(mutex)
    , m_metrics(metrics)
    , m_decoder([this](std::string_view kind) { m_metrics.errors.increment({kind}, 1); })
    , m_backoff(100ms, settings.maxBackoff)
    , m_thread([this] { run(); })
{
}

CeleryListener::~CeleryListener()
{
    m_stop.set();
    m_thread.join();
}

std::optional<Error> CeleryListener::error() const
{
    const std::scoped_lock lock(m_errorMutex);
    return m_error;
}

void CeleryListener::run()
{
    m_metrics.listenerUp.set({}, 0);
    for (;;) {
        const Error error = listenOnce();
        if (error.kind == Error::Kind::Canceled)
            return;
        setState(error);
        if (!pause(m_backoff.next()))
            return;
    }
}

/// Until the connection ends; why it did.
Error CeleryListener::listenOnce()
{
    const auto address = redisAddressOf(m_settings);
    if (!address)
        return address.error();
    auto redis = RedisConnection::open(*address, m_stop, Clock::now() + m_settings.connectTimeout);
    if (!redis)
        return redis.error();
    // Events of other databases are other applications'.
    const std::string pattern = escaped(m_settings.keyPrefix) + '/'
        + std::to_string(address->database) + '.' + escaped(m_settings.eventExchange) + "/*";
    const auto sent =
        redis->send({"PSUBSCRIBE", pattern}, Clock::now() + m_settings.connectTimeout);
    const auto subscribed = sent ? subscribe(*redis) : sent;
    if (!subscribed)
        return subscribed.error();

    m_backoff.reset();
    setState({});
    const auto ended = hear(*redis);
    if (ended.error().kind != Error::Kind::Canceled)
        m_metrics.disconnects.increment({}, 1);
    const std::scoped_lock lock(m_stateMutex);
    m_state.disconnected(Moment::now());
    return ended.error();
}

Result<void> CeleryListener::subscribe(RedisConnection &redis)
{
    const auto reply = redis.next(Clock::now() + m_settings.connectTimeout);
    if (!reply)
        return tl::unexpected(reply.error());
    if (!*reply)
        return tl::unexpected(
            Error{Error::Kind::Timeout, "Redis does not answer the subscription in time", {}});
    if (!isArray(**reply, 3, "psubscribe"))
        return tl::unexpected(refusal(**reply));
    const std::scoped_lock lock(m_stateMutex);
    m_state.connected(Moment::now());
    return {};
}

/// Never ends well.
Result<void> CeleryListener::hear(RedisConnection &redis)
{
    auto heard = Clock::now();
    auto pinged = heard;
    auto expired = heard;
    for (;;) {
        const auto reply = redis.next(Clock::now() + 1s);
        if (!reply)
            return tl::unexpected(reply.error());
        const auto now = Clock::now();
        if (*reply) {
            heard = now;
            take(*reply);
        } else if (now - heard > longestSilence) {
            return tl::unexpected(
                Error{Error::Kind::Timeout, "Redis has fallen silent: no answer to a ping", {}});
        }
        if (now - pinged > pingInterval) {
            pinged = now;
            if (auto sent = redis.send({"PING"}, now + longestSilence); !sent)
                return sent;
        }
        if (now - expired > 1s) {
            expired = now;
            const std::scoped_lock lock(m_stateMutex);
            m_state.expire(Moment::now());
        }
    }
}

void CeleryListener::take(const RedisReply &reply)
{
    if (!isArray(*reply, 4, "pmessage"))
        return; // the answer to a ping
    const auto &events = m_decoder.decode(textOf(*reply->element[3]));
    if (events.empty())
        return;
    const Moment now = Moment::now();
    const std::scoped_lock lock(m_stateMutex);
    for (const CeleryEvent &event : events)
        m_state.apply(event, now);
}

void CeleryListener::setState(std::optional<Error> error)
{
    if (error)
        error->message = "Celery's events are not heard: " + error->message;
    const std::scoped_lock lock(m_errorMutex);
    m_error = std::move(error);
}

bool CeleryListener::pause(std::chrono::milliseconds duration) const
{
    pollfd stop{.fd = m_stop.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&stop, 1, static_cast<int>(duration.count())) <= 0;
}

} // namespace trendscope::exporter
