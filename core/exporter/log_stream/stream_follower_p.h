#pragma once

#include "core/config/log_stream_settings.h"
#include "core/exporter/log_stream/stream_client_p.h"
#include "core/logs/file_watch.h"
#include "core/logs/line_follower.h"
#include "core/logs/stream_format.h"
#include "core/observability/gauge.h"
#include "core/observability/logging.h"

#include <thread>

namespace trendscope::exporter {

struct StreamMetrics {
    observability::Gauge clients;
    StreamCounters counters;
};

/// Follows the files in a thread of its own, for as long as there are clients.
class StreamFollower final : private logs::LineReceiver {
public:
    /// Begins with `first`.
    StreamFollower(config::LogStreamSettings settings, StreamMetrics metrics,
                   observability::Logger logger, std::shared_ptr<StreamClient> first);
    ~StreamFollower() override;
    StreamFollower(const StreamFollower &) = delete;
    StreamFollower &operator=(const StreamFollower &) = delete;

    /// False: it has come to its end, as there was nobody.
    bool add(const std::shared_ptr<StreamClient> &client);

private:
    using Clock = std::chrono::steady_clock;
    using Clients = std::vector<std::shared_ptr<StreamClient>>;

    void run(const std::stop_token &stop);
    bool round(bool mustScan);
    void scan(Clock::time_point now);
    bool meetClients();
    void welcome(StreamClient &client);
    void beat(Clock::time_point now);
    Clients clientsOf(const std::string &name) const;

    void takeLines(const std::string &name, std::string_view lines) override;
    void takeUnended(const std::string &name, std::string_view line) override;
    void skipLine(const std::string &name) override;
    void take(const Clients &clients, const std::string &name, std::string_view line);

    const config::LogStreamSettings m_settings;
    StreamMetrics m_metrics;
    observability::Logger m_logger;
    logs::LineFollower m_follower;
    logs::FileWatch m_watch;
    logs::RecordParser m_parser;
    logs::stream::Encoder m_encoder;
    Clients m_clients; ///< of this round
    Clock::time_point m_scannedAt;
    Clock::time_point m_beatAt;
    std::string m_problem;

    std::mutex m_mutex;                               ///< of what is below
    std::vector<std::weak_ptr<StreamClient>> m_known; ///< welcomed
    std::vector<std::weak_ptr<StreamClient>> m_new;
    bool m_isOver = false;

    std::jthread m_thread; ///< last: it uses all the others
};

} // namespace trendscope::exporter
