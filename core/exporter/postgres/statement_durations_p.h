#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/postgres/pg_log_record_p.h"
#include "core/exporter/postgres/sql_summary_p.h"
#include "core/exporter/postgres/statement_logging.h"
#include "core/exporter/shared_family_p.h"
#include "core/observability/registry.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trendscope::exporter {

/// Makes a histogram of the records of a jsonlog. For one thread.
class StatementDurations {
public:
    StatementDurations(const config::PostgresLogSettings &settings,
                       observability::Registry &registry);

    void setLogging(const StatementLogging &logging) { m_logging = logging; }
    /// A line of the log; `isCut`: it was longer than what is read of one.
    void take(std::string_view line, bool isCut);

private:
    void takeRecord(const PgLogRecord &record);
    bool isCounted(const PgLogRecord &record) const;
    SqlSummary summaryOf(const PgLogRecord &record, const PgStatementMessage &message);
    void observe(SqlSummary summary, double seconds);

    const config::PostgresLogSettings m_settings;
    SharedFamily m_durations;
    observability::Family &m_errors;
    StatementLogging m_logging;
    PgLogReader m_reader;
    std::unordered_map<std::int64_t, SqlSummary> m_byQuery;  ///< by query_id
    std::unordered_map<std::string, SqlSummary> m_bySession; ///< begun, its end not yet seen
    /// By labels: of the statements that the logged ones stand for, the part of one not yet
    /// counted.
    std::unordered_map<std::string, double> m_rests;
};

} // namespace trendscope::exporter
