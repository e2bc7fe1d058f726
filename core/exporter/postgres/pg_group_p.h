#pragma once

#include "core/exporter/live_family_p.h"
#include "core/exporter/postgres/pg_connection_p.h"

#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// A column of numbers, and the metric that shows it.
struct PgMetric {
    std::string column;
    std::string name;
    observability::MetricDescription::Type type = observability::MetricDescription::Type::Gauge;
    std::string help;
};

/// A query whose rows are series.
struct PgGroupDescription {
    std::string name; ///< for errors
    std::string sql;
    std::vector<std::string> labels = {}; ///< columns whose text become labels of the same name
    std::vector<PgMetric> metrics = {};
    bool hasServer = true; ///< a label `server` after those, as postgres_exporter has it
    /// Ours are sent as they are and may lack columns, which is a matter of the server's version.
    bool isOurs = true;
    std::size_t maxRows = 0;              ///< of a query that is not ours
    std::chrono::milliseconds timeout{0}; ///< of one that is not ours, by the server
};

/// What became of a query.
struct PgOutcome {
    std::optional<Error> error = {};
    const char *kind = nullptr; ///< of error: query, timeout, value, rows
};

/// Runs one query and shows its rows.
class PgGroup {
public:
    PgGroup(observability::Registry &registry, PgGroupDescription description);
    PgGroup(PgGroup &&) = default;

    /// Where it fails, none of its series is left; where single values make no sense, the others
    /// are there.
    PgOutcome collect(PgConnection &connection, PgConnection::Clock::time_point deadline);
    /// Shows rows that were had in another way.
    PgOutcome show(const PgRows &rows, std::string_view server);
    void clear();

    const std::string &name() const { return m_description.name; }
    bool brings(std::string_view metric) const; ///< in any thread

private:
    struct Columns {
        std::vector<std::size_t> labels;
        std::vector<std::optional<std::size_t>> values; ///< by metric
    };

    struct Cell {
        const PgRows &rows;
        std::size_t row;
        std::size_t column;
    };

    Result<void> showValue(const Cell &cell, std::size_t metric,
                           const std::vector<std::string_view> &labels);
    Result<Columns> find(const PgRows &rows) const;
    PgOutcome fail(Error error, const char *kind);

    PgGroupDescription m_description;
    std::vector<LiveFamily> m_families; ///< by metric
};

} // namespace trendscope::exporter
