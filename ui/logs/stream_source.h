#pragma once

#include "core/logs/follower.h"
#include "core/logs/remote_log.h"
#include "core/net/backoff.h"
#include "core/net/endless_reply.h"
#include "ui/logs/log_source.h"

#include <QUrl>

#include <functional>
#include <memory>
#include <vector>

namespace trendscope::ui {

/// The records of one agent's /logs/stream; it connects again whenever the stream ends. Belongs to
/// the thread of `network`.
class StreamSource {
public:
    using Clock = logs::RateMeter::Clock;
    /// Gives a file an index, which records have as their source.
    using AddFile = std::function<std::uint16_t(const LogFile &file)>;

    static bool isStream(const QString &location); ///< an http or https address

    /// The path /logs/stream may be left out of `url`; its parameters choose records. `network`
    /// must outlive it.
    StreamSource(const QUrl &url, net::Headers headers, QNetworkAccessManager &network,
                 AddFile addFile, Clock::time_point now);

    /// Appends what has come, of about `budget` bytes; whether there is more.
    bool poll(Clock::time_point now, std::size_t budget, std::vector<logs::Record> &into);

    LogSource status() const;
    void addTo(logs::Follower::Counters &counters, Clock::time_point now) const;

private:
    void connect();
    void take(std::size_t budget, Clock::time_point now, std::vector<logs::Record> &into);
    void fail(const Error &error, Clock::time_point now);
    void setWorking();

    QUrl m_url;
    net::Headers m_headers;
    QNetworkAccessManager &m_network;
    AddFile m_addFile;
    logs::RemoteLog m_remote;
    std::vector<std::uint16_t> m_indices; ///< of the files of m_remote
    logs::RateMeter m_rate;
    std::unique_ptr<net::EndlessReply> m_reply;
    std::uint64_t m_received = 0; ///< bytes of this connection
    bool m_wasConnected = false;
    net::Backoff m_backoff;
    Clock::time_point m_retryAt; ///< while there is no reply
    LogSource m_status;
};

} // namespace trendscope::ui
