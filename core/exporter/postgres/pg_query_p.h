#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/postgres/pg_group_p.h"

#include <string>
#include <vector>

namespace trendscope::exporter {

PgGroupDescription describe(const config::PostgresQuery &query,
                            const config::PostgresSettings &settings);

/// As checkQueriesAlone(), of the query at `index`: of two with the same name, it is the second one
/// that is wrong.
std::optional<Error> wrongWith(const std::vector<config::PostgresQuery> &queries,
                               std::size_t index);

/// What is to be set on a connection for the scrape: limits, and that nothing is written.
std::string pgSetup(const config::PostgresSettings &settings);

} // namespace trendscope::exporter
