#include "core/observability/metrics.h"

#include <QTest>

#include <memory>
#include <optional>
#include <thread>

using namespace trendscope::observability;
using namespace std::chrono_literals;

class TestObservabilityHandles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void compilesOnlyWithTheRightLabels();
    void recordsThroughTypedHandles();
    void takesLabelsOfTheUsersOwn();
    void writesNumbersAndStatesAsLabels();
    void showsASeriesFromItsFirstUpdateOn();
    void outlivesItsRegistry();
    void findsTheSameSeriesAgain();
    void refusesBadValues();
    void endsASeriesUntilItsNextUpdate();
    void endsASeriesWithItsLastClaim();
    void refusesSeriesBeyondTheCap();
    void makesRoomWhenSeriesEnd();
    void leavesOutWhatHasExpired();
    void bringsAnExpiredSeriesBackWithItsCount();
    void givesExpiredSeriesUp();
    void givesTheSameFamilyForTheSameDescription();
    void keepsADescriptionThatIsNotValidOutOfTheExposition_data();
    void keepsADescriptionThatIsNotValidOutOfTheExposition();
    void measuresThisMachine();
    void losesNothingWhileEverythingHappensAtOnce();
    void keepsASeriesThatIsUpdatedAsItIsGivenUp();
    void keepsHandlesAndCachesValidAfterTheRegistry();
};

namespace {

using Type = MetricDescription::Type;

struct ShardLabels {
    LabelValue shard;
    LabelValue isPrimary;
    static constexpr std::array<std::string_view, 2> names = {"shard", "is_primary"};
};

/// The exposition's lines of that metric, without comments.
QList<QByteArray> samplesOf(const Registry &registry, const QByteArray &name)
{
    QList<QByteArray> lines = QByteArray::fromStdString(registry.expose()).split('\n');
    lines.removeIf([&](const QByteArray &line) { return !line.startsWith(name); });
    return lines;
}

double valueOf(const Registry &registry, const QByteArray &sample)
{
    const auto lines = samplesOf(registry, sample + ' ');
    return lines.isEmpty() ? qQNaN() : lines[0].split(' ').last().toDouble();
}

template <class Family>
concept TakesMethodEndpointAndStatus = requires(const Family &family) {
    family.labels({.method = "GET", .endpoint = "/", .statusCode = 200});
};
template <class Family>
concept TakesAnotherLabel = requires(const Family &family) {
    family.labels({.method = "GET", .endpoint = "/", .status = 200});
};
template <class Value>
concept IsLabelValue = std::constructible_from<LabelValue, Value>;
template <class Handle>
concept CanCount = requires(const Handle &handle) { handle.increment(1); };
template <class Handle>
concept CanObserve = requires(const Handle &handle) { handle.observe(1); };

} // namespace

void TestObservabilityHandles::compilesOnlyWithTheRightLabels()
{
    static_assert(TakesMethodEndpointAndStatus<CounterFamily<ApiRequestLabels>>);
    static_assert(!TakesMethodEndpointAndStatus<HistogramFamily<ApiDurationLabels>>);
    static_assert(!TakesAnotherLabel<CounterFamily<ApiRequestLabels>>);

    // A label that was forgotten has no default.
    static_assert(!std::default_initializable<LabelValue>);
    static_assert(IsLabelValue<const char *> && IsLabelValue<std::string> && IsLabelValue<int>);
    static_assert(IsLabelValue<TaskStatus> && IsLabelValue<std::uint64_t>);
    static_assert(!IsLabelValue<double> && !IsLabelValue<bool> && !IsLabelValue<char>);

    static_assert(CanCount<Counter> && CanCount<Gauge> && !CanCount<Histogram>);
    static_assert(CanObserve<Histogram> && !CanObserve<Counter> && !CanObserve<Gauge>);
}

void TestObservabilityHandles::recordsThroughTypedHandles()
{
    Metrics metrics;

    metrics.apiRequestsTotal
        .labels({.method = "GET", .endpoint = "/api/v1/trends", .statusCode = 200})
        .increment();
    metrics.apiRequestDurationSeconds.labels({.method = "GET", .endpoint = "/api/v1/trends"})
        .observe(0.05);
    metrics.celeryWorkersOnline.set(4);
    const Gauge waiting = metrics.celeryQueueLength.labels({.queueName = "default"});
    waiting.increment(3);
    waiting.decrement();

    QCOMPARE(
        samplesOf(metrics, "api_requests_total{"),
        QList<QByteArray>(
            {R"(api_requests_total{method="GET",endpoint="/api/v1/trends",status_code="200"} 1)"}));
    QCOMPARE(valueOf(metrics,
                     R"(api_request_duration_seconds_bucket{method="GET",)"
                     R"(endpoint="/api/v1/trends",le="0.05"})"),
             1.0);
    QCOMPARE(valueOf(metrics, "celery_workers_online"), 4.0);
    QCOMPARE(valueOf(metrics, R"(celery_queue_length{queue_name="default"})"), 2.0);
    QCOMPARE(waiting.value(), 2.0);
}

void TestObservabilityHandles::takesLabelsOfTheUsersOwn()
{
    Registry registry;

    const auto sizes = registry.add<GaugeFamily<ShardLabels>>({.name = "shard_bytes", .help = ""});
    sizes.labels({.shard = 7, .isPrimary = "yes"}).set(1024);
    sizes.labels({.shard = 8, .isPrimary = "no"}).set(1);
    sizes.remove({.shard = 8, .isPrimary = "no"});
    const auto starts = registry.add<Counter>({.name = "starts_total", .help = ""});
    starts.increment();

    QCOMPARE(
        samplesOf(registry, "s"),
        QList<QByteArray>({R"(shard_bytes{shard="7",is_primary="yes"} 1024)", "starts_total 1"}));
}

void TestObservabilityHandles::writesNumbersAndStatesAsLabels()
{
    QCOMPARE(LabelValue(200).view(), std::string_view("200"));
    QCOMPARE(LabelValue(-5L).view(), std::string_view("-5"));
    QCOMPARE(LabelValue(std::numeric_limits<std::uint64_t>::max()).view(),
             std::string_view("18446744073709551615"));
    QCOMPARE(LabelValue(std::numeric_limits<std::int64_t>::min()).view(),
             std::string_view("-9223372036854775808"));
    QCOMPARE(LabelValue(TaskStatus::Retry).view(), std::string_view("retry"));
    QCOMPARE(LabelValue(static_cast<const char *>(nullptr)).view(), std::string_view());
    const LabelValue number(404);
    const LabelValue copy = number;
    QCOMPARE(copy.view(), std::string_view("404"));
}

void TestObservabilityHandles::showsASeriesFromItsFirstUpdateOn()
{
    Metrics metrics;
    const Counter items = metrics.itemsCollectedTotal.labels({.source = "reddit"});
    QCOMPARE(samplesOf(metrics, "items_collected_total").size(), 0);

    items.increment(0);

    QCOMPARE(samplesOf(metrics, "items_collected_total"),
             QList<QByteArray>({R"(items_collected_total{source="reddit"} 0)"}));
}

void TestObservabilityHandles::outlivesItsRegistry()
{
    auto metrics = std::make_unique<Metrics>();
    const Counter items = metrics->itemsCollectedTotal.labels({.source = "reddit"});
    const Histogram queries =
        metrics->dbQueryDurationSeconds.labels({.operation = "select", .table = "t"});
    Gauge workers = metrics->celeryWorkersOnline;
    items.increment();

    metrics.reset();
    items.increment();
    items.increment(-1);
    queries.observe(0.5, 3);
    queries.remove();
    queries.observe(0.5, 3);
    workers.set(1);
    workers = Gauge(workers);
    workers.increment();

    QCOMPARE(items.value(), 2.0);
    QCOMPARE(queries.count(), 3.0);
    QCOMPARE(queries.sum(), 1.5);
    QCOMPARE(workers.value(), 2.0);
}

void TestObservabilityHandles::findsTheSameSeriesAgain()
{
    Metrics metrics;
    Metrics other;
    // More than a thread remembers, so that some are found in its cache and some are not.
    constexpr int sources = 1500;

    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < sources; ++i) {
            metrics.itemsCollectedTotal.labels({.source = i}).increment();
            other.itemsCollectedTotal.labels({.source = i}).increment(2);
        }
    }

    const auto lines = samplesOf(metrics, "items_collected_total{");
    QCOMPARE(lines.size(), sources);
    for (const QByteArray &line : lines)
        QVERIFY2(line.endsWith(" 3"), line.constData());
    for (const QByteArray &line : samplesOf(other, "items_collected_total{"))
        QVERIFY2(line.endsWith(" 6"), line.constData());
}

void TestObservabilityHandles::refusesBadValues()
{
    Metrics metrics;
    const Counter items = metrics.itemsCollectedTotal.labels({.source = "reddit"});
    const Gauge workers = metrics.celeryWorkersOnline;
    const Histogram queries =
        metrics.dbQueryDurationSeconds.labels({.operation = "select", .table = "t"});

    for (const double bad : {qQNaN(), qInf(), -qInf(), -1.0}) {
        items.increment(bad);
        queries.observe(bad);
        queries.observe(1, bad);
    }
    queries.observe(1, 0.5); // half an observation
    queries.observe(1e308, 1e308);
    for (const double bad : {qQNaN(), qInf(), -qInf()}) {
        workers.set(bad);
        workers.increment(bad);
        workers.decrement(bad);
    }

    const auto refused = [&](const QByteArray &metric) {
        return valueOf(metrics, "trendscope_bad_values_total{metric=\"" + metric + "\"}");
    };
    QCOMPARE(refused("items_collected_total"), 4.0);
    QCOMPARE(refused("db_query_duration_seconds"), 10.0);
    QCOMPARE(refused("celery_workers_online"), 9.0);
    QCOMPARE(samplesOf(metrics, "items_collected_total").size(), 0);
    QCOMPARE(samplesOf(metrics, "db_query").size(), 0);
}

void TestObservabilityHandles::endsASeriesUntilItsNextUpdate()
{
    Metrics metrics;
    const Counter items = metrics.itemsCollectedTotal.labels({.source = "reddit"});
    const Gauge waiting = metrics.celeryQueueLength.labels({.queueName = "default"});
    items.increment(5);
    waiting.set(5);

    items.remove();
    metrics.celeryQueueLength.remove({.queueName = "default"});
    metrics.celeryQueueLength.remove({.queueName = "never there"});
    QCOMPARE(samplesOf(metrics, "items_collected_total").size(), 0);
    QCOMPARE(samplesOf(metrics, "celery_queue_length").size(), 0);

    metrics.recordItemCollected("reddit", 2); // through another way than the handle
    items.increment();
    waiting.decrement();
    QCOMPARE(samplesOf(metrics, "items_collected_total"),
             QList<QByteArray>({R"(items_collected_total{source="reddit"} 3)"}));
    QCOMPARE(samplesOf(metrics, "celery_queue_length"),
             QList<QByteArray>({R"(celery_queue_length{queue_name="default"} 4)"}));
}

void TestObservabilityHandles::endsASeriesWithItsLastClaim()
{
    Registry registry;
    Family &family = registry.add({.name = "jobs_total",
                                   .type = Type::Counter,
                                   .help = "Jobs.",
                                   .labels = {"queue"},
                                   .maxSeries = 2});
    auto first = std::make_unique<SeriesClaim>(family.claim({"a"}));
    SeriesClaim second = family.claim({"a"});
    family.increment({"a"}, 3);
    family.increment({"b"}, 4);
    QVERIFY(!family.claim({"c"})); // there is no room

    first.reset();
    QCOMPARE(valueOf(registry, "jobs_total{queue=\"a\"}"), 3.0);
    SeriesClaim moved = std::move(second);
    QVERIFY(!second);
    QCOMPARE(valueOf(registry, "jobs_total{queue=\"a\"}"), 3.0);
    {
        const SeriesClaim last = std::move(moved);
    }

    QVERIFY(qIsNaN(valueOf(registry, "jobs_total{queue=\"a\"}")));
    QCOMPARE(valueOf(registry, "jobs_total{queue=\"b\"}"), 4.0);
    family.increment({"a"}, 1);
    QCOMPARE(valueOf(registry, "jobs_total{queue=\"a\"}"), 1.0);
}

void TestObservabilityHandles::refusesSeriesBeyondTheCap()
{
    Registry registry({.maxSeries = 3});
    Family &users = registry.add(
        {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
    Family &few = registry.add({.name = "few", .help = "", .labels = {"user"}, .maxSeries = 1});

    for (int i = 0; i < 10; ++i)
        users.increment({std::to_string(i)}, 1);
    users.increment({"0"}, 1);
    const Counter refused = users.counter({"another"});
    refused.increment();
    few.set({"a"}, 1);
    few.set({"b"}, 1);

    QCOMPARE(samplesOf(registry, "logins_total{"),
             QList<QByteArray>({R"(logins_total{user="0"} 2)", R"(logins_total{user="1"} 1)",
                                R"(logins_total{user="2"} 1)"}));
    QCOMPARE(samplesOf(registry, "few{"), QList<QByteArray>({R"(few{user="a"} 1)"}));
    QCOMPARE(samplesOf(registry, "trendscope_series_dropped_total{"),
             QList<QByteArray>({R"(trendscope_series_dropped_total{metric="few"} 1)",
                                R"(trendscope_series_dropped_total{metric="logins_total"} 8)"}));
    QCOMPARE(refused.value(), 0.0);
}

void TestObservabilityHandles::makesRoomWhenSeriesEnd()
{
    Registry registry({.maxSeries = 2});
    Family &users = registry.add(
        {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
    users.increment({"a"}, 1);
    users.increment({"b"}, 1);
    users.increment({"c"}, 1);
    QCOMPARE(samplesOf(registry, "logins_total{").size(), 2);

    users.remove({"a"});
    users.increment({"c"}, 1);

    QCOMPARE(samplesOf(registry, "logins_total{"),
             QList<QByteArray>({R"(logins_total{user="b"} 1)", R"(logins_total{user="c"} 1)"}));
}

void TestObservabilityHandles::leavesOutWhatHasExpired()
{
    Registry registry;
    Family &users = registry.add(
        {.name = "sessions", .help = "", .labels = {"user"}, .maxSeries = 2, .timeToLive = 50ms});
    Family &others = registry.add({.name = "others", .help = "", .labels = {"user"}});
    users.set({"a"}, 1);
    others.set({"a"}, 1);
    QCOMPARE(samplesOf(registry, "sessions{").size(), 1);

    QTRY_COMPARE(samplesOf(registry, "sessions{").size(), 0);
    QCOMPARE(samplesOf(registry, "others{").size(), 1);

    // They make room, too.
    users.set({"b"}, 1);
    users.set({"c"}, 1);
    QCOMPARE(samplesOf(registry, "sessions{").size(), 2);
    QCOMPARE(samplesOf(registry, "trendscope_series_dropped_total{").size(), 0);
}

void TestObservabilityHandles::bringsAnExpiredSeriesBackWithItsCount()
{
    Registry registry({.timeToLive = 50ms});
    Family &users = registry.add(
        {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
    const Counter logins = users.counter({"a"});
    logins.increment(5);
    QTRY_COMPARE(samplesOf(registry, "logins_total{").size(), 0);

    std::thread([&] { users.increment({"a"}, 1); }).join(); // where no cache knows the series
    logins.increment(1);

    QCOMPARE(samplesOf(registry, "logins_total{"),
             QList<QByteArray>({R"(logins_total{user="a"} 7)"}));
}

void TestObservabilityHandles::givesExpiredSeriesUp()
{
    Registry registry({.timeToLive = 50ms});
    Family &users = registry.add(
        {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
    std::thread([&] { users.increment({"a"}, 5); }).join(); // its cache ends with it
    QTRY_COMPARE(samplesOf(registry, "logins_total{").size(), 0);

    users.increment({"a"}, 1);

    QCOMPARE(samplesOf(registry, "logins_total{"),
             QList<QByteArray>({R"(logins_total{user="a"} 1)"}));
}

void TestObservabilityHandles::givesTheSameFamilyForTheSameDescription()
{
    Registry registry;
    const MetricDescription description{
        .name = "jobs_total", .type = Type::Counter, .help = "Jobs.", .labels = {"kind"}};

    Family &one = registry.add(description);
    Family &other = registry.add(description);

    QCOMPARE(&other, &one);
    one.increment({"a"}, 1);
    other.increment({"a"}, 1);
    QCOMPARE(samplesOf(registry, "jobs_total"), QList<QByteArray>({R"(jobs_total{kind="a"} 2)"}));
}

void TestObservabilityHandles::keepsADescriptionThatIsNotValidOutOfTheExposition_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("type");
    QTest::addColumn<QByteArray>("label");
    QTest::addColumn<double>("bucket");
    const auto row = [](const char *title, const char *name, Type type, const char *label,
                        double bucket) {
        QTest::newRow(title) << QByteArray(name) << int(type) << QByteArray(label) << bucket;
    };
    row("no name", "", Type::Gauge, "a", 1);
    row("a blank", "a b", Type::Gauge, "a", 1);
    row("a line's end", "a\nb 1\n#", Type::Gauge, "a", 1);
    row("a digit first", "1a", Type::Gauge, "a", 1);
    row("a bad label", "x", Type::Gauge, "a-b", 1);
    row("a reserved label", "x", Type::Gauge, "__name__", 1);
    row("the bucket's label", "x", Type::Histogram, "le", 1);
    row("an infinite bucket", "x", Type::Histogram, "a", qInf());
    row("a bucket that is not a number", "x", Type::Histogram, "a", qQNaN());
    row("buckets that don't ascend", "x", Type::Histogram, "a", 0.5);
    row("another type", "taken_seconds", Type::Gauge, "a", 1);
    row("another label", "taken_seconds", Type::Histogram, "b", 1);
    row("a sample's name", "taken_seconds_count", Type::Gauge, "a", 1);
    row("only a suffix", "_total", Type::Counter, "a", 1);
    row("the registry's own", "trendscope_bad_values_total", Type::Gauge, "a", 1);
}

void TestObservabilityHandles::keepsADescriptionThatIsNotValidOutOfTheExposition()
{
#ifndef NDEBUG
    QSKIP("debug builds assert");
#endif
    QFETCH(QByteArray, name);
    QFETCH(int, type);
    QFETCH(QByteArray, label);
    QFETCH(double, bucket);
    Registry registry;
    registry.add({.name = "taken_seconds",
                  .type = Type::Histogram,
                  .help = "",
                  .labels = {"a"},
                  .buckets = {0.5, 1}});
    const std::string before = registry.expose();
    const bool isHistogram = Type(type) == Type::Histogram;

    Family &family =
        registry.add({.name = name.toStdString(),
                      .type = Type(type),
                      .help = "",
                      .labels = {label.toStdString()},
                      .buckets = isHistogram ? std::vector{0.5, bucket} : std::vector<double>()});

    if (isHistogram)
        family.observe({"v"}, 1);
    else if (Type(type) == Type::Gauge)
        family.set({"v"}, 1);
    else
        family.increment({"v"}, 1);
    const std::string after = registry.expose();
    // Nothing but the count of what was refused.
    QCOMPARE(after.substr(0, before.size()), before);
    QVERIFY(after.substr(before.size()).starts_with("# HELP trendscope_metrics_refused_total "));
    QCOMPARE(std::count(after.begin(), after.end(), '\n'),
             std::count(before.begin(), before.end(), '\n') + 3);
    QCOMPARE(samplesOf(registry, "trendscope_metrics_refused_total{").size(), 1);
}

void TestObservabilityHandles::measuresThisMachine()
{
    Metrics metrics;

    QCOMPARE(metrics.updateSystemMetrics().size(), std::size_t(0));
    for (const char *name :
         {"system_cpu_usage_percent", "system_memory_usage_percent", "system_disk_usage_percent"}) {
        const double percent = valueOf(metrics, name);
        QVERIFY2(percent >= 0 && percent <= 100, name);
    }

    metrics.setMountPoints({"/nonexistent"});
    const auto errors = metrics.updateSystemMetrics();

    QCOMPARE(errors.size(), std::size_t(1));
    QVERIFY(errors[0].message.starts_with("/nonexistent "));
    QCOMPARE(samplesOf(metrics, "system_disk_usage_percent").size(), 0);
    QCOMPARE(samplesOf(metrics, "system_memory_usage_percent").size(), 1);
}

void TestObservabilityHandles::losesNothingWhileEverythingHappensAtOnce()
{
    constexpr int threads = 4;
    constexpr int events = 3000;
    Registry registry({.maxSeries = 40, .timeToLive = 1ms});
    Family &counters = registry.add(
        {.name = "events_total", .type = Type::Counter, .help = "", .labels = {"kind"}});
    Family &kept = registry.add({.name = "kept_seconds",
                                 .type = Type::Histogram,
                                 .help = "",
                                 .labels = {"kind"},
                                 .buckets = {0.5, 1},
                                 .timeToLive = 1h});
    const Counter all = registry.add<Counter>({.name = "all_total", .help = "", .timeToLive = 1h});

    std::vector<std::thread> recorders;
    for (int thread = 0; thread < threads; ++thread) {
        recorders.emplace_back([&, thread] {
            const LogContext context{
                {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
            for (int event = 0; event < events; ++event) {
                const std::string kind = std::to_string((event * 7 + thread) % 60);
                counters.increment({kind}, 1);
                kept.observe({std::to_string(event % 5)}, event % 3 * 0.5);
                all.increment();
                if (event % 50 == 0)
                    counters.remove({kind});
                if (event % 500 == 0)
                    registry.add({.name = "own_" + std::to_string(event), .help = ""})
                        .set({}, thread);
            }
        });
    }
    std::atomic<bool> isOver = false;
    std::thread reader([&] {
        while (!isOver) {
            registry.expose(openMetricsContentType);
            registry.expose();
            std::this_thread::yield();
        }
    });
    for (std::thread &recorder : recorders)
        recorder.join();
    isOver = true;
    reader.join();

    QCOMPARE(all.value(), double(threads) * events);
    double observed = 0;
    double unbounded = 0;
    for (const QByteArray &line : samplesOf(registry, "kept_seconds_count"))
        observed += line.split(' ').last().toDouble();
    for (const QByteArray &line : samplesOf(registry, "kept_seconds_bucket")) {
        if (line.contains("le=\"+Inf\""))
            unbounded += line.split(' ').last().toDouble();
    }
    QCOMPARE(observed, double(threads) * events);
    QCOMPARE(unbounded, observed);
}

void TestObservabilityHandles::keepsASeriesThatIsUpdatedAsItIsGivenUp()
{
    constexpr int rounds = 500;
    Registry registry;
    Family &users = registry.add(
        {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
    std::atomic<bool> isOver = false;
    std::thread reader([&] { // gives up what has ended, again and again
        while (!isOver) {
            users.remove({"other"});
            registry.expose();
        }
    });

    int lost = 0;
    for (int round = 0; round < rounds; ++round) {
        // In a thread of its own: its cache ends with it, and nobody has the series any more.
        std::thread([&] {
            users.increment({"other"}, 1);
            const Counter logins = users.counter({"a"});
            logins.increment(1);
            logins.remove();
            logins.increment(1);
        }).join();
        lost += samplesOf(registry, R"(logins_total{user="a"})").size() == 1 ? 0 : 1;
        users.remove({"a"});
    }
    isOver = true;
    reader.join();

    QCOMPARE(lost, 0);
}

void TestObservabilityHandles::keepsHandlesAndCachesValidAfterTheRegistry()
{
    std::optional<Counter> kept;
    for (int round = 0; round < 3; ++round) {
        // This thread's cache knows series of each; the last one's shape may be where the first
        // one's was.
        Registry registry;
        Family &users = registry.add(
            {.name = "logins_total", .type = Type::Counter, .help = "", .labels = {"user"}});
        users.increment({"a"}, 1);
        users.increment({"a"}, 1);
        QCOMPARE(samplesOf(registry, "logins_total{"),
                 QList<QByteArray>({R"(logins_total{user="a"} 2)"}));
        kept = users.counter({"a"});
    }

    std::thread([copy = *kept] { copy.increment(); }).join();
    kept->increment(-1); // refused, and counted where nobody reads it
    kept->remove();
    kept->increment(3);

    QCOMPARE(kept->value(), 3.0);
}

QTEST_GUILESS_MAIN(TestObservabilityHandles)
#include "tst_observability_handles.moc"
