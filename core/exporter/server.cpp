#include "core/exporter/server.h"

#include "core/exporter/listen_socket_p.h"
#include "core/observability/gzip.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <map>
#include <optional>
#include <thread>

namespace trendscope::exporter {

namespace {

using Clock = std::chrono::steady_clock;

struct EndDaemon {
    void operator()(MHD_Daemon *daemon) const { ::MHD_stop_daemon(daemon); }
};

struct EndResponse {
    void operator()(MHD_Response *response) const { ::MHD_destroy_response(response); }
};

std::string_view headerOf(MHD_Connection *connection, const char *name)
{
    const char *value = ::MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

bool isKnown(std::string_view method)
{
    return method == MHD_HTTP_METHOD_GET || method == MHD_HTTP_METHOD_HEAD;
}

MHD_Result send(MHD_Connection *connection, Response response)
{
    bool isCompressed = false;
    if (response.body.size() >= observability::smallestGzipBody
        && observability::acceptsGzip(headerOf(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING))) {
        if (auto compressed = observability::gzip(response.body)) {
            response.body = std::move(*compressed);
            isCompressed = true;
        }
    }
    const std::unique_ptr<MHD_Response, EndResponse> answer(::MHD_create_response_from_buffer(
        response.body.size(), response.body.data(), MHD_RESPMEM_MUST_COPY));
    if (!answer)
        return MHD_NO;
    ::MHD_add_response_header(answer.get(), MHD_HTTP_HEADER_CONTENT_TYPE,
                              response.contentType.c_str());
    ::MHD_add_response_header(answer.get(), MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    ::MHD_add_response_header(answer.get(), "X-Content-Type-Options", "nosniff");
    if (isCompressed)
        ::MHD_add_response_header(answer.get(), MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (response.status == MHD_HTTP_METHOD_NOT_ALLOWED)
        ::MHD_add_response_header(answer.get(), MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    return ::MHD_queue_response(connection, static_cast<unsigned>(response.status), answer.get());
}

} // namespace

Routes::Routes(std::initializer_list<std::pair<std::string, Answer>> routes)
    : m_routes(routes)
{
}

Response Routes::operator()(std::string_view path) const
{
    std::string known;
    for (const auto &[route, answer] : m_routes) {
        if (route == path)
            return answer();
        (known += known.empty() ? "" : ", ") += route;
    }
    return {.status = MHD_HTTP_NOT_FOUND,
            .body = "Nothing is here. The paths are: " + known + "\n"};
}

struct HttpServer::Private {
    struct Connection {
        int socket;
        Clock::time_point since; ///< its start, or the end of its previous answer
    };

    std::optional<Error> startDaemon(ListenSocket socket);
    void run();
    int timeout() const;
    void endOverdue();
    Response respond(std::string_view method, std::string_view path) const;

    static MHD_Result answer(void *server, MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *upload,
                             std::size_t *uploadSize, void **request);
    static void notify(void *server, MHD_Connection *connection, void **context,
                       MHD_ConnectionNotificationCode code);
    static void completed(void *server, MHD_Connection *connection, void **request,
                          MHD_RequestTerminationCode code);

    ListenAddress address;
    Handler handler;
    ServerLimits limits;
    // The rest belongs to the thread, once it runs.
    std::map<MHD_Connection *, Connection> connections;
    std::unique_ptr<MHD_Daemon, EndDaemon> daemon;
    Descriptor stop; ///< readable when the thread should end
    std::thread thread;
};

std::optional<Error> HttpServer::Private::startDaemon(ListenSocket socket)
{
    // Not MHD's own thread: in ours, connections that are overdue can be ended without a lock or a
    // second thread.
    const unsigned flags = MHD_USE_EPOLL | (socket.isIpv6 ? MHD_USE_DUAL_STACK : MHD_NO_FLAG);
    daemon.reset(::MHD_start_daemon(
        flags, 0, nullptr, nullptr, &Private::answer, this, MHD_OPTION_LISTEN_SOCKET,
        socket.descriptor.get(), MHD_OPTION_CONNECTION_LIMIT, limits.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connectionsPerAddress,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, std::size_t{16 * 1024}, MHD_OPTION_NOTIFY_CONNECTION,
        &Private::notify, this, MHD_OPTION_NOTIFY_COMPLETED, &Private::completed, this,
        MHD_OPTION_END));
    stop = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!daemon || stop.get() < 0)
        return Error{Error::Kind::System, "The HTTP server can not be started",
                     "MHD_start_daemon failed"};
    socket.descriptor.release(); // MHD closes it
    return {};
}

void HttpServer::Private::run()
{
    const int epoll = ::MHD_get_daemon_info(daemon.get(), MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    for (;;) {
        pollfd waits[] = {{epoll, POLLIN, 0}, {stop.get(), POLLIN, 0}};
        if (::poll(waits, std::size(waits), timeout()) < 0 && errno != EINTR)
            break;
        if (waits[1].revents != 0)
            break;
        ::MHD_run(daemon.get());
        endOverdue();
    }
    daemon.reset();
}

/// Milliseconds until something must be done without traffic; -1: never.
int HttpServer::Private::timeout() const
{
    using std::chrono::milliseconds;
    std::optional<milliseconds> wait;
    MHD_UNSIGNED_LONG_LONG asked = 0;
    if (::MHD_get_timeout(daemon.get(), &asked) == MHD_YES)
        wait = milliseconds(asked);
    for (const auto &[handle, connection] : connections) {
        const auto left =
            std::chrono::ceil<milliseconds>(connection.since + limits.exchange - Clock::now());
        wait = std::min(wait.value_or(left), left);
    }
    return wait ? static_cast<int>(std::clamp(*wait, milliseconds(0), milliseconds(60'000)).count())
                : -1;
}

void HttpServer::Private::endOverdue()
{
    const auto now = Clock::now();
    for (auto &[handle, connection] : connections) {
        if (now - connection.since < limits.exchange)
            continue;
        ::shutdown(connection.socket, SHUT_RDWR); // MHD sees its end and closes it
        connection.since = now;
    }
}

Response HttpServer::Private::respond(std::string_view method, std::string_view path) const
{
    if (!isKnown(method))
        return {.status = MHD_HTTP_METHOD_NOT_ALLOWED,
                .body = "Only GET and HEAD are answered here.\n"};
    try {
        return handler(path);
    } catch (const std::exception &) { // must not pass through MHD's C code
        return {.status = MHD_HTTP_INTERNAL_SERVER_ERROR,
                .body = "The answer could not be made.\n"};
    }
}

MHD_Result HttpServer::Private::answer(void *server, MHD_Connection *connection, const char *path,
                                       const char *method, const char *, const char *,
                                       std::size_t *uploadSize, void **request)
{
    const auto *self = static_cast<const Private *>(server);
    // Called with the header first, then for each piece of a body, then to answer. A method that is
    // refused is so at once, its body unread; MHD then closes the connection.
    const bool isFirst = *request == nullptr;
    *request = server;
    if (isFirst && isKnown(method))
        return MHD_YES;
    if (*uploadSize > 0) {
        *uploadSize = 0;
        return MHD_YES;
    }
    return send(connection, self->respond(method, path));
}

void HttpServer::Private::notify(void *server, MHD_Connection *connection, void **,
                                 MHD_ConnectionNotificationCode code)
{
    auto *self = static_cast<Private *>(server);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        self->connections.erase(connection);
        return;
    }
    const auto *info = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info)
        self->connections[connection] = {info->connect_fd, Clock::now()};
}

void HttpServer::Private::completed(void *server, MHD_Connection *connection, void **,
                                    MHD_RequestTerminationCode)
{
    auto *self = static_cast<Private *>(server);
    if (const auto found = self->connections.find(connection); found != self->connections.end())
        found->second.since = Clock::now();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ListenAddress &address, Handler handler,
                                                      ServerLimits limits)
{
    auto socket = listenOn(address);
    if (!socket)
        return tl::unexpected(socket.error());
    auto server = std::make_unique<Private>();
    server->address = {address.host, socket->port};
    server->handler = std::move(handler);
    server->limits = limits;
    if (auto error = server->startDaemon(std::move(*socket)))
        return tl::unexpected(std::move(*error));
    server->thread = std::thread(&Private::run, server.get());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

HttpServer::HttpServer(std::unique_ptr<Private> server)
    : d(std::move(server))
{
}

HttpServer::~HttpServer()
{
    const std::uint64_t one = 1;
    while (::write(d->stop.get(), &one, sizeof one) < 0 && errno == EINTR)
        ;
    d->thread.join();
}

const ListenAddress &HttpServer::address() const
{
    return d->address;
}

std::uint16_t HttpServer::port() const
{
    return d->address.port;
}

} // namespace trendscope::exporter
