#include "core/net/exchange_p.h"
#include "core/net/reply_p.h"

#include <QNetworkAccessManager>

namespace trendscope::net {
namespace {

using namespace Qt::StringLiterals;

/// A server that drips a byte now and then resets the transfer timeout for ever; this bounds the
/// whole.
constexpr int deadlineFactor = 4;

bool refusesPost(int status)
{
    return status == 405 || status == 501;
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
    if (!isHttp(m_request.url)) {
        // From the event loop like every other answer: the caller has no Request yet.
        QTimer::singleShot(0, this, [this] { answer(tl::unexpected(notHttp(m_request))); });
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
        m_reply = m_network.get(prepared(m_request, url));
    } else {
        QNetworkRequest request = prepared(m_request, url);
        request.setHeader(QNetworkRequest::ContentTypeHeader,
                          "application/x-www-form-urlencoded"_ba);
        m_reply = m_network.post(request, m_request.parameters);
    }
    connect(m_reply, &QNetworkReply::readyRead, this, &Exchange::readMore);
    connect(m_reply, &QNetworkReply::finished, this, &Exchange::finish);
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
        answer(tl::unexpected(transferError(*m_reply, m_request)));
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

} // namespace trendscope::net
