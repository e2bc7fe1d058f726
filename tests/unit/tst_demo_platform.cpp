#include "core/demo/platform.h"

#include <QTest>

#include <cmath>
#include <map>
#include <sstream>

using namespace trendscope::demo;
using namespace std::chrono_literals;
using trendscope::observability::Metrics;

namespace {

const Timestamp demoStart = std::chrono::sys_days(std::chrono::March / 14 / 2024) + 15h;

/// The sum of all samples whose line begins with `prefix` and contains `part`.
double total(const Metrics &metrics, const std::string &prefix, const std::string &part = {})
{
    std::istringstream lines(metrics.expose());
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind(prefix, 0) == 0 && line.find(part) != line.npos)
            sum += std::stod(line.substr(line.rfind(' ')));
    }
    return sum;
}

/// What was counted between two times, as the share of 5xx among the requests.
double errorShare(Platform &platform, Timestamp from, Timestamp to)
{
    platform.advanceTo(from);
    const double failedBefore = total(platform.api(), "api_requests_total", "status_code=\"500\"");
    const double before = total(platform.api(), "api_requests_total");
    platform.advanceTo(to);
    return (total(platform.api(), "api_requests_total", "status_code=\"500\"") - failedBefore)
        / (total(platform.api(), "api_requests_total") - before);
}

} // namespace

class TestDemoPlatform : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void repeatsItselfForTheSameSeed();
    void differsForAnotherSeed();
    void isBusierInTheAfternoonThanAtNight();
    void servesAboutAHundredRequestsASecondAtPeak();
    void failsRarelyWithoutAnIncident();
    void failsOftenInTheErrorIncident();
    void pilesUpTasksInTheBacklogIncident();
    void keepsTheProcessorsBusyInTheCpuIncident();
    void answersNothingWhileTheApiIsDown();
    void reportsPostgresDownWhileItIs();
    void fitsTheFirstOutageIntoThreeMinutes();
    void takesTurnsWithTheOutages();
    void staysBelowEveryAlertsLimitOnAQuietDay();
};

void TestDemoPlatform::repeatsItselfForTheSameSeed()
{
    Platform one(7, demoStart - 1h, demoStart);
    Platform other(7, demoStart - 1h, demoStart);

    one.advanceTo(demoStart);
    other.advanceTo(demoStart);

    QCOMPARE(one.api().expose(), other.api().expose());
    QCOMPARE(one.celery().expose(), other.celery().expose());
    QCOMPARE(one.host().expose(), other.host().expose());
    QVERIFY(total(one.api(), "api_requests_total") > 0);
}

void TestDemoPlatform::differsForAnotherSeed()
{
    Platform one(7, demoStart - 1h, demoStart);
    Platform other(8, demoStart - 1h, demoStart);

    one.advanceTo(demoStart);
    other.advanceTo(demoStart);

    QVERIFY(one.api().expose() != other.api().expose());
}

void TestDemoPlatform::isBusierInTheAfternoonThanAtNight()
{
    const auto midnight = std::chrono::floor<std::chrono::days>(demoStart);
    for (int minute = 0; minute < 24 * 60; ++minute) {
        const double rhythm = dailyRhythm(midnight + std::chrono::minutes(minute));
        QVERIFY(rhythm >= 0.29 && rhythm <= 1);
    }
    QVERIFY(dailyRhythm(midnight + 14h) > 2.5 * dailyRhythm(midnight + 3h));
}

void TestDemoPlatform::servesAboutAHundredRequestsASecondAtPeak()
{
    Platform platform(1, demoStart - 1h, demoStart + 24h);
    platform.advanceTo(demoStart);

    const double perSecond = total(platform.api(), "api_requests_total") / 3600;
    const double averageSeconds = total(platform.api(), "api_request_duration_seconds_sum")
        / total(platform.api(), "api_request_duration_seconds_count");

    QVERIFY2(perSecond > 90 && perSecond < 160, qPrintable(QString::number(perSecond)));
    QVERIFY2(averageSeconds > 0.02 && averageSeconds < 0.15,
             qPrintable(QString::number(averageSeconds)));
}

void TestDemoPlatform::failsRarelyWithoutAnIncident()
{
    Platform platform(1, demoStart - 2h, demoStart);
    const double share = errorShare(platform, demoStart - 1h, demoStart);
    QVERIFY2(share > 0.002 && share < 0.01, qPrintable(QString::number(share)));
}

void TestDemoPlatform::failsOftenInTheErrorIncident()
{
    Platform platform(1, demoStart - 5h, demoStart);
    const double share = errorShare(platform, demoStart - 4h + 10min, demoStart - 4h + 30min);
    QVERIFY2(share > 0.06 && share < 0.085, qPrintable(QString::number(share)));
}

void TestDemoPlatform::pilesUpTasksInTheBacklogIncident()
{
    Platform platform(1, demoStart - 10h, demoStart);

    platform.advanceTo(demoStart - 9h);
    const double before = total(platform.celery(), "celery_queue_length{queue_name=\"celery\"");
    platform.advanceTo(demoStart - 9h + 40min);
    const double during = total(platform.celery(), "celery_queue_length{queue_name=\"celery\"");
    platform.advanceTo(demoStart - 7h);
    const double after = total(platform.celery(), "celery_queue_length{queue_name=\"celery\"");

    QVERIFY(before < 200);
    QVERIFY(during > 1000);
    QVERIFY(after < 200);
}

void TestDemoPlatform::keepsTheProcessorsBusyInTheCpuIncident()
{
    Platform platform(1, demoStart - 3h, demoStart);
    platform.advanceTo(demoStart - 100min);
    QVERIFY(total(platform.host(), "system_cpu_usage_percent") > 80);
    platform.advanceTo(demoStart);
    QVERIFY(total(platform.host(), "system_cpu_usage_percent") < 80);
}

void TestDemoPlatform::answersNothingWhileTheApiIsDown()
{
    Platform platform(1, demoStart - 1min, demoStart);

    platform.advanceTo(demoStart + 45s);
    QVERIFY(!platform.isApiUp());
    const double atItsBegin = total(platform.api(), "api_requests_total");
    platform.advanceTo(demoStart + 190s);

    QVERIFY(!platform.isApiUp());
    QCOMPARE(total(platform.api(), "api_requests_total"), atItsBegin);
    platform.advanceTo(demoStart + 200s);
    QVERIFY(platform.isApiUp());
    QVERIFY(total(platform.api(), "api_requests_total") > atItsBegin);
}

void TestDemoPlatform::reportsPostgresDownWhileItIs()
{
    Platform platform(1, demoStart - 1min, demoStart);

    platform.advanceTo(demoStart + 9min);
    QCOMPARE(total(platform.postgres(), "pg_up"), 1.0);
    platform.advanceTo(demoStart + 11min);
    QCOMPARE(total(platform.postgres(), "pg_up"), 0.0);
    platform.advanceTo(demoStart + 14min);
    QCOMPARE(total(platform.postgres(), "pg_up"), 1.0);
}

void TestDemoPlatform::fitsTheFirstOutageIntoThreeMinutes()
{
    const Incidents incidents(demoStart);
    int downSeconds = 0;
    for (auto time = demoStart; time < demoStart + 3min; time += 1s)
        downSeconds += incidents.isUnderWay(Incident::Kind::ApiDown, time) ? 1 : 0;

    // The rule's minute, and a scrape and an evaluation of 5 s each on either side of it.
    QVERIFY(downSeconds >= 60 + 4 * 5);
    QVERIFY(!incidents.isUnderWay(Incident::Kind::ApiDown, demoStart + 30s));
}

void TestDemoPlatform::takesTurnsWithTheOutages()
{
    const Incidents incidents(demoStart);
    QList<int> order;
    bool wasDown = false;
    for (auto time = demoStart; time < demoStart + 1h; time += 1s) {
        const bool api = incidents.isUnderWay(Incident::Kind::ApiDown, time);
        const bool postgres = incidents.isUnderWay(Incident::Kind::PostgresDown, time);
        QVERIFY(!(api && postgres));
        if ((api || postgres) && !wasDown)
            order << static_cast<int>(api ? Incident::Kind::ApiDown : Incident::Kind::PostgresDown);
        wasDown = api || postgres;
    }
    const int api = static_cast<int>(Incident::Kind::ApiDown);
    const int postgres = static_cast<int>(Incident::Kind::PostgresDown);
    QCOMPARE(order, (QList<int>{api, postgres, api, postgres, api}));
}

void TestDemoPlatform::staysBelowEveryAlertsLimitOnAQuietDay()
{
    // Two days after its demo's start lies no incident but the outages, and those are left out.
    Platform platform(3, demoStart - 24h - 15min, demoStart);
    double items = 0;
    for (auto time = demoStart - 24h; time < demoStart; time += 10min) {
        platform.advanceTo(time);
        QCOMPARE(total(platform.celery(), "celery_workers_online"), 4.0);
        QVERIFY(total(platform.celery(), "celery_oldest_running_task_seconds") < 1800);
        QVERIFY(total(platform.api(), "db_connection_pool_available") >= 3);
        QVERIFY(total(platform.host(), "system_disk_usage_percent") < 80);
        QVERIFY(total(platform.host(), "system_memory_usage_percent") < 85);
        const double collected = total(platform.api(), "items_collected_total");
        QVERIFY(collected - items > 0.1 * 600 || time == demoStart - 24h);
        items = collected;
    }
    QCOMPARE(total(platform.api(), "trendscope_bad_values_total"), 0.0);
}

QTEST_GUILESS_MAIN(TestDemoPlatform)
#include "tst_demo_platform.moc"
