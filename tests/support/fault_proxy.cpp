#include "support/fault_proxy.h"

#include <QTcpSocket>
#include <QTimer>

namespace trendscope::test {

FaultProxy::FaultProxy(const QUrl &upstream)
    : m_upstream(upstream)
{
    connect(this, &QTcpServer::newConnection, this, &FaultProxy::accept);
    listen(QHostAddress::LocalHost);
    m_port = serverPort();
}

void FaultProxy::setMode(Mode mode)
{
    m_mode = mode;
    Q_EMIT connectionsDropped();
    if (mode == Mode::Refuse)
        close();
    else if (!isListening())
        listen(QHostAddress::LocalHost, m_port);
}

QUrl FaultProxy::url() const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(m_port));
}

void FaultProxy::accept()
{
    while (QTcpSocket *client = nextPendingConnection()) {
        connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
        connect(this, &FaultProxy::connectionsDropped, client, &QTcpSocket::abort);
        switch (m_mode) {
        case Mode::Pass:
        case Mode::Slow:
        case Mode::Truncate:
            relay(*client);
            break;
        case Mode::Refuse:
            client->abort();
            break;
        case Mode::Hang:
            connect(client, &QTcpSocket::readyRead, this, [this, client] {
                client->readAll();
                ++m_requests;
            });
            break;
        case Mode::Status:
        case Mode::Garbage:
        case Mode::NotHttp:
            answer(*client);
            break;
        }
    }
}

void FaultProxy::relay(QTcpSocket &client)
{
    auto *server = new QTcpSocket(&client);
    server->connectToHost(m_upstream.host(), static_cast<quint16>(m_upstream.port(80)));
    connect(&client, &QTcpSocket::readyRead, server, [this, &client, server] {
        ++m_requests;
        server->write(client.readAll()); // kept by the socket until it is connected
    });
    connect(server, &QTcpSocket::readyRead, &client,
            [this, &client, server] { relayAnswer(client, *server); });
    connect(server, &QTcpSocket::disconnected, &client, [&client] { client.disconnectFromHost(); });
    connect(server, &QTcpSocket::errorOccurred, &client,
            [&client] { client.disconnectFromHost(); });
}

void FaultProxy::relayAnswer(QTcpSocket &client, QTcpSocket &server)
{
    if (m_mode == Mode::Slow)
        drip(client, server);
    else if (m_mode == Mode::Truncate)
        cutShort(client, server);
    else
        client.write(server.readAll());
}

/// One drop now, the next after the delay; the rest waits in the server's socket.
void FaultProxy::drip(QTcpSocket &client, QTcpSocket &server)
{
    if (server.property("dripping").toBool() || server.bytesAvailable() == 0)
        return;
    client.write(server.read(m_drop));
    server.setProperty("dripping", true);
    QTimer::singleShot(m_delay, &server, [this, &client, &server] {
        server.setProperty("dripping", false);
        relayAnswer(client, server);
    });
}

void FaultProxy::cutShort(QTcpSocket &client, QTcpSocket &server)
{
    const QByteArray bytes = server.peek(server.bytesAvailable());
    const qsizetype body = bytes.indexOf("\r\n\r\n") + 4;
    if (body < 4 || body == bytes.size())
        return; // the head alone, or not even that: wait for a piece of the body
    server.disconnect(&client);
    client.write(bytes.first(body + (bytes.size() - body) / 2));
    client.disconnectFromHost();
}

void FaultProxy::answer(QTcpSocket &client)
{
    connect(&client, &QTcpSocket::readyRead, this, [this, &client] {
        ++m_requests;
        client.readAll();
        client.write(cannedAnswer());
        client.disconnectFromHost();
    });
}

QByteArray FaultProxy::cannedAnswer() const
{
    if (m_mode == Mode::NotHttp)
        return "\x16\x03\x01 this is no HTTP\r\n\r\n";
    const bool garbage = m_mode == Mode::Garbage;
    const QByteArray body = garbage
        ? QByteArray("{\"status\":\"succ\xff\xfe\x00\x01 [[[", 24)
        : QByteArray("<html><body><h1>Bad <b>gateway</b></h1></body></html>");
    return "HTTP/1.1 " + QByteArray::number(garbage ? 200 : m_status) + " Proxy\r\nContent-Type: "
        + (garbage ? "application/json" : "text/html") + "\r\nConnection: close\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

} // namespace trendscope::test
