#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/postgres/pg_group_p.h"

#include <vector>

namespace trendscope::exporter {

/// What is asked of every PostgreSQL, under postgres_exporter's names, the cheapest first.
///
/// Column names are those of the views: https://www.postgresql.org/docs/15/monitoring-stats.html
std::vector<PgGroupDescription> pgViews(const config::PostgresSettings &settings);

} // namespace trendscope::exporter
