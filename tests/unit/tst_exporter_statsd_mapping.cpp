#include "core/exporter/push/statsd_mapping.h"

#include <QTest>

using namespace trendscope;
using namespace std::chrono_literals;
using config::StatsdMapping;
using exporter::StatsdMappings;
using Kind = config::StatsdMapping::Kind;

namespace {

StatsdMappings compiled(std::vector<config::StatsdMapping> rules)
{
    return std::move(StatsdMappings::compile(std::move(rules)).value());
}

/// "name label=value …", "-" for what is dropped, "" for what no rule matches.
std::string mapped(const StatsdMappings &mappings, std::string_view name, Kind kind = Kind::Counter)
{
    const auto match = mappings.find(name, kind);
    if (!match.rule)
        return "";
    if (match.rule->isDropped)
        return "-";
    std::string text = match.name;
    for (const auto &[label, value] : match.labels)
        text.append(" ").append(label).append("=").append(value);
    return text;
}

} // namespace

class TestExporterStatsdMapping : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fillsNamesAndLabelsFromGlobs();
    void matchesWholePartsOnly();
    void fillsNamesAndLabelsFromRegularExpressions();
    void takesTheFirstRuleThatMatches();
    void asksForTheKind();
    void refusesRulesThatCanNotWork_data();
    void refusesRulesThatCanNotWork();
    void readsMappingFiles();
    void leavesDefaultsWhereTheFileHasNone();
    void saysWhereAMappingFileIsWrong_data();
    void saysWhereAMappingFileIsWrong();
};

void TestExporterStatsdMapping::fillsNamesAndLabelsFromGlobs()
{
    const auto mappings = compiled({{.match = "test.dispatcher.*.*.*",
                                     .name = "dispatcher_${1}_total",
                                     .labels = {{"action", "$2"}, {"outcome", "a$3b$"}}}});

    QCOMPARE(mapped(mappings, "test.dispatcher.FooProcessor.send.success"),
             std::string("dispatcher_FooProcessor_total action=send outcome=asuccessb$"));
}

void TestExporterStatsdMapping::matchesWholePartsOnly()
{
    const auto mappings = compiled({{.match = "a.*.c", .name = "x"}, {.match = "*", .name = "y"}});

    QCOMPARE(mapped(mappings, "a.b.c"), std::string("x"));
    QCOMPARE(mapped(mappings, "a..c"), std::string("x"));
    QCOMPARE(mapped(mappings, "a.b.b.c"), std::string());
    QCOMPARE(mapped(mappings, "a.b.c.d"), std::string());
    QCOMPARE(mapped(mappings, "a.b"), std::string());
    QCOMPARE(mapped(mappings, "a.b.cc"), std::string());
    QCOMPARE(mapped(mappings, "a"), std::string("y"));
    QCOMPARE(mapped(mappings, ""), std::string("y"));
}

void TestExporterStatsdMapping::fillsNamesAndLabelsFromRegularExpressions()
{
    const auto mappings = compiled({{.match = R"(^server-(\d+)\.(.*?)(\.total)?$)",
                                     .pattern = config::StatsdMapping::Pattern::Regex,
                                     .name = "server_$2",
                                     .labels = {{"id", "$1"}, {"suffix", "$3"}}}});

    QCOMPARE(mapped(mappings, "server-12.jobs"), std::string("server_jobs id=12 suffix="));
    QCOMPARE(mapped(mappings, "server-x.jobs"), std::string());
}

void TestExporterStatsdMapping::takesTheFirstRuleThatMatches()
{
    const auto mappings =
        compiled({{.match = "a.secret", .isDropped = true}, {.match = "a.*", .name = "a_$1"}});

    QCOMPARE(mapped(mappings, "a.secret"), std::string("-"));
    QCOMPARE(mapped(mappings, "a.open"), std::string("a_open"));
}

void TestExporterStatsdMapping::asksForTheKind()
{
    const auto mappings = compiled({{.match = "a", .kind = Kind::Observer, .name = "observed"},
                                    {.match = "a", .kind = Kind::Gauge, .name = "measured"}});

    QCOMPARE(mapped(mappings, "a", Kind::Observer), std::string("observed"));
    QCOMPARE(mapped(mappings, "a", Kind::Gauge), std::string("measured"));
    QCOMPARE(mapped(mappings, "a", Kind::Counter), std::string());
}

void TestExporterStatsdMapping::refusesRulesThatCanNotWork_data()
{
    QTest::addColumn<QByteArray>("match");
    QTest::addColumn<bool>("isRegex");
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("problem");
    QTest::newRow("nothing to match")
        << QByteArray() << false << QByteArray("x") << QByteArray("nothing to match");
    QTest::newRow("no name") << QByteArray("a") << false << QByteArray() << QByteArray("no name");
    QTest::newRow("half a part") << QByteArray("a.b*") << false << QByteArray("x")
                                 << QByteArray("whole part");
    QTest::newRow("beyond the globs")
        << QByteArray("a.*") << false << QByteArray("x$2") << QByteArray("beyond the 1");
    QTest::newRow("beyond the groups")
        << QByteArray("(a)") << true << QByteArray("${22}") << QByteArray("beyond the 1");
    QTest::newRow("no regular expression")
        << QByteArray("(a") << true << QByteArray("x") << QByteArray("missing )");
}

void TestExporterStatsdMapping::refusesRulesThatCanNotWork()
{
    QFETCH(QByteArray, match);
    QFETCH(bool, isRegex);
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, problem);

    const auto result =
        StatsdMappings::compile({{.match = "fine", .name = "x"},
                                 {.match = match.toStdString(),
                                  .pattern = isRegex ? config::StatsdMapping::Pattern::Regex
                                                     : config::StatsdMapping::Pattern::Glob,
                                  .name = name.toStdString()}});

    QVERIFY(!result);
    const QByteArray message = QByteArray::fromStdString(result.error().message);
    QVERIFY2(message.contains("mapping 2 (" + match + ")"), message);
    QVERIFY2(message.contains(problem), message);
}

/// The forms of statsd_exporter's README.
void TestExporterStatsdMapping::readsMappingFiles()
{
    const char *const yaml = "defaults:\n"
                             "  observer_type: summary\n"
                             "  ttl: 5m\n"
                             "  histogram_options:\n"
                             "    buckets: [.5, 1, 2.5]\n"
                             "mappings:\n"
                             "- match: \"test.*.counter\"\n"
                             "  name: \"test_total\"\n"
                             "  help: A test.\n"
                             "  labels:\n"
                             "    provider: \"$1\"\n"
                             "    job: fixed\n"
                             "- match: '^(x.*)'\n"
                             "  match_type: regex\n"
                             "  match_metric_type: observer\n"
                             "  observer_type: histogram\n"
                             "  histogram_options:\n"
                             "    buckets: [1, 2]\n"
                             "  name: $1\n"
                             "  ttl: 90s\n"
                             "  scale: 0.5\n"
                             "  honor_labels: true\n"
                             "- match: '*.secret'\n"
                             "  action: drop\n";

    const auto read = exporter::readStatsdMappings(yaml, "m.yml", {});

    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QCOMPARE(read->observer, config::StatsdObserver::Summary);
    QCOMPARE(read->timeToLive, std::chrono::milliseconds(5min));
    QCOMPARE(read->buckets, (std::vector<double>{0.5, 1, 2.5}));
    QCOMPARE(read->mappings.size(), std::size_t(3));
    QCOMPARE(read->mappings[0].labels.size(), std::size_t(2));
    QCOMPARE(read->mappings[0].buckets, read->buckets);
    QVERIFY(read->mappings[0].observer == config::StatsdObserver::Summary);
    const config::StatsdMapping &second = read->mappings[1];
    QCOMPARE(second.pattern, config::StatsdMapping::Pattern::Regex);
    QVERIFY(second.observer == config::StatsdObserver::Histogram);
    QCOMPARE(second.buckets, (std::vector<double>{1, 2}));
    QCOMPARE(second.timeToLive, std::chrono::milliseconds(90s));
    QCOMPARE(second.scale, 0.5);
    QVERIFY(second.honorLabels);
    QVERIFY(read->mappings[2].isDropped);
    const auto mappings = compiled(read->mappings);
    QCOMPARE(mapped(mappings, "test.a.counter"), std::string("test_total provider=a job=fixed"));
    QCOMPARE(mapped(mappings, "a.secret"), std::string("-"));
}

void TestExporterStatsdMapping::leavesDefaultsWhereTheFileHasNone()
{
    config::StatsdSettings defaults;
    defaults.timeToLive = 7s;
    defaults.mappings = {{.match = "old", .name = "old"}};
    for (const char *yaml : {"", "mappings:\n", "defaults: {}\n"}) {
        const auto read = exporter::readStatsdMappings(yaml, "m.yml", defaults);
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QCOMPARE(read->timeToLive, std::chrono::milliseconds(7s));
        QVERIFY(read->mappings.empty());
    }
}

void TestExporterStatsdMapping::saysWhereAMappingFileIsWrong_data()
{
    QTest::addColumn<QByteArray>("yaml");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *yaml, const char *message) {
        QTest::newRow(message) << QByteArray(yaml) << QByteArray(message);
    };
    row("mappings: [", "m.yml:");
    row("- a\n", "m.yml:1: 'the file' should be a map");
    row("mapings: []\n", "m.yml:1: unknown key 'mapings'");
    row("mappings: 7\n", "m.yml:1: 'mappings' should be a list");
    row("mappings:\n- 7\n", "m.yml:2: 'mapping' should be a map");
    row("mappings:\n- match: a\n  nam: b\n",
        "m.yml:3: unknown key 'nam' in 'mapping'; did you mean 'name'?");
    row("mappings:\n- match: a\n  name: b\n  ttl: soon\n",
        "m.yml:4: 'ttl' should be a time such as");
    row("mappings:\n- match: a\n  name: b\n  name: c\n",
        "m.yml:4: the key 'name' is here a second");
    row("mappings:\n- match: a\n  name: [b]\n", "m.yml:3: 'name' should be a text");
    row("mappings:\n- match: a\n  name: b\n  match_type: exact\n",
        "m.yml:4: 'match_type' should be one of glob, regex");
    row("mappings:\n- match: a\n  name: b\n  labels: [x]\n", "m.yml:4: 'labels' should be a map");
    row("mappings:\n- match: a\n  name: b\n  buckets: [x]\n",
        "m.yml:4: 'buckets' should be a number");
    row("mappings:\n- match: a\n  name: b\n  buckets: [2, 1]\n", "do not ascend");
    row("mappings:\n- match: a.*\n  name: b$2\n", "m.yml:2: StatsD mapping 1 (a.*) uses a $");
}

void TestExporterStatsdMapping::saysWhereAMappingFileIsWrong()
{
    QFETCH(QByteArray, yaml);
    QFETCH(QByteArray, message);

    const auto read = exporter::readStatsdMappings(yaml.toStdString(), "m.yml", {});

    QVERIFY(!read);
    QCOMPARE(read.error().kind, Error::Kind::Invalid);
    QVERIFY2(read.error().message.find(message.toStdString()) != std::string::npos,
             read.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestExporterStatsdMapping)
#include "tst_exporter_statsd_mapping.moc"
