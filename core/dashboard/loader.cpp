#include "core/dashboard/loader.h"

#include "core/dashboard/interval.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>

#include <algorithm>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

constexpr int columns = 24;
constexpr qint64 maximumFileSize = 64 * 1024 * 1024;

Error invalid(const QString &file, const QString &reason)
{
    return {Error::Kind::Invalid, u"%1: %2"_s.arg(file, reason).toStdString(), {}};
}

/// "file:line:column", counted from 1, of a byte offset.
QString placeOf(const QString &file, const QByteArray &text, qsizetype offset)
{
    const QByteArrayView before = QByteArrayView(text).first(std::min(offset, text.size()));
    const qsizetype line = before.count('\n') + 1;
    const qsizetype column = before.size() - (before.lastIndexOf('\n') + 1) + 1;
    return u"%1:%2:%3"_s.arg(file).arg(line).arg(column);
}

int intOf(const QJsonValue &value, int fallback, int low, int high)
{
    return static_cast<int>(std::clamp(value.toDouble(fallback), double(low), double(high)));
}

GridPos gridPosOf(const QJsonObject &json)
{
    GridPos pos;
    pos.w = intOf(json["w"_L1], pos.w, 1, columns);
    pos.x = intOf(json["x"_L1], pos.x, 0, columns - pos.w);
    pos.y = intOf(json["y"_L1], pos.y, 0, 1'000'000);
    pos.h = intOf(json["h"_L1], pos.h, 1, 1'000);
    return pos;
}

PanelQuery queryOf(const QJsonObject &json, std::size_t index)
{
    PanelQuery query;
    query.refId = json["refId"_L1].toString();
    if (query.refId.isEmpty())
        query.refId = QString(QChar(u'A' + static_cast<char16_t>(index % 26)));
    query.expr = json["expr"_L1].toString().trimmed();
    query.legendFormat = json["legendFormat"_L1].toString();
    query.interval = json["interval"_L1].toString();
    query.intervalFactor = intOf(json["intervalFactor"_L1], 1, 1, 1'000);
    query.isInstant = json["instant"_L1].toBool();
    query.isRange = json["range"_L1].toBool() || !query.isInstant;
    query.isHidden = json["hide"_L1].toBool();
    return query;
}

Panel panelOf(const QJsonObject &json)
{
    Panel panel;
    panel.id = intOf(json["id"_L1], 0, 0, std::numeric_limits<int>::max());
    panel.type = json["type"_L1].toString(u"timeseries"_s);
    panel.title = json["title"_L1].toString();
    panel.description = json["description"_L1].toString();
    panel.gridPos = gridPosOf(json["gridPos"_L1].toObject());
    for (const QJsonValue target : json["targets"_L1].toArray())
        panel.queries.push_back(queryOf(target.toObject(), panel.queries.size()));
    const QJsonObject fieldConfig = json["fieldConfig"_L1].toObject();
    panel.fieldConfig = {fieldConfig["defaults"_L1].toObject(),
                         fieldConfig["overrides"_L1].toArray()};
    panel.options = json["options"_L1].toObject();
    panel.interval = json["interval"_L1].toString();
    panel.maxDataPoints = intOf(json["maxDataPoints"_L1], 0, 0, 100'000);
    panel.timeFrom = json["timeFrom"_L1].toString();
    panel.timeShift = json["timeShift"_L1].toString();
    panel.isTransparent = json["transparent"_L1].toBool();
    panel.isCollapsed = json["collapsed"_L1].toBool();
    for (const QJsonValue child : json["panels"_L1].toArray())
        panel.children.push_back(panelOf(child.toObject()));
    return panel;
}

QStringList stringsOf(const QJsonValue &value)
{
    if (!value.isArray())
        return value.isNull() || value.isUndefined() ? QStringList()
                                                     : QStringList(value.toVariant().toString());
    QStringList strings;
    for (const QJsonValue item : value.toArray())
        strings << item.toVariant().toString();
    return strings;
}

Variable variableOf(const QJsonObject &json)
{
    Variable variable;
    variable.name = json["name"_L1].toString();
    variable.type = json["type"_L1].toString();
    variable.allValue = json["allValue"_L1].toString();
    variable.isMulti = json["multi"_L1].toBool() || json["includeAll"_L1].toBool();
    for (const QJsonValue option : json["options"_L1].toArray()) {
        const QString value = option["value"_L1].toVariant().toString();
        if (value != "$__all"_L1)
            variable.options << value;
    }
    variable.values = stringsOf(json["current"_L1].toObject()["value"_L1]);
    if (variable.values.isEmpty()
        && (variable.type == "constant"_L1 || variable.type == "textbox"_L1))
        variable.values = stringsOf(json["query"_L1]);
    if (variable.values.isEmpty() && !variable.options.isEmpty())
        variable.values = {variable.options.first()};
    return variable;
}

Crosshair crosshairOf(const QJsonValue &value)
{
    const int number = value.isBool() ? int(value.toBool()) : value.toInt();
    return number == 1 ? Crosshair::Shared
        : number == 2  ? Crosshair::SharedTooltip
                       : Crosshair::Off;
}

Dashboard dashboardOf(const QJsonObject &json, const QString &file)
{
    Dashboard dashboard;
    dashboard.file = file;
    dashboard.uid = json["uid"_L1].toString();
    if (dashboard.uid.isEmpty())
        dashboard.uid = QFileInfo(file).completeBaseName();
    dashboard.title = json["title"_L1].toString(dashboard.uid);
    dashboard.description = json["description"_L1].toString();
    dashboard.tags = stringsOf(json["tags"_L1]);
    const QJsonObject time = json["time"_L1].toObject();
    dashboard.from = time["from"_L1].toString(dashboard.from);
    dashboard.to = time["to"_L1].toString(dashboard.to);
    dashboard.timezone = json["timezone"_L1].toString();
    dashboard.refresh =
        durationOf(json["refresh"_L1].toString()).value_or(std::chrono::milliseconds(0));
    dashboard.crosshair = crosshairOf(json["graphTooltip"_L1]);
    for (const QJsonValue panel : json["panels"_L1].toArray())
        dashboard.panels.push_back(panelOf(panel.toObject()));
    for (const QJsonValue variable : json["templating"_L1].toObject()["list"_L1].toArray())
        dashboard.variables.push_back(variableOf(variable.toObject()));
    return dashboard;
}

QStringList filesOf(const QString &path)
{
    const QDir folder(path);
    if (!QFileInfo(path).isDir())
        return {path};
    QStringList files;
    for (const QString &name :
         folder.entryList({u"*.json"_s}, QDir::Files | QDir::Readable, QDir::Name))
        files << folder.filePath(name);
    return files;
}

} // namespace

Result<Dashboard> parseDashboard(const QByteArray &json, const QString &file)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError)
        return tl::unexpected(invalid(placeOf(file, json, problem.offset),
                                      u"not valid JSON: %1"_s.arg(problem.errorString())));
    QJsonObject root = document.object();
    if (root["dashboard"_L1].isObject())
        root = root["dashboard"_L1].toObject();
    if (!root["panels"_L1].isArray() && root["rows"_L1].isArray())
        return tl::unexpected(invalid(
            file,
            u"holds its panels in \"rows\", as Grafana 4 and earlier did; open and save it in a newer Grafana"_s));
    if (!root["panels"_L1].isArray())
        return tl::unexpected(
            invalid(file, u"not a Grafana dashboard: it has no list \"panels\""_s));
    return dashboardOf(root, file);
}

Result<Dashboard> loadDashboard(const QString &name)
{
    QFile file(name);
    if (!file.exists())
        return tl::unexpected(
            Error{Error::Kind::NotFound, u"%1: no such file"_s.arg(name).toStdString(), {}});
    if (!file.open(QIODevice::ReadOnly))
        return tl::unexpected(Error{
            Error::Kind::System, u"%1: %2"_s.arg(name, file.errorString()).toStdString(), {}});
    if (file.size() > maximumFileSize)
        return tl::unexpected(invalid(name, u"larger than 64 MiB"_s));
    return parseDashboard(file.readAll(), name);
}

const Dashboard *Library::find(const QString &name) const
{
    const auto by = [&](auto &&matches) -> const Dashboard * {
        const auto it = std::ranges::find_if(dashboards, matches);
        return it == dashboards.end() ? nullptr : &*it;
    };
    if (const auto *match = by([&](const Dashboard &d) { return d.uid == name; }))
        return match;
    if (const auto *match = by([&](const Dashboard &d) {
            const QFileInfo file(d.file);
            return file.fileName() == name || file.completeBaseName() == name;
        }))
        return match;
    return by([&](const Dashboard &d) { return d.title.compare(name, Qt::CaseInsensitive) == 0; });
}

Library loadLibrary(const QStringList &paths)
{
    Library library;
    for (const QString &path : paths) {
        const QStringList files = filesOf(path);
        if (files.isEmpty())
            library.problems.push_back(
                {Error::Kind::NotFound, u"%1: holds no .json file"_s.arg(path).toStdString(), {}});
        for (const QString &file : files) {
            auto dashboard = loadDashboard(file);
            if (!dashboard) {
                library.problems.push_back(std::move(dashboard.error()));
                continue;
            }
            const auto same =
                std::ranges::find(library.dashboards, dashboard->uid, &Dashboard::uid);
            if (same != library.dashboards.end()) {
                library.problems.push_back(
                    invalid(file, u"has the uid \"%1\" of %2"_s.arg(dashboard->uid, same->file)));
                continue;
            }
            library.dashboards.push_back(*std::move(dashboard));
        }
    }
    return library;
}

} // namespace trendscope::dashboard
