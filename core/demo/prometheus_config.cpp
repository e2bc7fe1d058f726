#include "core/demo/prometheus_config.h"

#include "core/demo/services.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace trendscope::demo {
namespace {

using namespace Qt::StringLiterals;

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

/// A target under the instance label that its history has; Prometheus sets its own only where there
/// is none.
QJsonObject targetGroup(const Service &service, const QString &address)
{
    return {{u"targets"_s, QJsonArray{address}},
            {u"labels"_s, QJsonObject{{u"instance"_s, text(service.instance)}}}};
}

QJsonObject staticJob(const Service &service, const QString &address)
{
    return {{u"job_name"_s, text(service.job)},
            {u"static_configs"_s, QJsonArray{targetGroup(service, address)}}};
}

QJsonObject fileJob(const Service &service, const QString &file)
{
    const QJsonObject discovery{{u"files"_s, QJsonArray{file}}, {u"refresh_interval"_s, u"5s"_s}};
    return {{u"job_name"_s, text(service.job)}, {u"file_sd_configs"_s, QJsonArray{discovery}}};
}

} // namespace

QByteArray prometheusConfig(const PrometheusSettings &settings)
{
    const QJsonObject alertmanagers{
        {u"static_configs"_s,
         QJsonArray{QJsonObject{{u"targets"_s, QJsonArray{settings.alertmanagerAddress}}}}}};
    const QJsonObject config{
        {u"global"_s,
         QJsonObject{{u"scrape_interval"_s, u"5s"_s}, {u"evaluation_interval"_s, u"5s"_s}}},
        {u"rule_files"_s, QJsonArray{settings.rulesDirectory + u"/*.yml"_s}},
        {u"alerting"_s, QJsonObject{{u"alertmanagers"_s, QJsonArray{alertmanagers}}}},
        {u"scrape_configs"_s,
         QJsonArray{fileJob(prometheusService, settings.selfTargetsFile),
                    staticJob(alertmanagerService, settings.alertmanagerAddress),
                    staticJob(apiService, settings.apiAddress),
                    staticJob(celeryService, settings.celeryAddress),
                    staticJob(postgresService, settings.postgresAddress),
                    staticJob(exporterService, settings.exporterAddress)}}};
    return QJsonDocument(config).toJson(); // JSON is YAML, and quotes any path
}

QByteArray selfTargets(const QString &address)
{
    return QJsonDocument(QJsonArray{targetGroup(prometheusService, address)}).toJson();
}

} // namespace trendscope::demo
