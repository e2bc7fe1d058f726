#include "core/net/http.h"

#include "core/net/exchange_p.h"

namespace trendscope::net {

using namespace Qt::StringLiterals;

Request send(QNetworkAccessManager &network, const HttpRequest &request,
             std::function<void(Result<HttpResponse>)> done)
{
    auto *exchange = new Exchange(network, request, std::move(done)); // deletes itself
    exchange->start();
    return Request(exchange);
}

Error statusError(const HttpResponse &response, const QString &server)
{
    constexpr qsizetype detailLimit = 512;
    QString status = QString::number(response.status);
    if (!response.reason.isEmpty())
        status += u' ' + response.reason.left(80);

    Error error{Error::Kind::BadResponse, {}, response.body.left(detailLimit).toStdString()};
    if (response.status == 401 || response.status == 403) {
        error.kind = Error::Kind::Unauthorized;
        error.message = (server + u" refused the credentials ("_s + status + u')').toStdString();
    } else if (response.status == 503) {
        error.kind = Error::Kind::Unavailable;
        error.message = (server + u" is not ready ("_s + status + u')').toStdString();
    } else {
        error.message = (server + u" answered "_s + status).toStdString();
    }
    return error;
}

QString serverName(const QString &product, const QUrl &url)
{
    return product + u" at "_s
        + url.toDisplayString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment
                              | QUrl::StripTrailingSlash);
}

QUrl urlBelow(const QUrl &url, const QString &path)
{
    QUrl below = url.adjusted(QUrl::RemoveQuery | QUrl::RemoveFragment);
    QString prefix = below.path(QUrl::FullyEncoded);
    if (!prefix.endsWith(u'/'))
        prefix += u'/';
    below.setPath(prefix + path, QUrl::StrictMode);
    return below;
}

} // namespace trendscope::net
