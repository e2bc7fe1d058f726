#include "support/stub_server.h"

#include <QTcpSocket>

#include <algorithm>
#include <optional>

namespace trendscope::test {
namespace {

/// Takes one complete request off the front of `bytes`.
std::optional<StubServer::Received> takeRequest(QByteArray &bytes)
{
    const qsizetype head = bytes.indexOf("\r\n\r\n");
    if (head < 0)
        return std::nullopt;
    StubServer::Received request;
    QList<QByteArray> lines = bytes.first(head).split('\n');
    const QList<QByteArray> start = lines.takeFirst().trimmed().split(' ');
    for (const QByteArray &line : std::as_const(lines)) {
        const qsizetype colon = line.indexOf(':');
        request.headers.insert(line.left(colon).trimmed().toLower(), line.mid(colon + 1).trimmed());
    }
    const qsizetype length = request.headers.value("content-length").toLongLong();
    if (bytes.size() < head + 4 + length)
        return std::nullopt;
    const QByteArray address = start.value(1);
    const qsizetype question = address.indexOf('?');
    request.method = start.value(0);
    request.path = question < 0 ? address : address.first(question);
    request.query = question < 0 ? QByteArray() : address.mid(question + 1);
    request.body = bytes.mid(head + 4, length);
    bytes.remove(0, head + 4 + length);
    return request;
}

} // namespace

StubServer::StubServer()
{
    connect(this, &QTcpServer::newConnection, this, &StubServer::accept);
    listen(QHostAddress::LocalHost);
}

void StubServer::reply(const QByteArray &path, Reply reply, const QByteArray &method)
{
    m_replies.insert(method.isEmpty() ? path : method + ' ' + path, std::move(reply));
}

void StubServer::replyToRest(Reply reply)
{
    m_rest = std::move(reply);
}

QUrl StubServer::url() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(serverPort()));
}

qsizetype StubServer::count(const QByteArray &path) const
{
    return std::count_if(m_received.begin(), m_received.end(),
                         [&path](const Received &request) { return request.path == path; });
}

void StubServer::accept()
{
    while (QTcpSocket *socket = nextPendingConnection()) {
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { readFrom(*socket); });
        connect(socket, &QTcpSocket::disconnected, this, [this, socket] {
            m_pending.remove(socket);
            socket->deleteLater();
        });
    }
}

void StubServer::readFrom(QTcpSocket &socket)
{
    QByteArray &bytes = m_pending[&socket];
    bytes += socket.readAll();
    while (const std::optional<Received> request = takeRequest(bytes)) {
        m_received.append(*request);
        answer(socket, *request);
    }
}

void StubServer::answer(QTcpSocket &socket, const Received &request)
{
    const Reply reply = replyTo(request);
    if (reply.status == 0)
        return;
    const qsizetype promised = reply.closesEarly ? 2 * reply.body.size() : reply.body.size();
    QByteArray head = "HTTP/1.1 " + QByteArray::number(reply.status) + " Stub\r\nContent-Type: "
        + reply.contentType + "\r\nContent-Length: " + QByteArray::number(promised) + "\r\n";
    for (const auto &[name, value] : reply.headers)
        head += name + ": " + value + "\r\n";
    socket.write(head + "\r\n" + reply.body);
    if (reply.closesEarly)
        socket.disconnectFromHost();
}

StubServer::Reply StubServer::replyTo(const Received &request) const
{
    const auto forMethod = m_replies.constFind(request.method + ' ' + request.path);
    if (forMethod != m_replies.constEnd())
        return *forMethod;
    return m_replies.value(request.path, m_rest);
}

} // namespace trendscope::test
