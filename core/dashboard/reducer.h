#pragma once

#include <QString>

#include <span>

namespace trendscope::dashboard {

/// One number for a series, by Grafana's calculation id: lastNotNull, last, firstNotNull, first,
/// min, max, mean, sum, count, range, diff, delta, … and their old names (current, avg, total). NaN
/// stands for null, in values and result alike; an id that is not known gives lastNotNull.
double reduce(std::span<const double> values, const QString &calculation);

/// The heading of a legend column: "Last *", "Mean", "Total".
QString calculationTitle(const QString &calculation);

/// The unit of the result for values in `unit`: a count has none, a percentage its own.
QString unitOf(const QString &calculation, const QString &unit);

} // namespace trendscope::dashboard
