#pragma once

#include <QMap>
#include <QString>
#include <QStringList>

#include <chrono>

namespace trendscope::alert {

/// An alert as Alertmanager holds it. Its labels are those of the prom::Alert plus Prometheus'
/// external labels, unless the user's relabelling changed them.
/// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (gettableAlert)
struct Alert {
    enum class State {
        Unprocessed, ///< received, not routed yet
        Active,      ///< notifications are sent
        Suppressed,  ///< silenced or inhibited
    };

    QMap<QString, QString> labels; ///< as hostile as any label
    State state = State::Unprocessed;
    QStringList silencedBy;  ///< ids of silences
    QStringList inhibitedBy; ///< fingerprints of the alerts that inhibit it
    std::chrono::sys_time<std::chrono::milliseconds> startsAt;
};

} // namespace trendscope::alert
