#pragma once

#include "core/exporter/postgres/pg_group_p.h"
#include "core/exporter/postgres/statement_logging.h"

#include <map>
#include <string>

namespace trendscope::exporter {

/// A row of pg_settings as postgres_exporter names it.
struct PgSetting {
    std::string metric;
    std::string help;
    double value = 0;
};

/// `unit` is pg_settings', e.g. 8kB; times become seconds, sizes bytes, and -1 stays -1. Nothing
/// for a value or unit that makes no sense.
struct PgSettingRow {
    std::string_view name;
    std::string_view setting;
    std::string_view unit;
    std::string_view description;
    std::string_view type; ///< bool, integer, real
};
std::optional<PgSetting> pgSettingOf(const PgSettingRow &row);

/// What a server is, since when, and how it is set: pg_static, pg_postmaster_*, pg_replication_*,
/// pg_settings_*.
///
/// The settings are read again only when the server has loaded its configuration again, was
/// promoted, or is another.
class PgServer {
public:
    PgServer(observability::Registry &registry, bool withSettings);

    PgOutcome collect(PgConnection &connection, PgConnection::Clock::time_point deadline);
    void clear();

    const StatementLogging &logging() const { return m_logging; }

private:
    void showState(const PgRows &rows, const PgConnection &connection);
    PgOutcome readSettings(PgConnection &connection, PgConnection::Clock::time_point deadline);
    void showSettings(const PgRows &rows, std::string_view server);
    void showSetting(const PgSetting &setting, std::string_view server);

    observability::Registry &m_registry;
    const bool m_withSettings;
    LiveFamily m_static;
    PgGroup m_state;
    std::map<std::string, LiveFamily, std::less<>> m_settings; ///< by metric
    std::string m_settingsOf; ///< what they were read of; empty: not yet
    StatementLogging m_logging;
};

} // namespace trendscope::exporter
