#pragma once

#include "core/config/postgres_settings.h"
#include "core/result.h"

#include <string>
#include <utility>
#include <vector>

namespace trendscope::exporter {

/// Under what name servers know us, where the connection text gives no other.
inline constexpr const char *pgApplicationName = "trendscope";

/// Keywords and values as PQconnectStartParams() takes them with expand_dbname, files and
/// environment read.
///
/// Errors: NotFound, System, Invalid. They never have the connection text in them, which may hold a
/// password.
Result<std::vector<std::pair<std::string, std::string>>>
pgParameters(const config::PostgresConnectionSettings &settings);

} // namespace trendscope::exporter
