#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// The message of a record that is about a statement.
struct PgStatementMessage {
    std::optional<double> seconds = {}; ///< without it the statement only begins (log_statement)
    /// Statement and Execute are what a client waits for; Other phases (parse, bind, plans) are
    /// not counted; None says no more than a duration.
    enum class Phase { None, Statement, Execute, Other } phase = Phase::None;
    std::string_view sql = {}; ///< as it is in the message
};

/// Nothing where the message is about something else. It is English: lc_messages must be C or en_*.
///
/// The forms are in exec_simple_query() and its like in PostgreSQL's src/backend/tcop/postgres.c.
std::optional<PgStatementMessage> readStatementMessage(std::string_view message);

/// A string as it stands in JSON, without its quotes, `limit` bytes of it at most. A character
/// beyond ASCII that is written as \uXXXX becomes '?'.
std::string unescaped(std::string_view json, std::size_t limit);

/// The fields of a jsonlog record that matter here; views into its line.
/// https://www.postgresql.org/docs/15/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
struct PgLogRecord {
    std::string_view message; ///< escaped, see unescaped()
    std::string_view database;
    std::string_view application;
    std::string_view session;
    std::string_view display; ///< "ps": what the process does, e.g. SELECT or BIND
    std::int64_t queryId = 0; ///< 0: not known
};

/// Reads records. For one thread.
class PgLogReader {
public:
    PgLogReader();
    ~PgLogReader();

    /// The views live until the next call. Nothing where it is not a JSON object.
    std::optional<PgLogRecord> read(std::string_view line);

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
