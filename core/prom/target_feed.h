#pragma once

#include "core/net/poll.h"
#include "core/prom/client.h"

#include <QObject>

#include <optional>

namespace trendscope::prom {

/// Keeps the list of scrape targets fresh while somebody looks at it.
///
/// An outage keeps the last good list and the error. Lives in one thread.
class TargetFeed final : public QObject {
    Q_OBJECT

public:
    enum class State {
        Loading, ///< no answer yet
        Ready,
        Failed, ///< the last question failed; targets() are the last good ones
    };

    /// `network` must outlive the feed. Nothing is asked before start().
    TargetFeed(QNetworkAccessManager &network, Endpoint prometheus,
               std::chrono::milliseconds interval = std::chrono::seconds(10),
               QObject *parent = nullptr);

    void start();
    void stop();
    void refresh(); ///< asks now, however long the back-off has still to run

    State state() const { return m_state; }
    const Error &error() const { return m_error; } ///< valid in State::Failed
    std::optional<Timestamp> lastSuccess() const { return m_lastSuccess; }
    const std::vector<ScrapeTarget> &targets() const { return m_targets; }

Q_SIGNALS:
    void changed(); ///< anything of the above

private:
    void ask();
    void take(Result<std::vector<ScrapeTarget>> answer);

    Client m_client;
    net::Poll m_poll;
    net::Request m_request;
    State m_state = State::Loading;
    Error m_error{};
    std::optional<Timestamp> m_lastSuccess;
    std::vector<ScrapeTarget> m_targets;
};

} // namespace trendscope::prom
