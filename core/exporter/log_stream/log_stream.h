#pragma once

#include "core/config/log_stream_settings.h"
#include "core/exporter/http/http_message.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <memory>
#include <mutex>
#include <vector>

namespace trendscope::exporter {

class StreamClient;
class StreamFollower;
struct StreamMetrics;

/// What /logs/stream answers: the lines of log files as they are written, in the form of
/// core/logs/stream_format.h. Thread safe.
///
/// One thread follows the files for all clients, and only while there are some. What a client is
/// too slow for is dropped, counted, and told to it. Metrics: trendscope_log_stream_clients,
/// trendscope_log_stream_records_total, trendscope_log_stream_dropped_total{reason}; reason is
/// slow_client or too_long.
class LogStream {
public:
    /// `registry` must outlive it.
    LogStream(config::LogStreamSettings settings, observability::Registry &registry,
              observability::Logger logger);
    /// Ends the streams.
    ~LogStream();

    /// Parameters: tail, level, file, filter. 400 for what they can not be, 404 where no files are
    /// configured, 503 where there are too many streams.
    Response answer(const Request &request);

    /// Other settings end the streams: clients come again.
    void configure(config::LogStreamSettings settings);

private:
    std::size_t countClients();
    void end();

    observability::Logger m_logger;
    const std::unique_ptr<const StreamMetrics> m_metrics;

    std::mutex m_mutex; ///< of what is below
    config::LogStreamSettings m_settings;
    std::vector<std::weak_ptr<StreamClient>> m_clients;
    std::unique_ptr<StreamFollower> m_follower;
};

} // namespace trendscope::exporter
