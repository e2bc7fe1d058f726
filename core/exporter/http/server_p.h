#pragma once

#include "core/exporter/http/basic_auth.h"
#include "core/exporter/http/listen_socket_p.h"
#include "core/exporter/http/server.h"
#include "core/exporter/http/tls_context_p.h"
#include "core/exporter/http/web_config.h"
#include "core/exporter/http/workers_p.h"
#include "core/exporter/wakeup_p.h"

#include <microhttpd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

struct pollfd;

namespace trendscope::exporter {

using Clock = std::chrono::steady_clock;

/// One request from its header to its answer. Belongs to the server's thread, but while it is with
/// a worker.
struct Exchange {
    enum class Step { Begun, Reading, Working, Answering };

    MHD_Connection *connection = nullptr;
    Step step = Step::Begun;
    Request request;
    std::optional<Response> response; ///< once it is known
    std::shared_ptr<const WebSettings> web;
};

struct HttpServer::Private {
    struct Connection {
        MHD_Connection *handle = nullptr;
        int socket = -1;
        std::string address;
        Clock::time_point since;  ///< its start, or the end of its previous answer
        bool hasAnswered = false; ///< and nothing is asked since
        bool isWorking = false;   ///< somebody makes its answer
        bool isStreaming = false;
        bool isWaiting = false; ///< a stream that has nothing to send, suspended
        bool isEnding = false;
        std::shared_ptr<const WebSettings> web; ///< whose TLS it uses
    };
    struct EndDaemon {
        void operator()(MHD_Daemon *daemon) const { ::MHD_stop_daemon(daemon); }
    };
    using Daemon = std::unique_ptr<MHD_Daemon, EndDaemon>;

    explicit Private(ServerSettings settings, Handler answers);

    std::optional<Error> startDaemon(ListenSocket socket);
    void stop();

    // In the server's thread:
    void run();
    int timeout() const;
    void endOverdue();
    static void end(Connection &connection);
    void makeRoom(const Connection &added);
    void resumeFinished();
    void addStreams(std::vector<pollfd> &waits) const;
    void endDeparted(const std::vector<pollfd> &streams);
    void resumeStreams();
    static void resume(Connection &connection);
    void finish();

    MHD_Result step(const std::shared_ptr<Exchange> &exchange, std::string_view upload);
    std::optional<Response> refusal(const Exchange &exchange) const;
    MHD_Result begin(const std::shared_ptr<Exchange> &exchange);
    MHD_Result hash(const std::shared_ptr<Exchange> &exchange);
    bool suspend(const std::shared_ptr<Exchange> &exchange, std::optional<Workers> &workers,
                 std::function<void(Exchange &)> work);
    bool isQuick(const Request &request) const;
    MHD_Result send(const std::shared_ptr<Exchange> &exchange);
    MHD_Response *streamed(const std::shared_ptr<Exchange> &exchange);
    ssize_t read(const Exchange &exchange, char *to, std::size_t size);
    Response respond(const Request &request) const;
    std::shared_ptr<const WebSettings> currentWeb() const;

    static MHD_Result answer(void *server, MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *upload,
                             std::size_t *uploadSize, void **request);
    static void notify(void *server, MHD_Connection *connection, void **context,
                       MHD_ConnectionNotificationCode code);
    static void completed(void *server, MHD_Connection *connection, void **request,
                          MHD_RequestTerminationCode code);

    const ServerSettings settings;
    const Handler handler;
    std::vector<ListenAddress> addresses;
    /// Readable when the thread has something to do; streams may outlive the server.
    const std::shared_ptr<const Wakeup> wake;

    std::mutex mutex;
    std::vector<std::shared_ptr<Exchange>> finished; ///< by workers
    std::atomic<bool> isStopping = false;

    BasicAuth auth;
    std::map<MHD_Connection *, Connection> connections;
    std::vector<Daemon> daemons;
    std::thread thread;
    // Last, so that they end first. Passwords are hashed one after the other, and beside the
    // handlers: guessing them must not take all of the machine.
    std::optional<Workers> hashing;
    std::optional<Workers> handling;
};

} // namespace trendscope::exporter
