#pragma once

#include "core/net/request.h"
#include "core/result.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QUrl>

#include <chrono>
#include <functional>
#include <utility>

class QNetworkAccessManager;

namespace trendscope::net {

using Headers = QList<std::pair<QByteArray, QByteArray>>;

/// What to ask, of whom, and how long to wait for it.
struct HttpRequest {
    enum class Method {
        Get,       ///< `parameters` in the address
        PostOrGet, ///< `parameters` as a form; asked again by GET where the server refuses POST
                   ///< (405, 501)
    };

    Method method = Method::Get;
    QUrl url; ///< http or https; user info becomes basic authentication and goes nowhere else
    QByteArray parameters; ///< application/x-www-form-urlencoded
    Headers headers;
    QString server; ///< who that is, for messages: "Prometheus at http://localhost:9090"
    std::chrono::milliseconds timeout{
        30'000}; ///< without a byte; the whole exchange may take four times as long
    qint64 sizeLimit = 256 * 1024 * 1024; ///< bytes of the body after decompression
};

/// A complete answer, whatever its status.
struct HttpResponse {
    int status;
    QString reason; ///< "Bad Gateway"; the server's own text, may be empty
    QByteArray body;
};

/// Sends `request`. Redirects are followed to the same origin only; no cookies, no cache.
///
/// `done` runs once, from the event loop, unless the returned request is destroyed first. Errors:
/// Network, Timeout, BadResponse (cut short, too large, not HTTP, a redirect elsewhere), Invalid
/// (an address that is not http or https).
Request send(QNetworkAccessManager &network, const HttpRequest &request,
             std::function<void(Result<HttpResponse>)> done);

/// What a status that is not 2xx means: Unauthorized for 401 and 403, Unavailable for 503, else
/// BadResponse.
Error statusError(const HttpResponse &response, const QString &server);

/// "Prometheus at http://localhost:9090": `url` without user info, query and trailing slash.
QString serverName(const QString &product, const QUrl &url);

/// `url` (root with an optional path prefix) with `path` ("api/v1/query") below it.
QUrl urlBelow(const QUrl &url, const QString &path);

} // namespace trendscope::net
