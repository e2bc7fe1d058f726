#include "core/net/reply_p.h"

#include <QNetworkReply>

namespace trendscope::net {

using namespace Qt::StringLiterals;

namespace {

QByteArray basicCredentials(const QUrl &url)
{
    const QByteArray plain =
        (url.userName(QUrl::FullyDecoded) + u':' + url.password(QUrl::FullyDecoded)).toUtf8();
    return "Basic " + plain.toBase64();
}

} // namespace

Error errorOf(Error::Kind kind, const QString &message, const QString &detail)
{
    return {kind, message.toStdString(), detail.toStdString()};
}

bool isHttp(const QUrl &url)
{
    return url.isValid() && !url.host().isEmpty()
        && (url.scheme() == "http"_L1 || url.scheme() == "https"_L1);
}

Error notHttp(const HttpRequest &request)
{
    return errorOf(Error::Kind::Invalid, request.server + u" is not an http or https address"_s);
}

QString spanText(std::chrono::milliseconds span)
{
    return QString::number(static_cast<double>(span.count()) / 1000.0) + u" s"_s;
}

QNetworkRequest prepared(const HttpRequest &asked, QUrl url)
{
    const QByteArray credentials = url.userInfo().isEmpty() ? QByteArray() : basicCredentials(url);
    url.setUserInfo({});
    QNetworkRequest request(url);
    if (!credentials.isEmpty())
        request.setRawHeader("Authorization"_ba, credentials);
    for (const auto &[name, value] : asked.headers)
        request.setRawHeader(name, value);
    request.setTransferTimeout(static_cast<int>(asked.timeout.count()));
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                         QNetworkRequest::SameOriginRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute,
                         QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    // Qt suspects a bomb where an answer shrinks forty times, as flat series do; the size limit is
    // the guard instead.
    request.setDecompressedSafetyCheckThreshold(asked.sizeLimit);
    return request;
}

Error transferError(const QNetworkReply &reply, const HttpRequest &request)
{
    using Kind = Error::Kind;
    const QString &server = request.server;
    const QString detail = reply.errorString();
    const bool answered = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid();
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return errorOf(Kind::Network, server + u" refused the connection"_s, detail);
    case QNetworkReply::HostNotFoundError:
        return errorOf(Kind::Network, server + u" has an unknown host name"_s, detail);
    case QNetworkReply::SslHandshakeFailedError:
        return errorOf(Kind::Network, server + u" could not be trusted, the TLS handshake failed"_s,
                       detail);
    case QNetworkReply::RemoteHostClosedError:
        if (answered)
            return errorOf(Kind::BadResponse, server + u" cut its answer short"_s, detail);
        return errorOf(Kind::Network, server + u" closed the connection without an answer"_s,
                       detail);
    case QNetworkReply::OperationCanceledError: // only the transfer timeout aborts while we listen
    case QNetworkReply::TimeoutError:
        return errorOf(Kind::Timeout,
                       server + u" did not answer within "_s + spanText(request.timeout), detail);
    case QNetworkReply::TooManyRedirectsError:
    case QNetworkReply::InsecureRedirectError:
        return errorOf(Kind::BadResponse,
                       server + u" redirects to another server, which is not followed"_s, detail);
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolInvalidOperationError:
    case QNetworkReply::ProtocolUnknownError:
    case QNetworkReply::UnknownContentError:
        return errorOf(Kind::BadResponse, server + u" did not answer in valid HTTP"_s, detail);
    default:
        break;
    }
    if (answered)
        return errorOf(Kind::BadResponse, server + u" sent an answer that could not be read"_s,
                       detail);
    return errorOf(Kind::Network, server + u" can not be reached"_s, detail);
}

} // namespace trendscope::net
