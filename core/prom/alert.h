#pragma once

#include "core/prom/series.h"

namespace trendscope::prom {

/// An alert as Prometheus holds it: an alerting rule whose expression has a result.
/// https://prometheus.io/docs/prometheus/latest/querying/api/#alerts
struct Alert {
    enum class State { Pending, Firing };

    Labels labels;      ///< with alertname; as hostile as any label
    Labels annotations; ///< expanded templates: summary, description, runbook_url, action
    State state = State::Pending;
    Timestamp activeAt; ///< since when the expression holds; pending and firing alike
    QString value;      ///< the expression's value as Prometheus prints it
};

} // namespace trendscope::prom
