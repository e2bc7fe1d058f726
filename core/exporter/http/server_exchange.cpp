#include "core/exporter/http/server_p.h"
#include "core/observability/gzip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

namespace trendscope::exporter {

namespace {

struct EndResponse {
    void operator()(MHD_Response *response) const { ::MHD_destroy_response(response); }
};

/// See Request::header().
constexpr std::array passedHeaders{"accept",
                                   "accept-encoding",
                                   "authorization",
                                   "content-type",
                                   "x-prometheus-scrape-timeout-seconds",
                                   "x-trendscope-token"};

std::string_view headerOf(MHD_Connection *connection, const char *name)
{
    const char *value = ::MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value ? value : "";
}

MHD_Result addParameter(void *request, MHD_ValueKind, const char *key, std::size_t keySize,
                        const char *value, std::size_t valueSize)
{
    static_cast<Request *>(request)->query.emplace_back(
        std::string(key, keySize), value ? std::string(value, valueSize) : std::string());
    return MHD_YES;
}

Request requestOf(MHD_Connection *connection, const char *path, const char *method)
{
    Request request{.method = method, .path = path};
    for (const char *name : passedHeaders) {
        if (const auto value = headerOf(connection, name); !value.empty())
            request.headers.emplace(name, value);
    }
    ::MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, &addParameter, &request);
    return request;
}

/// Without its port: what counts as one client.
std::string textOf(const sockaddr *address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address && address->sa_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in *>(address)->sin_addr, text.data(),
                    text.size());
    else if (address && address->sa_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6 *>(address)->sin6_addr,
                    text.data(), text.size());
    return text.data();
}

Response unauthorized()
{
    return {.status = MHD_HTTP_UNAUTHORIZED,
            .body = "Unauthorized\n",
            .headers = {{MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"trendscope\""}}};
}

Response tooLarge(std::size_t limit)
{
    return {.status = MHD_HTTP_CONTENT_TOO_LARGE,
            .body = "At most " + std::to_string(limit) + " bytes are taken here.\n"};
}

void compress(Response &response, std::string_view acceptEncoding)
{
    if (response.stream || !response.contentEncoding.empty()
        || response.body.size() < observability::smallestGzipBody
        || !observability::acceptsGzip(acceptEncoding))
        return;
    if (auto compressed = observability::gzip(response.body)) {
        response.body = *std::move(compressed);
        response.contentEncoding = "gzip";
    }
}

} // namespace

std::shared_ptr<const WebSettings> HttpServer::Private::currentWeb() const
{
    return settings.web ? settings.web->current() : nullptr;
}

/// What is wrong with a request by its header alone: then its body is not read, and libmicrohttpd
/// closes the connection.
std::optional<Response> HttpServer::Private::refusal(const Exchange &exchange) const
{
    const Request &request = exchange.request;
    const bool takesPost =
        std::count(settings.postPaths.begin(), settings.postPaths.end(), request.path) > 0;
    const bool isPost = request.method == MHD_HTTP_METHOD_POST;
    if (request.method != MHD_HTTP_METHOD_GET && request.method != MHD_HTTP_METHOD_HEAD
        && !(isPost && takesPost))
        return Response{
            .status = MHD_HTTP_METHOD_NOT_ALLOWED,
            .body = takesPost ? "Only GET, HEAD and POST are answered here.\n"
                              : "Only GET and HEAD are answered here.\n",
            .headers = {{MHD_HTTP_HEADER_ALLOW, takesPost ? "GET, HEAD, POST" : "GET, HEAD"}}};
    const std::string_view announced =
        headerOf(exchange.connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    std::size_t length = 0;
    const auto parsed =
        std::from_chars(announced.data(), announced.data() + announced.size(), length);
    if (parsed.ec == std::errc::result_out_of_range || length > settings.limits.body)
        return tooLarge(settings.limits.body);
    return {};
}

/// After the header.
MHD_Result HttpServer::Private::begin(const std::shared_ptr<Exchange> &exchange)
{
    exchange->web = currentWeb();
    exchange->step = Exchange::Step::Reading;
    if (exchange->web && !exchange->web->users.empty()) {
        const auto known =
            auth.remembered(exchange->web->users, exchange->request.header("authorization"));
        if (!known)
            return hash(exchange);
        if (!*known)
            exchange->response = unauthorized();
    }
    if (!exchange->response)
        exchange->response = refusal(*exchange);
    if (!exchange->response)
        return MHD_YES;
    exchange->step = Exchange::Step::Answering;
    return send(exchange);
}

MHD_Result HttpServer::Private::hash(const std::shared_ptr<Exchange> &exchange)
{
    exchange->step = Exchange::Step::Working;
    exchange->response = refusal(*exchange); // told only to those who may know
    const bool isTaken = suspend(exchange, hashing, [this](Exchange &work) {
        if (!auth.check(work.web->users, work.request.header("authorization")))
            work.response = unauthorized();
        work.step = work.response ? Exchange::Step::Answering : Exchange::Step::Reading;
    });
    return isTaken ? MHD_YES : send(exchange);
}

Response HttpServer::Private::respond(const Request &request) const
{
    try {
        Response response = handler(request);
        compress(response, request.header("accept-encoding"));
        return response;
    } catch (const std::exception &) { // must not pass through MHD's C code
        return {.status = MHD_HTTP_INTERNAL_SERVER_ERROR,
                .body = "The answer could not be made.\n"};
    }
}

MHD_Result HttpServer::Private::send(const std::shared_ptr<Exchange> &exchange)
{
    Response &response = *exchange->response;
    const std::unique_ptr<MHD_Response, EndResponse> answer(
        response.stream ? streamed(exchange)
                        : ::MHD_create_response_from_buffer(
                            response.body.size(), response.body.data(), MHD_RESPMEM_MUST_COPY));
    if (!answer)
        return MHD_NO;
    const auto add = [&](const char *name, const std::string &value) {
        ::MHD_add_response_header(answer.get(), name, value.c_str());
    };
    add(MHD_HTTP_HEADER_CONTENT_TYPE, response.contentType);
    add(MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
    add("X-Content-Type-Options", "nosniff");
    if (!response.contentEncoding.empty())
        add(MHD_HTTP_HEADER_CONTENT_ENCODING, response.contentEncoding);
    for (const auto &[name, value] : response.headers)
        add(name.c_str(), value);
    if (exchange->web) {
        for (const auto &[name, value] : exchange->web->headers)
            add(name.c_str(), value);
    }
    return ::MHD_queue_response(exchange->connection, static_cast<unsigned>(response.status),
                                answer.get());
}

/// Whether its answer waits for nothing, so that it need not wait for workers either.
bool HttpServer::Private::isQuick(const Request &request) const
{
    return std::count(settings.quickPaths.begin(), settings.quickPaths.end(), request.path) > 0;
}

/// `upload` is the next piece of the body; empty: there is no more, or nothing new.
MHD_Result HttpServer::Private::step(const std::shared_ptr<Exchange> &exchange,
                                     std::string_view upload)
{
    if (exchange->step == Exchange::Step::Answering && upload.empty())
        return send(exchange);
    if (exchange->step == Exchange::Step::Reading && !upload.empty()) {
        exchange->request.body += upload;
        if (exchange->request.body.size() > settings.limits.body) { // its length wasn't announced
            exchange->request.body.clear();
            exchange->response = tooLarge(settings.limits.body);
            exchange->step = Exchange::Step::Answering;
        }
        return MHD_YES;
    }
    if (exchange->step == Exchange::Step::Reading && isQuick(exchange->request)) {
        exchange->response = respond(exchange->request);
        exchange->step = Exchange::Step::Answering;
        return send(exchange);
    }
    if (exchange->step == Exchange::Step::Reading) {
        exchange->step = Exchange::Step::Working;
        const bool isTaken = suspend(exchange, handling, [this](Exchange &work) {
            work.response = respond(work.request);
            work.step = Exchange::Step::Answering;
        });
        return isTaken ? MHD_YES : send(exchange);
    }
    return MHD_YES;
}

MHD_Result HttpServer::Private::answer(void *server, MHD_Connection *connection, const char *path,
                                       const char *method, const char *, const char *upload,
                                       std::size_t *uploadSize, void **request)
{
    auto *self = static_cast<Private *>(server);
    // Called with the header first, then for each piece of a body, then to answer; and once more
    // after each suspension.
    if (!*request) {
        if (self->isStopping)
            return MHD_NO;
        self->connections[connection].hasAnswered = false;
        auto *handle = new std::shared_ptr<Exchange>(std::make_shared<Exchange>());
        *request = handle; // until completed()
        Exchange &exchange = **handle;
        exchange.connection = connection;
        exchange.request = requestOf(connection, path, method);
        return self->begin(*handle);
    }
    const auto exchange = *static_cast<std::shared_ptr<Exchange> *>(*request);
    const std::string_view piece(upload ? upload : "", upload ? *uploadSize : 0);
    *uploadSize = 0;
    return self->step(exchange, piece);
}

void HttpServer::Private::notify(void *server, MHD_Connection *connection, void **,
                                 MHD_ConnectionNotificationCode code)
{
    auto *self = static_cast<Private *>(server);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        self->connections.erase(connection);
        return;
    }
    const auto *socket = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const auto *client = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const auto *tls = ::MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!socket)
        return;
    Connection &added = self->connections[connection];
    added.handle = connection;
    added.socket = socket->connect_fd;
    added.since = Clock::now();
    added.address = client ? textOf(client->client_addr) : "";
    if (tls && tls->tls_session) {
        added.web = self->currentWeb();
        auto *session = static_cast<gnutls_session_int *>(tls->tls_session);
        if (!added.web || !added.web->tls || !added.web->tls->applyTo(session))
            self->end(added);
    }
    self->makeRoom(added);
}

void HttpServer::Private::completed(void *server, MHD_Connection *connection, void **request,
                                    MHD_RequestTerminationCode)
{
    auto *self = static_cast<Private *>(server);
    delete static_cast<std::shared_ptr<Exchange> *>(*request);
    *request = nullptr;
    if (const auto found = self->connections.find(connection); found != self->connections.end()) {
        found->second.since = Clock::now();
        found->second.hasAnswered = true;
        found->second.isStreaming = false;
    }
}

} // namespace trendscope::exporter
