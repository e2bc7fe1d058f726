#include "core/exporter/postgres/statement_logging.h"

namespace trendscope::exporter {

StatementLogging::Coverage StatementLogging::coverage() const
{
    if (!isKnown || isEachDuration || minDuration == 0 || (minSample == 0 && statementRate >= 1)
        || transactionRate >= 1)
        return Coverage::All;
    if ((minSample == 0 && statementRate > 0) || transactionRate > 0)
        return Coverage::Sampled;
    return minDuration > 0 || (minSample > 0 && statementRate > 0) ? Coverage::Slow
                                                                   : Coverage::None;
}

double StatementLogging::probability(double seconds) const
{
    // check_log_duration() in PostgreSQL's src/backend/tcop/postgres.c
    if (!isKnown || isEachDuration || (minDuration >= 0 && seconds >= minDuration))
        return 1;
    const double ofStatements = minSample >= 0 && seconds >= minSample ? statementRate : 0;
    return 1 - (1 - ofStatements) * (1 - transactionRate);
}

} // namespace trendscope::exporter
