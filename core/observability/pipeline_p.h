#pragma once

#include "core/observability/hangup_p.h"
#include "core/observability/line_sink_p.h"
#include "core/observability/log_settings.h"
#include "core/observability/record_p.h"
#include "core/observability/registry.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
} // namespace spdlog

namespace trendscope::observability {

/// The way of a record from a call to the file, as one set of settings wants it. Thread safe.
class Pipeline {
public:
    /// Errors: Invalid.
    static Result<std::unique_ptr<Pipeline>> create(LogSettings settings);
    ~Pipeline(); ///< writes what waits

    /// What the settings' handler does in this thread; it must not wait for itself.
    static bool isInErrorHandler();

    void write(const record::Record &record);
    void flush();
    void reopen() { m_sink->file().reopen(); }
    void reopenAfterHangup();

    void countSuppressed(std::string_view logger);
    void countFailure(); ///< of a record that never reached the file
    void dropMetrics() { m_dropMetrics = true; }

    const LogSettings &settings() const { return m_settings; }
    std::optional<Error> error() const { return m_sink->file().error(); }
    std::uint64_t droppedRecords(); ///< tells the metric, too

private:
    Pipeline(LogSettings settings, const Redactor &redactor);
    void addMetrics();
    std::uint64_t lostInQueue() const;
    void drain();

    const LogSettings m_settings;
    const Redactor m_redactor;
    const std::shared_ptr<LineSink> m_sink;
    const bool m_isColoured;
    std::shared_ptr<spdlog::details::thread_pool> m_pool; ///< null unless asynchronous
    std::shared_ptr<spdlog::logger> m_logger;
    std::optional<HangupCounter> m_hangups;
    std::atomic<unsigned> m_seenHangups = 0;

    std::atomic<std::uint64_t> m_posted = 0;
    std::atomic<std::uint64_t> m_failures = 0;
    Family *m_droppedFamily = nullptr;
    Family *m_suppressedFamily = nullptr;
    std::atomic<bool> m_dropMetrics = false;
    std::mutex m_metricsMutex;
    std::atomic<std::uint64_t> m_toldByFile = 0;
    std::atomic<std::uint64_t> m_toldByQueue = 0;
};

} // namespace trendscope::observability
