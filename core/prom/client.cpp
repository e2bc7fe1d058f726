#include "core/prom/client.h"

#include "core/net/http.h"
#include "core/prom/decode.h"

namespace trendscope::prom {

using namespace Qt::StringLiterals;
using Parameters = QList<std::pair<QString, QString>>;

namespace {

QString seconds(std::chrono::milliseconds span)
{
    return QString::number(static_cast<double>(span.count()) / 1000.0, 'f', 3);
}

QString seconds(Timestamp time)
{
    return seconds(time.time_since_epoch());
}

QByteArray formOf(const Parameters &parameters)
{
    QByteArray form;
    for (const auto &[name, value] : parameters) {
        if (!form.isEmpty())
            form += '&';
        form += name.toLatin1() + '=' + QUrl::toPercentEncoding(value);
    }
    return form;
}

Error named(Error error, const QString &server)
{
    if (error.kind == Error::Kind::BadResponse)
        error.message = server.toStdString() + ": " + error.message;
    return error;
}

bool isServersOwn(const Error &error)
{
    return error.kind != Error::Kind::BadResponse;
}

/// 4xx and 5xx answers may carry the server's own reason; a gateway's HTML page does not.
template <class T>
Result<T> read(Result<net::HttpResponse> response, const QString &server,
               Result<T> (*decode)(QByteArray))
{
    if (!response)
        return tl::unexpected(std::move(response.error()));
    const int status = response->status;
    const bool wantsCredentials = status == 401 || status == 403;
    if (status >= 200 && status < 300) {
        Result<T> value = decode(std::move(response->body));
        return value ? std::move(value) : Result<T>(tl::unexpected(named(value.error(), server)));
    }
    if (!wantsCredentials) {
        const Result<T> value = decode(response->body);
        if (!value && isServersOwn(value.error()))
            return tl::unexpected(value.error());
    }
    return tl::unexpected(net::statusError(*response, server));
}

template <class T>
struct Call {
    QString path; ///< below the server's root
    Parameters parameters;
    net::HttpRequest::Method method;
    Result<T> (*decode)(QByteArray);
    Client::Callback<T> done;
};

template <class T>
net::Request send(QNetworkAccessManager &network, const Endpoint &endpoint, Call<T> call)
{
    net::HttpRequest request;
    request.method = call.method;
    request.url = net::urlBelow(endpoint.url, call.path);
    request.parameters = formOf(call.parameters);
    request.headers = endpoint.headers;
    request.server = net::serverName(u"Prometheus"_s, endpoint.url);
    request.timeout = endpoint.timeout;
    return net::send(network, request,
                     [server = request.server, decode = call.decode,
                      done = std::move(call.done)](Result<net::HttpResponse> response) {
                         done(read<T>(std::move(response), server, decode));
                     });
}

constexpr auto get = net::HttpRequest::Method::Get;
constexpr auto postOrGet = net::HttpRequest::Method::PostOrGet;

} // namespace

Client::Client(QNetworkAccessManager &network, Endpoint endpoint)
    : m_network(network)
    , m_endpoint(std::move(endpoint))
{
}

net::Request Client::query(const InstantQuery &query, Callback<Answer> done)
{
    const Parameters parameters{{u"query"_s, query.expr}, {u"time"_s, seconds(query.time)}};
    return send<Answer>(m_network, m_endpoint,
                        {u"api/v1/query"_s, parameters, postOrGet, &decodeAnswer, std::move(done)});
}

net::Request Client::queryRange(const RangeQuery &query, Callback<Answer> done)
{
    const Parameters parameters{{u"query"_s, query.expr},
                                {u"start"_s, seconds(query.start)},
                                {u"end"_s, seconds(query.end)},
                                {u"step"_s, seconds(query.step)}};
    return send<Answer>(
        m_network, m_endpoint,
        {u"api/v1/query_range"_s, parameters, postOrGet, &decodeAnswer, std::move(done)});
}

net::Request Client::alerts(Callback<std::vector<Alert>> done)
{
    return send<std::vector<Alert>>(m_network, m_endpoint,
                                    {u"api/v1/alerts"_s, {}, get, &decodeAlerts, std::move(done)});
}

net::Request Client::targets(Callback<std::vector<ScrapeTarget>> done)
{
    const Parameters parameters{{u"state"_s, u"active"_s}};
    return send<std::vector<ScrapeTarget>>(
        m_network, m_endpoint,
        {u"api/v1/targets"_s, parameters, get, &decodeTargets, std::move(done)});
}

net::Request Client::buildInfo(Callback<BuildInfo> done)
{
    return send<BuildInfo>(
        m_network, m_endpoint,
        {u"api/v1/status/buildinfo"_s, {}, get, &decodeBuildInfo, std::move(done)});
}

net::Request Client::labelNames(Callback<QStringList> done)
{
    return send<QStringList>(m_network, m_endpoint,
                             {u"api/v1/labels"_s, {}, get, &decodeTextList, std::move(done)});
}

net::Request Client::labelValues(const QString &label, const QString &match, Timestamp start,
                                 Timestamp end, Callback<QStringList> done)
{
    Parameters parameters{{u"start"_s, seconds(start)}, {u"end"_s, seconds(end)}};
    if (!match.isEmpty())
        parameters.append({u"match[]"_s, match});
    const QString path =
        u"api/v1/label/"_s + QString::fromLatin1(QUrl::toPercentEncoding(label)) + u"/values"_s;
    return send<QStringList>(m_network, m_endpoint,
                             {path, parameters, get, &decodeTextList, std::move(done)});
}

} // namespace trendscope::prom
