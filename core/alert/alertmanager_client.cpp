#include "core/alert/alertmanager_client.h"

#include "core/alert/decode.h"
#include "core/net/http.h"

namespace trendscope::alert {

using namespace Qt::StringLiterals;

namespace {

template <class T>
Result<T> read(Result<net::HttpResponse> response, const QString &server,
               Result<T> (*decode)(QByteArray))
{
    if (!response)
        return tl::unexpected(std::move(response.error()));
    if (response->status < 200 || response->status >= 300)
        return tl::unexpected(net::statusError(*response, server));
    Result<T> value = decode(std::move(response->body));
    if (!value)
        value.error().message = server.toStdString() + ": " + value.error().message;
    return value;
}

template <class T>
net::Request ask(QNetworkAccessManager &network, const prom::Endpoint &endpoint,
                 const QString &path, Result<T> (*decode)(QByteArray),
                 AlertmanagerClient::Callback<T> done)
{
    net::HttpRequest request;
    request.url = net::urlBelow(endpoint.url, path);
    request.headers = endpoint.headers;
    request.server = net::serverName(u"Alertmanager"_s, endpoint.url);
    request.timeout = endpoint.timeout;
    return net::send(network, request,
                     [server = request.server, decode,
                      done = std::move(done)](Result<net::HttpResponse> response) {
                         done(read<T>(std::move(response), server, decode));
                     });
}

} // namespace

AlertmanagerClient::AlertmanagerClient(QNetworkAccessManager &network, prom::Endpoint endpoint)
    : m_network(network)
    , m_endpoint(std::move(endpoint))
{
}

net::Request AlertmanagerClient::alerts(Callback<std::vector<Alert>> done)
{
    return ask<std::vector<Alert>>(m_network, m_endpoint, u"api/v2/alerts"_s, &decodeAlerts,
                                   std::move(done));
}

net::Request AlertmanagerClient::status(Callback<Status> done)
{
    return ask<Status>(m_network, m_endpoint, u"api/v2/status"_s, &decodeStatus, std::move(done));
}

} // namespace trendscope::alert
