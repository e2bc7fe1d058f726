#pragma once

#include <QByteArray>
#include <QTcpSocket>

#include <memory>

/// HTTP byte by byte, for what a proper client would never send.
namespace test {

inline std::unique_ptr<QTcpSocket> connectTo(quint16 port)
{
    auto socket = std::make_unique<QTcpSocket>();
    socket->connectToHost(QStringLiteral("127.0.0.1"), port);
    if (!socket->waitForConnected())
        qWarning("not connected: %s", qPrintable(socket->errorString()));
    return socket;
}

/// A whole request; the server closes the connection after its answer.
inline QByteArray request(const QByteArray &method, const QByteArray &path,
                          const QByteArray &headers = {})
{
    return method + ' ' + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + headers
        + "\r\n";
}

/// Everything that the server sends until it closes the connection, or is silent for 10 s.
inline QByteArray exchange(quint16 port, const QByteArray &request)
{
    const auto socket = connectTo(port);
    socket->write(request);
    while (socket->waitForReadyRead(10'000))
        ;
    return socket->readAll();
}

inline QByteArray bodyOf(const QByteArray &answer)
{
    return answer.mid(answer.indexOf("\r\n\r\n") + 4);
}

} // namespace test
