#pragma once

#include <QByteArray>
#include <QTcpServer>
#include <QUrl>

#include <chrono>

class QTcpSocket;

namespace trendscope::test {

/// A proxy in front of a real server that does to its answers what networks and gateways do.
///
/// It runs in the event loop of the test, on a free loopback port that it keeps for life, so that a
/// client's address stays good while the mode changes.
class FaultProxy : public QTcpServer {
    Q_OBJECT

public:
    enum class Mode {
        Pass,     ///< everything goes through
        Refuse,   ///< nothing listens: the connection is refused
        Hang,     ///< accepts and never answers
        Slow,     ///< the answer comes in drops, `delay` apart
        Status,   ///< a gateway's HTML page with status()
        Garbage,  ///< status 200 with bytes that are no JSON
        NotHttp,  ///< bytes that are no HTTP
        Truncate, ///< the server's own answer, cut in the middle of its body
    };

    /// `upstream` is http on a host and port; a path in it is not used.
    explicit FaultProxy(const QUrl &upstream);

    /// Connections that are open are dropped, so that the next request meets the new mode.
    void setMode(Mode mode);
    Mode mode() const { return m_mode; }

    void setStatus(int status) { m_status = status; } ///< for Mode::Status, 502 at first
    void setDelay(std::chrono::milliseconds delay)
    {
        m_delay = delay;
    }                                                 ///< for Mode::Slow, 20 ms at first
    void setDrop(qsizetype bytes) { m_drop = bytes; } ///< bytes a time for Mode::Slow, 64 at first

    QUrl url() const;
    int requests() const
    {
        return m_requests;
    } ///< requests that reached the proxy, in any mode but Refuse

Q_SIGNALS:
    void connectionsDropped();

private:
    void accept();
    void relay(QTcpSocket &client);
    void relayAnswer(QTcpSocket &client, QTcpSocket &server);
    void drip(QTcpSocket &client, QTcpSocket &server);
    void cutShort(QTcpSocket &client, QTcpSocket &server);
    void answer(QTcpSocket &client);
    QByteArray cannedAnswer() const;

    QUrl m_upstream;
    quint16 m_port = 0;
    Mode m_mode = Mode::Pass;
    int m_status = 502;
    std::chrono::milliseconds m_delay{20};
    qsizetype m_drop = 64;
    int m_requests = 0;
};

} // namespace trendscope::test
