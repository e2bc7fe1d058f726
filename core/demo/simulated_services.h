#pragma once

#include "core/demo/platform.h"
#include "core/exporter/http/server.h"
#include "core/result.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>

namespace trendscope::demo {

/// The simulated platform as a network sees it: three servers with /metrics on free loopback ports,
/// and a log file. In an outage the API's server really is gone, and comes back on its port.
class SimulatedServices final : public QObject {
    Q_OBJECT

public:
    /// History runs from `begin` to `demoStart`. Errors: System (ports, log file).
    static Result<std::unique_ptr<SimulatedServices>> start(Timestamp begin, Timestamp demoStart,
                                                            const QString &logFile);

    /// host:port of each /metrics.
    QString apiAddress() const { return m_apiAddress; }
    QString celeryAddress() const { return addressOf(*m_celeryServer); }
    QString postgresAddress() const { return addressOf(*m_postgresServer); }

    /// For making the history, before goLive().
    Platform &platform() { return m_platform; }

    /// From now on the platform follows the real clock and logs. At 50 MB the log goes to
    /// `<logFile>.1`, in the place of what was there, and begins anew.
    void goLive();

private:
    SimulatedServices(Timestamp begin, Timestamp demoStart, const QString &logFile);
    Result<void> listen();
    Result<void> listenAsApi(const exporter::ListenAddress &address);
    void follow();
    void rotateLog();
    static QString addressOf(const exporter::HttpServer &server);

    const QString m_logFile;
    std::unique_ptr<observability::Logging> m_logging; ///< never null
    Platform m_platform;
    // After what their handlers read, so that they end before it.
    std::unique_ptr<exporter::HttpServer> m_apiServer; ///< null during an outage
    std::unique_ptr<exporter::HttpServer> m_celeryServer;
    std::unique_ptr<exporter::HttpServer> m_postgresServer;
    QString m_apiAddress;
    std::uint16_t m_apiPort = 0;
    QTimer m_tick;
};

} // namespace trendscope::demo
