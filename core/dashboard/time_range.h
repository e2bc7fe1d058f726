#pragma once

#include "core/prom/series.h"
#include "core/result.h"

#include <QString>
#include <QTimeZone>

namespace trendscope::dashboard {

/// A range as a dashboard or a person writes it: "now-6h" to "now", ISO dates, or milliseconds
/// since the epoch.
struct TimeRange {
    QString from = QStringLiteral("now-6h");
    QString to = QStringLiteral("now");

    bool operator==(const TimeRange &) const = default;
    bool isRelative() const { return from.contains(u"now") || to.contains(u"now"); }
};

/// The same as two instants; start < end.
struct AbsoluteRange {
    prom::Timestamp start;
    prom::Timestamp end;

    bool operator==(const AbsoluteRange &) const = default;
    std::chrono::milliseconds span() const { return end - start; }
};

enum class Edge { From, To };

/// Grafana's date mathematics: `now`, then ±N units and /unit roundings from left to right (s m h d
/// w M Q y), or an ISO date, or milliseconds since the epoch. A rounding takes Edge::From to the
/// unit's start and Edge::To to its last ms; weeks start on Sunday. Errors: Invalid, naming the
/// text.
Result<prom::Timestamp> parseTime(const QString &text, prom::Timestamp now, Edge edge,
                                  const QTimeZone &zone);

/// Errors: those of parseTime, and Invalid for a range that ends before it starts.
Result<AbsoluteRange> resolve(const TimeRange &range, prom::Timestamp now, const QTimeZone &zone);

TimeRange fixedRange(prom::Timestamp start, prom::Timestamp end);

/// What a picker shows: "Last 6 hours", "Today so far", or both ends.
QString rangeText(const TimeRange &range, const QTimeZone &zone);

/// "browser" and "" are the system's zone, "utc" in any case is UTC, other names are those of the
/// zone database. Errors: Invalid, for a name that is not among them.
Result<QTimeZone> zoneNamed(const QString &timezone);

/// The same for a dashboard's own setting, where a name that is not known is the system's zone.
QTimeZone zoneOf(const QString &timezone);

} // namespace trendscope::dashboard
