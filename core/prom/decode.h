#pragma once

#include "core/prom/alert.h"
#include "core/prom/client.h"
#include "core/prom/scrape_target.h"
#include "core/prom/series.h"
#include "core/result.h"

/// Bodies of the HTTP API, v1, into values. Pure functions, safe on any input.
///
/// Errors: the server's own where the body is `{"status":"error", …}`; else BadResponse with a
/// message that starts with "the answer", which has no server in it yet.
namespace trendscope::prom {

/// A matrix, vector, scalar or string. Native histograms are left out. BadResponse where the times
/// of a series do not ascend or a sample's value is no number.
Result<Answer> decodeAnswer(QByteArray body);

Result<std::vector<Alert>> decodeAlerts(QByteArray body);

/// A target that was never scraped has lastScrape at the epoch.
Result<std::vector<ScrapeTarget>> decodeTargets(QByteArray body);

Result<BuildInfo> decodeBuildInfo(QByteArray body);

/// Names of labels, or values of one.
Result<QStringList> decodeTextList(QByteArray body);

/// "15s", "1h30m", "500ms": a duration as Prometheus prints it. 0 for anything else.
std::chrono::milliseconds decodeDuration(QStringView text);

} // namespace trendscope::prom
