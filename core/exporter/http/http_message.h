#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::exporter {

/// What a client asks for. All of it is the client's word: any bytes.
struct Request {
    std::string method = "GET";                                  ///< GET, HEAD, POST
    std::string path = {};                                       ///< decoded, e.g. "/metrics"
    std::vector<std::pair<std::string, std::string>> query = {}; ///< decoded, in order, repeated
    std::map<std::string, std::string> headers = {}; ///< names in lower case; see header()
    std::string body = {};                           ///< POST; at most ServerLimits::body bytes

    /// Empty where there is none. Only those that a handler may need are here: accept,
    /// accept-encoding, authorization, content-type, x-prometheus-scrape-timeout-seconds and
    /// x-trendscope-token.
    std::string_view header(std::string_view name) const;
    std::vector<std::string_view> parameters(std::string_view name) const;
};

/// A body that comes in pieces, as they become known. The server lets go of it when the answer
/// ends, however that happens.
class BodyStream {
public:
    virtual ~BodyStream() = default;

    /// Called once, before the first read(). `wake` is for any thread, and harmless after the
    /// server's end.
    virtual void setWake(std::function<void()> wake) = 0;
    /// Copies at most `size` bytes, > 0, to `to`, and says how many: 0 when there is none now, and
    /// wake() is called as soon as there is; nothing at the end. In the server's thread: must not
    /// wait.
    virtual std::optional<std::size_t> read(char *to, std::size_t size) = 0;
};

struct Response {
    int status = 200;
    std::string contentType = "text/plain; charset=utf-8";
    std::string body = {};
    std::string contentEncoding = {}; ///< of the body; empty: the server may compress it
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< further ones
    std::shared_ptr<BodyStream> stream = {}; ///< instead of `body`; never compressed
};

/// Answers a request. Called in threads of the server's, for several requests at once.
using Handler = std::function<Response(const Request &request)>;

/// A handler that knows some paths, and answers any other with 404 and their list.
class Routes {
public:
    using Answer = Handler;
    Routes(std::initializer_list<std::pair<std::string, Answer>> routes);
    void add(const Routes &others);
    Response operator()(const Request &request) const;

private:
    std::vector<std::pair<std::string, Answer>> m_routes;
};

} // namespace trendscope::exporter
