#pragma once

#include "core/demo/child_process.h"
#include "core/demo/demo_directory.h"
#include "core/demo/simulated_services.h"
#include "core/result.h"

#include <QObject>
#include <QThread>
#include <QTimer>
#include <QUrl>

#include <memory>
#include <stop_token>

namespace trendscope::demo {

struct DemoSettings {
    QString program;        ///< path of the trendscope binary, for the exporter
    QString shareDirectory; ///< has config/alerts/ and config/alertmanager.yml
    std::chrono::hours history{24};
};

/// The whole system on this machine: the simulated platform, the exporter, and a real Alertmanager
/// and Prometheus with backfilled history as child processes on free loopback ports.
///
/// Lives in the thread that made it, which must run an event loop and outlive it; nothing there
/// blocks for long, stop() aside. Whatever way this process ends, no child process stays. Its
/// directory is removed at the end, or by the next demo when this one is killed.
class Demo final : public QObject {
    Q_OBJECT

public:
    explicit Demo(DemoSettings settings, QObject *parent = nullptr);
    /// Stops.
    ~Demo() override;

    /// Returns at once; then ready() or failed() follows. Call it once.
    void start();

    /// Ends everything in order and waits for it; no signal follows. May be called at any time, and
    /// again.
    void stop();

    // Valid from ready() to stop().
    QUrl prometheusUrl() const { return m_prometheusUrl; }
    QUrl alertmanagerUrl() const { return m_alertmanagerUrl; }
    QString logFile() const; ///< the simulated services', one JSON record a line

Q_SIGNALS:
    /// What is being waited for now, in words for the user.
    void progressed(const QString &text);
    void ready();
    /// It could not start, or a child process ended later on. What still runs keeps running until
    /// stop().
    void failed(const trendscope::Error &error);

private:
    Result<void> prepare();
    Result<void> checkPrograms() const;
    Result<void> startExporter();
    Result<void> startAlertmanager();
    Result<void> startPrometheus();
    void startHistory();
    void finishHistory(const Result<void> &result);
    void continueWhenReady();
    void readPrometheusLine(const QByteArray &line);
    void watch(const ChildProcess &child) const;
    void fail(const Error &error);
    QString sharePath(const QString &name) const;

    const DemoSettings m_settings;
    Timestamp m_demoStart;
    std::unique_ptr<DemoDirectory> m_directory;
    std::unique_ptr<SimulatedServices> m_services;

    // In the order in which they stop.
    std::unique_ptr<ChildProcess> m_prometheus;
    std::unique_ptr<ChildProcess> m_alertmanager;
    std::unique_ptr<ChildProcess> m_exporter;

    std::unique_ptr<QThread> m_historyThread;
    std::stop_source m_historyStop;
    bool m_hasHistory = false;

    QTimer m_patience;
    QString m_exporterAddress; ///< empty until it listens
    QString m_alertmanagerAddress;
    QUrl m_prometheusUrl;
    QUrl m_alertmanagerUrl;
    bool m_isReady = false;
    bool m_hasFailed = false;
};

} // namespace trendscope::demo
