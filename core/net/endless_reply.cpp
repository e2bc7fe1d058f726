#include "core/net/endless_reply.h"

#include "core/net/backoff.h"
#include "core/net/reply_p.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>

#include <utility>

namespace trendscope::net {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 readBuffer = qint64{4} << 20;

int statusOf(const QNetworkReply &reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

} // namespace

void EndlessReply::Delete::operator()(QNetworkReply *reply) const
{
    reply->abort();
    reply->deleteLater();
}

EndlessReply::EndlessReply(QNetworkAccessManager &network, HttpRequest request)
    : m_request(std::move(request))
{
    if (!isHttp(m_request.url))
        return;
    QNetworkRequest asked = prepared(m_request, m_request.url);
    asked.setRawHeader("Accept-Encoding"_ba, "identity"_ba);
    m_reply.reset(network.get(asked));
    m_reply->setReadBufferSize(readBuffer);
}

EndlessReply::~EndlessReply() = default;

QByteArray EndlessReply::take(qint64 limit)
{
    return isAnswered() && m_reply->isReadable() ? m_reply->read(limit) : QByteArray();
}

bool EndlessReply::hasMore() const
{
    return isAnswered() && m_reply->isReadable() && m_reply->bytesAvailable() > 0;
}

bool EndlessReply::isAnswered() const
{
    return m_reply && statusOf(*m_reply) / 100 == 2;
}

QByteArray EndlessReply::contentType() const
{
    return m_reply ? m_reply->rawHeader("Content-Type"_ba).split(';').first().trimmed().toLower()
                   : QByteArray();
}

int EndlessReply::status() const
{
    return m_reply ? statusOf(*m_reply) : 0;
}

std::optional<std::chrono::seconds> EndlessReply::retryAfter() const
{
    if (status() != 429 && status() != 503)
        return {};
    return net::retryAfter(m_reply->rawHeader("Retry-After"_ba), std::chrono::system_clock::now());
}

std::optional<Error> EndlessReply::end() const
{
    if (!m_reply)
        return notHttp(m_request);
    if (!m_reply->isFinished() || hasMore())
        return {};
    const int status = statusOf(*m_reply);
    if (status != 0 && status / 100 != 2) // Qt counts those from 400 on as errors, too
        return statusError(
            {status, m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString(),
             m_reply->isReadable() ? m_reply->peek(512) : QByteArray()},
            m_request.server);
    if (m_reply->error() == QNetworkReply::NoError)
        return errorOf(Error::Kind::Unavailable, m_request.server + u" ended the stream"_s);
    const bool isSilent = status != 0
        && (m_reply->error() == QNetworkReply::OperationCanceledError
            || m_reply->error() == QNetworkReply::TimeoutError);
    if (isSilent)
        return errorOf(Error::Kind::Timeout,
                       m_request.server + u" was silent for "_s + spanText(m_request.timeout));
    return transferError(*m_reply, m_request);
}

EndlessReply::Obstacle EndlessReply::obstacle() const
{
    const auto error = m_reply ? m_reply->error() : QNetworkReply::NoError;
    return error == QNetworkReply::HostNotFoundError      ? Obstacle::UnknownHost
        : error == QNetworkReply::SslHandshakeFailedError ? Obstacle::Untrusted
                                                          : Obstacle::None;
}

} // namespace trendscope::net
