#pragma once

#include "core/alert/alertmanager_client.h"
#include "core/alert/suppression.h"
#include "core/net/poll.h"
#include "core/prom/client.h"

#include <QObject>

#include <optional>
#include <vector>

namespace trendscope::alert {

/// Knows what fires: asks Prometheus for its alerts, and Alertmanager which of them are silenced or
/// inhibited.
///
/// An outage keeps the last good alerts and says so; it never looks like "nothing fires". Lives in
/// one thread.
class Monitor final : public QObject {
    Q_OBJECT

public:
    enum class State {
        Loading, ///< no answer yet
        Ready,   ///< the last question was answered
        Failed,  ///< the last question failed; alerts() are the last good ones
    };
    enum class AlertmanagerState { NotConfigured, Loading, Ready, Failed };

    struct Counts {
        int firing = 0; ///< without the Watchdog, silenced and inhibited ones
        int pending = 0;
        int silenced = 0; ///< firing, but silenced or inhibited
    };

    struct Options {
        prom::Endpoint prometheus;
        prom::Endpoint alertmanager; ///< an empty URL: there is none, nothing counts as silenced
        std::chrono::milliseconds interval{10'000};
    };

    /// `network` must outlive the monitor. Nothing is asked before start().
    Monitor(QNetworkAccessManager &network, const Options &options, QObject *parent = nullptr);

    void start();
    void stop();
    void refresh(); ///< asks now, however long the back-off has still to run

    State state() const { return m_state; }
    const Error &error() const { return m_error; } ///< valid in State::Failed
    std::optional<prom::Timestamp> lastSuccess() const { return m_lastSuccess; }
    std::chrono::milliseconds latency() const { return m_latency; } ///< of the last good answer
    const prom::Endpoint &prometheus() const { return m_prometheus.endpoint(); }

    /// Failing, and the last good answer is more than three intervals old (or there never was one).
    bool isStale() const;

    AlertmanagerState alertmanagerState() const { return m_alertmanagerState; }
    const Error &alertmanagerError() const
    {
        return m_alertmanagerError;
    } ///< valid in AlertmanagerState::Failed

    const std::vector<prom::Alert> &alerts() const
    {
        return m_alerts;
    } ///< all of Prometheus' alerts
    Suppression suppression(size_t index) const
    {
        return m_suppressions[index];
    } ///< of alerts()[index]
    bool isSnoozed(const prom::Alert &alert) const;

    /// Firing, not the Watchdog, not silenced, inhibited or snoozed: worst first, then oldest
    /// first.
    std::vector<prom::Alert> bannerAlerts() const;
    Counts counts() const;

    /// Leaves the alert with these labels out of bannerAlerts() for `span`, in this program only.
    void snooze(const prom::Labels &labels, std::chrono::milliseconds span);

Q_SIGNALS:
    void changed(); ///< anything of the above

private:
    struct Snooze {
        prom::Labels labels;
        prom::Timestamp end;
    };

    void askPrometheus();
    void takeAlerts(Result<std::vector<prom::Alert>> answer, std::chrono::milliseconds latency);
    void askAlertmanager();
    void takeManaged(Result<std::vector<Alert>> answer);
    bool knowsSilences() const;
    void update();

    prom::Client m_prometheus;
    AlertmanagerClient m_alertmanager;
    net::Poll m_prometheusPoll;
    net::Poll m_alertmanagerPoll;
    net::Request m_prometheusRequest;
    net::Request m_alertmanagerRequest;

    State m_state = State::Loading;
    Error m_error{};
    std::optional<prom::Timestamp> m_lastSuccess;
    std::chrono::milliseconds m_latency{};
    std::vector<prom::Alert> m_alerts;

    AlertmanagerState m_alertmanagerState;
    Error m_alertmanagerError{};
    std::optional<prom::Timestamp> m_lastManaged;
    std::vector<Alert> m_managed;

    std::vector<Suppression> m_suppressions; ///< one for each of m_alerts
    std::vector<Snooze> m_snoozes;
};

} // namespace trendscope::alert
