#include "core/exporter/push/statsd_aggregator_p.h"

#include <QTest>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <numeric>
#include <random>

using namespace trendscope;
using namespace std::chrono_literals;
using config::StatsdMapping;
using config::StatsdObserver;
using exporter::PushedMetrics;
using exporter::StatsdCounts;
using exporter::StatsdFault;

namespace {

const PushedMetrics::Clock::time_point start = PushedMetrics::Clock::now();

class Fixture {
public:
    explicit Fixture(const config::StatsdSettings &settings = {},
                     config::PushedMetricsSettings limits = {})
        : metrics(registry, std::move(limits))
        , aggregator(metrics, settings,
                     std::move(exporter::StatsdMappings::compile(settings.mappings).value()))
    {
    }

    void take(std::string_view packet, PushedMetrics::Clock::duration after = {})
    {
        aggregator.take({&packet, 1}, start + after);
    }

    /// The samples alone, a line each.
    QByteArray text() const
    {
        const auto families = metrics.collectable()->Collect();
        const std::string all =
            ::prometheus::TextSerializer().Serialize(families) + registry.expose();
        QByteArray samples = "\n";
        for (const QByteArray &line : QByteArray::fromStdString(all).split('\n')) {
            if (!line.startsWith('#') && !line.isEmpty())
                samples += line + "\n";
        }
        return samples;
    }

    observability::Registry registry;
    PushedMetrics metrics;
    exporter::StatsdAggregator aggregator;
};

template <class Numbers>
std::uint64_t sum(const Numbers &numbers)
{
    return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t(0));
}

/// Everything that was made of lines.
std::uint64_t outcomes(const StatsdCounts &counts)
{
    return sum(counts.samples) + sum(counts.faults) + sum(counts.refusals) + counts.invalidText
        + counts.mappedAway + counts.events + counts.serviceChecks;
}

} // namespace

class TestExporterStatsdPackets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsWhatTheDialectsSay_data();
    void readsWhatTheDialectsSay();
    void countsWhatItCanNotRead_data();
    void countsWhatItCanNotRead();
    void countsEventsAndServiceChecks();
    void addsUpManySenders();
    void countsTheMembersOfSets();
    void mapsNamesTypesAndBuckets();
    void letsLabelsOrTagsWin();
    void makesSummariesWhereAsked();
    void countsWhatMappingsDrop();
    void sendsCatalogueMetricsToTheRegistry();
    void forgetsSeriesAfterTheirTimeAndBeginsThemAnew();
    void remembersOnlySoMuch();
    void accountsForAMillionRandomPackets();
};

void TestExporterStatsdPackets::readsWhatTheDialectsSay_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<QByteArray>("sample");
    const auto row = [](const char *packet, const char *sample) {
        QTest::newRow(packet) << QByteArray(packet) << QByteArray(sample);
    };
    row("a:1|c", "a 1");
    row("a:1|c\n", "a 1");
    row("a:1|c\r\na:2|c\n\n\n", "a 3");
    row("a:2.5|c|@0.1", "a 25");
    row("a:+3|c", "a 3");
    row("a:1e2|c", "a 100");
    row("a:7|g", "a 7");
    row("a:7|g\na:+3|g\na:-1.5|g", "a 8.5");
    row("a:7|g|@0.1", "a 7");
    row("a:-7|g", "a -7");
    row("a:250|ms", "a_sum 0.25");
    row("a:250|ms", "a_bucket{le=\"0.25\"} 1");
    row("a:250|ms|@0.1", "a_count 10");
    row("a:2|h", "a_sum 2");
    row("a:2|d|@0.5", "a_sum 4");
    row("a:1:2:3|d", "a_sum 6");
    row("a:1:2:3|ms|@0.5|#x:y", "a_count{x=\"y\"} 6");
    row("a:1:2|c", "a 3");
    row("a:1|c:2|c|@0.5:3|c", "a 8");
    row("a:1|c|#env:prod,zone:b", "a{env=\"prod\",zone=\"b\"} 1");
    row("a:1|c|#zone:b,env:prod,env:test", "a{env=\"test\",zone=\"b\"} 1");
    row("a:1|c|#url:http://x:1/y", "a{url=\"http://x:1/y\"} 1");
    row("a:1|c|#a-b.c:1,__d:2,9:3", "a{_9=\"3\",_d=\"2\",a_b_c=\"1\"} 1");
    row("a:1|c|#flag,env:prod,empty:", "a{env=\"prod\"} 1");
    row("a:1|c|@0.5|#env:prod|c:ci-123|T1656581400|e:it-x|card:low", "a{env=\"prod\"} 2");
    row("a:1|c|#env:prod|@0.5", "a{env=\"prod\"} 2");
    row("a,env=prod,zone=b:1|c", "a{env=\"prod\",zone=\"b\"} 1");
    row("a#env=prod,zone=b:1|c", "a{env=\"prod\",zone=\"b\"} 1");
    row("a,env=prod:1|c|#zone:b", "a{env=\"prod\",zone=\"b\"} 1");
    row("a.b-c/d e:1|c", "a_b_c_d_e 1");
    row("1a:1|c", "_1a 1");
    row("\xc3\xa4:1|c", "__ 1");
    row("a:1|c|#x:\xc3\xa4", "a{x=\"\xc3\xa4\"} 1");
}

void TestExporterStatsdPackets::readsWhatTheDialectsSay()
{
    QFETCH(QByteArray, packet);
    QFETCH(QByteArray, sample);
    Fixture fixture;

    fixture.take(packet.toStdString());

    QVERIFY2(fixture.text().contains("\n" + sample + "\n"), fixture.text());
    const StatsdCounts counts = fixture.aggregator.counts();
    QCOMPARE(sum(counts.samples), outcomes(counts));
}

void TestExporterStatsdPackets::countsWhatItCanNotRead_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("kind");
    const auto row = [](const char *line, const char *kind) {
        QTest::newRow(line) << QByteArray(line) << QByteArray(kind);
    };
    row("a", "malformed_line");
    row("a:", "malformed_line");
    row("a:1", "malformed_line");
    row(":1|c", "malformed_line");
    row("|", "malformed_line");
    row(" ", "malformed_line");
    row("a:|c", "malformed_value");
    row("a:x|c", "malformed_value");
    row("a:1x|c", "malformed_value");
    row("a:+-1|c", "malformed_value");
    row("a:nan|g", "malformed_value");
    row("a:inf|g", "malformed_value");
    row("a:1e999|g", "malformed_value");
    row("a:0x10|g", "malformed_value");
    row("a:|s", "malformed_value");
    row("a:1|", "unknown_type");
    row("a:1|x", "unknown_type");
    row("a:1|C", "unknown_type");
    row("a:1|c|", "malformed_section");
    row("a:1|c|x", "malformed_section");
    row("a:1|c|Tx", "malformed_section");
    row("a:1|c|@", "invalid_sample_rate");
    row("a:1|c|@0", "invalid_sample_rate");
    row("a:1|c|@-1", "invalid_sample_rate");
    row("a:1|c|@2", "invalid_sample_rate");
    row("a:1|c|@1e-9", "invalid_sample_rate");
    row("a:1|c|@nan", "invalid_sample_rate");
}

void TestExporterStatsdPackets::countsWhatItCanNotRead()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, kind);
    Fixture fixture;

    fixture.take(line.toStdString());

    const StatsdCounts counts = fixture.aggregator.counts();
    QCOMPARE(outcomes(counts), std::uint64_t(1));
    const auto &names = exporter::statsdFaultNames;
    const auto place = std::find(names.begin(), names.end(), kind.toStdString()) - names.begin();
    QCOMPARE(counts.faults.at(static_cast<std::size_t>(place)), std::uint64_t(1));
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(0));
}

void TestExporterStatsdPackets::countsEventsAndServiceChecks()
{
    Fixture fixture;

    fixture.take("_e{5,4}:title|text|#a:b\n_sc|name|0|m:fine\na:1|c");

    const StatsdCounts counts = fixture.aggregator.counts();
    QCOMPARE(counts.events, std::uint64_t(1));
    QCOMPARE(counts.serviceChecks, std::uint64_t(1));
    QCOMPARE(counts.lines, std::uint64_t(3));
    QCOMPARE(outcomes(counts), std::uint64_t(3));
}

void TestExporterStatsdPackets::addsUpManySenders()
{
    Fixture fixture;

    for (int i = 0; i < 1'000; ++i)
        fixture.take(i % 2 ? "a:1|c|#x:1,y:2" : "a:1|c|#y:2,x:1");

    QVERIFY(fixture.text().contains("\na{x=\"1\",y=\"2\"} 1000\n"));
}

void TestExporterStatsdPackets::countsTheMembersOfSets()
{
    Fixture fixture;

    fixture.take("users:anna|s\nusers:bert|s\nusers:anna|s\nusers:a:b|s|#x:y");

    QVERIFY(fixture.text().contains("\nusers 2\n"));
    QVERIFY(fixture.text().contains("\nusers{x=\"y\"} 1\n"));
}

void TestExporterStatsdPackets::mapsNamesTypesAndBuckets()
{
    config::StatsdSettings settings;
    settings.mappings = {{.match = "api.*.time",
                          .kind = config::StatsdMapping::Kind::Observer,
                          .name = "api_seconds",
                          .labels = {{"route", "$1"}},
                          .help = "Time.",
                          .buckets = {1, 2},
                          .scale = 10}};
    Fixture fixture(settings);

    fixture.take("api.users.time:150|ms|#env:prod");
    fixture.take("api.users.time:1|c");

    QVERIFY(
        fixture.text().contains("\napi_seconds_bucket{env=\"prod\",route=\"users\",le=\"2\"} 1\n"));
    QVERIFY(fixture.text().contains("\napi_seconds_sum{env=\"prod\",route=\"users\"} 1.5\n"));
    QVERIFY(fixture.text().contains("\napi_users_time 1\n"));
}

void TestExporterStatsdPackets::letsLabelsOrTagsWin()
{
    config::StatsdSettings settings;
    settings.mappings = {
        {.match = "a", .name = "a", .labels = {{"x", "rule"}}},
        {.match = "b", .name = "b", .labels = {{"x", "rule"}}, .honorLabels = true}};
    Fixture fixture(settings);

    fixture.take("a:1|c|#x:tag\nb:1|c|#x:tag");

    QVERIFY(fixture.text().contains("\na{x=\"rule\"} 1\n"));
    QVERIFY(fixture.text().contains("\nb{x=\"tag\"} 1\n"));
}

void TestExporterStatsdPackets::makesSummariesWhereAsked()
{
    config::StatsdSettings settings;
    settings.observer = config::StatsdObserver::Summary;
    settings.mappings = {
        {.match = "b", .name = "b", .observer = config::StatsdObserver::Histogram}};
    Fixture fixture(settings);

    fixture.take("a:100|ms\nb:100|ms");

    QVERIFY(fixture.text().contains("\na{quantile=\"0.5\"} 0.1\n"));
    QVERIFY(fixture.text().contains("\nb_bucket{le=\"0.1\"} 1\n"));
}

void TestExporterStatsdPackets::countsWhatMappingsDrop()
{
    config::StatsdSettings settings;
    settings.mappings = {{.match = "secret.*", .isDropped = true}};
    Fixture fixture(settings);

    fixture.take("secret.a:1|c\nsecret.a:1|c\nopen:1|c");

    QCOMPARE(fixture.aggregator.counts().mappedAway, std::uint64_t(2));
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
}

void TestExporterStatsdPackets::sendsCatalogueMetricsToTheRegistry()
{
    Fixture fixture;

    fixture.take("api_requests_total:1|c|#method:GET,endpoint:/x,status_code:200\n"
                 "api_request_duration_seconds:40|ms|#method:GET,endpoint:/x\n"
                 "api_requests_total:1|c|#method:GET\n"
                 "api_requests_total:1|g|#method:GET,endpoint:/x,status_code:200");

    const QByteArray text = fixture.text();
    QVERIFY(text.contains(
        "\napi_requests_total{method=\"GET\",endpoint=\"/x\",status_code=\"200\"} 1\n"));
    QVERIFY(text.contains("\napi_request_duration_seconds_bucket{method=\"GET\",endpoint=\"/x\","
                          "le=\"0.05\"} 1\n"));
    const auto refused = [&](exporter::Refusal refusal) {
        return fixture.aggregator.counts().refusals[static_cast<std::size_t>(refusal)];
    };
    QCOMPARE(refused(exporter::Refusal::WrongLabels), std::uint64_t(1));
    QCOMPARE(refused(exporter::Refusal::WrongType), std::uint64_t(1));
}

void TestExporterStatsdPackets::forgetsSeriesAfterTheirTimeAndBeginsThemAnew()
{
    config::StatsdSettings settings;
    settings.timeToLive = 10s;
    Fixture fixture(settings);
    fixture.take("a:1|c\nb:1|c");
    fixture.take("b:1|c", 8s);

    fixture.metrics.expire(start + 12s);
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(1));
    fixture.take("a:5|c\nb:1|c", 13s);
    fixture.metrics.expire(start + 14s);
    QVERIFY(fixture.text().contains("\na 5\n"));
    QVERIFY(fixture.text().contains("\nb 3\n"));
}

/// Names that never come again must not fill the memory, nor keep others from being taken.
void TestExporterStatsdPackets::remembersOnlySoMuch()
{
    Fixture fixture({}, {.maxSeries = 100});
    for (int i = 0; i < 50'000; ++i)
        fixture.take("m" + std::to_string(i) + ":1|c|#order:" + std::to_string(i % 3) + ",x"
                     + std::to_string(i) + ":1");

    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(100));
    fixture.take("m0:1|c|#order:0,x0:1");
    QVERIFY(fixture.text().contains("\nm0{order=\"0\",x0=\"1\"} 2\n"));
    QCOMPARE(outcomes(fixture.aggregator.counts()), std::uint64_t(50'001));
}

void TestExporterStatsdPackets::accountsForAMillionRandomPackets()
{
    const std::vector<std::string> seeds = {
        "api.requests:1|c|#method:GET,endpoint:/x,status_code:200",
        "api_requests_total:1|c|@0.5|#method:GET,endpoint:/x,status_code:200",
        "time:1:2.5:3e1|ms|@0.25|#a:b|c:ci-1|T1656581400",
        "g:-7|g\ng:+3|g\r\nusers:anna|s|#x",
        "a,b=c:1|d:2|h:3|c|@0.1",
        "_e{5,4}:title|text|#a:b\n_sc|name|0",
    };
    constexpr char text[] = "|:#,=@\n\r+-.0e9csmghd_{\0\xff\xc3 ";
    const std::string_view letters(text, sizeof text - 1);
    config::StatsdSettings settings;
    settings.mappings = {
        {.match = "api.*", .name = "api_$1_total"},
        {.match = "(t)(.*)e", .pattern = config::StatsdMapping::Pattern::Regex, .name = "$2_$1"},
        {.match = "g", .isDropped = true}};
    Fixture fixture(settings, {.maxSeries = 500, .timeToLive = 20s});
    std::minstd_rand random(7);
    std::uint64_t lines = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        std::string packet = seeds[random() % seeds.size()];
        if (random() % 50 == 0)
            packet.assign(random() % 200, 'a');
        for (auto changes = random() % 5; changes > 0 && !packet.empty(); --changes) {
            const std::size_t at = random() % packet.size();
            const char letter = letters[random() % letters.size()];
            switch (random() % 3) {
            case 0:
                packet[at] = letter;
                break;
            case 1:
                packet.insert(at, 1, letter);
                break;
            default:
                packet.erase(at, random() % 8);
            }
        }
        const std::uint64_t linesBefore = lines;
        for (std::size_t begin = 0; begin < packet.size();) {
            const std::size_t end = std::min(packet.find('\n', begin), packet.size());
            const std::string_view line = std::string_view(packet).substr(begin, end - begin);
            lines += line.empty() || line == "\r" ? 0 : 1;
            begin = end + 1;
        }
        const std::uint64_t before = outcomes(fixture.aggregator.counts());
        fixture.take(packet, std::chrono::milliseconds(i / 10));
        const StatsdCounts after = fixture.aggregator.counts();
        QVERIFY2(after.lines == lines && outcomes(after) - before >= after.lines - linesBefore,
                 packet.c_str());
        if (i % 100'000 == 0)
            QVERIFY(fixture.text().size() > 1);
    }

    const StatsdCounts counts = fixture.aggregator.counts();
    QVERIFY(sum(counts.samples) > 100'000);
    for (const std::uint64_t fault : counts.faults)
        QVERIFY(fault > 0);
    QVERIFY(counts.invalidText > 0 && counts.mappedAway > 0 && counts.events > 0);
    QVERIFY(fixture.metrics.seriesCount() <= 500);
}

QTEST_GUILESS_MAIN(TestExporterStatsdPackets)
#include "tst_exporter_statsd_packets.moc"
