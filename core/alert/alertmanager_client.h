#pragma once

#include "core/alert/alert.h"
#include "core/net/request.h"
#include "core/prom/client.h"
#include "core/result.h"

#include <functional>
#include <vector>

class QNetworkAccessManager;

namespace trendscope::alert {

/// Asks one Alertmanager over its API, v2.
///
/// Single-threaded: call it, and be called back, in the thread of `network`. Each callback runs
/// once, from the event loop, unless the returned request is destroyed first. Errors: Unauthorized,
/// Unavailable, BadResponse, Network, Timeout.
class AlertmanagerClient {
public:
    template <class T>
    using Callback = std::function<void(Result<T>)>;

    /// What /api/v2/status tells.
    struct Status {
        QString version;
    };

    /// `network` must outlive the client.
    AlertmanagerClient(QNetworkAccessManager &network, prom::Endpoint endpoint);

    const prom::Endpoint &endpoint() const { return m_endpoint; }

    /// All alerts that it holds: active, silenced, inhibited and unprocessed ones.
    net::Request alerts(Callback<std::vector<Alert>> done);
    net::Request status(Callback<Status> done);

private:
    QNetworkAccessManager &m_network;
    prom::Endpoint m_endpoint;
};

} // namespace trendscope::alert
