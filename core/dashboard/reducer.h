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

/// Whether the result is in the unit of the values; counts and percentages are not.
bool keepsUnit(const QString &calculation);

} // namespace trendscope::dashboard
