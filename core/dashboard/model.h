#pragma once

#include "core/dashboard/field_config.h"

#include <QJsonObject>
#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>
#include <vector>

/// A Grafana dashboard as values:
/// https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
namespace trendscope::dashboard {

/// A panel's place: 24 columns; a row is 30 px high and 8 px from the next.
struct GridPos {
    int x = 0; ///< 0–23
    int y = 0;
    int w = 12; ///< 1–24
    int h = 8;
};

/// One query of a panel (an entry of its `targets`).
struct PanelQuery {
    QString refId{};
    QString expr{};
    QString legendFormat{}; ///< "{{label}}" text, "__auto" or empty
    QString interval{};     ///< smallest step, such as "1m"; may be a variable; empty: none
    int intervalFactor = 1;
    bool isInstant = false;
    bool isHidden = false;
    bool isRange = true;
};

enum class LegendMode { Hidden, List, Table };

struct Panel {
    int id = 0;
    QString type; ///< "timeseries", "stat", "gauge", "row", …
    QString title;
    QString description;
    GridPos gridPos;
    std::vector<PanelQuery> queries;
    FieldConfigSource fieldConfig;
    QJsonObject options;   ///< of the panel type, as in the file
    QString interval;      ///< smallest step of all its queries; empty: the scrape interval
    int maxDataPoints = 0; ///< 0: the panel's width in pixels
    QString timeFrom;      ///< replaces the dashboard's range by now−timeFrom … now
    QString timeShift;     ///< moves the range back
    bool isTransparent = false;
    bool isCollapsed = false;    ///< of a row
    std::vector<Panel> children; ///< panels of a collapsed row
};

/// A variable with the value that was saved with the dashboard.
struct Variable {
    QString name;
    QString type;         ///< "query", "custom", "datasource", …
    QStringList values;   ///< the selected values; {"$__all"} for All
    QString allValue;     ///< what All stands for; empty: every option
    QStringList options;  ///< as saved
    bool isMulti = false; ///< several values or All are possible, so values are regex-escaped
};

enum class Crosshair { Off, Shared, SharedTooltip };

struct Dashboard {
    QString uid; ///< the file's base name where the file has none
    QString title;
    QString description;
    QStringList tags;
    QString from = QStringLiteral("now-6h");
    QString to = QStringLiteral("now");
    QString timezone;                    ///< "browser", "utc", "" or an IANA name
    std::chrono::milliseconds refresh{}; ///< 0: off
    Crosshair crosshair = Crosshair::Off;
    std::vector<Panel> panels; ///< in the order of the file, rows among them
    std::vector<Variable> variables;
    QString file; ///< where it was read from
};

} // namespace trendscope::dashboard
