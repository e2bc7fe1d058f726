#pragma once

#include "core/prom/alert.h"

namespace trendscope::alert {

/// How bad an alert is, worst first, from its label `severity`.
enum class Severity { Critical, Warning, Info, None };

/// "page" and "error" count as critical, "warn" as warning; None where there is no such label or
/// another word in it.
Severity severityOf(const prom::Alert &alert);

/// "CRITICAL", "WARNING", "INFO"; for None the label's own text in capitals, or "ALERT".
QString severityWord(const prom::Alert &alert);

/// Always firing by design, to prove that alerts get through: not something to act upon.
bool isWatchdog(const prom::Alert &alert);

QString nameOf(const prom::Alert &alert); ///< the label alertname
QString summaryOf(
    const prom::Alert &alert); ///< annotation summary, else message, else description; may be empty

/// annotation runbook_url where it is an http or https address with a host, else empty
QString runbookOf(const prom::Alert &alert);

} // namespace trendscope::alert
