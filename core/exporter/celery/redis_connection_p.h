#pragma once

#include "core/exporter/celery/redis_address.h"
#include "core/exporter/wakeup_p.h"
#include "core/result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;
struct redisReply;

namespace trendscope::exporter {

struct FreeReply {
    void operator()(redisReply *reply) const;
};
using RedisReply = std::unique_ptr<redisReply, FreeReply>;
using RedisCommand = std::vector<std::string>;

/// The text of a string or status; empty for any other reply.
std::string_view textOf(const redisReply &reply);

/// What a reply means that is not what was asked for: an error in Redis' own words, by which one
/// knows what to do, or something else.
Error refusal(const redisReply &reply);

/// What Redis refuses to who is connected; nothing where it does not.
using Refusal = std::optional<Error>;

/// One connection to Redis that never waits past a deadline, and not at all once `stop` is set.
///
/// Errors: Network, Timeout, Unauthorized, BadResponse, and Canceled for the stop. After any of
/// them the connection is of no use. One thread.
class RedisConnection {
public:
    using Clock = std::chrono::steady_clock;

    /// Connects, signs in and chooses the database. `stop` must outlive the connection.
    static Result<RedisConnection> open(const RedisAddress &address, const Wakeup &stop,
                                        Clock::time_point deadline);
    ~RedisConnection();
    RedisConnection(RedisConnection &&) noexcept;
    RedisConnection &operator=(RedisConnection &&) noexcept;

    /// Sends all commands at once; their replies in the same order, none null. A reply may be an
    /// error of that command.
    Result<std::vector<RedisReply>> ask(const std::vector<RedisCommand> &commands,
                                        Clock::time_point deadline);

    /// What comes next on a subscription; null when nothing came until `until`.
    Result<RedisReply> next(Clock::time_point until);

    Result<void> send(const RedisCommand &command, Clock::time_point deadline);

private:
    struct FreeContext {
        void operator()(redisContext *context) const;
    };
    using Context = std::unique_ptr<redisContext, FreeContext>;

    RedisConnection(Context context, const Wakeup &stop);
    static Result<RedisConnection> openNumeric(const RedisAddress &address, const Wakeup &stop,
                                               Clock::time_point deadline);
    Result<void> greet(const RedisAddress &address, Clock::time_point deadline);
    Result<void> write(std::string_view bytes, Clock::time_point deadline);
    /// Whether the socket became ready for `events` in time.
    Result<bool> wait(short events, Clock::time_point until) const;

    struct Limits;

    Context m_context;
    std::unique_ptr<Limits> m_limits; ///< of what the context reads
    const Wakeup *m_stop;
};

} // namespace trendscope::exporter
