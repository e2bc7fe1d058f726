#include "core/alert/monitor.h"

#include "core/alert/severity.h"
#include "core/prom/now.h"

#include <QTimer>

#include <algorithm>

namespace trendscope::alert {
namespace {

/// Alerts are a small answer that is always at hand: later than this it is an outage, whatever
/// queries may take.
constexpr std::chrono::milliseconds longestWait{10'000};
constexpr int intervalsUntilStale = 3;

prom::Endpoint impatient(prom::Endpoint endpoint)
{
    endpoint.timeout = std::min(endpoint.timeout, longestWait);
    return endpoint;
}

/// Worst first, then oldest first, then by labels so that the order never flickers.
bool isMoreUrgent(const prom::Alert &left, const prom::Alert &right)
{
    const Severity leftSeverity = severityOf(left);
    const Severity rightSeverity = severityOf(right);
    if (leftSeverity != rightSeverity)
        return leftSeverity < rightSeverity;
    if (left.activeAt != right.activeAt)
        return left.activeAt < right.activeAt;
    return std::lexicographical_compare(left.labels.begin(), left.labels.end(),
                                        right.labels.begin(), right.labels.end());
}

} // namespace

Monitor::Monitor(QNetworkAccessManager &network, const Options &options, QObject *parent)
    : QObject(parent)
    , m_prometheus(network, impatient(options.prometheus))
    , m_alertmanager(network, impatient(options.alertmanager))
    , m_prometheusPoll(options.interval, [this] { askPrometheus(); })
    , m_alertmanagerPoll(options.interval, [this] { askAlertmanager(); })
    , m_alertmanagerState(options.alertmanager.url.isEmpty() ? AlertmanagerState::NotConfigured
                                                             : AlertmanagerState::Loading)
{
}

void Monitor::start()
{
    m_prometheusPoll.start();
    if (m_alertmanagerState != AlertmanagerState::NotConfigured)
        m_alertmanagerPoll.start();
}

void Monitor::stop()
{
    m_prometheusPoll.stop();
    m_alertmanagerPoll.stop();
    m_prometheusRequest = {};
    m_alertmanagerRequest = {};
}

void Monitor::refresh()
{
    stop();
    start();
}

bool Monitor::isStale() const
{
    if (m_state != State::Failed)
        return false;
    return !m_lastSuccess
        || prom::now() - *m_lastSuccess > intervalsUntilStale * m_prometheusPoll.interval();
}

bool Monitor::isSnoozed(const prom::Alert &alert) const
{
    return std::any_of(m_snoozes.begin(), m_snoozes.end(),
                       [&alert, time = prom::now()](const Snooze &snooze) {
                           return time < snooze.end && snooze.labels == alert.labels;
                       });
}

std::vector<prom::Alert> Monitor::bannerAlerts() const
{
    std::vector<prom::Alert> banners;
    for (size_t i = 0; i < m_alerts.size(); ++i) {
        const prom::Alert &alert = m_alerts[i];
        if (alert.state == prom::Alert::State::Firing && m_suppressions[i] == Suppression::None
            && !isWatchdog(alert) && !isSnoozed(alert))
            banners.push_back(alert);
    }
    std::sort(banners.begin(), banners.end(), isMoreUrgent);
    return banners;
}

Monitor::Counts Monitor::counts() const
{
    Counts counts;
    for (size_t i = 0; i < m_alerts.size(); ++i) {
        if (m_alerts[i].state == prom::Alert::State::Pending)
            ++counts.pending;
        else if (m_suppressions[i] != Suppression::None)
            ++counts.silenced;
        else if (!isWatchdog(m_alerts[i]))
            ++counts.firing;
    }
    return counts;
}

void Monitor::snooze(const prom::Labels &labels, std::chrono::milliseconds span)
{
    m_snoozes.push_back({labels, prom::now() + span});
    QTimer::singleShot(span, this, [this] {
        std::erase_if(m_snoozes,
                      [time = prom::now()](const Snooze &snooze) { return snooze.end <= time; });
        Q_EMIT changed();
    });
    Q_EMIT changed();
}

void Monitor::askPrometheus()
{
    const auto asked = std::chrono::steady_clock::now();
    m_prometheusRequest =
        m_prometheus.alerts([this, asked](Result<std::vector<prom::Alert>> answer) {
            const auto latency = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - asked);
            takeAlerts(std::move(answer), latency);
        });
}

void Monitor::takeAlerts(Result<std::vector<prom::Alert>> answer, std::chrono::milliseconds latency)
{
    if (answer) {
        m_state = State::Ready;
        m_alerts = std::move(*answer);
        m_lastSuccess = prom::now();
        m_latency = latency;
        m_prometheusPoll.succeeded();
    } else {
        m_state = State::Failed;
        m_error = std::move(answer.error());
        m_prometheusPoll.failed();
    }
    update();
}

void Monitor::askAlertmanager()
{
    m_alertmanagerRequest = m_alertmanager.alerts(
        [this](Result<std::vector<Alert>> answer) { takeManaged(std::move(answer)); });
}

void Monitor::takeManaged(Result<std::vector<Alert>> answer)
{
    if (answer) {
        m_alertmanagerState = AlertmanagerState::Ready;
        m_managed = std::move(*answer);
        m_lastManaged = prom::now();
        m_alertmanagerPoll.succeeded();
    } else {
        m_alertmanagerState = AlertmanagerState::Failed;
        m_alertmanagerError = std::move(answer.error());
        m_alertmanagerPoll.failed();
    }
    update();
}

/// A silence of which nobody has heard for a while must not go on hiding an alert.
bool Monitor::knowsSilences() const
{
    return m_lastManaged
        && (m_alertmanagerState == AlertmanagerState::Ready
            || prom::now() - *m_lastManaged <= intervalsUntilStale * m_alertmanagerPoll.interval());
}

void Monitor::update()
{
    m_suppressions = suppressionsOf(m_alerts, knowsSilences() ? m_managed : std::vector<Alert>());
    Q_EMIT changed();
}

} // namespace trendscope::alert
