#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace trendscope::config {

/// How to reach a server that speaks PostgreSQL's protocol. Files are read again at each attempt to
/// connect, so a changed password needs no restart.
struct PostgresConnectionSettings {
    /// A URI or key=value text as libpq takes it; empty: libpq's environment and defaults.
    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
    std::string connection = {};
    std::filesystem::path connectionFile = {}; ///< whose first line is used instead
    std::filesystem::path passwordFile = {};   ///< whose first line is the password
    std::string passwordVariable = {}; ///< environment variable that holds it; wins over the file
    std::chrono::milliseconds patience{30'000}; ///< then one that does not answer is given up
    std::chrono::milliseconds maxBackoff{
        2'000}; ///< between attempts to connect, which begin at 1 s

    bool operator==(const PostgresConnectionSettings &) const = default;
};

/// A query of the user's whose rows become metrics.
struct PostgresQuery {
    enum class Type { Gauge, Counter };

    std::string name; ///< of the metric where there is one value column, else its prefix
    std::string help = {};
    Type type = Type::Gauge;
    /// Columns with numbers (or booleans), one at least: a single one makes the metric `name`,
    /// several make `name_column` each. NULL has no series.
    std::vector<std::string> values = {"value"};
    std::vector<std::string> labels = {}; ///< columns whose text become labels; 10 at most
    std::string sql; ///< one statement; it runs in a read-only transaction of its own
    /// From one run to the next, for what is costly; the values stay meanwhile. 0: every scrape.
    std::chrono::milliseconds interval{0};

    bool operator==(const PostgresQuery &) const = default;
};

struct PostgresSettings {
    PostgresConnectionSettings connection = {};
    std::chrono::milliseconds statementTimeout{2'000}; ///< of each statement, by the server; > 0
    /// Transactions older than this count in trendscope_postgres_long_transactions.
    std::chrono::milliseconds longTransaction{60'000};
    bool settings = true;      ///< pg_settings_*: some 250 series
    bool databaseSizes = true; ///< pg_database_size_bytes: reads the size of every file
    std::vector<PostgresQuery> queries = {};
    std::size_t maxRows = 1000; ///< of a query of the user's; the rest is left out and counted

    bool operator==(const PostgresSettings &) const = default;
};

struct PgbouncerSettings {
    /// To the database `pgbouncer`, as one of its stats_users or admin_users.
    PostgresConnectionSettings connection = {};
    /// Of SHOW DATABASES, that db_connection_pool_* count; empty: all.
    std::vector<std::string> databases = {};

    bool operator==(const PgbouncerSettings &) const = default;
};

struct PostgresLogSettings {
    /// Globs of PostgreSQL's jsonlog files, e.g. /var/log/postgresql/*.json
    std::vector<std::string> files = {};
    std::vector<std::string> databases = {}; ///< whose statements count; empty: all
    std::size_t maxSeries = 200;             ///< of (operation, table); more tables are `other`
    std::filesystem::path checkpoint =
        {}; ///< where it is kept how far files were read; empty: nowhere

    bool operator==(const PostgresLogSettings &) const = default;
};

} // namespace trendscope::config
