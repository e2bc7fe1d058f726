#include "core/config/log_rules.h"
#include "core/exporter/log_rules/log_rule_check.h"
#include "core/exporter/log_rules/log_rule_engine.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace trendscope;

namespace {

using Fault = exporter::LogRuleEngine::Fault;

std::string rule(const std::string &rest)
{
    return "rules:\n  - metric: m\n" + rest;
}

/// What rules make of lines: the samples of the metrics that begin with m.
class Metrics {
public:
    explicit Metrics(const std::string &yaml)
        : m_settings(config::parseLogMetrics(yaml, "rules.yml"))
        , m_engine(settings().rules, m_registry)
    {
    }
    explicit Metrics(const std::vector<std::string> &builtIn)
        : m_settings(config::LogMetrics{})
        , m_engine(exporter::builtInLogRules(builtIn), m_registry)
    {
    }

    const config::LogMetrics &settings() const
    {
        if (!m_settings)
            qFatal("%s", m_settings.error().message.c_str());
        return *m_settings;
    }

    Metrics &operator<<(std::string line)
    {
        const std::size_t size = line.size();
        line.append(exporter::LogRuleEngine::padding(), '"');
        m_latest = m_engine.take(std::string_view(line).substr(0, size));
        return *this;
    }
    exporter::LogRuleEngine::Line latest() const { return m_latest; }

    /// Samples whose names begin like this, joined by blanks, without their values' fractions.
    std::string samples(const std::string &prefix = "m") const
    {
        std::string out;
        for (const QString &line :
             QString::fromStdString(m_registry.expose()).split(QLatin1Char('\n')))
            if (line.startsWith(QString::fromStdString(prefix)))
                out += (out.empty() ? "" : "; ") + line.toStdString();
        return out;
    }

private:
    Result<config::LogMetrics> m_settings;
    observability::Registry m_registry;
    exporter::LogRuleEngine m_engine;
    exporter::LogRuleEngine::Line m_latest;
};

} // namespace

class TestExporterLogRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matchesFields_data();
    void matchesFields();
    void labelsComeFromFieldsAndConstants();
    void labelsAreRewritten();
    void valuesAreScaled();
    void countsWhatItCanNotUse();
    void gaugesAndHistogramsTakeValues();
    void seriesAreCapped();
    void hostileLabelsDoNotGrowWhatIsKept();
    void tellsFaultsApart_data();
    void tellsFaultsApart();
    void keysMayComeInAnyOrder();
    void makesTheCatalogueOfThePlatformsRecords();
    void readsAllThatYamlCanSay();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void findsRulesThatComeToNothing();
};

void TestExporterLogRules::matchesFields_data()
{
    QTest::addColumn<QString>("match");
    QTest::addColumn<QString>("line");
    QTest::addColumn<bool>("isMatched");
    const auto row = [](const char *match, const char *line, bool is) {
        QTest::addRow("%s <- %s", match, line)
            << QString::fromUtf8(match) << QString::fromUtf8(line) << is;
    };
    row("{}", "{}", true);
    row("{event: a}", R"({"event":"a"})", true);
    row("{event: a}", R"({"event":"b"})", false);
    row("{event: a}", R"({})", false);
    row("{event: a}", R"({"context":{"event":"a"}})", true);
    row("{event: a}", R"({"event":"b","context":{"event":"a"}})", false);
    row("{context.event: a}", R"({"event":"a"})", false);
    row("{context.event: a}", R"({"context":{"event":"a"}})", true);
    row("{x.y.z: a}", R"({"x":{"w":1,"y":{"z":"a"}}})", true);
    row("{x.y.z: a}", R"({"context":{"x":{"y":{"z":"a"}}}})", true);
    row(R"({'http\.method': GET})", R"({"http.method":"GET"})", true);
    row("{event: [a, b]}", R"({"event":"b"})", true);
    row("{event: [a, b]}", R"({"event":"c"})", false);
    row("{'event|kind': a}", R"({"kind":"a"})", true);
    row("{'event|kind': a}", R"({"event":"b","kind":"a"})", false);
    row("{event: a, level: ERROR}", R"({"event":"a","level":"ERROR"})", true);
    row("{event: a, level: ERROR}", R"({"event":"a","level":"INFO"})", false);
    row("{event: 'caf\u00e9'}", R"({"event":"café"})", true);
    row("{event: caf\xc3\xa9}", R"({"event":"caf\u00e9"})", true);
    row("{\"event\": \"a\\\"b\"}", R"({"event":"a\"b"})", true);
    row("{n: 5}", R"({"n":5})", true);
    row("{n: true}", R"({"n":true})", true);
    row("{n: {exists: true}}", R"({"n":[1]})", true);
    row("{n: {exists: true}}", R"({"n":null})", false);
    row("{n: {exists: true}}", R"({"m":1})", false);
    row("{n: {exists: false}}", R"({"m":1})", true);
    row("{n: {exists: false}}", R"({"n":1})", false);
    row("{n: {at_least: 500, below: 600}}", R"({"n":500})", true);
    row("{n: {at_least: 500, below: 600}}", R"({"n":599.5})", true);
    row("{n: {at_least: 500, below: 600}}", R"({"n":600})", false);
    row("{n: {above: 1}}", R"({"n":1})", false);
    row("{n: {at_most: -1}}", R"({"n":"-1e0"})", true);
    row("{n: {above: 1}}", R"({"n":"many"})", false);
    row("{n: {above: 1}}", R"({"n":"inf"})", false);
    row("{n: {above: 1}}", R"({"n":[2]})", false);
    row("{message: {regex: '^slow .*s$'}}", R"({"message":"slow 5s"})", true);
    row("{message: {regex: '^slow .*s$'}}", R"({"message":"a slow 5s"})", false);
    row("{message: {regex: 'low', is: [slow, flow]}}", R"({"message":"flow"})", true);
    row("{message: {regex: 'sl', is: [slow, flow]}}", R"({"message":"flow"})", false);
    row("{n: a}", R"({"n":"b","n":"a"})", true);
}

void TestExporterLogRules::matchesFields()
{
    QFETCH(QString, match);
    QFETCH(QString, line);
    QFETCH(bool, isMatched);
    Metrics metrics(rule("    match: " + match.toStdString() + "\n"));

    metrics << line.toStdString();

    QCOMPARE(metrics.latest().fault, Fault::None);
    QCOMPARE(metrics.samples(), std::string(isMatched ? "m 1" : ""));
}

void TestExporterLogRules::labelsComeFromFieldsAndConstants()
{
    Metrics metrics(rule(
        "    labels:\n      a: a\n      b: [b, context.c]\n      d: {field: d, default: none}\n"
        "      e: {constant: x}\n"));

    metrics << R"({"a":"1","b":2})"
            << R"({"a":"1","b":2})"
            << R"({"a":"\u0031","context":{"c":2},"d":""})"
            << R"({"b":2})";

    QCOMPARE(metrics.samples(),
             std::string(R"(m{a="1",b="2",d="",e="x"} 1; m{a="1",b="2",d="none",e="x"} 2)"));
    QCOMPARE(
        metrics.samples("trendscope_log_records_skipped_total"),
        std::string(R"(trendscope_log_records_skipped_total{rule="m",kind="missing_label"} 1)"));
}

void TestExporterLogRules::labelsAreRewritten()
{
    Metrics metrics(rule("    labels:\n      p: {field: p, ids: true, lower_case: true, replace: "
                         "[{regex: '^/(v\\d)/', with: '/\\1-'}],"
                         " map: {/v1-x: mapped}}\n"));

    for (const char *path : {"/V1/Users/17", "/v1/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301?x=1",
                             "/v1/users/0123456789abcdef/", "/v1/x", "/users/me12"})
        metrics << std::string(R"({"p":")") + path + "\"}";

    QCOMPARE(
        metrics.samples(),
        std::string(
            R"(m{p="/users/me12"} 1; m{p="/v1-users/{id}"} 2; m{p="/v1-users/{id}/"} 1; m{p="mapped"} 1)"));
}

void TestExporterLogRules::valuesAreScaled()
{
    Metrics metrics(rule("    value: [{field: s}, {field: ms, scale: 0.001}, {default: 7}]\n"));

    metrics << R"({"s":2})"
            << R"({"ms":35})"
            << R"({"s":null,"ms":"5"})";
    QCOMPARE(metrics.samples(), std::string("m 2.04"));
    metrics << "{}";
    QCOMPARE(metrics.samples(), std::string("m 9.04"));
}

void TestExporterLogRules::countsWhatItCanNotUse()
{
    Metrics metrics(rule("    value: v\n"));

    metrics << "{}"
            << R"({"v":"x"})"
            << R"({"v":-1})"
            << R"({"v":1e999})"
            << R"({"v":{}})"
            << R"({"v":1})";

    QCOMPARE(metrics.samples(), std::string("m 1"));
    QCOMPARE(
        metrics.samples("trendscope_log_records"),
        std::string(R"(trendscope_log_records_skipped_total{rule="m",kind="bad_value"} 4; )"
                    R"(trendscope_log_records_skipped_total{rule="m",kind="missing_value"} 1)"));
}

void TestExporterLogRules::gaugesAndHistogramsTakeValues()
{
    Metrics gauge(rule("    type: gauge\n    value: v\n"));
    gauge << R"({"v":5})"
          << R"({"v":-3})";
    QCOMPARE(gauge.samples(), std::string("m -3"));

    Metrics histogram(rule(
        "    type: histogram\n    buckets: [0.01, 0.1]\n    value: {field: v, scale: 0.001}\n"));
    histogram << R"({"v":10})"
              << R"({"v":50})"
              << R"({"v":200})";
    QCOMPARE(
        histogram.samples(),
        std::string(
            R"(m_bucket{le="0.01"} 1; m_bucket{le="0.1"} 2; m_bucket{le="+Inf"} 3; m_sum 0.26; m_count 3)"));
}

void TestExporterLogRules::seriesAreCapped()
{
    Metrics metrics(rule("    labels: {a: a}\n    max_series: 2\n"));

    for (int i = 0; i < 5; ++i)
        metrics << R"({"a":)" + std::to_string(i) + "}";

    QCOMPARE(metrics.samples(), std::string(R"(m{a="0"} 1; m{a="1"} 1)"));
    QCOMPARE(metrics.samples("trendscope_series_dropped_total{"),
             std::string(R"(trendscope_series_dropped_total{metric="m"} 3)"));
}

void TestExporterLogRules::hostileLabelsDoNotGrowWhatIsKept()
{
    Metrics metrics(rule("    labels: {a: {field: a, replace: [{regex: '\\d+', with: N}]}}\n"));

    for (int i = 0; i < 30'000; ++i)
        metrics << R"({"a":"x)" + std::to_string(i % 20'000) + "\"}";
    metrics << R"({"a":")" + std::string(100'000, 'y') + "\"}"
            << R"({"a":")" + std::string(100'000, 'y') + "\"}";

    QCOMPARE(metrics.samples(),
             std::string(R"(m{a="xN"} 30000; m{a=")") + std::string(256, 'y') + "\"} 2");
}

void TestExporterLogRules::tellsFaultsApart_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("fault");
    const auto row = [](const char *name, const QByteArray &line, Fault fault) {
        QTest::newRow(name) << line << static_cast<int>(fault);
    };
    row("object", R"({"a":"b"})", Fault::None);
    row("blanks around", "  {\"a\" : 1 } \t", Fault::None);
    row("empty object", "{}", Fault::None);
    row("text", "Traceback (most recent call last):", Fault::NotJson);
    row("list", R"([{"a":"b"}])", Fault::NotJson);
    row("string", R"("a")", Fault::NotJson);
    row("number", "1", Fault::NotJson);
    row("cut in a string", R"({"a":"b","c":"d)", Fault::NotJson);
    row("cut after a value", R"({"a":"b")", Fault::NotJson);
    row("cut after a colon", R"({"a":)", Fault::NotJson);
    row("cut in an object", R"({"a":"b","context":{"x":1})", Fault::NotJson);
    row("more behind it", R"({"a":"b"}x)", Fault::NotJson);
    row("two", R"({"a":"b"}{"a":"b"})", Fault::NotJson);
    row("no colon", R"({"a" "b"})", Fault::NotJson);
    row("no comma", R"({"a":"b" "c":"d"})", Fault::NotJson);
    row("bad value", R"({"a":"b","c":bad})", Fault::NotJson);
    row("zero byte", QByteArray("{\"a\":\"b\0\"}", 10), Fault::NotJson);
    row("zero bytes", QByteArray(100, '\0'), Fault::NotJson);
    row("cut character", "{\"a\":\"b\xc3\"}", Fault::InvalidUtf8);
    row("Latin-1", "{\"a\":\"b\",\"c\":\"caf\xe9\"}", Fault::InvalidUtf8);
    row("deep", "{\"a\":" + QByteArray(2000, '[') + QByteArray(2000, ']') + "}", Fault::NotJson);
}

void TestExporterLogRules::tellsFaultsApart()
{
    QFETCH(QByteArray, line);
    QFETCH(int, fault);
    Metrics metrics(rule("    match: {a: b}\n"));

    metrics << line.toStdString();
    if (QByteArray(QTest::currentDataTag()) == "deep") // skipped or refused, as the parser likes
        return;
    QCOMPARE(static_cast<int>(metrics.latest().fault), fault);
    if (fault != static_cast<int>(Fault::None))
        QCOMPARE(metrics.samples(), std::string());
    metrics << R"({"a":"b"})"; // and the next line is understood
    QCOMPARE(metrics.latest().fault, Fault::None);
}

void TestExporterLogRules::keysMayComeInAnyOrder()
{
    Metrics metrics(rule("    match: {event: a}\n    labels: {x: x, y: y, "
                         "a_key_that_is_rather_long: a_key_that_is_rather_long}\n"));
    QStringList fields{QStringLiteral("\"event\":\"a\""), QStringLiteral("\"x\":1"),
                       QStringLiteral("\"y\":2"), QStringLiteral("\"other\":{\"x\":3}"),
                       QStringLiteral("\"a_key_that_is_rather_long\":4")};
    std::sort(fields.begin(), fields.end());
    int lines = 0;
    do {
        metrics << "{" + fields.join(QLatin1Char(',')).toStdString() + "}";
        ++lines;
    } while (std::next_permutation(fields.begin(), fields.end()));
    for (int i = 0; i < 1000; ++i) // more keys than are kept
        metrics << "{\"key" + std::to_string(i) + "\":1,\"event\":\"b\"}";
    metrics << R"({"unknown\u002e":0,"event":"a","\u0078":1,"y":2,"a_key_that_is_rather_long":4})";

    QCOMPARE(metrics.samples(),
             R"(m{x="1",y="2",a_key_that_is_rather_long="4"} )" + std::to_string(lines + 1));
}

void TestExporterLogRules::makesTheCatalogueOfThePlatformsRecords()
{
    Metrics metrics(std::vector<std::string>{"api", "tasks", "business", "audit"});

    metrics
        << R"({"level":"INFO","context":{"event":"http_request","method":"GET","endpoint":"/trends/7","status":200,"duration_ms":50}})"
        << R"({"logger":"audit","event_type":"api_access","method":"GET","endpoint":"/x","status_code":"500","duration_seconds":0.2,"success":false})"
        << R"({"context":{"event":"task_started","task":"t"}})"
        << R"({"context":{"event":"task_succeeded","task_name":"t","runtime_seconds":2}})"
        << R"({"context":{"event":"task_failed","task":"t","runtime_s":4}})"
        << R"({"context":{"event":"task_retried","task":"t"}})"
        << R"({"event":"item_collected","source":"reddit","count":12})"
        << R"({"event":"item_collected","source":"reddit"})"
        << R"({"event":"trend_created","category":"tech"})"
        << R"({"event":"topic_created","category":"tech","count":2})";

    QCOMPARE(
        metrics.samples("api_requests_total"),
        std::string(
            R"(api_requests_total{method="GET",endpoint="/trends/{id}",status_code="200"} 1; api_requests_total{method="GET",endpoint="/x",status_code="500"} 1)"));
    QCOMPARE(
        metrics.samples("api_request_duration_seconds_sum"),
        std::string(
            R"(api_request_duration_seconds_sum{method="GET",endpoint="/trends/{id}"} 0.05; api_request_duration_seconds_sum{method="GET",endpoint="/x"} 0.2)"));
    QCOMPARE(
        metrics.samples("celery_tasks_total"),
        std::string(
            R"(celery_tasks_total{task_name="t",status="failure"} 1; celery_tasks_total{task_name="t",status="retry"} 1; celery_tasks_total{task_name="t",status="success"} 1)"));
    QCOMPARE(metrics.samples("celery_task_duration_seconds_sum"),
             std::string(R"(celery_task_duration_seconds_sum{task_name="t"} 6)"));
    QCOMPARE(metrics.samples("celery_task_retries_total"),
             std::string(R"(celery_task_retries_total{task_name="t"} 1)"));
    QCOMPARE(metrics.samples("items_collected_total"),
             std::string(R"(items_collected_total{source="reddit"} 13)"));
    QCOMPARE(metrics.samples("trends_created_total"),
             std::string(R"(trends_created_total{category="tech"} 1)"));
    QCOMPARE(metrics.samples("topics_created_total"),
             std::string(R"(topics_created_total{category="tech"} 2)"));
    QCOMPARE(metrics.samples("trendscope_audit_records_total"),
             std::string(
                 R"(trendscope_audit_records_total{event_type="api_access",outcome="failure"} 1)"));
    QCOMPARE(metrics.samples("trendscope_metrics_refused"), std::string());
}

void TestExporterLogRules::readsAllThatYamlCanSay()
{
    const auto read = config::parseLogMetrics(
        "files: [/var/log/*.jsonl, own.log]\nbuilt_in: [api]\ncheckpoint: state/logs\nstart: "
        "beginning\nline_limit: 5000\n"
        "rules:\n  - {name: r, files: x.log, metric: m_seconds, help: Help., type: histogram, "
        "buckets: [1, 2], value: v, max_series: 5}\n",
        "/etc/trendscope/rules.yml");

    QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
    QCOMPARE(read->files,
             (std::vector<std::string>{"/var/log/*.jsonl", "/etc/trendscope/own.log"}));
    QCOMPARE(read->builtIn, std::vector<std::string>{"api"});
    QCOMPARE(read->checkpoint.string(), std::string("/etc/trendscope/state/logs"));
    QVERIFY(read->start == config::LogMetrics::Start::Beginning);
    QCOMPARE(read->lineLimit, std::size_t(5000));
    QCOMPARE(read->rules[0].files, std::vector<std::string>{"/etc/trendscope/x.log"});
    QCOMPARE(read->rules[0].maxSeries, std::size_t(5));
    QVERIFY(config::parseLogMetrics("", "rules.yml").has_value());
}

void TestExporterLogRules::namesWhatIsWrong_data()
{
    QTest::addColumn<QString>("yaml");
    QTest::addColumn<QString>("message");
    const auto row = [](const std::string &yaml, const char *message) {
        QTest::newRow(message) << QString::fromStdString(yaml) << QString::fromLatin1(message);
    };
    row("file: x", "rules.yml:1: unknown key 'file' in 'logs'; did you mean 'files'?");
    row("files: x\nfiles: y", "rules.yml:2: the key 'files' is here a second time");
    row("- a", "rules.yml:1: 'logs' should be a map of keys and values");
    row("start: now", "rules.yml:1: 'start' should be one of beginning, end");
    row("line_limit: -5", "rules.yml:1: 'line_limit' should be a whole number from 1 on");
    row("built_in: [apis]", "rules.yml:1: there are no built-in rules 'apis'; did you mean 'api'?");
    row("rules: {a: b}", "rules.yml:1: 'rules' should be a list");
    row("rules:\n  - name: x", "rules.yml:2: a rule needs a 'metric'");
    row("rules:\n  - metric: a-b", "rules.yml:2: 'a-b' is not a valid metric name");
    row(rule("    matches: {}"),
        "rules.yml:3: unknown key 'matches' in 'rules'; did you mean 'match'?");
    row(rule("    type: sum"), "rules.yml:3: 'type' should be one of counter, gauge, histogram");
    row(rule("    type: histogram"), "rules.yml:2: 'm' is a histogram and needs 'buckets'");
    row(rule("    buckets: [1]"), "rules.yml:2: 'm' has 'buckets' but is not a histogram");
    row(rule("    buckets: [2, 1]"),
        "rules.yml:3: 'buckets' should be a list of ascending numbers");
    row(rule("    type: gauge"), "rules.yml:2: 'm' needs a 'value': only counters count records");
    row(rule("    match:\n      a: {regexp: x}"),
        "rules.yml:4: unknown key 'regexp' in 'match'; did you mean 'regex'?");
    row(rule("    match:\n      a: {regex: '('}"),
        "rules.yml:4: 'regex' is not a valid expression: missing ): (");
    row(rule("    match:\n      a: {above: many}"), "rules.yml:4: 'above' should be a number");
    row(rule("    value: {feld: x}"),
        "rules.yml:3: unknown key 'feld' in 'value'; did you mean 'field'?");
    row(rule("    labels:\n      le: x"), "rules.yml:4: 'le' is not a valid label name");
    row(rule("    labels:\n      a: {ids: true}"),
        "rules.yml:4: the label 'a' has neither a field nor a constant");
    row(rule("    labels:\n      a: {constant: b, field: c}"),
        "rules.yml:4: a label has either a constant or a field");
    row(rule("    labels:\n      a: {field: c, replace: [{regex: a, with: '\\1'}]}"),
        "rules.yml:4: 'with' refers to a group that 'regex' does not have");
    row(rule("  - metric: m\n    labels: {a: b}"),
        "rules.yml:3: 'm' has another type, other labels or other buckets in an earlier rule");
    row("rules: [", "rules.yml:1: end of sequence flow not found");
}

void TestExporterLogRules::namesWhatIsWrong()
{
    QFETCH(QString, yaml);
    QFETCH(QString, message);

    const auto read = config::parseLogMetrics(yaml.toStdString(), "rules.yml");

    QVERIFY(!read.has_value());
    QVERIFY(read.error().kind == Error::Kind::Invalid);
    QCOMPARE(QString::fromStdString(read.error().message), message);
}

void TestExporterLogRules::findsRulesThatComeToNothing()
{
    QTemporaryDir directory;
    const std::string folder = directory.path().toStdString();
    std::ofstream file(folder + "/a.log");
    file << "{\"event\":\"old\"}\n";
    for (int i = 0; i < 999; ++i)
        file << "{\"event\":\"new\"}\n";
    file << "no JSON\n" << std::flush;
    const auto settings =
        config::parseLogMetrics("files: [a.log, b*.log]\nrules:\n"
                                "  - {metric: a, match: {event: new}}\n"
                                "  - {metric: b, match: {event: old}}\n"
                                "  - {metric: c, match: {event: new}, labels: {x: x}}\n"
                                "  - {metric: d, files: c.log, match: {event: new}}\n",
                                folder + "/rules.yml");
    QVERIFY(settings.has_value());

    const std::vector<std::string> expected{
        folder + "/a.log: 1 of the last 1000 lines are not JSON objects",
        folder + "/a.log: the rule c matches 999 lines that it can not use: missing_label",
        "no file matches " + folder + "/b*.log",
        "the rule b matches none of the last 1000 lines of " + folder + "/a.log",
        "the rule d is for no file that has lines"};
    QCOMPARE(exporter::checkRules(*settings), expected);
}

QTEST_GUILESS_MAIN(TestExporterLogRules)
#include "tst_exporter_log_rules.moc"
