#pragma once

#include "core/exporter/listen_address.h"
#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::exporter {

struct Response {
    int status = 200;
    std::string contentType = "text/plain; charset=utf-8";
    std::string body;
};

/// Answers the request for a path, e.g. "/metrics", without its query. Called in the server's
/// thread, for one request at a time; while it runs, nobody else is answered.
using Handler = std::function<Response(std::string_view path)>;

/// A handler that knows some paths, and answers any other with 404 and their list.
class Routes {
public:
    using Answer = std::function<Response()>;
    Routes(std::initializer_list<std::pair<std::string, Answer>> routes);
    Response operator()(std::string_view path) const;

private:
    std::vector<std::pair<std::string, Answer>> m_routes;
};

/// What clients may take.
struct ServerLimits {
    unsigned connections = 512;           ///< in all; more wait until one ends
    unsigned connectionsPerAddress = 256; ///< more are closed at once
    /// From a connection's start, or its previous answer's end, to the next answer's end; then it
    /// is closed. A limit on idleness alone would never end a client that sends a byte now and
    /// then.
    std::chrono::milliseconds exchange{60'000};
};

/// A small HTTP/1.1 server for GET and HEAD; anything else is answered with 405. Answers are
/// compressed for clients that ask for gzip.
///
/// One thread of its own waits on all connections, so a slow client delays nobody. The destructor
/// ends them.
class HttpServer {
public:
    /// Errors: System, when the address can not be had.
    static Result<std::unique_ptr<HttpServer>> start(const ListenAddress &address, Handler handler,
                                                     ServerLimits limits = {});
    ~HttpServer();

    /// With the host as asked for, and the port that it got.
    const ListenAddress &address() const;
    std::uint16_t port() const;

private:
    struct Private;
    explicit HttpServer(std::unique_ptr<Private> server);

    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
