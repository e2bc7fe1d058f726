#pragma once

#include "core/alert/alert.h"
#include "core/prom/alert.h"

#include <vector>

namespace trendscope::alert {

/// Why an alert that fires sends no notification.
enum class Suppression { None, Silenced, Inhibited };

/// What Alertmanager does with each of Prometheus' alerts: `result[i]` belongs to `alerts[i]`.
///
/// The two know the same alert by different labels, as Prometheus adds its external labels on the
/// way. Each of Alertmanager's alerts stands for the one of `alerts` that has most of its labels
/// and none that it lacks.
std::vector<Suppression> suppressionsOf(const std::vector<prom::Alert> &alerts,
                                        const std::vector<Alert> &managed);

} // namespace trendscope::alert
