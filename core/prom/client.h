#pragma once

#include "core/net/request.h"
#include "core/prom/alert.h"
#include "core/prom/scrape_target.h"
#include "core/prom/series.h"
#include "core/result.h"

#include <QByteArray>
#include <QList>
#include <QUrl>

#include <chrono>
#include <functional>
#include <utility>

class QNetworkAccessManager;

namespace trendscope::prom {

/// Where a server is and what it wants to hear: works for Prometheus, Thanos, Mimir and
/// VictoriaMetrics alike.
struct Endpoint {
    QUrl url; ///< root with an optional path prefix; user info becomes basic auth
    QList<std::pair<QByteArray, QByteArray>>
        headers; ///< sent with every request, e.g. X-Scope-OrgID
    std::chrono::milliseconds timeout{
        30'000}; ///< without a byte; a whole answer may take four times as long
};

/// The version that a server reports.
struct BuildInfo {
    QString version;
};

/// Queries one Prometheus server over its HTTP API, v1.
///
/// Single-threaded: call it, and be called back, in the thread of `network`. Each callback runs
/// once, from the event loop, unless the returned request is destroyed first. Errors: the server's
/// own, Unauthorized, BadResponse, Network, and Timeout after the endpoint's timeout without a
/// byte. https://prometheus.io/docs/prometheus/latest/querying/api/
class Client {
public:
    template <class T>
    using Callback = std::function<void(Result<T>)>;

    /// `network` must outlive the client.
    Client(QNetworkAccessManager &network, Endpoint endpoint);

    const Endpoint &endpoint() const { return m_endpoint; }

    net::Request query(const InstantQuery &query, Callback<Answer> done);
    net::Request queryRange(const RangeQuery &query, Callback<Answer> done);
    net::Request alerts(Callback<std::vector<Alert>> done);
    net::Request targets(Callback<std::vector<ScrapeTarget>> done);
    net::Request buildInfo(Callback<BuildInfo> done);
    net::Request labelNames(Callback<QStringList> done);

    /// The values of `label` among the series that `match` selects (a series selector, may be
    /// empty) within the range.
    net::Request labelValues(const QString &label, const QString &match, Timestamp start,
                             Timestamp end, Callback<QStringList> done);

private:
    QNetworkAccessManager &m_network;
    Endpoint m_endpoint;
};

} // namespace trendscope::prom
