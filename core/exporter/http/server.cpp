#include "core/exporter/http/server_p.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace trendscope::exporter {

namespace {

constexpr std::size_t connectionMemory = std::size_t{16} * 1024;
constexpr std::size_t waitingRequests = 256;
/// libmicrohttpd takes up to ten connections before it lets go of those that were ended.
constexpr unsigned connectionsToSpare = 64;

} // namespace

HttpServer::Private::Private(ServerSettings given, Handler answers)
    : settings(std::move(given))
    , handler(std::move(answers))
    , wake(std::make_shared<const Wakeup>())
    , hashing(std::in_place, 1, waitingRequests)
    , handling(std::in_place, settings.limits.handlers, waitingRequests)
{
}

std::optional<Error> HttpServer::Private::startDaemon(ListenSocket socket)
{
    // Not MHD's own thread: in ours, connections that are overdue can be ended without a lock or a
    // second thread.
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    if (socket.isIpv6)
        flags |= MHD_USE_DUAL_STACK;
    const auto web = currentWeb();
    std::vector<MHD_OptionItem> options;
    if (web && web->tls) {
        flags |= MHD_USE_TLS;
        // Only so that it starts: each connection gets the present ones, see notify().
        options.push_back(
            {MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char *>(web->tls->certificates().c_str())});
        options.push_back(
            {MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char *>(web->tls->key().c_str())});
    }
    options.push_back({MHD_OPTION_END, 0, nullptr});
    Daemon daemon(::MHD_start_daemon(
        flags, 0, nullptr, nullptr, &Private::answer, this, MHD_OPTION_LISTEN_SOCKET,
        socket.descriptor.get(), MHD_OPTION_CONNECTION_LIMIT,
        settings.limits.connections + connectionsToSpare, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        connectionMemory, MHD_OPTION_NOTIFY_CONNECTION, &Private::notify, this,
        MHD_OPTION_NOTIFY_COMPLETED, &Private::completed, this, MHD_OPTION_ARRAY, options.data(),
        MHD_OPTION_END));
    if (!daemon || wake->descriptor() < 0)
        return Error{Error::Kind::System, "The HTTP server can not be started",
                     "MHD_start_daemon failed"};
    socket.descriptor.release(); // MHD closes it
    daemons.push_back(std::move(daemon));
    return {};
}

void HttpServer::Private::stop()
{
    isStopping = true;
    wake->set();
    if (thread.joinable())
        thread.join();
}

void HttpServer::Private::run()
{
    std::vector<pollfd> waits{{wake->descriptor(), POLLIN, 0}};
    for (const Daemon &daemon : daemons)
        waits.push_back(
            {::MHD_get_daemon_info(daemon.get(), MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, POLLIN, 0});
    const std::size_t fixed = waits.size();
    while (!isStopping) {
        waits.resize(fixed);
        addStreams(waits);
        if (::poll(waits.data(), waits.size(), timeout()) < 0 && errno != EINTR)
            break;
        endDeparted({waits.begin() + static_cast<std::ptrdiff_t>(fixed), waits.end()});
        if (waits.front().revents != 0) {
            wake->clear();
            resumeFinished();
            resumeStreams();
        }
        for (const Daemon &daemon : daemons)
            ::MHD_run(daemon.get());
        endOverdue();
    }
    finish();
}

/// libmicrohttpd must not be stopped while a request is with a worker.
void HttpServer::Private::finish()
{
    for (const Daemon &daemon : daemons) { // the port is free at once
        const MHD_socket socket = ::MHD_quiesce_daemon(daemon.get());
        if (socket != MHD_INVALID_SOCKET)
            ::close(socket);
    }
    hashing.reset();
    handling.reset();
    for (auto &[handle, connection] : connections) {
        if (connection.isWorking)
            ::MHD_resume_connection(handle);
        end(connection);
    }
    for (const Daemon &daemon : daemons)
        ::MHD_run(daemon.get());
    daemons.clear();
}

/// Milliseconds until something must be done without traffic; -1: never.
int HttpServer::Private::timeout() const
{
    using std::chrono::milliseconds;
    std::optional<milliseconds> wait;
    for (const Daemon &daemon : daemons) {
        MHD_UNSIGNED_LONG_LONG asked = 0;
        if (::MHD_get_timeout(daemon.get(), &asked) == MHD_YES)
            wait = std::min(wait.value_or(milliseconds::max()), milliseconds(asked));
    }
    for (const auto &[handle, connection] : connections) {
        if (connection.isWaiting)
            continue;
        const auto left = std::chrono::ceil<milliseconds>(
            connection.since + settings.limits.exchange - Clock::now());
        wait = std::min(wait.value_or(left), left);
    }
    return wait ? static_cast<int>(std::clamp(*wait, milliseconds(0), milliseconds(60'000)).count())
                : -1;
}

void HttpServer::Private::endOverdue()
{
    const auto now = Clock::now();
    for (auto &[handle, connection] : connections) {
        if (connection.isWaiting || now - connection.since < settings.limits.exchange)
            continue;
        end(connection);
        connection.since = now;
    }
}

void HttpServer::Private::end(Connection &connection)
{
    connection.isEnding = true;
    ::shutdown(connection.socket, SHUT_RDWR); // MHD sees its end and closes it
    if (connection.isWaiting)
        resume(connection);
}

/// Ends other connections than the one that was just added until there are no more than the limits:
/// first those whose request is unfinished, last those whose answer is being made; the oldest of
/// each first.
void HttpServer::Private::makeRoom(const Connection &added)
{
    const auto endOldest = [this, &added](std::size_t limit, auto counts) {
        std::vector<Connection *> open;
        for (auto &[handle, connection] : connections) {
            if (!connection.isEnding && &connection != &added && counts(connection))
                open.push_back(&connection);
        }
        if (open.size() < limit)
            return;
        const auto rank = [](const Connection *one) {
            return std::tuple(one->isWorking || one->isStreaming, one->hasAnswered, one->since);
        };
        const auto surplus = open.begin() + static_cast<std::ptrdiff_t>(open.size() + 1 - limit);
        std::partial_sort(open.begin(), surplus, open.end(),
                          [&](auto *a, auto *b) { return rank(a) < rank(b); });
        std::for_each(open.begin(), surplus, [this](Connection *one) { end(*one); });
    };
    endOldest(settings.limits.connectionsPerAddress,
              [&](const Connection &one) { return one.address == added.address; });
    endOldest(settings.limits.connections, [](const Connection &) { return true; });
}

void HttpServer::Private::resumeFinished()
{
    std::vector<std::shared_ptr<Exchange>> exchanges;
    {
        const std::lock_guard lock(mutex);
        exchanges.swap(finished);
    }
    for (const auto &exchange : exchanges) {
        connections[exchange->connection].isWorking = false;
        ::MHD_resume_connection(exchange->connection);
    }
}

/// Leaves the exchange to a worker; it is not ours then until resumeFinished(). False: it has its
/// answer, because too many wait.
bool HttpServer::Private::suspend(const std::shared_ptr<Exchange> &exchange,
                                  std::optional<Workers> &workers,
                                  std::function<void(Exchange &)> work)
{
    // At the end there are no workers any more, and a suspended request would never come back.
    const bool isTaken = workers && workers->post([this, exchange, work = std::move(work)] {
        work(*exchange);
        {
            const std::lock_guard lock(mutex);
            finished.push_back(exchange);
        }
        wake->set();
    });
    if (!isTaken) {
        exchange->response = {.status = MHD_HTTP_SERVICE_UNAVAILABLE,
                              .body = "Too many requests wait already.\n"};
        exchange->step = Exchange::Step::Answering;
        return false;
    }
    connections[exchange->connection].isWorking = true;
    ::MHD_suspend_connection(exchange->connection);
    return true;
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerSettings settings, Handler handler)
{
    std::vector<ListenSocket> sockets;
    std::vector<ListenAddress> addresses;
    for (const ListenAddress &address : settings.addresses) {
        auto socket = listenOn(address);
        if (!socket)
            return tl::unexpected(socket.error());
        addresses.push_back({address.host, socket->port});
        sockets.push_back(*std::move(socket));
    }
    for (const int given : settings.sockets) {
        sockets.push_back(inherited(given));
        addresses.push_back(addressOf(sockets.back()));
    }
    auto server = std::make_unique<Private>(std::move(settings), std::move(handler));
    server->addresses = std::move(addresses);
    for (ListenSocket &socket : sockets) {
        if (auto error = server->startDaemon(std::move(socket)))
            return tl::unexpected(std::move(*error));
    }
    server->thread = std::thread(&Private::run, server.get());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ListenAddress &address, Handler handler,
                                                      ServerLimits limits)
{
    return start({.addresses = {address}, .limits = limits}, std::move(handler));
}

HttpServer::HttpServer(std::unique_ptr<Private> server)
    : d(std::move(server))
{
}

HttpServer::~HttpServer()
{
    d->stop();
}

const std::vector<ListenAddress> &HttpServer::addresses() const
{
    return d->addresses;
}

const ListenAddress &HttpServer::address() const
{
    return d->addresses.front();
}

std::uint16_t HttpServer::port() const
{
    return address().port;
}

} // namespace trendscope::exporter
