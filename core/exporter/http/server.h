#pragma once

#include "core/exporter/http/http_message.h"
#include "core/exporter/http/listen_address.h"
#include "core/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace trendscope::exporter {

class WebConfig;

/// What clients may take. At a limit of connections the one whose request is unfinished for longest
/// is closed, never the new one: whoever opens many and says nothing keeps nobody out.
struct ServerLimits {
    unsigned connections = 512;           ///< in all
    unsigned connectionsPerAddress = 256; ///< of one client's address
    /// From a connection's start, or its previous answer's end, to the next answer's end; then it
    /// is closed. A limit on idleness alone would never end a client that sends a byte now and
    /// then. Of an answer that is a stream each piece has that long to be taken.
    std::chrono::milliseconds exchange{60'000};
    std::size_t body = std::size_t{1} << 20; ///< bytes of a POST; more are answered with 413
    unsigned handlers = 16;                  ///< requests that are answered at once
};

struct ServerSettings {
    std::vector<ListenAddress> addresses = {};
    /// Sockets that listen already, from a service manager; the server closes them.
    std::vector<int> sockets = {};
    std::vector<std::string> postPaths = {}; ///< where POST is taken too
    /// What is answered at once, in the server's own thread, however busy handlers are.
    std::vector<std::string> quickPaths = {};
    ServerLimits limits = {};
    std::shared_ptr<WebConfig> web = {}; ///< TLS, users, headers; null: none of these
};

/// A small HTTP/1.1 server for GET and HEAD, and POST where it is allowed; anything else is
/// answered with 405. Answers are compressed for clients that ask for gzip.
///
/// One thread of its own waits on all connections, so a slow client delays nobody; handlers run in
/// others. The destructor ends the connections, and waits for handlers that run.
class HttpServer {
public:
    /// Errors: System, when an address can not be had.
    static Result<std::unique_ptr<HttpServer>> start(ServerSettings settings, Handler handler);
    static Result<std::unique_ptr<HttpServer>> start(const ListenAddress &address, Handler handler,
                                                     ServerLimits limits = {});
    ~HttpServer();

    /// With the hosts as asked for, and the ports that they got; then those of `sockets`.
    const std::vector<ListenAddress> &addresses() const;
    /// The first.
    const ListenAddress &address() const;
    std::uint16_t port() const;

private:
    struct Private;
    explicit HttpServer(std::unique_ptr<Private> server);

    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
