#pragma once

#include "core/observability/hangup_p.h"
#include "core/observability/line_sink_p.h"
#include "core/observability/log_queue_p.h"
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
}

namespace trendscope::observability {

/// The way of a record from a call to the file, as one set of settings wants it. Thread safe.
class Pipeline {
public:
    /// Errors: Invalid.
    static Result<std::unique_ptr<Pipeline>> create(LogSettings settings);
    ~Pipeline(); ///< writes what waits
    Pipeline(const Pipeline &) = delete;
    Pipeline &operator=(const Pipeline &) = delete;

    /// Another one in a child process, for which nothing of the parent's is locked. `settings`:
    /// these, or of less.
    std::unique_ptr<Pipeline> again(LogSettings settings, bool tellsMetrics) const;
    /// In the child: lets go of the file.
    void leaveBehind() { m_sink->file().leaveBehind(); }

    /// What the settings' handler does in this thread; it must not wait for itself.
    static bool isInErrorHandler();

    void write(const record::Record &record);
    void flush();
    void flushBeforeFork(); ///< what is possible within a second each, of queue and file
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
    void drain(std::chrono::milliseconds atMost);

    const LogSettings m_settings;
    const Redactor m_redactor;
    const std::shared_ptr<LineSink> m_sink;
    const bool m_isColoured;
    std::shared_ptr<spdlog::logger> m_logger;
    std::optional<HangupCounter> m_hangups;
    std::atomic<unsigned> m_seenHangups = 0;

    std::atomic<std::uint64_t> m_failures = 0;
    Family *m_droppedFamily = nullptr;
    Family *m_suppressedFamily = nullptr;
    std::atomic<bool> m_dropMetrics = false;
    std::mutex m_metricsMutex;
    std::atomic<std::uint64_t> m_toldByFile = 0;
    std::atomic<std::uint64_t> m_toldByQueue = 0;
    std::optional<LogQueue> m_queue; ///< last: its thread uses the others
};

} // namespace trendscope::observability
