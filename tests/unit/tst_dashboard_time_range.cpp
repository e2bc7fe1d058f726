#include "core/dashboard/time_range.h"
#include "support/grafana_vectors.h"

#include <QDateTime>
#include <QTest>

using namespace trendscope;
using namespace trendscope::dashboard;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

prom::Timestamp at(const QString &iso)
{
    return prom::Timestamp(std::chrono::milliseconds(
        QDateTime::fromString(iso, Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

QString textOf(const Result<prom::Timestamp> &time)
{
    if (!time)
        return QString::fromStdString(time.error().message);
    return QDateTime::fromMSecsSinceEpoch(time->time_since_epoch().count(), Qt::UTC)
        .toString(Qt::ISODateWithMs);
}

const QString wednesday = u"2024-05-15T13:14:15.678Z"_s;

} // namespace

class TestDashboardTimeRange : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsTimes_data();
    void readsTimes();
    void roundsInTheZoneAcrossClockChanges();
    void refusesWhatIsNoTime_data();
    void refusesWhatIsNoTime();
    void resolvesARange();
    void refusesARangeThatEndsBeforeItStarts();
    void keepsAFixedRangeToTheMillisecond();
    void writesWhatAPickerShows_data();
    void writesWhatAPickerShows();
    void knowsZonesByName();
    void agreesWithGrafanasDateMathematics();
    void agreesWithGrafanasRangeTexts();
};

void TestDashboardTimeRange::readsTimes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");

    const auto row = [](const char *text, const char *from, const char *to = nullptr) {
        QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(from)
                            << QString::fromLatin1(to ? to : from);
    };
    row("now", "2024-05-15T13:14:15.678Z");
    row("now-6h", "2024-05-15T07:14:15.678Z");
    row("now-h", "2024-05-15T12:14:15.678Z");
    row("now+1M", "2024-06-15T13:14:15.678Z");
    row("now/d", "2024-05-15T00:00:00.000Z", "2024-05-15T23:59:59.999Z");
    row("now/w", "2024-05-12T00:00:00.000Z", "2024-05-18T23:59:59.999Z");
    row("now/Q", "2024-04-01T00:00:00.000Z", "2024-06-30T23:59:59.999Z");
    row("now-1d/d", "2024-05-14T00:00:00.000Z", "2024-05-14T23:59:59.999Z");
    row("now-1y/y+2h", "2023-01-01T02:00:00.000Z", "2024-01-01T01:59:59.999Z");
    row("2024-01-31T12:00:00Z", "2024-01-31T12:00:00.000Z");
    row("2024-01-31T12:00:00+02:00", "2024-01-31T10:00:00.000Z");
    row("2024-01-31 12:00:00", "2024-01-31T12:00:00.000Z");
    row("2024-01-31", "2024-01-31T00:00:00.000Z");
    row("1700000000123", "2023-11-14T22:13:20.123Z");
    row("  now-1s ", "2024-05-15T13:14:14.678Z");
}

void TestDashboardTimeRange::readsTimes()
{
    QFETCH(QString, text);

    QTEST(textOf(parseTime(text, at(wednesday), Edge::From, QTimeZone::utc())), "from");
    QTEST(textOf(parseTime(text, at(wednesday), Edge::To, QTimeZone::utc())), "to");
}

void TestDashboardTimeRange::roundsInTheZoneAcrossClockChanges()
{
    const QTimeZone berlin("Europe/Berlin");
    const auto now = at(u"2024-03-31T15:00:00Z"_s); // clocks went forward at 01:00 UTC

    QCOMPARE(textOf(parseTime(u"now/d"_s, now, Edge::From, berlin)), u"2024-03-30T23:00:00.000Z"_s);
    QCOMPARE(textOf(parseTime(u"now/d"_s, now, Edge::To, berlin)), u"2024-03-31T21:59:59.999Z"_s);
    QCOMPARE(textOf(parseTime(u"now-24h"_s, now, Edge::From, berlin)),
             u"2024-03-30T15:00:00.000Z"_s);
    QCOMPARE(textOf(parseTime(u"2024-07-01T12:00:00"_s, now, Edge::From, berlin)),
             u"2024-07-01T10:00:00.000Z"_s);
}

void TestDashboardTimeRange::refusesWhatIsNoTime_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text :
         {"", "nowish", "now-", "now-5", "now--1h", "now-1.5h", "now-1h30m", "now-1x", "now/",
          "now-123456h", "tomorrow", "2024-13-01T00:00:00Z", "<b>now</b>", "99999999999999999999"})
        QTest::addRow("'%s'", text) << QString::fromLatin1(text);
}

void TestDashboardTimeRange::refusesWhatIsNoTime()
{
    QFETCH(QString, text);

    const auto time = parseTime(text, at(wednesday), Edge::From, QTimeZone::utc());

    QVERIFY2(!time, qPrintable(textOf(time)));
    QCOMPARE(time.error().kind, Error::Kind::Invalid);
    QVERIFY(QString::fromStdString(time.error().message).contains(text));
}

void TestDashboardTimeRange::resolvesARange()
{
    const auto range = resolve({u"now-1h"_s, u"now"_s}, at(wednesday), QTimeZone::utc());

    QVERIFY(range);
    QCOMPARE(range->end, at(wednesday));
    QCOMPARE(range->span(), std::chrono::milliseconds(1h));
    QVERIFY(TimeRange().isRelative());
    QVERIFY(!fixedRange(range->start, range->end).isRelative());
}

void TestDashboardTimeRange::refusesARangeThatEndsBeforeItStarts()
{
    for (const TimeRange &range :
         {TimeRange{u"now"_s, u"now-1h"_s}, TimeRange{u"now"_s, u"now"_s}}) {
        const auto resolved = resolve(range, at(wednesday), QTimeZone::utc());
        QVERIFY(!resolved);
        QCOMPARE(resolved.error().kind, Error::Kind::Invalid);
    }
    QVERIFY(!resolve({u"nonsense"_s, u"now"_s}, at(wednesday), QTimeZone::utc()));
    QVERIFY(!resolve({u"now-1h"_s, u"nonsense"_s}, at(wednesday), QTimeZone::utc()));
}

void TestDashboardTimeRange::keepsAFixedRangeToTheMillisecond()
{
    const AbsoluteRange range{at(u"2024-05-15T13:14:15.678Z"_s), at(u"2024-05-15T13:14:15.679Z"_s)};

    const auto resolved =
        resolve(fixedRange(range.start, range.end), at(wednesday), QTimeZone("Asia/Kolkata"));

    QVERIFY(resolved);
    QCOMPARE(*resolved, range);
}

void TestDashboardTimeRange::writesWhatAPickerShows_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("text");

    const auto row = [](const QString &from, const QString &to, const QString &text) {
        QTest::addRow("%s", qPrintable(text)) << from << to << text;
    };
    row(u"now-6h"_s, u"now"_s, u"Last 6 hours"_s);
    row(u"now-1d"_s, u"now"_s, u"Last 1 day"_s);
    row(u"now"_s, u"now+2w"_s, u"Next 2 weeks"_s);
    row(u"now/d"_s, u"now"_s, u"Today so far"_s);
    row(u"now-1M/M"_s, u"now-1M/M"_s, u"Previous month"_s);
    row(u"now-1h"_s, u"now-10m"_s, u"now-1h to now-10m"_s);
    row(u"1700000000000"_s, u"1700003600000"_s, u"2023-11-14 22:13:20 to 2023-11-14 23:13:20"_s);
}

void TestDashboardTimeRange::writesWhatAPickerShows()
{
    QFETCH(QString, from);
    QFETCH(QString, to);

    QTEST(rangeText({from, to}, QTimeZone::utc()), "text");
}

void TestDashboardTimeRange::knowsZonesByName()
{
    QCOMPARE(zoneOf(u"utc"_s), QTimeZone::utc());
    QCOMPARE(zoneOf(u"UTC"_s), QTimeZone::utc());
    QCOMPARE(zoneOf(u"Asia/Tokyo"_s).id(), "Asia/Tokyo"_ba);
    for (const QString &name : {u""_s, u"browser"_s, u"default"_s, u"Mars/Olympus"_s, u"EST5\nX"_s})
        QCOMPARE(zoneOf(name), QTimeZone::systemTimeZone());
}

void TestDashboardTimeRange::agreesWithGrafanasDateMathematics()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"date_math.json"_s);
    QVERIFY(!cases.isEmpty());

    QStringList wrong;
    for (const QJsonValue entry : cases) {
        const QString text = entry["expr"_L1].toString();
        bool isNumber = false;
        text.toLongLong(&isNumber);
        if (isNumber || text.contains(u"fy") || text.contains(u"fQ"))
            continue; // milliseconds are read as dashboards write them; fiscal years are not known
        const prom::Timestamp now{std::chrono::milliseconds(entry["now"_L1].toInteger())};
        const auto time = parseTime(text, now, entry["roundUp"_L1].toBool() ? Edge::To : Edge::From,
                                    QTimeZone::utc());
        const bool agrees = entry["result"_L1].isNull()
            ? !time
            : time && time->time_since_epoch().count() == entry["result"_L1].toInteger();
        if (!agrees)
            wrong << textOf(time) + u" for "_s + test::caseText(entry.toObject());
    }

    QVERIFY(test::allAgree(wrong));
}

void TestDashboardTimeRange::agreesWithGrafanasRangeTexts()
{
    NEEDS_GRAFANA_VECTORS();
    const QJsonArray cases = test::vectorCases(u"range_texts.json"_s);
    QVERIFY(!cases.isEmpty());

    for (const QJsonValue entry : cases)
        QCOMPARE(
            rangeText({entry["from"_L1].toString(), entry["to"_L1].toString()}, QTimeZone::utc()),
            entry["text"_L1].toString());
}

QTEST_GUILESS_MAIN(TestDashboardTimeRange)

#include "tst_dashboard_time_range.moc"
