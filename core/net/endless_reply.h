#pragma once

#include "core/net/http.h"

#include <QByteArray>

#include <memory>
#include <optional>

class QNetworkReply;

namespace trendscope::net {

/// A GET whose answer does not end: its body is taken piece by piece, as it comes. Destroying it
/// aborts it.
///
/// It is asked, and tells nothing by itself. What is not taken waits, and from some megabytes on
/// makes the server wait. Belongs to the thread of `network`, whose event loop must run.
class EndlessReply {
public:
    /// What keeps it from an answer, where a person can do something special about it.
    enum class Obstacle { None, UnknownHost, Untrusted };

    /// `request.timeout` is the longest silence; there is no limit to the whole, and `parameters`
    /// and `sizeLimit` do not matter. `network` must outlive it.
    EndlessReply(QNetworkAccessManager &network, HttpRequest request);
    ~EndlessReply();
    EndlessReply(const EndlessReply &) = delete;
    EndlessReply &operator=(const EndlessReply &) = delete;

    /// Of an answer with status 2xx: at most `limit` bytes, empty where there are none yet.
    QByteArray take(qint64 limit);
    bool hasMore() const; ///< to take, now
    /// The answer's header has come, with status 2xx; then its Content-Type, without parameters.
    bool isAnswered() const;
    QByteArray contentType() const;
    int status() const; ///< of the answer; 0: there is none yet
    /// What an answer with status 429 or 503 says of when to ask again.
    std::optional<std::chrono::seconds> retryAfter() const;

    /// Why there is no more, once all was taken. Errors: as of send(), those of statusError(), with
    /// the first bytes of the body as detail, and Unavailable where the server ended it.
    std::optional<Error> end() const;
    Obstacle obstacle() const;

private:
    struct Delete {
        void operator()(QNetworkReply *reply) const;
    };

    const HttpRequest m_request;
    std::unique_ptr<QNetworkReply, Delete> m_reply; ///< none: the address is no good
};

} // namespace trendscope::net
