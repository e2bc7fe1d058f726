#include "core/exporter/push/pushed_metrics.h"

#include <QFile>
#include <QTest>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <thread>

using namespace trendscope;
using namespace std::chrono_literals;
using exporter::GaugeMerge;
using exporter::PushedMetrics;
using exporter::PushedType;
using exporter::Refusal;

namespace {

const PushedMetrics::Clock::time_point start = PushedMetrics::Clock::now();

/// The pushed series, and those that went to the catalogue.
class Fixture {
public:
    explicit Fixture(config::PushedMetricsSettings settings = {})
        : metrics(registry, std::move(settings))
    {
    }

    Refusal push(exporter::PushedIdentity identity, exporter::PushedValue value,
                 PushedMetrics::Clock::duration after = {},
                 exporter::PushedSource source = exporter::PushedSource::Json)
    {
        PushedMetrics::Writer writer(metrics, source, start + after);
        return writer.apply(std::move(identity), value);
    }

    QByteArray text() const
    {
        const auto families = metrics.collectable()->Collect();
        return QByteArray::fromStdString(::prometheus::TextSerializer().Serialize(families));
    }
    QByteArray catalogue() const { return QByteArray::fromStdString(registry.expose()); }

    observability::Registry registry;
    PushedMetrics metrics;
};

} // namespace

class TestExporterPushedMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void addsWhatManySendersCount();
    void knowsTheWholeCatalogue();
    void sendsTheCataloguesMetricsToTheRegistry();
    void refusesCatalogueMetricsWithOtherLabelsOrTypes();
    void refusesNamesThatAreNotValidOrTaken_data();
    void refusesNamesThatAreNotValidOrTaken();
    void keepsNamesApartThatSamplesWouldShare();
    void takesNoValuesThatMakeNoSense();
    void ordersLabelsAndLeavesOutEmptyOnes();
    void refusesLabelsThatCanNotBeExposed();
    void movesGaugesUpAndDown();
    void mergesTheGaugesOfSeveralProcesses_data();
    void mergesTheGaugesOfSeveralProcesses();
    void forgetsTheGaugesOfDeadProcesses();
    void countsObservationsInBuckets();
    void estimatesQuantiles();
    void countsTheMembersOfASet();
    void endsSeriesAfterTheirTime();
    void endsSeriesWithTheirSource();
    void stopsAtTheCapAndGoesOnWhenThereIsRoom();
    void leavesNothingBehindOfWhatWasRefused();
    void takesAndExposesAtTheSameTime();
};

void TestExporterPushedMetrics::addsWhatManySendersCount()
{
    Fixture fixture;

    for (int i = 0; i < 100; ++i)
        QCOMPARE(
            fixture.push({.name = "jobs", .type = PushedType::Counter, .labels = {{"queue", "a"}}},
                         {.value = 1.5}),
            Refusal::None);

    QVERIFY(fixture.text().contains("# TYPE jobs counter\njobs{queue=\"a\"} 150"));
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
}

/// The table of what may be pushed against the golden file of what the exporter exposes.
void TestExporterPushedMetrics::knowsTheWholeCatalogue()
{
    QFile golden(QStringLiteral(SOURCE_DIR "/tests/golden/catalogue.prom"));
    QVERIFY(golden.open(QIODevice::ReadOnly));
    Fixture fixture;
    const QByteArray ours = fixture.catalogue();
    int known = 0;
    for (const QByteArray &line : golden.readAll().split('\n')) {
        if (!line.startsWith("# ") || line.contains(" system_") || line.contains(" trendscope_")
            || line.contains(" pg_up"))
            continue;
        QVERIFY2(ours.contains(line), line.constData());
        ++known;
    }
    QVERIFY(known >= 34);
}

void TestExporterPushedMetrics::sendsTheCataloguesMetricsToTheRegistry()
{
    Fixture fixture;

    fixture.push({.name = "api_requests_total",
                  .type = PushedType::Counter,
                  .labels = {{"status_code", "200"}, {"method", "GET"}, {"endpoint", "/x"}}},
                 {.value = 2});
    fixture.push({.name = "db_query_duration_seconds",
                  .type = PushedType::Summary,
                  .labels = {{"table", "items"}, {"operation", "select"}}},
                 {.value = 0.02, .count = 3});
    fixture.push({.name = "celery_workers_online", .type = PushedType::Gauge}, {.value = 4});

    const QByteArray text = fixture.catalogue();
    QVERIFY(text.contains(R"(api_requests_total{method="GET",endpoint="/x",status_code="200"} 2)"));
    QVERIFY(text.contains(
        R"(db_query_duration_seconds_bucket{operation="select",table="items",le="0.05"} 3)"));
    QVERIFY(text.contains("celery_workers_online 4"));
    QVERIFY(fixture.text().isEmpty());
}

void TestExporterPushedMetrics::refusesCatalogueMetricsWithOtherLabelsOrTypes()
{
    Fixture fixture;

    QCOMPARE(fixture.push({.name = "items_collected_total", .type = PushedType::Counter}, {}),
             Refusal::WrongLabels);
    QCOMPARE(fixture.push({.name = "items_collected_total",
                           .type = PushedType::Counter,
                           .labels = {{"source", "reddit"}, {"env", "prod"}}},
                          {}),
             Refusal::WrongLabels);
    QCOMPARE(fixture.push({.name = "items_collected_total",
                           .type = PushedType::Counter,
                           .labels = {{"sources", "reddit"}}},
                          {}),
             Refusal::WrongLabels);
    QCOMPARE(fixture.push({.name = "items_collected_total",
                           .type = PushedType::Gauge,
                           .labels = {{"source", "reddit"}}},
                          {}),
             Refusal::WrongType);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(0));
}

void TestExporterPushedMetrics::refusesNamesThatAreNotValidOrTaken_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("refusal");
    const auto row = [](const char *title, const QByteArray &name, Refusal refusal) {
        QTest::newRow(title) << name << static_cast<int>(refusal);
    };
    row("empty", "", Refusal::InvalidName);
    row("a digit first", "1x", Refusal::InvalidName);
    row("a dot", "a.b", Refusal::InvalidName);
    row("a NUL", QByteArray("a\0b", 3), Refusal::InvalidName);
    row("too long", QByteArray(201, 'a'), Refusal::InvalidName);
    row("nothing but a suffix", "_total", Refusal::InvalidName);
    row("Prometheus' own", "up", Refusal::ReservedName);
    row("Prometheus' own too", "scrape_duration_seconds", Refusal::ReservedName);
    row("the agent's", "trendscope_push_errors_total", Refusal::ReservedName);
    row("a sample of the catalogue", "api_request_duration_seconds_count", Refusal::Conflict);
    row("good", "a:b_1", Refusal::None);
}

void TestExporterPushedMetrics::refusesNamesThatAreNotValidOrTaken()
{
    QFETCH(QByteArray, name);
    QFETCH(int, refusal);
    Fixture fixture;

    QCOMPARE(static_cast<int>(fixture.push(
                 {.name = name.toStdString(), .type = PushedType::Counter}, {.value = 1})),
             refusal);
}

void TestExporterPushedMetrics::keepsNamesApartThatSamplesWouldShare()
{
    Fixture fixture;

    QCOMPARE(fixture.push({.name = "wait", .type = PushedType::Histogram}, {}), Refusal::None);
    QCOMPARE(fixture.push({.name = "wait_count", .type = PushedType::Counter}, {}),
             Refusal::Conflict);
    QCOMPARE(fixture.push({.name = "wait", .type = PushedType::Counter}, {}), Refusal::Conflict);
    QCOMPARE(fixture.push({.name = "jobs_total", .type = PushedType::Counter}, {}), Refusal::None);
    QCOMPARE(fixture.push({.name = "jobs", .type = PushedType::Gauge}, {}), Refusal::Conflict);
}

void TestExporterPushedMetrics::takesNoValuesThatMakeNoSense()
{
    Fixture fixture;
    const double infinity = std::numeric_limits<double>::infinity();
    const double nothing = std::numeric_limits<double>::quiet_NaN();

    for (const double value : {-1.0, infinity, nothing}) {
        QCOMPARE(fixture.push({.name = "c", .type = PushedType::Counter}, {.value = value}),
                 Refusal::BadValue);
        QCOMPARE(fixture.push({.name = "h", .type = PushedType::Histogram}, {.value = value}),
                 Refusal::BadValue);
    }
    QCOMPARE(fixture.push({.name = "g", .type = PushedType::Gauge}, {.value = nothing}),
             Refusal::BadValue);
    fixture.push({.name = "c", .type = PushedType::Counter}, {.value = 1e308});
    QCOMPARE(fixture.push({.name = "c", .type = PushedType::Counter}, {.value = 1e308}),
             Refusal::BadValue);

    QCOMPARE(fixture.text().count("# TYPE"), 1); // nothing begins with a value that was refused
}

void TestExporterPushedMetrics::ordersLabelsAndLeavesOutEmptyOnes()
{
    Fixture fixture;

    fixture.push({.name = "c", .type = PushedType::Counter, .labels = {{"b", "2"}, {"a", "1"}}},
                 {.value = 1});
    fixture.push({.name = "c",
                  .type = PushedType::Counter,
                  .labels = {{"a", "0"}, {"c", ""}, {"b", "2"}, {"a", "1"}}},
                 {.value = 1});

    QVERIFY(fixture.text().contains("c{a=\"1\",b=\"2\"} 2"));
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
}

void TestExporterPushedMetrics::refusesLabelsThatCanNotBeExposed()
{
    Fixture fixture;
    const auto push = [&](exporter::PushedLabels labels, PushedType type = PushedType::Counter) {
        const std::string name = type == PushedType::Counter ? "c" : "h";
        return fixture.push({.name = name, .type = type, .labels = std::move(labels)}, {});
    };

    QCOMPARE(push({{"a-b", "x"}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"__name__", "x"}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"", "x"}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"a", "\xff"}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"a", std::string("\0", 1)}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"a", std::string(2'000, 'x')}}), Refusal::InvalidLabel);
    QCOMPARE(push({{"le", "x"}}, PushedType::Histogram), Refusal::InvalidLabel);
    QCOMPARE(push({{"le", "x"}}), Refusal::None);
}

void TestExporterPushedMetrics::movesGaugesUpAndDown()
{
    Fixture fixture;
    const exporter::PushedIdentity gauge{.name = "g", .type = PushedType::Gauge};

    fixture.push(gauge, {.value = 10});
    fixture.push(gauge, {.value = 5, .isRelative = true});
    fixture.push(gauge, {.value = -7, .isRelative = true});
    QVERIFY(fixture.text().contains("\ng 8"));
    fixture.push(gauge, {.value = -3});
    QVERIFY(fixture.text().contains("\ng -3"));
}

void TestExporterPushedMetrics::mergesTheGaugesOfSeveralProcesses_data()
{
    QTest::addColumn<int>("merge");
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("sum") << static_cast<int>(GaugeMerge::Sum) << QByteArray("\ng 9");
    QTest::newRow("max") << static_cast<int>(GaugeMerge::Max) << QByteArray("\ng 5");
    QTest::newRow("min") << static_cast<int>(GaugeMerge::Min) << QByteArray("\ng 1");
    QTest::newRow("latest") << static_cast<int>(GaugeMerge::Latest) << QByteArray("\ng 3");
}

void TestExporterPushedMetrics::mergesTheGaugesOfSeveralProcesses()
{
    QFETCH(int, merge);
    QFETCH(QByteArray, line);
    Fixture fixture;
    const auto push = [&](double value, std::string_view process) {
        fixture.push({.name = "g", .type = PushedType::Gauge},
                     {.value = value, .process = process, .merge = static_cast<GaugeMerge>(merge)});
    };

    push(7, "2");
    push(1, "1");
    push(5, "2");
    push(3, "3");

    QVERIFY2(fixture.text().contains(line), fixture.text());
}

void TestExporterPushedMetrics::forgetsTheGaugesOfDeadProcesses()
{
    Fixture fixture({.processTimeout = 60s});
    const auto push = [&](std::string_view process, std::chrono::seconds after) {
        fixture.push({.name = "g", .type = PushedType::Gauge},
                     {.value = 4, .process = process, .merge = GaugeMerge::Sum}, after);
        fixture.push({.name = "celery_workers_online", .type = PushedType::Gauge},
                     {.value = 4, .process = process, .merge = GaugeMerge::Sum}, after);
    };
    push("1", 0s);
    push("2", 0s);
    QVERIFY(fixture.text().contains("\ng 8"));

    // One of them counts something else meanwhile: it is alive.
    fixture.push({.name = "c", .type = PushedType::Counter}, {.value = 1, .process = "2"}, 50s);
    fixture.metrics.expire(start + 70s);
    QVERIFY(fixture.text().contains("\ng 4"));
    QVERIFY(fixture.catalogue().contains("\ncelery_workers_online 4"));

    fixture.metrics.expire(start + 120s);
    QVERIFY(!fixture.text().contains("\ng "));
    QVERIFY(!fixture.catalogue().contains("\ncelery_workers_online "));
    QVERIFY(fixture.text().contains("\nc 1"));
}

void TestExporterPushedMetrics::countsObservationsInBuckets()
{
    Fixture fixture;
    const std::vector<double> buckets = {1, 2};
    const exporter::PushedIdentity wait{
        .name = "wait", .type = PushedType::Histogram, .help = "Waited.", .buckets = buckets};

    fixture.push(wait, {.value = 1});
    fixture.push(wait, {.value = 1.5, .count = 10});
    fixture.push(wait, {.value = 99});

    const QByteArray text = fixture.text();
    QVERIFY(text.contains("# HELP wait Waited.\n"));
    QVERIFY(text.contains("wait_bucket{le=\"1\"} 1\n"));
    QVERIFY(text.contains("wait_bucket{le=\"2\"} 11\n"));
    QVERIFY(text.contains("wait_bucket{le=\"+Inf\"} 12\n"));
    QVERIFY(text.contains("wait_sum 115"));
    QVERIFY(text.contains("wait_count 12"));
}

void TestExporterPushedMetrics::estimatesQuantiles()
{
    Fixture fixture;

    for (int i = 1; i <= 1'000; ++i)
        fixture.push({.name = "s", .type = PushedType::Summary},
                     {.value = i / 1'000.0, .count = 1'000});

    const auto families = fixture.metrics.collectable()->Collect();
    QCOMPARE(families.size(), std::size_t(1));
    const auto &summary = families[0].metric.at(0).summary;
    QCOMPARE(summary.sample_count, std::uint64_t(1'000'000));
    QCOMPARE(summary.quantile.at(0).quantile, 0.5);
    QVERIFY(std::abs(summary.quantile.at(0).value - 0.5) < 0.06);
}

void TestExporterPushedMetrics::countsTheMembersOfASet()
{
    Fixture fixture({.setWindow = 60s});
    const auto push = [&](std::string_view member, std::chrono::seconds after) {
        fixture.push({.name = "users", .type = PushedType::Set}, {.member = member}, after);
    };
    push("anna", 0s);
    push("bert", 1s);
    push("anna", 2s);
    QVERIFY(fixture.text().contains("# TYPE users gauge\nusers 2"));

    push("carl", 70s); // the first minute is over: it stays the answer until the second is
    QVERIFY(fixture.text().contains("users 2"));
    push("anna", 130s);
    QVERIFY(fixture.text().contains("users 1"));
    push("anna", 1'000s); // nothing came in the minute before
    QVERIFY(fixture.text().contains("users 0"));
}

void TestExporterPushedMetrics::endsSeriesAfterTheirTime()
{
    Fixture fixture({.timeToLive = 10min});
    fixture.push({.name = "short", .type = PushedType::Gauge, .timeToLive = 10s}, {.value = 1});
    fixture.push({.name = "long", .type = PushedType::Gauge}, {.value = 1});
    fixture.push({.name = "active_trends",
                  .type = PushedType::Gauge,
                  .labels = {{"state", "viral"}},
                  .timeToLive = 10s},
                 {.value = 1});

    fixture.metrics.expire(start + 9s);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(3));
    fixture.metrics.expire(start + 11s);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
    QVERIFY(!fixture.catalogue().contains("active_trends{"));
    fixture.metrics.expire(start + 11min);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(0));

    // The name is free again, for another type as well.
    QCOMPARE(fixture.push({.name = "short", .type = PushedType::Counter}, {.value = 1}),
             Refusal::None);
}

void TestExporterPushedMetrics::endsSeriesWithTheirSource()
{
    using exporter::PushedSource;
    Fixture fixture;
    const auto push = [&](std::string_view name, PushedSource source) {
        QCOMPARE(
            fixture.push({.name = name, .type = PushedType::Counter}, {.value = 1}, {}, source),
            Refusal::None);
    };
    push("alone", PushedSource::Statsd);
    push("both", PushedSource::Statsd);
    push("both", PushedSource::Json);
    push("other", PushedSource::Json);
    const exporter::PushedIdentity items{
        .name = "items_collected_total", .type = PushedType::Counter, .labels = {{"source", "x"}}};
    fixture.push(items, {.value = 2}, {}, PushedSource::Statsd);
    fixture.push(items, {.value = -2}, {}, PushedSource::Json); // refused: not a part of it
    QVERIFY(fixture.metrics.has("both", PushedSource::Json));
    QVERIFY(!fixture.metrics.has("alone", PushedSource::Json));

    QCOMPARE(fixture.metrics.end(PushedSource::Statsd), std::size_t(2));

    QVERIFY(!fixture.text().contains("alone"));
    QVERIFY(fixture.text().contains("\nboth 2\n"));
    QVERIFY(fixture.text().contains("\nother 1\n"));
    QVERIFY(!fixture.catalogue().contains("items_collected_total{"));
    QVERIFY(fixture.catalogue().contains(
        "trendscope_pushed_series_ended_total{reason=\"source_removed\"} 2\n"));
    QVERIFY(!fixture.metrics.has("both", PushedSource::Statsd));
    QCOMPARE(fixture.metrics.end(PushedSource::Json), std::size_t(2));
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(0));
}

void TestExporterPushedMetrics::stopsAtTheCapAndGoesOnWhenThereIsRoom()
{
    Fixture fixture({.maxSeries = 15, .maxSeriesPerMetric = 10, .timeToLive = 30s});
    const auto push = [&](std::string_view name, int i, std::chrono::seconds after = 5s) {
        return fixture.push(
            {.name = name, .type = PushedType::Counter, .labels = {{"i", std::to_string(i)}}},
            {.value = 1}, after);
    };
    for (int i = 0; i < 10; ++i)
        QCOMPARE(push("a", i), Refusal::None);
    QCOMPARE(push("a", 10), Refusal::TooManySeries);
    QCOMPARE(push("a", 1), Refusal::None);
    for (int i = 0; i < 5; ++i)
        QCOMPARE(push("b", i), Refusal::None);
    QCOMPARE(push("b", 5), Refusal::TooManySeries);
    QCOMPARE(push("c", 0), Refusal::TooManySeries);

    QCOMPARE(push("c", 0, 60s), Refusal::None);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
}

void TestExporterPushedMetrics::leavesNothingBehindOfWhatWasRefused()
{
    Fixture fixture;
    fixture.push({.name = "c", .type = PushedType::Counter, .labels = {{"__x", "y"}}}, {});

    QCOMPARE(fixture.push({.name = "c", .type = PushedType::Gauge}, {.value = 1}), Refusal::None);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
}

void TestExporterPushedMetrics::takesAndExposesAtTheSameTime()
{
    Fixture fixture({.timeToLive = 1ms});
    std::vector<std::jthread> threads;
    std::atomic<bool> isDone = false;
    threads.emplace_back([&] {
        while (!isDone) {
            (void)fixture.text();
            (void)fixture.catalogue();
        }
    });
    threads.emplace_back([&] {
        for (int i = 0; !isDone; i += 2)
            fixture.metrics.expire(start + std::chrono::seconds(i));
    });
    for (int i = 0; i < 20'000; ++i)
        fixture.push({.name = i % 2 ? "g" : "celery_workers_online", .type = PushedType::Gauge},
                     {.value = 1, .process = std::to_string(i % 7)}, std::chrono::seconds(i));
    isDone = true;
    threads.clear();
    QVERIFY(fixture.metrics.seriesCount() <= 2);
}

QTEST_GUILESS_MAIN(TestExporterPushedMetrics)
#include "tst_exporter_pushed_metrics.moc"
