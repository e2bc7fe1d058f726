#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/collector.h"
#include "core/exporter/postgres/statement_logging.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <memory>
#include <vector>

namespace trendscope::exporter {

/// What one PostgreSQL says of itself, under the names and labels of postgres_exporter 0.11 (the
/// label `server` is host:port), and queries of the user's.
///
/// It holds one connection and never opens a second one, whatever the server does. `pg_up` is 0 and
/// everything else of the server is gone while that does not answer. The role needs `pg_monitor`.
class PostgresCollector final : public Collector {
public:
    /// `registry` must outlive it. Queries that make no sense (see checkQueries()) are left out and
    /// logged. `logging`, which may be null, is told what the server logs of its statements.
    PostgresCollector(config::PostgresSettings settings, observability::Registry &registry,
                      const observability::Logger &logger,
                      std::shared_ptr<StatementLoggingNote> logging = nullptr);
    ~PostgresCollector() override;

    std::string_view name() const override { return "postgres"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    Result<void> collect(Clock::time_point deadline) override;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

/// What is wrong with queries on the face of them: no name, not a metric's name, two of the same
/// name, no or too many columns. Invalid; the messages name the query.
std::vector<Error> checkQueriesAlone(const std::vector<config::PostgresQuery> &queries);

/// The same, and what the server says of them: wrong SQL (with line and column), columns that are
/// not there or hold no numbers, tables that may not be read. Nothing is executed.
///
/// Waits until `deadline` at most; a server that does not answer is an error of its own.
std::vector<Error> checkQueries(const config::PostgresSettings &settings,
                                Collector::Clock::time_point deadline);

} // namespace trendscope::exporter
