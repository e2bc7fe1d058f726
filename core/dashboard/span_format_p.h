#pragma once

#include "core/dashboard/value_format.h"

namespace trendscope::dashboard {

/// A length of time in the unit that suits it. `unit` is what `value` is in: ns, µs, ms, s, m, h or
/// d.
FormattedValue formatSpan(double value, const QString &unit, std::optional<int> decimals);

} // namespace trendscope::dashboard
