#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QMap>
#include <QTcpServer>
#include <QUrl>

#include <utility>

class QTcpSocket;

namespace trendscope::test {

/// An HTTP server on a free loopback port that gives canned replies and keeps what it was sent.
///
/// It runs in the event loop of the test. Connections are kept open, as real servers do.
class StubServer : public QTcpServer {
    Q_OBJECT

public:
    struct Reply {
        int status = 200; ///< 0: accepts the request and never answers
        QByteArray body = {};
        QByteArray contentType = "application/json";
        QList<std::pair<QByteArray, QByteArray>> headers = {};
        bool closesEarly = false; ///< promises twice the body that it sends, then closes
    };

    struct Received {
        QByteArray method;
        QByteArray path;                      ///< without the query
        QByteArray query;                     ///< percent-encoded, as sent
        QMap<QByteArray, QByteArray> headers; ///< names in lower case
        QByteArray body;
    };

    StubServer();

    /// The reply to every request for `path`, e.g. "/api/v1/query"; with `method`, to those of that
    /// method only. The last one set counts. Anything else gets replyToRest, at first a 404.
    void reply(const QByteArray &path, Reply reply, const QByteArray &method = {});
    void replyToRest(Reply reply);

    QUrl url() const;
    const QList<Received> &received() const { return m_received; }
    qsizetype count(const QByteArray &path) const; ///< requests for that path so far

private:
    void accept();
    void readFrom(QTcpSocket &socket);
    void answer(QTcpSocket &socket, const Received &request);
    Reply replyTo(const Received &request) const;

    QHash<QByteArray, Reply> m_replies; ///< by "path" or "METHOD path"
    Reply m_rest{404, "not found\n", "text/plain", {}, false};
    QHash<QTcpSocket *, QByteArray> m_pending; ///< bytes of requests not complete yet
    QList<Received> m_received;
};

} // namespace trendscope::test
