#pragma once

#include "core/config/log_rules.h"
#include "core/exporter/collector.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <memory>

namespace trendscope::exporter {

class LogSeries;

/// Follows JSON log files and makes metrics of their lines.
///
/// Files are read in a thread of its own, as they grow, so a scrape costs nothing. Beside the
/// metrics of its rules there are
/// - trendscope_logs_up: 1, or 0 while a file or the checkpoint can not be read or written;
/// - trendscope_log_lines_total{file,level}: lines that are JSON objects;
/// - trendscope_log_errors_total{file,kind}: lines that are not; kind is not_json, invalid_utf8,
///   too_long, or cut for a last line without its end;
/// - trendscope_log_records_skipped_total{rule,kind}: records that match a rule, but have no field
///   for a label or the value (missing_label, missing_value), or no number in it (bad_value);
/// - trendscope_log_files, trendscope_log_unread_bytes, trendscope_log_rotations_total and
///   trendscope_log_files_lost_total (rotated away before they were read to their end).
///
/// The checkpoint is written each second, and at the end: after a clean stop no line is lost or
/// taken twice, after a kill those of one second at most are taken again.
class LogCollector final : public Collector {
public:
    /// The rules must be valid, as config::readLogMetrics() makes sure. `registry` must outlive the
    /// collector. `series`: those of a predecessor that is gone, to go on with; the registry's.
    LogCollector(config::LogMetrics settings, observability::Registry &registry,
                 observability::Logger logger, std::shared_ptr<LogSeries> series = {});
    /// Stops reading, within the time of some hundred kilobytes, and writes the checkpoint.
    ~LogCollector() override;

    std::string_view name() const override { return "logs"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;

    /// Waits until what the files have now was read, at most until `deadline`. Errors: System, for
    /// what can not be read or written; the rest goes on.
    Result<void> collect(Clock::time_point deadline) override;

private:
    class Worker;
    const std::unique_ptr<Worker> m_worker;
};

} // namespace trendscope::exporter
