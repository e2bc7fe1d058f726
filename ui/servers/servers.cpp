#include "ui/servers/servers.h"

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

Error invalid(const QString &message)
{
    return {Error::Kind::Invalid, message.toStdString(), {}};
}

Result<QUrl> urlOf(const std::string &text, const QString &option)
{
    const QUrl url(QString::fromStdString(text), QUrl::StrictMode);
    const bool isHttp = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
    if (!url.isValid() || !isHttp || url.host().isEmpty())
        return tl::unexpected(
            invalid(u"%1: \"%2\" is no http(s) address such as http://localhost:9090"_s.arg(
                option, QString::fromStdString(text))));
    return url;
}

} // namespace

Result<prom::Endpoint> prometheusOf(const Servers &servers)
{
    return urlOf(servers.prometheus, u"--prometheus"_s).map([&](const QUrl &url) {
        prom::Endpoint endpoint{url, {}};
        for (const auto &[name, value] : servers.headers)
            endpoint.headers.append(
                {QByteArray::fromStdString(name), QByteArray::fromStdString(value)});
        return endpoint;
    });
}

Result<prom::Endpoint> alertmanagerOf(const Servers &servers)
{
    if (servers.alertmanager.empty())
        return prom::Endpoint{};
    return urlOf(servers.alertmanager, u"--alertmanager"_s).map([](const QUrl &url) {
        return prom::Endpoint{url, {}};
    });
}

QStringList stringsOf(const std::vector<std::string> &strings)
{
    QStringList list;
    for (const std::string &string : strings)
        list << QString::fromStdString(string);
    return list;
}

} // namespace trendscope::ui
