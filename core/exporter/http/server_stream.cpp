#include "core/exporter/http/server_p.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace trendscope::exporter {

namespace {

/// What libmicrohttpd asks for at a time; a connection's memory sets a lower limit.
constexpr std::size_t blockSize = std::size_t{16} * 1024;

using Reading = std::function<ssize_t(char *to, std::size_t size)>;

ssize_t readPiece(void *reading, std::uint64_t, char *to, std::size_t size)
{
    return (*static_cast<Reading *>(reading))(to, size);
}

void endReading(void *reading)
{
    delete static_cast<Reading *>(reading);
}

/// A peer that vanished without a word is noticed when it does not acknowledge.
void limitSilence(int socket, std::chrono::milliseconds longest)
{
    const auto milliseconds = static_cast<unsigned>(longest.count());
    ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

} // namespace

MHD_Response *HttpServer::Private::streamed(const std::shared_ptr<Exchange> &exchange)
{
    Connection &connection = connections[exchange->connection];
    connection.isStreaming = true;
    limitSilence(connection.socket, settings.limits.exchange);
    exchange->response->stream->setWake([wake = wake] { wake->set(); });
    auto *reading = new Reading(
        [this, exchange](char *to, std::size_t size) { return read(*exchange, to, size); });
    MHD_Response *response = ::MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, blockSize,
                                                                 &readPiece, reading, &endReading);
    if (!response)
        delete reading;
    return response;
}

/// Called whenever all that was read before is on its way.
ssize_t HttpServer::Private::read(const Exchange &exchange, char *to, std::size_t size)
{
    const auto found = connections.find(exchange.connection);
    if (found == connections.end() || found->second.isEnding || isStopping)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    Connection &connection = found->second;
    connection.since = Clock::now();
    const auto count = exchange.response->stream->read(to, size);
    if (!count)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (*count == 0) {
        connection.isWaiting = true;
        ::MHD_suspend_connection(exchange.connection);
    }
    return static_cast<ssize_t>(*count);
}

/// libmicrohttpd does not look at suspended connections: we notice when their clients go.
void HttpServer::Private::addStreams(std::vector<pollfd> &waits) const
{
    for (const auto &[handle, connection] : connections) {
        if (connection.isWaiting)
            waits.push_back({connection.socket, POLLRDHUP, 0});
    }
}

void HttpServer::Private::endDeparted(const std::vector<pollfd> &streams)
{
    auto stream = streams.begin();
    for (auto &[handle, connection] : connections) {
        if (connection.isWaiting && stream != streams.end() && (stream++)->revents != 0)
            end(connection);
    }
}

/// Those that have nothing to send are suspended again at once.
void HttpServer::Private::resumeStreams()
{
    for (auto &[handle, connection] : connections) {
        if (connection.isWaiting)
            resume(connection);
    }
}

void HttpServer::Private::resume(Connection &connection)
{
    connection.isWaiting = false;
    connection.since = Clock::now();
    ::MHD_resume_connection(connection.handle);
}

} // namespace trendscope::exporter
