#include "core/logs/filter.h"

#include <QTest>

using namespace trendscope;

namespace {

constexpr std::string_view line =
    R"({"timestamp":"2024-01-15T10:30:45Z","level":"ERROR","logger":"trend_agent.db","message":"Connection \u0022refused\u0022 by db-1",)"
    R"("module":"pool","function":"connect","line":42,"context":{"endpoint":"/api/v1/trends","status_code":503,)"
    R"("user":{"id":"u 7"},"duration":0.25}})";

std::string kindsOf(std::string_view text)
{
    std::string kinds;
    for (const auto &token : logs::Filter::tokenize(text))
        kinds += "-koVt!"[static_cast<std::size_t>(token.kind)];
    return kinds;
}

} // namespace

class TestLogsFilter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void matchesWhatItSays_data();
    void matchesWhatItSays();
    void comparesLevelsOfRecordsWithoutOne();
    void namesThePlaceOfAProblem_data();
    void namesThePlaceOfAProblem();
    void cutsTheTextIntoTokens();
    void findsTextAcrossTheWindowsOfALongLine();
    void isLinearInALineMadeToBeSlow();
    void writesTermsThatItReadsBack_data();
    void writesTermsThatItReadsBack();
};

void TestLogsFilter::matchesWhatItSays_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<bool>("matches");

    const auto row = [](const char *filter, bool matches) {
        QTest::newRow(filter) << QString::fromUtf8(filter) << matches;
    };
    row("", true);
    row("   ", true);
    row("level>=WARNING", true);
    row("level>=critical", false);
    row("level<ERROR", false);
    row("level<=error", true);
    row("level=err", true);
    row("level!=INFO", true);
    row("level:ERR*", true);
    row("-level=ERROR", false);
    row("logger=trend_agent.db", true);
    row("logger=trend_agent", false);
    row("logger:trend_agent.*", true);
    row("logger:*agent*db", true);
    row("logger:*.api", false);
    row("logger:trend_agent.db*", true);
    row("logger:a*a", false);
    row("module=pool function=connect line=42", true);
    row("line>41 line<43", true);
    row("line:4*", true);
    row("endpoint=/api/v1/trends", true);
    row("-endpoint=/health", true);
    row("endpoint:/api/*", true);
    row("status_code>=500", true);
    row("status_code<500", false);
    row("status_code=503", true);
    row("duration<0.3 duration>0.2", true);
    row("user.id=\"u 7\"", true);
    row("context.user.id=\"u 7\"", true);
    row("nothing=1", false);
    row("nothing!=1", false);
    row("-nothing=1", true);
    row("nothing>1", false);
    row("endpoint>1", false);
    row("connection", true);
    row("REFUSED", true);
    row("\"connection \\\"refused\\\" by\"", true);
    row("/api/v1/trends", true);
    row("-timeout", true);
    row("-connection", false);
    row("message:*by*", true);
    row("level>=WARNING logger:trend_agent.* -endpoint=/health refused db-1", true);
    row("level>=WARNING timeout", false);
    row("http://x", false);
}

void TestLogsFilter::matchesWhatItSays()
{
    QFETCH(const QString, filter);
    QFETCH(const bool, matches);
    const auto parsed = logs::Filter::parse(filter.toStdString());
    QVERIFY2(parsed.has_value(), parsed ? "" : parsed.error().message.c_str());

    QCOMPARE(parsed->matches(logs::RecordParser().parse(line)), matches);
}

void TestLogsFilter::comparesLevelsOfRecordsWithoutOne()
{
    const auto plain = logs::RecordParser().parse("plain text");
    const auto odd = logs::RecordParser().parse(R"({"level":"LOUD"})");

    QVERIFY(!logs::Filter::parse("level>=DEBUG")->matches(plain));
    QVERIFY(logs::Filter::parse("-level>=DEBUG")->matches(plain));
    QVERIFY(logs::Filter::parse("level=LOUD")->matches(odd));
    QVERIFY(logs::Filter::parse("plain")->matches(plain));
}

void TestLogsFilter::namesThePlaceOfAProblem_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("place");

    QTest::newRow("no value") << "level="
                              << "at character 7: a value is missing after 'level='";
    QTest::newRow("unknown level") << "x level>=LOUD"
                                   << "at character 10: no level is called 'LOUD'";
    QTest::newRow("no number") << "status>many"
                               << "at character 8: 'many' is not a number";
    QTest::newRow("open quote") << "é \"open"
                                << "at character 3: the quote is not closed";
    QTest::newRow("open quoted value") << "a=\"b"
                                       << "at character 3: the quote is not closed";
    QTest::newRow("lonely minus") << "a - b"
                                  << "at character 4: a term is missing after '-'";
    QTest::newRow("empty text") << "\"\""
                                << "at character 1: the text is empty";
}

void TestLogsFilter::namesThePlaceOfAProblem()
{
    QFETCH(const QString, filter);
    QFETCH(const QString, place);

    const auto parsed = logs::Filter::parse(filter.toStdString());

    QVERIFY(!parsed);
    QVERIFY2(QString::fromStdString(parsed.error().message).startsWith(place),
             parsed.error().message.c_str());
    QVERIFY(parsed.error().kind == Error::Kind::Invalid);
}

void TestLogsFilter::cutsTheTextIntoTokens()
{
    QCOMPARE(kindsOf("level>=INFO -endpoint=/health \"a b\" c"), std::string("koV-koVtt"));
    QCOMPARE(kindsOf("a level>=LOUD c"), std::string("tko!"));
    const auto tokens = logs::Filter::tokenize("-a=\"b c\"");
    QCOMPARE(tokens.back().position, std::size_t(3));
    QCOMPARE(tokens.back().size, std::size_t(5));
}

void TestLogsFilter::findsTextAcrossTheWindowsOfALongLine()
{
    const auto filter = logs::Filter::parse("NEEDLE");
    for (std::size_t before = 4080; before < 4110; ++before) {
        const std::string text = std::string(before, 'x') + "needle" + std::string(5000, 'y');
        QVERIFY2(filter->matches(logs::RecordParser().parse(text)), std::to_string(before).c_str());
    }
    QVERIFY(!filter->matches(logs::RecordParser().parse(std::string(10000, 'n'))));
}

void TestLogsFilter::isLinearInALineMadeToBeSlow()
{
    const auto record = logs::RecordParser().parse(std::string(1 << 20, 'a'));
    const auto text = logs::Filter::parse(std::string(500, 'a') + "b");
    const auto glob = logs::Filter::parse("message:*" + std::string(500, 'a') + "b*"
                                          + std::string(500, 'a') + "c");

    // A search that starts again at every byte would compare 500 million of them each time.
    for (int i = 0; i < 20; ++i) {
        QVERIFY(!text->matches(record));
        QVERIFY(!glob->matches(record));
    }
}

void TestLogsFilter::writesTermsThatItReadsBack_data()
{
    QTest::addColumn<QString>("value");

    for (const char *value :
         {"plain", "/api?x=1", "with space", "\"quoted\"", "back\\slash", "", "a\\ b\"c"})
        QTest::newRow(value) << QString::fromLatin1(value);
}

void TestLogsFilter::writesTermsThatItReadsBack()
{
    QFETCH(const QString, value);
    const QByteArray json =
        "{\"k\":\"" + QByteArray(value.toUtf8()).replace('\\', "\\\\").replace('"', "\\\"") + "\"}";

    const auto filter = logs::Filter::parse(logs::filterTerm("k", value.toStdString()));

    QVERIFY2(filter.has_value(), filter ? "" : filter.error().message.c_str());
    QVERIFY(filter->matches(logs::RecordParser().parse(json.toStdString())));
    QVERIFY(!filter->matches(logs::RecordParser().parse(R"({"k":"other"})")));
}

QTEST_GUILESS_MAIN(TestLogsFilter)
#include "tst_logs_filter.moc"
