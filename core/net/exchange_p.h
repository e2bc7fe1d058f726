#pragma once

#include "core/net/http.h"

#include <QNetworkReply>
#include <QObject>
#include <QTimer>

namespace trendscope::net {

/// One question to a server, over as many HTTP requests as it takes (a refused POST is asked again
/// as a GET). It deletes itself once it has answered or was abandoned.
class Exchange final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(Result<HttpResponse>)>;

    Exchange(QNetworkAccessManager &network, HttpRequest request, Done done);
    ~Exchange() override;

    void start();
    void abandon();
    bool isRunning() const { return static_cast<bool>(m_done); }

private:
    void ask(HttpRequest::Method method);
    void readMore();
    void finish();
    void answer(Result<HttpResponse> result);
    void dropReply();

    QNetworkAccessManager &m_network;
    HttpRequest m_request;
    Done m_done;
    QNetworkReply *m_reply = nullptr;
    QByteArray m_body;
    QTimer m_deadline;
};

} // namespace trendscope::net
