#include "core/net/exchange_p.h"

#include <QNetworkAccessManager>

namespace trendscope::net {
namespace {

using namespace Qt::StringLiterals;

/// A server that drips a byte now and then resets the transfer timeout for ever; this bounds the
/// whole.
constexpr int deadlineFactor = 4;

Error errorOf(Error::Kind kind, const QString &message, const QString &detail = {})
{
    return {kind, message.toStdString(), detail.toStdString()};
}

QByteArray basicCredentials(const QUrl &url)
{
    const QByteArray plain =
        (url.userName(QUrl::FullyDecoded) + u':' + url.password(QUrl::FullyDecoded)).toUtf8();
    return "Basic " + plain.toBase64();
}

bool refusesPost(int status)
{
    return status == 405 || status == 501;
}

QString spanText(std::chrono::milliseconds span)
{
    return QString::number(static_cast<double>(span.count()) / 1000.0) + u" s"_s;
}

} // namespace

Exchange::Exchange(QNetworkAccessManager &network, HttpRequest request, Done done)
    : m_network(network)
    , m_request(std::move(request))
    , m_done(std::move(done))
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(m_request.timeout * deadlineFactor);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        answer(tl::unexpected(errorOf(Error::Kind::Timeout,
                                      m_request.server + u" did not finish its answer within "_s
                                          + spanText(m_request.timeout * deadlineFactor))));
    });
}

Exchange::~Exchange()
{
    dropReply();
}

void Exchange::start()
{
    const QString scheme = m_request.url.scheme();
    if (!m_request.url.isValid() || m_request.url.host().isEmpty()
        || (scheme != "http"_L1 && scheme != "https"_L1)) {
        // From the event loop like every other answer: the caller has no Request yet.
        QTimer::singleShot(0, this, [this] {
            answer(tl::unexpected(errorOf(
                Error::Kind::Invalid, m_request.server + u" is not an http or https address"_s)));
        });
        return;
    }
    m_deadline.start();
    ask(m_request.method);
}

void Exchange::abandon()
{
    m_done = nullptr;
    m_deadline.stop();
    dropReply();
    deleteLater(); // not delete: it may be our own callback that abandons us
}

void Exchange::ask(HttpRequest::Method method)
{
    dropReply();
    m_body.clear();
    QUrl url = m_request.url;
    if (method == HttpRequest::Method::Get) {
        if (!m_request.parameters.isEmpty())
            url.setQuery(QString::fromLatin1(m_request.parameters));
        m_reply = m_network.get(prepared(url));
    } else {
        QNetworkRequest request = prepared(url);
        request.setHeader(QNetworkRequest::ContentTypeHeader,
                          "application/x-www-form-urlencoded"_ba);
        m_reply = m_network.post(request, m_request.parameters);
    }
    connect(m_reply, &QNetworkReply::readyRead, this, &Exchange::readMore);
    connect(m_reply, &QNetworkReply::finished, this, &Exchange::finish);
}

QNetworkRequest Exchange::prepared(QUrl url) const
{
    const QByteArray credentials = url.userInfo().isEmpty() ? QByteArray() : basicCredentials(url);
    url.setUserInfo({});
    QNetworkRequest request(url);
    if (!credentials.isEmpty())
        request.setRawHeader("Authorization"_ba, credentials);
    for (const auto &[name, value] : m_request.headers)
        request.setRawHeader(name, value);
    request.setTransferTimeout(static_cast<int>(m_request.timeout.count()));
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
    request.setDecompressedSafetyCheckThreshold(m_request.sizeLimit);
    return request;
}

void Exchange::readMore()
{
    if (!m_reply->isReadable()) // an aborted reply is closed already
        return;
    m_body += m_reply->readAll();
    if (m_body.size() > m_request.sizeLimit) {
        answer(tl::unexpected(errorOf(Error::Kind::BadResponse,
                                      m_request.server + u" sent more than "_s
                                          + QString::number(m_request.sizeLimit / (1024 * 1024))
                                          + u" MB"_s)));
    }
}

void Exchange::finish()
{
    readMore();
    if (!isRunning())
        return;
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_request.method == HttpRequest::Method::PostOrGet && refusesPost(status)
        && m_reply->operation() == QNetworkAccessManager::PostOperation) {
        ask(HttpRequest::Method::Get);
        return;
    }
    // Qt counts statuses from 400 on as errors too; those are complete answers, and some carry the
    // server's reason.
    if (m_reply->error() != QNetworkReply::NoError && status < 400) {
        answer(tl::unexpected(transferError()));
        return;
    }
    answer(HttpResponse{
        status, m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString(), m_body});
}

void Exchange::answer(Result<HttpResponse> result)
{
    const Done done = std::exchange(m_done, nullptr);
    m_deadline.stop();
    dropReply();
    deleteLater();
    if (done)
        done(std::move(result));
}

void Exchange::dropReply()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this); // first: abort() emits finished() at once
    m_reply->abort();
    m_reply->deleteLater();
    m_reply = nullptr;
}

Error Exchange::transferError() const
{
    using Kind = Error::Kind;
    const QString &server = m_request.server;
    const QString detail = m_reply->errorString();
    const bool answered = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid();
    switch (m_reply->error()) {
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
                       server + u" did not answer within "_s + spanText(m_request.timeout), detail);
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
