#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/collector.h"
#include "core/exporter/postgres/statement_logging.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <memory>

namespace trendscope::exporter {

/// `db_query_duration_seconds` from the log of a PostgreSQL that has
/// `log_destination = 'jsonlog'` (15 and later) and `log_min_duration_statement = 0` or
/// `log_duration = on`; better with `compute_query_id = on`. `lc_messages` must be English.
///
/// It counts what comes to the log after its first scrape; with a checkpoint, what came while it
/// was away, too, and each line once: after a kill those since the latest scrape are taken again.
/// Where the server logs a sample (log_min_duration_sample, log_transaction_sample_rate), each
/// statement counts for as many as it stands for, so counts and quantiles are estimates: with a
/// rate p and n logged statements the count is off by about sqrt(n (1 - p)) / p. Where it logs slow
/// statements alone, the fast ones are missing, so quantiles are too high.
/// `trendscope_db_duration_source{source}` says which: jsonlog, jsonlog_sampled, jsonlog_slow.
///
/// Not counted are the agent's own statements, and the phases parse and bind of the extended
/// protocol.
class PostgresLogCollector final : public Collector {
public:
    /// `registry` must outlive it. `logging` says what the server logs; null, or nothing said:
    /// every statement.
    PostgresLogCollector(config::PostgresLogSettings settings, observability::Registry &registry,
                         const observability::Logger &logger,
                         std::shared_ptr<const StatementLoggingNote> logging = nullptr);
    ~PostgresLogCollector() override;

    std::string_view name() const override { return "postgres_log"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
