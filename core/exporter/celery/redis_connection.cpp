#include "core/exporter/celery/redis_connection_p.h"
#include "core/exporter/celery/resolve_p.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace trendscope::exporter {

namespace {

/// A reply that is larger is an attack or a mistake: Redis itself gives up on a subscriber that is
/// 32 MB behind.
constexpr std::size_t maxReplyBytes = 64 << 20;

tl::unexpected<Error> failed(Error::Kind kind, std::string message, std::string detail = {})
{
    return tl::unexpected(Error{kind, std::move(message), std::move(detail)});
}

tl::unexpected<Error> late()
{
    return failed(Error::Kind::Timeout, "Redis does not answer in time");
}

tl::unexpected<Error> unreachable(const char *why)
{
    return failed(Error::Kind::Network, std::string("Redis can not be reached: ") + why);
}

/// Redis' own words, by which one knows what to do.
tl::unexpected<Error> refused(std::string_view words)
{
    const auto isAbout = [&](std::string_view code) { return words.starts_with(code); };
    const bool isSecret = isAbout("NOAUTH") || isAbout("WRONGPASS") || isAbout("NOPERM")
        || words.find("password") != std::string_view::npos;
    return failed(isSecret ? Error::Kind::Unauthorized : Error::Kind::BadResponse,
                  isSecret ? "Redis refuses user and password, or wants them"
                           : "Redis refuses: " + std::string(words.substr(0, 200)),
                  std::string(words.substr(0, 200)));
}

std::string formatted(const RedisCommand &command)
{
    std::vector<const char *> words;
    std::vector<std::size_t> sizes;
    for (const std::string &word : command) {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    char *text = nullptr;
    const int size =
        ::redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), sizes.data());
    std::string bytes(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    ::redisFreeCommand(text);
    return bytes;
}

int connectionError(int descriptor)
{
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace

void FreeReply::operator()(redisReply *reply) const
{
    ::freeReplyObject(reply);
}

std::string_view textOf(const redisReply &reply)
{
    if (reply.type != REDIS_REPLY_STRING && reply.type != REDIS_REPLY_STATUS)
        return {};
    return {reply.str, reply.len};
}

void RedisConnection::FreeContext::operator()(redisContext *context) const
{
    ::redisFree(context);
}

RedisConnection::RedisConnection(Context context, const Wakeup &stop)
    : m_context(std::move(context))
    , m_stop(&stop)
{
}

RedisConnection::~RedisConnection() = default;
RedisConnection::RedisConnection(RedisConnection &&) noexcept = default;
RedisConnection &RedisConnection::operator=(RedisConnection &&) noexcept = default;

Result<RedisConnection> RedisConnection::open(const RedisAddress &address, const Wakeup &stop,
                                              Clock::time_point deadline)
{
    if (address.host.empty())
        return openNumeric(address, stop, deadline);
    const auto hosts = resolve(address.host, stop, deadline);
    if (!hosts)
        return tl::unexpected(hosts.error());
    Result<RedisConnection> connection = unreachable("the name has no address");
    for (const std::string &host : *hosts) {
        RedisAddress numeric = address;
        numeric.host = host;
        connection = openNumeric(numeric, stop, deadline);
        if (connection || connection.error().kind != Error::Kind::Network)
            break;
    }
    return connection;
}

Result<RedisConnection> RedisConnection::openNumeric(const RedisAddress &address,
                                                     const Wakeup &stop, Clock::time_point deadline)
{
    Context context(address.host.empty()
                        ? ::redisConnectUnixNonBlock(address.path.c_str())
                        : ::redisConnectNonBlock(address.host.c_str(), address.port));
    if (!context)
        return failed(Error::Kind::System, "there is no memory for a connection to Redis");
    if (context->err != 0)
        return unreachable(context->errstr);
    ::fcntl(context->fd, F_SETFD, FD_CLOEXEC);
    RedisConnection connection(std::move(context), stop);
    const auto isReady = connection.wait(POLLOUT, deadline);
    if (!isReady)
        return tl::unexpected(isReady.error());
    if (!*isReady)
        return late();
    if (const int error = connectionError(connection.m_context->fd); error != 0)
        return unreachable(std::strerror(error));
    if (const auto greeted = connection.greet(address, deadline); !greeted)
        return tl::unexpected(greeted.error());
    return connection;
}

Result<void> RedisConnection::greet(const RedisAddress &address, Clock::time_point deadline)
{
    std::vector<RedisCommand> commands;
    if (!address.password.empty() && !address.user.empty())
        commands.push_back({"AUTH", address.user, address.password});
    else if (!address.password.empty())
        commands.push_back({"AUTH", address.password});
    commands.push_back({"SELECT", std::to_string(address.database)});
    const auto replies = ask(commands, deadline);
    if (!replies)
        return tl::unexpected(replies.error());
    for (const RedisReply &reply : *replies) {
        if (reply->type == REDIS_REPLY_ERROR)
            return refused({reply->str, reply->len});
    }
    return {};
}

Result<std::vector<RedisReply>> RedisConnection::ask(const std::vector<RedisCommand> &commands,
                                                     Clock::time_point deadline)
{
    std::string bytes;
    for (const RedisCommand &command : commands)
        bytes += formatted(command);
    if (const auto written = write(bytes, deadline); !written)
        return tl::unexpected(written.error());
    std::vector<RedisReply> replies;
    while (replies.size() < commands.size()) {
        auto reply = next(deadline);
        if (!reply)
            return tl::unexpected(reply.error());
        if (!*reply)
            return late();
        replies.push_back(std::move(*reply));
    }
    return replies;
}

Result<void> RedisConnection::send(const RedisCommand &command, Clock::time_point deadline)
{
    return write(formatted(command), deadline);
}

Result<RedisReply> RedisConnection::next(Clock::time_point until)
{
    for (;;) {
        void *reply = nullptr;
        if (::redisGetReplyFromReader(m_context.get(), &reply) != REDIS_OK)
            return failed(Error::Kind::BadResponse, "what answers does not speak Redis' protocol",
                          m_context->errstr);
        if (reply)
            return RedisReply(static_cast<redisReply *>(reply));
        if (m_context->reader->len > maxReplyBytes)
            return failed(Error::Kind::BadResponse, "a message of Redis is larger than 64 MB");
        const auto isReady = wait(POLLIN, until);
        if (!isReady)
            return tl::unexpected(isReady.error());
        if (!*isReady)
            return RedisReply();
        if (::redisBufferRead(m_context.get()) != REDIS_OK)
            return failed(Error::Kind::Network, "Redis ended the connection", m_context->errstr);
    }
}

Result<void> RedisConnection::write(std::string_view bytes, Clock::time_point deadline)
{
    while (!bytes.empty()) {
        // Not hiredis' own write(2), which raises SIGPIPE when Redis is gone.
        const ssize_t count = ::send(m_context->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            return failed(Error::Kind::Network, "Redis ended the connection", std::strerror(errno));
        const auto isReady = wait(POLLOUT, deadline);
        if (!isReady)
            return tl::unexpected(isReady.error());
        if (!*isReady)
            return late();
    }
    return {};
}

Result<bool> RedisConnection::wait(short events, Clock::time_point until) const
{
    using std::chrono::milliseconds;
    for (;;) {
        std::array<pollfd, 2> descriptors = {
            pollfd{.fd = m_context->fd, .events = events, .revents = 0},
            pollfd{.fd = m_stop->descriptor(), .events = POLLIN, .revents = 0}};
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
        const int count = ::poll(descriptors.data(), descriptors.size(),
                                 static_cast<int>(std::clamp<long>(left, 0, 60'000)));
        if (count < 0 && errno != EINTR)
            return failed(Error::Kind::System, "poll failed", std::strerror(errno));
        if (count > 0 && descriptors[1].revents != 0)
            return failed(Error::Kind::Canceled, "stopped");
        if (count > 0)
            return true;
        if (left <= 0)
            return false;
    }
}

} // namespace trendscope::exporter
