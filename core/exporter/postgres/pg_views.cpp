#include "core/exporter/postgres/pg_views_p.h"

namespace trendscope::exporter {

namespace {

using Type = observability::MetricDescription::Type;
constexpr Type gauge = Type::Gauge;
constexpr Type counter = Type::Counter;

// Types are postgres_exporter's, also where a time is a counter. What it exposes without a type is
// a gauge here.

PgGroupDescription databases()
{
    return {
        .name = "pg_stat_database",
        .sql = R"(SELECT *, extract(epoch FROM stats_reset) AS stats_reset_epoch,
  extract(epoch FROM checksum_last_failure) AS checksum_last_failure_epoch
FROM pg_catalog.pg_stat_database)",
        .labels = {"datid", "datname"},
        .metrics = {
            {"numbackends", "pg_stat_database_numbackends", gauge, "Connections to this database."},
            {"xact_commit", "pg_stat_database_xact_commit", counter,
             "Transactions that were committed."},
            {"xact_rollback", "pg_stat_database_xact_rollback", counter,
             "Transactions that were rolled back."},
            {"blks_read", "pg_stat_database_blks_read", counter,
             "Blocks read from disk or from the system's cache."},
            {"blks_hit", "pg_stat_database_blks_hit", counter,
             "Blocks found in PostgreSQL's own cache."},
            {"tup_returned", "pg_stat_database_tup_returned", counter, "Rows read by scans."},
            {"tup_fetched", "pg_stat_database_tup_fetched", counter, "Rows that queries fetched."},
            {"tup_inserted", "pg_stat_database_tup_inserted", counter, "Rows inserted."},
            {"tup_updated", "pg_stat_database_tup_updated", counter, "Rows updated."},
            {"tup_deleted", "pg_stat_database_tup_deleted", counter, "Rows deleted."},
            {"conflicts", "pg_stat_database_conflicts", counter,
             "Queries canceled for a conflict with recovery; on standby servers only."},
            {"temp_files", "pg_stat_database_temp_files", counter,
             "Temporary files that queries made."},
            {"temp_bytes", "pg_stat_database_temp_bytes", counter,
             "Bytes that queries wrote to temporary files."},
            {"deadlocks", "pg_stat_database_deadlocks", counter, "Deadlocks."},
            {"checksum_failures", "pg_stat_database_checksum_failures", gauge,
             "Data pages with a wrong checksum."},
            {"checksum_last_failure_epoch", "pg_stat_database_checksum_last_failure", gauge,
             "When a wrong checksum was found last, in seconds since 1970."},
            {"blk_read_time", "pg_stat_database_blk_read_time", counter,
             "Milliseconds spent reading blocks; 0 unless track_io_timing is on."},
            {"blk_write_time", "pg_stat_database_blk_write_time", counter,
             "Milliseconds spent writing blocks; 0 unless track_io_timing is on."},
            {"session_time", "pg_stat_database_session_time", gauge,
             "Milliseconds that sessions lasted."},
            {"active_time", "pg_stat_database_active_time", gauge,
             "Milliseconds that sessions spent with statements."},
            {"idle_in_transaction_time", "pg_stat_database_idle_in_transaction_time", gauge,
             "Milliseconds that sessions idled within a transaction."},
            {"sessions", "pg_stat_database_sessions", gauge, "Sessions begun."},
            {"sessions_abandoned", "pg_stat_database_sessions_abandoned", gauge,
             "Sessions that lost their client."},
            {"sessions_fatal", "pg_stat_database_sessions_fatal", gauge,
             "Sessions ended by fatal errors."},
            {"sessions_killed", "pg_stat_database_sessions_killed", gauge,
             "Sessions ended by an operator."},
            {"stats_reset_epoch", "pg_stat_database_stats_reset", counter,
             "When these statistics were reset last, in seconds since 1970."},
        }};
}

PgGroupDescription conflicts()
{
    return {.name = "pg_stat_database_conflicts",
            .sql = "SELECT * FROM pg_catalog.pg_stat_database_conflicts",
            .labels = {"datid", "datname"},
            .metrics = {
                {"confl_tablespace", "pg_stat_database_conflicts_confl_tablespace", counter,
                 "Queries canceled for dropped tablespaces."},
                {"confl_lock", "pg_stat_database_conflicts_confl_lock", counter,
                 "Queries canceled for lock timeouts."},
                {"confl_snapshot", "pg_stat_database_conflicts_confl_snapshot", counter,
                 "Queries canceled for old snapshots."},
                {"confl_bufferpin", "pg_stat_database_conflicts_confl_bufferpin", counter,
                 "Queries canceled for pinned buffers."},
                {"confl_deadlock", "pg_stat_database_conflicts_confl_deadlock", counter,
                 "Queries canceled for deadlocks."},
            }};
}

PgGroupDescription backgroundWriter()
{
    return {.name = "pg_stat_bgwriter",
            .sql = R"(SELECT *, extract(epoch FROM stats_reset) AS stats_reset_epoch
FROM pg_catalog.pg_stat_bgwriter)",
            .metrics = {
                {"checkpoints_timed", "pg_stat_bgwriter_checkpoints_timed_total", counter,
                 "Checkpoints begun because it was time."},
                {"checkpoints_req", "pg_stat_bgwriter_checkpoints_req_total", counter,
                 "Checkpoints that were requested."},
                {"checkpoint_write_time", "pg_stat_bgwriter_checkpoint_write_time_total", counter,
                 "Milliseconds that checkpoints spent writing files."},
                {"checkpoint_sync_time", "pg_stat_bgwriter_checkpoint_sync_time_total", counter,
                 "Milliseconds that checkpoints spent synchronizing files."},
                {"buffers_checkpoint", "pg_stat_bgwriter_buffers_checkpoint_total", counter,
                 "Buffers written by checkpoints."},
                {"buffers_clean", "pg_stat_bgwriter_buffers_clean_total", counter,
                 "Buffers written by the background writer."},
                {"maxwritten_clean", "pg_stat_bgwriter_maxwritten_clean_total", counter,
                 "Times that the background writer stopped because it had written too much."},
                {"buffers_backend", "pg_stat_bgwriter_buffers_backend_total", counter,
                 "Buffers written by backends."},
                {"buffers_backend_fsync", "pg_stat_bgwriter_buffers_backend_fsync_total", counter,
                 "Times that a backend had to call fsync itself."},
                {"buffers_alloc", "pg_stat_bgwriter_buffers_alloc_total", counter,
                 "Buffers allocated."},
                {"stats_reset_epoch", "pg_stat_bgwriter_stats_reset_total", counter,
                 "When these statistics were reset last, in seconds since 1970."},
            }};
}

PgGroupDescription archiver()
{
    return {
        .name = "pg_stat_archiver",
        .sql = R"(SELECT *, extract(epoch FROM now() - last_archived_time) AS last_archive_age
FROM pg_catalog.pg_stat_archiver)",
        .metrics = {
            {"archived_count", "pg_stat_archiver_archived_count", counter, "WAL files archived."},
            {"failed_count", "pg_stat_archiver_failed_count", counter,
             "Attempts to archive a WAL file that failed."},
            {"last_archive_age", "pg_stat_archiver_last_archive_age", gauge,
             "Seconds since a WAL file was archived last."},
        }};
}

/// Every state of every database, also where nobody is in it, so that a panel has no holes.
PgGroupDescription activity()
{
    return {.name = "pg_stat_activity",
            .sql = R"(SELECT d.datname, s.state, coalesce(a.count, 0) AS count,
  coalesce(a.max_tx_duration, 0) AS max_tx_duration
FROM pg_catalog.pg_database d
CROSS JOIN (VALUES ('active'), ('idle'), ('idle in transaction'),
  ('idle in transaction (aborted)'), ('fastpath function call'), ('disabled')) AS s(state)
LEFT JOIN (SELECT datname, state, count(*) AS count,
    max(extract(epoch FROM now() - xact_start)) AS max_tx_duration
  FROM pg_catalog.pg_stat_activity GROUP BY datname, state) a USING (datname, state))",
            .labels = {"datname", "state"},
            .metrics = {
                {"count", "pg_stat_activity_count", gauge, "Connections in this state."},
                {"max_tx_duration", "pg_stat_activity_max_tx_duration", gauge,
                 "Seconds since the oldest transaction in this state began."},
            }};
}

PgGroupDescription transactions()
{
    return {.name = "pg_long_running_transactions",
            .sql = R"(SELECT count(*) AS count,
  coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) AS oldest
FROM pg_catalog.pg_stat_activity
WHERE state IS DISTINCT FROM 'idle' AND query NOT LIKE 'autovacuum:%'
  AND xact_start IS NOT NULL)",
            .metrics = {
                {"count", "pg_long_running_transactions", gauge,
                 "Transactions that are open, however long."},
                {"oldest", "pg_long_running_transactions_oldest_timestamp_seconds", gauge,
                 "Age of the oldest of them, in seconds."},
            }};
}

PgGroupDescription longTransactions(std::chrono::milliseconds longer)
{
    return {
        .name = "trendscope_postgres_long_transactions",
        .sql = "SELECT d.datname, count(a.pid) AS count FROM pg_catalog.pg_database d "
               "LEFT JOIN pg_catalog.pg_stat_activity a ON a.datid = d.oid "
               "AND a.backend_type = 'client backend' "
               "AND clock_timestamp() - a.xact_start > interval '"
            + std::to_string(longer.count())
            + " milliseconds' WHERE d.datallowconn GROUP BY d.datname",
        .labels = {"datname"},
        .metrics = {
            {"count", "trendscope_postgres_long_transactions", gauge,
             "Clients' transactions older than " + std::to_string(longer.count() / 1000) + " s."},
        }};
}

PgGroupDescription locks()
{
    return {.name = "pg_locks",
            .sql = R"(SELECT d.datname, m.mode, coalesce(l.count, 0) AS count
FROM pg_catalog.pg_database d
CROSS JOIN (VALUES ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'),
  ('shareupdateexclusivelock'), ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'),
  ('accessexclusivelock'), ('sireadlock')) AS m(mode)
LEFT JOIN (SELECT database, lower(mode) AS mode, count(*) AS count
  FROM pg_catalog.pg_locks GROUP BY database, lower(mode)) l
  ON l.database = d.oid AND l.mode = m.mode)",
            .labels = {"datname", "mode"},
            .metrics = {
                {"count", "pg_locks_count", gauge, "Locks held or waited for."},
            }};
}

PgGroupDescription replication()
{
    return {.name = "pg_stat_replication",
            .sql = R"(SELECT r.application_name, r.client_addr, r.state, s.slot_name,
  extract(epoch FROM r.reply_time) AS reply_time,
  pg_wal_lsn_diff(w.lsn, '0/0') AS pg_current_wal_lsn_bytes,
  pg_wal_lsn_diff(w.lsn, r.replay_lsn) AS pg_wal_lsn_diff
FROM pg_catalog.pg_stat_replication r
LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid
CROSS JOIN (SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END AS lsn) w)",
            .labels = {"application_name", "client_addr", "state", "slot_name"},
            .metrics = {
                {"pg_current_wal_lsn_bytes", "pg_stat_replication_pg_current_wal_lsn_bytes", gauge,
                 "Position in the WAL, in bytes."},
                {"reply_time", "pg_stat_replication_reply_time", gauge,
                 "When the standby replied last, in seconds since 1970."},
                {"pg_wal_lsn_diff", "pg_stat_replication_pg_wal_lsn_diff", gauge,
                 "Bytes of WAL that the standby has not replayed."},
            }};
}

PgGroupDescription slots()
{
    return {
        .name = "pg_replication_slots",
        .sql = R"(SELECT slot_name, database, active, pg_wal_lsn_diff(
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
  restart_lsn) AS pg_wal_lsn_diff
FROM pg_catalog.pg_replication_slots)",
        .labels = {"slot_name", "database"},
        .metrics = {
            {"active", "pg_replication_slots_active", gauge, "Whether the slot is in use: 1 or 0."},
            {"pg_wal_lsn_diff", "pg_replication_slots_pg_wal_lsn_diff", gauge,
             "Bytes of WAL that are kept for the slot."},
        }};
}

/// One that may not be looked at has no size.
PgGroupDescription sizes()
{
    return {
        .name = "pg_database",
        .sql = R"(SELECT datname, CASE WHEN has_database_privilege(oid, 'CONNECT')
  OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(oid) END AS size_bytes
FROM pg_catalog.pg_database)",
        .labels = {"datname"},
        .metrics = {
            {"size_bytes", "pg_database_size_bytes", gauge, "Disk space that the database takes."},
        }};
}

} // namespace

std::vector<PgGroupDescription> pgViews(const config::PostgresSettings &settings)
{
    std::vector<PgGroupDescription> views{databases(),
                                          conflicts(),
                                          backgroundWriter(),
                                          archiver(),
                                          activity(),
                                          transactions(),
                                          locks(),
                                          longTransactions(settings.longTransaction),
                                          slots(),
                                          replication()};
    if (settings.databaseSizes)
        views.push_back(sizes());
    return views;
}

} // namespace trendscope::exporter
