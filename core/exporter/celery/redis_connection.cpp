#include "core/exporter/celery/redis_connection_p.h"
#include "core/exporter/resolve_p.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace trendscope::exporter {

namespace {

/// A reply that is larger is an attack or a mistake: Redis itself gives up on a subscriber that is
/// 32 MB behind.
constexpr std::size_t maxReplyBytes = 64 << 20;
constexpr std::size_t maxReplyParts = 100'000; ///< elements of its arrays, nested ones too

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

/// Makes arrays as hiredis does, but not as many elements as a hostile server announces:
/// `privdata` counts those of the reply.
void *createArray(const redisReadTask *task, int count)
{
    const auto elements = static_cast<std::size_t>(count);
    auto &parts = *static_cast<std::size_t *>(task->privdata);
    parts += elements;
    if (parts > maxReplyParts)
        return nullptr;
    auto *const reply = static_cast<redisReply *>(std::calloc(1, sizeof(redisReply)));
    auto *const places =
        static_cast<redisReply **>(std::calloc(elements + 1, sizeof(redisReply *)));
    if (!reply || !places) {
        std::free(reply);
        std::free(places);
        return nullptr;
    }
    reply->type = REDIS_REPLY_ARRAY;
    reply->elements = elements;
    reply->element = places;
    if (task->parent)
        static_cast<redisReply *>(task->parent->obj)->element[task->idx] = reply;
    return reply;
}

/// hiredis' own, but for the above.
redisReplyObjectFunctions *limited(const redisReplyObjectFunctions &plain)
{
    static const redisReplyObjectFunctions functions = [&] {
        redisReplyObjectFunctions changed = plain;
        changed.createArray = createArray;
        return changed;
    }();
    return const_cast<redisReplyObjectFunctions *>(&functions); // it only reads them
}

} // namespace

struct RedisConnection::Limits {
    std::size_t parts = 0; ///< of the reply that is being read
    std::size_t bytes = 0;
};

void FreeReply::operator()(redisReply *reply) const
{
    ::freeReplyObject(reply);
}

Error refusal(const redisReply &reply)
{
    if (reply.type != REDIS_REPLY_ERROR)
        return {Error::Kind::BadResponse, "Redis answers something else than it was asked for", {}};
    const std::string words(reply.str, std::min<std::size_t>(reply.len, 200));
    const auto isAbout = [&](std::string_view code) { return words.starts_with(code); };
    if (isAbout("NOAUTH") || isAbout("WRONGPASS") || words.find("password") != std::string::npos)
        return {Error::Kind::Unauthorized, "Redis refuses user and password, or wants them", words};
    return {isAbout("NOPERM") ? Error::Kind::Unauthorized : Error::Kind::BadResponse,
            "Redis refuses: " + words, words};
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
    , m_limits(std::make_unique<Limits>())
    , m_stop(&stop)
{
    m_context->reader->fn = limited(*m_context->reader->fn);
    m_context->reader->privdata = &m_limits->parts;
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
            return tl::unexpected(refusal(*reply));
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
    // What is there already is read once even after the time; what never ends, not for longer.
    for (bool isOver = false;; isOver = Clock::now() >= until) {
        void *reply = nullptr;
        if (::redisGetReplyFromReader(m_context.get(), &reply) != REDIS_OK)
            return failed(Error::Kind::BadResponse, "what answers does not speak Redis' protocol",
                          m_context->errstr);
        if (reply) {
            m_limits->parts = m_limits->bytes = 0;
            return RedisReply(static_cast<redisReply *>(reply));
        }
        if (m_limits->bytes > maxReplyBytes)
            return failed(Error::Kind::BadResponse, "a message of Redis is larger than 64 MB");
        const auto isReady = isOver ? Result<bool>(false) : wait(POLLIN, until);
        if (!isReady)
            return tl::unexpected(isReady.error());
        if (!*isReady)
            return RedisReply();
        const std::size_t before = m_context->reader->len;
        if (::redisBufferRead(m_context.get()) != REDIS_OK)
            return failed(Error::Kind::Network, "Redis ended the connection", m_context->errstr);
        m_limits->bytes += m_context->reader->len - before;
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
