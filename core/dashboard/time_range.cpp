#include "core/dashboard/time_range.h"

#include <QDateTime>
#include <QHash>
#include <QRegularExpression>

#include <array>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;

Error invalid(const QString &message)
{
    return {Error::Kind::Invalid, message.toStdString(), {}};
}

prom::Timestamp timestampOf(const QDateTime &time)
{
    return prom::Timestamp(std::chrono::milliseconds(time.toMSecsSinceEpoch()));
}

QDateTime dateTimeOf(prom::Timestamp time, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), zone);
}

QDateTime moved(const QDateTime &time, int count, QChar unit)
{
    switch (unit.unicode()) {
    case u's':
        return time.addSecs(count);
    case u'm':
        return time.addSecs(60LL * count);
    case u'h':
        return time.addSecs(3600LL * count);
    case u'd':
        return time.addDays(count);
    case u'w':
        return time.addDays(7LL * count);
    case u'M':
        return time.addMonths(count);
    case u'Q':
        return time.addMonths(3 * count);
    default:
        return time.addYears(count);
    }
}

QDateTime startOf(const QDateTime &time, QChar unit)
{
    const QDate day = time.date();
    const QTime clock = time.time();
    switch (unit.unicode()) {
    case u's':
        return time.addMSecs(-clock.msec());
    case u'm':
        return time.addMSecs(-(clock.msecsSinceStartOfDay() % 60'000));
    case u'h':
        return time.addMSecs(-(clock.msecsSinceStartOfDay() % 3'600'000));
    case u'd':
        return day.startOfDay(time.timeZone());
    case u'w':
        return day.addDays(-(day.dayOfWeek() % 7)).startOfDay(time.timeZone());
    case u'M':
        return QDate(day.year(), day.month(), 1).startOfDay(time.timeZone());
    case u'Q':
        return QDate(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).startOfDay(time.timeZone());
    default:
        return QDate(day.year(), 1, 1).startOfDay(time.timeZone());
    }
}

/// Applies "-1d/d+2h" to `time`; nothing when the text is not of that form.
std::optional<QDateTime> withMathematics(QDateTime time, const QString &text, Edge edge)
{
    static const QRegularExpression pattern(u"([+-])(\\d{0,5})([smhdwMQy])|/([smhdwMQy])"_s);
    qsizetype at = 0;
    while (at < text.size()) {
        const auto match = pattern.match(text, at, QRegularExpression::NormalMatch,
                                         QRegularExpression::AnchorAtOffsetMatchOption);
        if (!match.hasMatch())
            return {};
        if (match.hasCaptured(4)) {
            const QChar unit = match.captured(4).at(0);
            time = edge == Edge::From ? startOf(time, unit)
                                      : moved(startOf(time, unit), 1, unit).addMSecs(-1);
        } else {
            const int count = match.capturedLength(2) > 0 ? match.captured(2).toInt() : 1;
            time = moved(time, match.captured(1) == u"-" ? -count : count, match.captured(3).at(0));
        }
        at = match.capturedEnd();
    }
    return time;
}

} // namespace

Result<prom::Timestamp> parseTime(const QString &text, prom::Timestamp now, Edge edge,
                                  const QTimeZone &zone)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith("now"_L1)) {
        if (const auto time = withMathematics(dateTimeOf(now, zone), trimmed.sliced(3), edge))
            return timestampOf(*time);
    }
    bool isNumber = false;
    if (const qint64 ms = trimmed.toLongLong(&isNumber);
        isNumber && qAbs(ms) < 8'640'000'000'000'000)
        return prom::Timestamp(std::chrono::milliseconds(ms));
    if (QDateTime time = QDateTime::fromString(trimmed, Qt::ISODateWithMs); time.isValid()) {
        if (time.timeSpec() == Qt::LocalTime)
            time = QDateTime(time.date(), time.time(), zone);
        return timestampOf(time);
    }
    return tl::unexpected(invalid(
        u"\"%1\" is no time: write now-6h, now/d, 2024-01-31T12:00:00Z or milliseconds"_s.arg(
            trimmed)));
}

Result<AbsoluteRange> resolve(const TimeRange &range, prom::Timestamp now, const QTimeZone &zone)
{
    const auto start = parseTime(range.from, now, Edge::From, zone);
    if (!start)
        return tl::unexpected(start.error());
    const auto end = parseTime(range.to, now, Edge::To, zone);
    if (!end)
        return tl::unexpected(end.error());
    if (*start >= *end)
        return tl::unexpected(
            invalid(u"the range from %1 to %2 ends before it starts"_s.arg(range.from, range.to)));
    return AbsoluteRange{*start, *end};
}

TimeRange fixedRange(prom::Timestamp start, prom::Timestamp end)
{
    return {QString::number(start.time_since_epoch().count()),
            QString::number(end.time_since_epoch().count())};
}

QString rangeText(const TimeRange &range, const QTimeZone &zone)
{
    static const QHash<QChar, QString> unitNames{
        {u's', u"second"_s}, {u'm', u"minute"_s}, {u'h', u"hour"_s},    {u'd', u"day"_s},
        {u'w', u"week"_s},   {u'M', u"month"_s},  {u'Q', u"quarter"_s}, {u'y', u"year"_s}};
    static const QHash<QString, QString> named{{u"now/d now/d"_s, u"Today"_s},
                                               {u"now/d now"_s, u"Today so far"_s},
                                               {u"now/w now/w"_s, u"This week"_s},
                                               {u"now/w now"_s, u"This week so far"_s},
                                               {u"now/M now/M"_s, u"This month"_s},
                                               {u"now/M now"_s, u"This month so far"_s},
                                               {u"now/y now/y"_s, u"This year"_s},
                                               {u"now/y now"_s, u"This year so far"_s},
                                               {u"now-1d/d now-1d/d"_s, u"Yesterday"_s},
                                               {u"now-1w/w now-1w/w"_s, u"Previous week"_s},
                                               {u"now-1M/M now-1M/M"_s, u"Previous month"_s},
                                               {u"now-1y/y now-1y/y"_s, u"Previous year"_s}};
    if (const QString name = named.value(range.from + u' ' + range.to); !name.isEmpty())
        return name;
    static const QRegularExpression relative(u"^now([+-])(\\d+)([smhdwMQy])$"_s);
    const auto past = relative.match(range.to == "now"_L1 ? range.from : QString());
    const auto future = relative.match(range.from == "now"_L1 ? range.to : QString());
    const auto &match = past.hasMatch() ? past : future;
    if (match.hasMatch()) {
        const QString count = match.captured(2);
        const QString unit = unitNames.value(match.captured(3).at(0));
        return u"%1 %2 %3%4"_s.arg(past.hasMatch() ? u"Last"_s : u"Next"_s, count, unit,
                                   count == u"1" ? QString() : u"s"_s);
    }
    const auto endText = [&](const QString &text) {
        bool isNumber = false;
        const qint64 ms = text.toLongLong(&isNumber);
        return isNumber ? QDateTime::fromMSecsSinceEpoch(ms, zone).toString(u"yyyy-MM-dd HH:mm:ss")
                        : text;
    };
    return endText(range.from) + u" to "_s + endText(range.to);
}

Result<QTimeZone> zoneNamed(const QString &timezone)
{
    if (timezone.compare("utc"_L1, Qt::CaseInsensitive) == 0)
        return QTimeZone::utc();
    if (timezone.isEmpty() || timezone == "browser"_L1 || timezone == "default"_L1)
        return QTimeZone::systemTimeZone();
    // QTimeZone takes any word for a POSIX zone; only names of the zone database are meant.
    const QByteArray id = timezone.toLatin1();
    if (!QTimeZone::isTimeZoneIdAvailable(id))
        return tl::unexpected(invalid(
            u"--timezone: \"%1\" is no time zone; write browser, utc or a name such as Europe/Berlin"_s
                .arg(timezone)));
    return QTimeZone(id);
}

QTimeZone zoneOf(const QString &timezone)
{
    return zoneNamed(timezone).value_or(QTimeZone::systemTimeZone());
}

} // namespace trendscope::dashboard
