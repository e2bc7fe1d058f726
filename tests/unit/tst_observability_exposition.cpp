#include "core/observability/gzip.h"
#include "core/observability/metrics.h"

#include <QProcess>
#include <QTest>

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

#include <random>
#include <stdexcept>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;

class TestObservabilityExposition : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesOpenMetricsThatItsParserTakes();
    void namesCountersAsOpenMetricsDoes();
    void writesBoundsAsOpenMetricsDoes();
    void keepsTheLatestExemplarOfEachBucket();
    void takesAnExemplarOfAnotherContext();
    void fitsExemplarsIntoTheirLimit_data();
    void fitsExemplarsIntoTheirLimit();
    void keepsExemplarsOutOfText();
    void readsBackEveryNumber();
    void answersWhatIsAskedFor_data();
    void answersWhatIsAskedFor();
    void compressesWhatIsWorthIt();
    void exposesOtherPartsMetrics();
    void leavesOutWhatIsNotValid_data();
    void leavesOutWhatIsNotValid();
    void survivesAPartThatThrows();
    void givesItsMetricsToOtherParts();

private:
    static void verifyParsers(const Registry &registry);
};

namespace {

using Type = MetricDescription::Type;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr auto traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr auto exemplarIds =
    R"(trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331")";

QByteArray openMetricsOf(const Registry &registry)
{
    return QByteArray::fromStdString(registry.expose(openMetricsContentType));
}

/// The line that begins so.
QByteArray lineOf(const QByteArray &text, const QByteArray &begin)
{
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith(begin))
            return line;
    }
    return {};
}

/// What a program says of a text; nothing when it has nothing to say.
QByteArray verdict(const QString &program, const QStringList &arguments, const QByteArray &text)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    if (!process.waitForStarted())
        return "can not be started: " + program.toUtf8();
    process.write(text);
    process.closeWriteChannel();
    if (!process.waitForFinished() || process.exitCode() != 0)
        return "failed: " + process.readAll();
    return process.readAll();
}

/// A collectable that gives what it is told.
struct Stub : prometheus::Collectable {
    std::vector<MetricFamily> Collect() const override
    {
        if (isBroken)
            throw std::runtime_error("broken");
        return families;
    }
    std::vector<MetricFamily> families;
    bool isBroken = false;
};

MetricFamily family(std::string name, MetricType type, std::vector<ClientMetric> metrics)
{
    return {std::move(name), "Help.", type, std::move(metrics)};
}

ClientMetric histogram(std::vector<ClientMetric::Bucket> buckets, std::uint64_t count, double sum)
{
    ClientMetric metric;
    metric.histogram = {count, sum, std::move(buckets)};
    return metric;
}

ClientMetric counter(double value, std::vector<ClientMetric::Label> labels = {})
{
    ClientMetric metric;
    metric.counter.value = value;
    metric.label = std::move(labels);
    return metric;
}

ClientMetric summary(std::vector<ClientMetric::Quantile> quantiles, double sum)
{
    ClientMetric metric;
    metric.summary = {3, sum, std::move(quantiles)};
    return metric;
}

} // namespace

void TestObservabilityExposition::verifyParsers(const Registry &registry)
{
    // Debian's python3-prometheus-client, for Debian's python3.
    const QString script = u"import sys; from prometheus_client.openmetrics.parser import "
                           "text_string_to_metric_families as parse; "
                           "list(parse(sys.stdin.buffer.read().decode()))"_s;
    QCOMPARE(verdict(u"/usr/bin/python3"_s, {u"-c"_s, script}, openMetricsOf(registry)),
             QByteArray());
    const QString textScript = u"import sys; from prometheus_client.parser import "
                               "text_string_to_metric_families as parse; "
                               "list(parse(sys.stdin.buffer.read().decode()))"_s;
    QCOMPARE(verdict(u"/usr/bin/python3"_s, {u"-c"_s, textScript},
                     QByteArray::fromStdString(registry.expose())),
             QByteArray());
}

void TestObservabilityExposition::writesOpenMetricsThatItsParserTakes()
{
    Metrics metrics;
    verifyParsers(metrics);
    const LogContext context{{"traceparent", traceparent}, {"request_id", "a\"b\\c\n\xff"}};
    metrics.recordApiRequest("GET", "say \"hi\"\\\n", 200, Seconds(0.042));
    metrics.recordTask("t", TaskStatus::Retry, Seconds(3), 5);
    metrics.recordItemCollected("", 0.1);
    metrics.updateActiveTrends("viral", -1e300);
    metrics.recordTrendCreated("x", -1);
    metrics.registry()
        .add({.name = "odd", .type = Type::Counter, .help = "\"quoted\"\\ and\nmore \xff"})
        .increment({}, 1e-300);

    verifyParsers(metrics);

    QVERIFY(openMetricsOf(metrics).endsWith("\n# EOF\n"));
    QVERIFY(lineOf(openMetricsOf(metrics), "odd_total ").contains("request_id"));
}

void TestObservabilityExposition::namesCountersAsOpenMetricsDoes()
{
    Registry registry;
    registry.add<Counter>({.name = "with_total", .help = "\"a\""}).increment();
    registry.add<Counter>({.name = "without", .help = ""}).increment();

    const QByteArray open = openMetricsOf(registry);
    QVERIFY(open.startsWith("# HELP with \\\"a\\\"\n# TYPE with counter\nwith_total 1\n"
                            "# HELP without \n# TYPE without counter\nwithout_total 1\n"));
    QVERIFY(registry.expose().starts_with(
        "# HELP with_total \"a\"\n# TYPE with_total counter\nwith_total 1\n"
        "# HELP without \n# TYPE without counter\nwithout 1\n"));
}

void TestObservabilityExposition::writesBoundsAsOpenMetricsDoes()
{
    Registry registry;
    registry.add<Histogram>({.name = "h", .help = "", .buckets = {-1, 0.001, 0.5, 1, 100000, 1e16}})
        .observe(1);

    const QByteArray open = openMetricsOf(registry);
    for (const char *bound : {"-1.0", "0.001", "0.5", "1.0", "100000.0", "1e+16", "+Inf"})
        QVERIFY2(open.contains("h_bucket{le=\"" + QByteArray(bound) + "\"} "), open.constData());
    QVERIFY(registry.expose().find("h_bucket{le=\"100000\"} 1\n") != std::string::npos);
}

void TestObservabilityExposition::keepsTheLatestExemplarOfEachBucket()
{
    Registry registry;
    const auto sizes = registry.add<Histogram>({.name = "h", .help = "", .buckets = {1, 2}});
    const auto events = registry.add<Counter>({.name = "c", .help = ""});
    {
        const LogContext context{{"traceparent", traceparent}};
        sizes.observe(0.25);
        sizes.observe(0.5);
        sizes.observe(3, 2);
        events.increment(2);
    }
    sizes.observe(0.75); // belongs to no trace
    sizes.observe(1.5);

    const QByteArray open = openMetricsOf(registry);
    const QByteArray ids = " # {" + QByteArray(exemplarIds) + "} ";
    QVERIFY(lineOf(open, R"(h_bucket{le="1.0"} 3)").contains(ids + "0.5 1"));
    QCOMPARE(lineOf(open, R"(h_bucket{le="2.0"})"), QByteArray(R"(h_bucket{le="2.0"} 4)"));
    QVERIFY(lineOf(open, R"(h_bucket{le="+Inf"} 6)").contains(ids + "3 1"));
    QVERIFY(lineOf(open, "c_total 2").contains(ids + "2 1"));

    events.remove();
    events.increment();
    QCOMPARE(lineOf(openMetricsOf(registry), "c_total"), QByteArray("c_total 1"));
}

void TestObservabilityExposition::takesAnExemplarOfAnotherContext()
{
    Registry registry;
    const auto events = registry.add<Counter>({.name = "c", .help = ""});
    const auto sizes = registry.add<Histogram>({.name = "h", .help = "", .buckets = {1}});
    const LogContext here{{"request_id", "here"}};
    const Trace there{.traceId = {}, .spanId = {}, .requestId = "there"};

    events.increment(1, there);
    sizes.observe(1, 1, there);

    QVERIFY(lineOf(openMetricsOf(registry), "c_total").contains("# {request_id=\"there\"} 1 "));
    QVERIFY(lineOf(openMetricsOf(registry), "h_bucket").contains("# {request_id=\"there\"} 1 "));
}

void TestObservabilityExposition::fitsExemplarsIntoTheirLimit_data()
{
    QTest::addColumn<QByteArray>("requestId");
    QTest::addColumn<bool>("hasTrace");
    QTest::addColumn<bool>("isKept");
    QTest::newRow("beside a trace") << QByteArray(55, 'x') << true << true;
    QTest::newRow("too long beside a trace") << QByteArray(56, 'x') << true << false;
    QTest::newRow("alone") << QByteArray(118, 'x') << false << true;
    QTest::newRow("too long alone") << QByteArray(119, 'x') << false << false;
    QTest::newRow("characters, not bytes")
        << QByteArray("\xf0\x9f\x98\x80").repeated(118) << false << true;
    QTest::newRow("huge") << QByteArray(1'000'000, 'x') << true << false;
}

void TestObservabilityExposition::fitsExemplarsIntoTheirLimit()
{
    QFETCH(QByteArray, requestId);
    QFETCH(bool, hasTrace);
    QFETCH(bool, isKept);
    Registry registry;
    const auto events = registry.add<Counter>({.name = "c", .help = ""});

    const LogContext context{{"request_id", requestId.constData()},
                             {"traceparent", hasTrace ? traceparent : ""}};
    events.increment();

    const QByteArray line = lineOf(openMetricsOf(registry), "c_total");
    QCOMPARE(line.contains("request_id=\"" + requestId + '"'), isKept);
    QCOMPARE(line.contains(exemplarIds), hasTrace);
    QCOMPARE(line.contains('#'), isKept || hasTrace);
    verifyParsers(registry);
}

void TestObservabilityExposition::keepsExemplarsOutOfText()
{
    Metrics metrics;
    const LogContext context{{"traceparent", traceparent}};
    metrics.recordApiRequest("GET", "/", 200, Seconds(1));

    QVERIFY(metrics.expose().find("trace_id") == std::string::npos);
    std::string history;
    metrics.appendSamples(history, "", 1);
    QVERIFY(history.find("trace_id") == std::string::npos);
}

void TestObservabilityExposition::readsBackEveryNumber()
{
    std::vector<double> values = {0,
                                  -0.0,
                                  0.1,
                                  1.0 / 3,
                                  1e15,
                                  1e15 + 2,
                                  123456.789,
                                  -0.001,
                                  5e-324,
                                  2.5e-9,
                                  9007199254740993.0,
                                  0.0005,
                                  -12.5,
                                  99999.9995,
                                  1.7976931348623157e308,
                                  1e11 + 0.5};
    std::mt19937_64 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const auto bits = random();
        double any = 0;
        std::memcpy(&any, &bits, sizeof any);
        if (std::isfinite(any))
            values.push_back(any);
        values.push_back(static_cast<double>(bits % 10'000'000) / 1000);
        values.push_back(static_cast<double>(i) * 0.37);
    }
    Registry registry({.maxSeries = values.size()});
    Family &family = registry.add({.name = "v", .help = "", .labels = {"i"}});
    for (std::size_t i = 0; i < values.size(); ++i)
        family.set({std::to_string(i)}, values[i]);

    std::size_t read = 0;
    for (const QByteArray &line : QByteArray::fromStdString(registry.expose()).split('\n')) {
        if (!line.startsWith("v{"))
            continue;
        const auto index = static_cast<std::size_t>(line.split('"').value(1).toULongLong());
        const QByteArray text = line.split(' ').value(1);
        const double back = text.toDouble();
        QVERIFY2(std::memcmp(&back, &values[index], sizeof back) == 0, line.constData());
        ++read;
    }
    QCOMPARE(read, values.size());
}

void TestObservabilityExposition::answersWhatIsAskedFor_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<bool>("isOpenMetrics");
    QTest::newRow("nothing") << QByteArray() << false;
    QTest::newRow("anything") << QByteArray("*/*") << false;
    QTest::newRow("text") << QByteArray("text/plain;version=0.0.4") << false;
    QTest::newRow("OpenMetrics") << QByteArray("application/openmetrics-text") << true;
    QTest::newRow("its first version")
        << QByteArray("application/openmetrics-text; version=0.0.1") << true;
    QTest::newRow("a version to come")
        << QByteArray("application/openmetrics-text; version=2.0.0,text/plain;q=0.1") << false;
    QTest::newRow("quoted, in capitals")
        << QByteArray("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"; Q=0.9") << true;
    QTest::newRow("Prometheus 2.42")
        << QByteArray("application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                      "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
        << true;
    QTest::newRow("Prometheus 3") << QByteArray(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
                                  << true;
    QTest::newRow("Prometheus that wants text")
        << QByteArray("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;"
                      "version=1.0.0;q=0.4,*/*;q=0.3")
        << false;
    QTest::newRow("a browser") << QByteArray(
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
                               << false;
    QTest::newRow("refused") << QByteArray("application/openmetrics-text;q=0,*/*") << false;
    QTest::newRow("all applications") << QByteArray("application/*, text/*;q=0.5") << true;
    QTest::newRow("text refused") << QByteArray("text/plain;q=0, */*;q=0.5") << true;
    QTest::newRow("garbage") << QByteArray(";;,=,/;q=nan,text/plain;q=x, ,*/*;q=9\xff") << false;
    QTest::newRow("an own type") << QByteArray(openMetricsContentType.data()) << true;
}

void TestObservabilityExposition::answersWhatIsAskedFor()
{
    QFETCH(QByteArray, accept);
    QFETCH(bool, isOpenMetrics);
    const Metrics metrics;

    const Exposition answer = metrics.answer(accept.toStdString());

    QCOMPARE(answer.contentType, isOpenMetrics ? openMetricsContentType : textContentType);
    QCOMPARE(answer.body.ends_with("# EOF\n"), isOpenMetrics);
    QCOMPARE(answer.body, metrics.expose(accept.toStdString()));
    QCOMPARE(answer.contentEncoding, std::string_view());
}

void TestObservabilityExposition::compressesWhatIsWorthIt()
{
    const Metrics metrics;
    const Registry little;

    const Exposition answer = metrics.answer("", "br;q=1, GZIP;q=0.5");
    QCOMPARE(answer.contentEncoding, std::string_view("gzip"));
    QCOMPARE(verdict(u"gzip"_s, {u"-dc"_s}, QByteArray::fromStdString(answer.body)),
             QByteArray::fromStdString(metrics.expose()));

    QCOMPARE(metrics.answer("", "*").contentEncoding, std::string_view("gzip"));
    for (const char *refused :
         {"", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=x", "gzip;q=0, *"})
        QCOMPARE(metrics.answer("", refused).contentEncoding, std::string_view());
    QCOMPARE(little.answer("", "gzip").contentEncoding, std::string_view());
}

void TestObservabilityExposition::exposesOtherPartsMetrics()
{
    Registry registry;
    const auto others = std::make_shared<prometheus::Registry>();
    prometheus::BuildCounter()
        .Name("jobs_total")
        .Help("Jobs.")
        .Register(*others)
        .Add({{"kind", "a\"b\n"}})
        .Increment(2);
    prometheus::BuildHistogram()
        .Name("job_seconds")
        .Register(*others)
        .Add({}, std::vector<double>{0.5, 1})
        .Observe(0.75);
    prometheus::BuildSummary()
        .Name("job_bytes")
        .Register(*others)
        .Add({}, prometheus::Summary::Quantiles{{0.5, 0.05}})
        .Observe(8);
    const auto stub = std::make_shared<Stub>();
    ClientMetric untyped;
    untyped.untyped.value = 7;
    untyped.timestamp_ms = 1'700'000'000'500;
    stub->families = {family("something", MetricType::Untyped, {untyped})};
    registry.addCollectable(others);
    registry.addCollectable(stub);
    registry.addCollectable({});

    const std::string text = registry.expose();
    for (const char *part :
         {"# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{kind=\"a\\\"b\\n\"} 2\n",
          "job_seconds_bucket{le=\"1\"} 1\njob_seconds_bucket{le=\"+Inf\"} 1\njob_seconds_sum "
          "0.75\njob_seconds_count 1\n",
          "# TYPE job_bytes summary\njob_bytes{quantile=\"0.5\"} 8\njob_bytes_sum 8\n",
          "# TYPE something untyped\nsomething 7 1700000000500\n"})
        QVERIFY2(text.find(part) != std::string::npos, text.c_str());
    QVERIFY(text.find("trendscope_metrics_refused_total") == std::string::npos);
    verifyParsers(registry);
    QVERIFY(openMetricsOf(registry).contains("# TYPE something unknown\nsomething 7 1700000000.5"));

    stub->families.clear();
    QVERIFY(registry.expose().find("something") == std::string::npos);
}

void TestObservabilityExposition::leavesOutWhatIsNotValid_data()
{
    QTest::addColumn<std::shared_ptr<MetricFamily>>("hostile");
    const auto row = [](const char *title, MetricFamily hostile) {
        QTest::newRow(title) << std::make_shared<MetricFamily>(std::move(hostile));
    };
    row("a name with a line's end", family("a\nb", MetricType::Gauge, {ClientMetric()}));
    row("no name", family("", MetricType::Gauge, {ClientMetric()}));
    row("a name of ours", family("own_seconds", MetricType::Gauge, {ClientMetric()}));
    row("a sample's name of ours", family("own_seconds_sum", MetricType::Gauge, {ClientMetric()}));
    row("a bad label", family("x", MetricType::Counter, {counter(1, {{"a b", ""}})}));
    row("a label twice",
        family("x", MetricType::Counter, {counter(1, {{"a", "1"}, {"b", ""}, {"a", "2"}})}));
    row("a reserved label", family("x", MetricType::Counter, {counter(1, {{"__name__", "y"}})}));
    row("a series twice",
        family("x", MetricType::Counter, {counter(1, {{"a", "1"}}), counter(2, {{"a", "1"}})}));
    row("a counter that is not a number", family("x", MetricType::Counter, {counter(qQNaN())}));
    row("a negative counter", family("x", MetricType::Counter, {counter(-1)}));
    row("buckets that don't ascend",
        family("x", MetricType::Histogram, {histogram({{1, 2}, {1, 1}}, 1, 1)}));
    row("counts that don't ascend",
        family("x", MetricType::Histogram, {histogram({{2, 1}, {1, 2}}, 2, 1)}));
    row("a bound that is not a number",
        family("x", MetricType::Histogram, {histogram({{1, qQNaN()}}, 1, 1)}));
    row("counts that don't agree",
        family("x", MetricType::Histogram, {histogram({{1, 1}, {2, qInf()}}, 3, 1)}));
    row("a sum that is not a number",
        family("x", MetricType::Histogram, {histogram({}, 1, qQNaN())}));
    row("a quantile above 1", family("x", MetricType::Summary, {summary({{0.5, 1}, {1.5, 1}}, 1)}));
    row("a quantile twice", family("x", MetricType::Summary, {summary({{0.5, 1}, {0.5, 1}}, 1)}));
}

void TestObservabilityExposition::leavesOutWhatIsNotValid()
{
    QFETCH(std::shared_ptr<MetricFamily>, hostile);
    Registry registry;
    registry.add<Histogram>({.name = "own_seconds", .help = "", .buckets = {1}}).observe(1);
    const auto stub = std::make_shared<Stub>();
    const auto good = family("good", MetricType::Gauge, {ClientMetric()});
    stub->families = {*hostile, good, good};
    registry.addCollectable(stub);

    const std::string text = registry.expose();

    verifyParsers(registry);
    QCOMPARE(lineOf(QByteArray::fromStdString(text), "good"), QByteArray("good 0"));
    QVERIFY(text.find("{metric=\"good\"} 1\n") != std::string::npos); // the second one
    QCOMPARE(QByteArray::fromStdString(text).count("\ntrendscope_metrics_refused_total{"), 2);
}

void TestObservabilityExposition::survivesAPartThatThrows()
{
    Registry registry;
    const auto broken = std::make_shared<Stub>();
    broken->isBroken = true;
    registry.addCollectable(broken);

    const QByteArray text = QByteArray::fromStdString(registry.expose());

    QCOMPARE(lineOf(text, "trendscope_metrics_refused_total"),
             QByteArray("trendscope_metrics_refused_total{metric=\"\"} 1"));
}

void TestObservabilityExposition::givesItsMetricsToOtherParts()
{
    Metrics metrics;
    metrics.recordDbQuery("select", "t\n", Seconds(0.5), 2);
    metrics.recordItemCollected("reddit", 3);
    metrics.setWorkersOnline(4);
    Registry other;

    other.addCollectable(metrics.collectable());
    metrics.addCollectable(metrics.collectable()); // gives nothing twice

    const auto lines = [](const Registry &registry) {
        QList<QByteArray> all = QByteArray::fromStdString(registry.expose()).split('\n');
        all.removeIf([](const QByteArray &line) {
            return line.startsWith('#') || line.startsWith("trendscope_");
        });
        for (QByteArray &line : all) // their labels are sorted
            line.replace(R"(operation="select",table="t\n",le)", R"(le)")
                .replace(R"(",operation="select",table="t\n"})", R"("})");
        return all;
    };
    QCOMPARE(lines(other), lines(metrics));
    QVERIFY(lines(other).contains(R"(items_collected_total{source="reddit"} 3)"));
    verifyParsers(other);
    verifyParsers(metrics);
}

QTEST_GUILESS_MAIN(TestObservabilityExposition)
#include "tst_observability_exposition.moc"
