#include "core/exporter/push/push_intake.h"

#include <QTest>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <random>

using namespace trendscope;
using namespace std::chrono_literals;

namespace {

class Fixture {
public:
    exporter::PushIntake::Count take(std::string_view body) { return intake.take(body).value(); }

    QByteArray text() const
    {
        const auto families = metrics.collectable()->Collect();
        return QByteArray::fromStdString(::prometheus::TextSerializer().Serialize(families)
                                         + registry.expose());
    }

    observability::Registry registry;
    exporter::PushedMetrics metrics{registry};
    exporter::PushIntake intake{metrics, registry};
};

const char *const request = R"({"metric":"api_requests_total","type":"counter","value":2,)"
                            R"("labels":{"method":"GET","endpoint":"/x","status_code":200}})";

} // namespace

class TestExporterPushIntake : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takesLines();
    void takesLists_data();
    void takesLists();
    void takesSeveralObservationsAtOnce();
    void countsOneWhereACounterHasNoValue();
    void makesOneGaugeOfSeveralProcesses();
    void readsEscapedTexts();
    void refusesByKind_data();
    void refusesByKind();
    void takesNothingOfALineThatIsNotJson();
    void saysWhichRecordWasTheFirstProblem();
    void refusesABodyThatIsTooLarge();
    void survivesMutatedBodies();
};

void TestExporterPushIntake::takesLines()
{
    Fixture fixture;

    const auto count = fixture.take(std::string(request) + "\r\n\n  \n" + request
                                    + "\n{\"metric\":\"own\",\"type\":\"gauge\",\"value\":-1.5}");

    QCOMPARE(count.taken, std::uint64_t(3));
    QCOMPARE(count.refused, std::uint64_t(0));
    QVERIFY(fixture.text().contains(
        R"(api_requests_total{method="GET",endpoint="/x",status_code="200"} 4)"));
    QVERIFY(fixture.text().contains("\nown -1.5"));
    QVERIFY(fixture.text().contains("trendscope_push_records_total{type=\"counter\"} 2"));
}

void TestExporterPushIntake::takesLists_data()
{
    const std::string one = request;
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *title, const std::string &body) {
        QTest::newRow(title) << QByteArray::fromStdString(body);
    };
    row("in one line", "[" + one + "," + one + "]");
    row("over several lines", "[\n  " + one + ",\n  " + one + "\n]\n");
    row("a line each", "[" + one + "]\n[" + one + "]");
    row("and an object", " [" + one + "] \n" + one);
    row("with one in it that is none", "[" + one + ",7,\"x\",[1,{\"a\":2}]," + one + "]");
}

void TestExporterPushIntake::takesLists()
{
    QFETCH(QByteArray, body);
    Fixture fixture;

    QCOMPARE(fixture.take(body.toStdString()).taken, std::uint64_t(2));

    QVERIFY(fixture.text().contains(
        R"(api_requests_total{method="GET",endpoint="/x",status_code="200"} 4)"));
}

void TestExporterPushIntake::takesSeveralObservationsAtOnce()
{
    Fixture fixture;

    fixture.take(R"({"metric":"wait","type":"histogram","values":[0.5,1.5,9],"buckets":[1,2]})");

    QVERIFY(fixture.text().contains("wait_bucket{le=\"2\"} 2\n"));
    QVERIFY(fixture.text().contains("wait_sum 11"));
    QVERIFY(fixture.text().contains("wait_count 3"));
}

void TestExporterPushIntake::countsOneWhereACounterHasNoValue()
{
    Fixture fixture;

    fixture.take(R"({"metric":"jobs","type":"counter"})");

    QVERIFY(fixture.text().contains("\njobs 1"));
}

void TestExporterPushIntake::makesOneGaugeOfSeveralProcesses()
{
    Fixture fixture;
    const auto now = exporter::PushIntake::Clock::now();

    for (const char *pid : {"1", "2", "\"host:3\""})
        (void)fixture.intake.take(R"({"metric":"busy","type":"gauge","mode":"sum","value":2,"pid":)"
                                      + std::string(pid) + "}",
                                  now);
    QVERIFY(fixture.text().contains("\nbusy 6"));

    (void)fixture.intake.take(R"({"metric":"alive","type":"counter","pid":2})", now + 50s);
    (void)fixture.intake.take("", now + 70s);
    QVERIFY(fixture.text().contains("\nbusy 2"));
}

void TestExporterPushIntake::readsEscapedTexts()
{
    Fixture fixture;

    fixture.take("{\"metric\":\"jobs\",\"type\":\"counter\",\"labels\":{\"na\\u006de\":"
                 "\"a\\\"b\\n\\u00e4\"}}");

    QVERIFY(fixture.text().contains("jobs{name=\"a\\\"b\\n\xc3\xa4\"} 1"));
}

void TestExporterPushIntake::refusesByKind_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("kind");
    const auto row = [](const char *kind, const char *body) {
        QTest::newRow(body) << QByteArray(body) << QByteArray(kind);
    };
    row("not_json", "hello");
    row("not_json", "{");
    row("not_json", "{\"metric\":\"a\",\"type\":\"counter\",\"value\":");
    row("not_json", "{\"metric\":\"a\",\"type\":\"counter\"} {\"x\":1}");
    row("not_json", "[{\"metric\":\"a\",\"type\":\"counter\"}");
    row("not_json", "{\"metric\":\"a\xff\",\"type\":\"counter\"}");
    row("not_an_object", "7");
    row("not_an_object", "[null]");
    row("missing_metric", "{}");
    row("missing_type", "{\"metric\":\"a\"}");
    row("unknown_type", "{\"metric\":\"a\",\"type\":\"timer\",\"value\":1}");
    row("missing_value", "{\"metric\":\"a\",\"type\":\"gauge\"}");
    row("malformed_value", "{\"metric\":\"a\",\"type\":\"gauge\",\"value\":\"1\"}");
    row("malformed_value", "{\"metric\":\"a\",\"type\":\"gauge\",\"value\":[1,null]}");
    row("malformed_value", "{\"metric\":\"a\",\"type\":\"gauge\",\"value\":1e999}");
    row("malformed_labels", "{\"metric\":\"a\",\"type\":\"counter\",\"labels\":[]}");
    row("malformed_labels", "{\"metric\":\"a\",\"type\":\"counter\",\"labels\":{\"a\":[1]}}");
    row("malformed_field", "{\"metric\":1,\"type\":\"counter\"}");
    row("malformed_pid", "{\"metric\":\"a\",\"type\":\"counter\",\"pid\":{}}");
    row("unknown_mode", "{\"metric\":\"a\",\"type\":\"gauge\",\"value\":1,\"mode\":\"avg\"}");
    row("missing_pid", "{\"metric\":\"a\",\"type\":\"gauge\",\"value\":1,\"mode\":\"sum\"}");
    row("bad_value", "{\"metric\":\"a\",\"type\":\"counter\",\"value\":-1}");
    row("invalid_name", "{\"metric\":\"a b\",\"type\":\"counter\"}");
    row("invalid_label", "{\"metric\":\"a\",\"type\":\"counter\",\"labels\":{\"a b\":\"x\"}}");
    row("wrong_type", "{\"metric\":\"api_requests_total\",\"type\":\"gauge\",\"value\":1}");
    row("wrong_labels", "{\"metric\":\"api_requests_total\",\"type\":\"counter\",\"value\":1}");
}

void TestExporterPushIntake::refusesByKind()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, kind);
    Fixture fixture;

    const auto count = fixture.take(body.toStdString());

    QCOMPARE(count.taken, std::uint64_t(0));
    QCOMPARE(count.refused, std::uint64_t(1));
    QVERIFY2(fixture.text().contains("trendscope_push_errors_total{kind=\"" + kind + "\"} 1"),
             count.firstProblem.c_str());
    QCOMPARE(fixture.metrics.seriesCount(), std::size_t(0));
}

/// So that a sender may send it again without counting anything twice.
void TestExporterPushIntake::takesNothingOfALineThatIsNotJson()
{
    Fixture fixture;
    const std::string one = request;

    const auto count = fixture.take("[" + one + "," + one + ",{\"metric\":\n" + one);

    QCOMPARE(count.taken, std::uint64_t(0));
    QVERIFY(!fixture.text().contains("api_requests_total{"));
}

void TestExporterPushIntake::saysWhichRecordWasTheFirstProblem()
{
    Fixture fixture;

    const auto count = fixture.take(std::string(request) + "\n{}\nnonsense\n" + request);

    QCOMPARE(count.taken, std::uint64_t(2));
    QCOMPARE(count.refused, std::uint64_t(2));
    QCOMPARE(count.firstProblem, std::string("record 2: missing_metric"));
}

void TestExporterPushIntake::refusesABodyThatIsTooLarge()
{
    Fixture fixture;

    const auto outcome =
        fixture.intake.take(std::string(exporter::PushIntake::maxBodySize + 1, ' '));

    QVERIFY(!outcome);
    QCOMPARE(outcome.error().kind, Error::Kind::Invalid);
    QVERIFY(fixture.text().contains("trendscope_push_errors_total{kind=\"too_long\"} 1"));
}

void TestExporterPushIntake::survivesMutatedBodies()
{
    Fixture fixture;
    std::minstd_rand random(1);
    const std::string one = request;
    const std::string good = one + "\n[" + one
        + ",{\"metric\":\"wait\",\"type\":\"histogram\",\"values\":[1,2],\"pid\":\"a\","
          "\"labels\":{\"a\":\"\\u00e4\",\"b\":2}}]\n"
        + R"({"metric":"g","type":"gauge","mode":"max","value":1e2,"pid":7,"help":"x","more":[{}]})";
    std::uint64_t taken = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string body = good;
        for (auto changes = random() % 4; changes > 0; --changes) {
            const std::size_t at = random() % body.size();
            if (random() % 3 == 0)
                body.erase(at, 1 + random() % 40);
            else
                body[at] = "{}[]\",:\\\n0e-\xff\x00 "[random() % 15];
            body += body.empty() ? "{" : "";
        }
        const auto count = fixture.take(body);
        QCOMPARE(count.refused == 0, count.firstProblem.empty());
        taken += count.taken;
    }
    QVERIFY(taken > 50'000);
    const auto total = [&](const QByteArray &line) {
        const QByteArray text = fixture.text();
        const auto begin = text.indexOf(line) + line.size();
        return text.mid(begin, text.indexOf('\n', begin) - begin).toULongLong();
    };
    QCOMPARE(total("\ntrendscope_push_records_total{type=\"counter\"} ")
                 + total("\ntrendscope_push_records_total{type=\"gauge\"} ")
                 + total("\ntrendscope_push_records_total{type=\"histogram\"} "),
             qulonglong(taken));
}

QTEST_GUILESS_MAIN(TestExporterPushIntake)
#include "tst_exporter_push_intake.moc"
