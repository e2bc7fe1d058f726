#include "core/prom/decode.h"

#include <QTest>

#include <cmath>

using namespace trendscope;
using namespace trendscope::prom;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

QByteArray success(const QByteArray &data)
{
    return R"({"status":"success","data":)" + data + "}";
}

QByteArray matrix(const QByteArray &values)
{
    return success(R"({"resultType":"matrix","result":[{"metric":{"job":"api"},"values":[)" + values
                   + "]}]}");
}

} // namespace

class TestPromDecode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void putsAMatrixIntoColumns();
    void readsTheSpecialValues();
    void readsAVectorScalarAndString();
    void doesNotMindTheOrderOfFields();
    void skipsWhatItDoesNotKnow();
    void bringsTheWarnings();
    void keepsTheServersOwnError_data();
    void keepsTheServersOwnError();
    void refusesHostileBodies_data();
    void refusesHostileBodies();
    void refusesABodyCutAtAnyByte();
    void survivesABodyWithAnyByteChanged();
    void readsAlerts();
    void readsTargets();
    void readsDurations();
};

void TestPromDecode::putsAMatrixIntoColumns()
{
    const auto answer =
        decodeAnswer(matrix(R"([1700000000.123,"0.5"],[1700000015,"1e+21"],[1700000030.0,"-3"])"));

    QVERIFY(answer);
    QCOMPARE(answer->type, Answer::Type::Matrix);
    QCOMPARE(answer->series.size(), 1u);
    const Series &series = answer->series.front();
    QCOMPARE(series.labels, (Labels{{u"job"_s, u"api"_s}}));
    QCOMPARE(series.times,
             (std::vector<std::int64_t>{1700000000123, 1700000015000, 1700000030000}));
    QCOMPARE(series.values, (std::vector<double>{0.5, 1e21, -3}));
}

void TestPromDecode::readsTheSpecialValues()
{
    const auto answer = decodeAnswer(matrix(
        R"([1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"0"],[5,"-0"],[6,"5e-324"],[7,"1.7976931348623157e+308"])"));

    QVERIFY(answer);
    const std::vector<double> &values = answer->series.front().values;
    QVERIFY(std::isnan(values[0]));
    QVERIFY(std::isinf(values[1]) && values[1] > 0);
    QVERIFY(std::isinf(values[2]) && values[2] < 0);
    QCOMPARE(values[3], 0.0);
    QVERIFY(std::signbit(values[4]));
    QCOMPARE(values[5], 5e-324);
    QCOMPARE(values[6], std::numeric_limits<double>::max());
}

void TestPromDecode::readsAVectorScalarAndString()
{
    const auto vector = decodeAnswer(success(
        R"({"resultType":"vector","result":[{"metric":{"__name__":"up","i":"\u00e4\n"},"value":[10,"1"]},{"metric":{},"value":[10,"NaN"]}]})"));
    const auto scalar = decodeAnswer(success(R"({"resultType":"scalar","result":[10.5,"+Inf"]})"));
    const auto string = decodeAnswer(success(R"({"resultType":"string","result":[10,"a \"b\""]})"));
    const auto empty = decodeAnswer(success(R"({"resultType":"vector","result":[]})"));

    QVERIFY(vector && scalar && string && empty);
    QCOMPARE(vector->type, Answer::Type::Vector);
    QCOMPARE(vector->series.size(), 2u);
    QCOMPARE(vector->series[0].labels.value(u"i"_s), u"ä\n"_s);
    QCOMPARE(vector->series[0].values, std::vector<double>{1});
    QCOMPARE(scalar->type, Answer::Type::Scalar);
    QCOMPARE(scalar->series.front().times, std::vector<std::int64_t>{10500});
    QVERIFY(std::isinf(scalar->series.front().values.front()));
    QCOMPARE(string->type, Answer::Type::String);
    QCOMPARE(string->string, u"a \"b\""_s);
    QVERIFY(string->series.empty());
    QVERIFY(empty->series.empty());
}

void TestPromDecode::doesNotMindTheOrderOfFields()
{
    const auto answer = decodeAnswer(
        R"({"data":{"result":[{"values":[[1,"2"]],"metric":{"a":"b"}}],"resultType":"matrix"},"status":"success"})");

    QVERIFY(answer);
    QCOMPARE(answer->series.front().values, std::vector<double>{2});
    QCOMPARE(answer->series.front().labels.value(u"a"_s), u"b"_s);
}

void TestPromDecode::skipsWhatItDoesNotKnow()
{
    const auto answer = decodeAnswer(
        R"({"status":"success","isPartial":false,"data":{"resultType":"matrix","explanation":null,"result":[)"
        R"({"metric":{},"histograms":[[1,{"count":"3","buckets":[[0,"1","2","3"]]}]],"values":[[1,"2"]]}],"stats":{"x":[1,{}]}}})");

    QVERIFY(answer);
    QCOMPARE(answer->series.front().values, std::vector<double>{2});
}

void TestPromDecode::bringsTheWarnings()
{
    const auto answer = decodeAnswer(
        R"({"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["store is away"],"infos":["not a counter"]})");

    QVERIFY(answer);
    QCOMPARE(answer->warnings, (QStringList{u"store is away"_s, u"not a counter"_s}));
}

void TestPromDecode::keepsTheServersOwnError_data()
{
    QTest::addColumn<QByteArray>("errorType");
    QTest::addColumn<Error::Kind>("kind");
    QTest::newRow("bad_data") << "bad_data"_ba << Error::Kind::BadData;
    QTest::newRow("timeout") << "timeout"_ba << Error::Kind::Timeout;
    QTest::newRow("canceled") << "canceled"_ba << Error::Kind::Canceled;
    QTest::newRow("execution") << "execution"_ba << Error::Kind::Execution;
    QTest::newRow("internal") << "internal"_ba << Error::Kind::Execution;
    QTest::newRow("unavailable") << "unavailable"_ba << Error::Kind::Unavailable;
    QTest::newRow("not_found") << "not_found"_ba << Error::Kind::NotFound;
}

void TestPromDecode::keepsTheServersOwnError()
{
    QFETCH(QByteArray, errorType);
    QFETCH(Error::Kind, kind);

    const auto answer = decodeAnswer(R"({"status":"error","data":null,"errorType":")" + errorType
                                     + R"(","error":"1:3: parse error"})");

    QVERIFY(!answer);
    QCOMPARE(answer.error().kind, kind);
    QCOMPARE(answer.error().message, std::string("1:3: parse error"));
}

void TestPromDecode::refusesHostileBodies_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("space") << "   \n"_ba;
    QTest::newRow("html") << "<html><body>502</body></html>"_ba;
    QTest::newRow("a list") << "[]"_ba;
    QTest::newRow("a number") << "7"_ba;
    QTest::newRow("null") << "null"_ba;
    QTest::newRow("no data") << R"({"status":"success"})"_ba;
    QTest::newRow("no status") << R"({"data":{"resultType":"matrix","result":[]}})"_ba;
    QTest::newRow("unknown type") << success(R"({"resultType":"tensor","result":[]})");
    QTest::newRow("no result") << success(R"({"resultType":"matrix"})");
    QTest::newRow("a scalar as matrix") << success(R"({"resultType":"matrix","result":[1,"2"]})");
    QTest::newRow("a matrix as scalar") << success(R"({"resultType":"scalar","result":[{}]})");
    QTest::newRow("a scalar that is no number")
        << success(R"({"resultType":"scalar","result":[1,"two"]})");
    QTest::newRow("a value that is no number") << matrix(R"([1,"12abc"])");
    QTest::newRow("a value beyond doubles") << matrix(R"([1,"1e999"])");
    QTest::newRow("an empty value") << matrix(R"([1,""])");
    QTest::newRow("a value that is no text") << matrix("[1,2]");
    QTest::newRow("a time that is text") << matrix(R"(["1","2"])");
    QTest::newRow("a time out of range") << matrix(R"([1e300,"2"])");
    QTest::newRow("times that go back") << matrix(R"([2,"1"],[1,"1"])");
    QTest::newRow("a time twice") << matrix(R"([1,"1"],[1,"1"])");
    QTest::newRow("a sample of one") << matrix("[1]");
    QTest::newRow("a sample of three") << matrix(R"([1,"2",3])");
    QTest::newRow("a sample of none") << matrix("[]");
    QTest::newRow("a label that is a number")
        << success(R"({"resultType":"vector","result":[{"metric":{"a":1},"value":[1,"1"]}]})");
    QTest::newRow("bytes that are no UTF-8")
        << success("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"a\":\"\xff\xfe\"},"
                   "\"value\":[1,\"1\"]}]}");
    QTest::newRow("more after the end") << success(R"({"resultType":"matrix","result":[]})") + "{}";
    QTest::newRow("deep") << QByteArray(200'000, '[');
    QTest::newRow("deep and closed")
        << success(QByteArray(200'000, '[') + QByteArray(200'000, ']'));
}

void TestPromDecode::refusesHostileBodies()
{
    QFETCH(QByteArray, body);

    const auto answer = decodeAnswer(body);

    QVERIFY(!answer);
    QCOMPARE(answer.error().kind, Error::Kind::BadResponse);
    QVERIFY(QString::fromStdString(answer.error().message).startsWith(u"the answer "_s));
    QVERIFY(answer.error().detail.size() <= 512);
}

void TestPromDecode::refusesABodyCutAtAnyByte()
{
    const QByteArray body =
        R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"a\\p"},"values":[[1700000000.123,"0.5"],[1700000015,"NaN"]]}]},"warnings":["w"]})";
    QVERIFY(decodeAnswer(body));

    for (qsizetype length = 0; length < body.size(); ++length) {
        const auto answer = decodeAnswer(body.first(length));
        QVERIFY2(!answer, qPrintable(QString::number(length)));
        QCOMPARE(answer.error().kind, Error::Kind::BadResponse);
    }
}

void TestPromDecode::survivesABodyWithAnyByteChanged()
{
    const QByteArray body =
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"api"},"value":[1.5,"0.5"]}]}})";

    for (qsizetype at = 0; at < body.size(); ++at) {
        for (const char byte : {'\0', '"', '{', '}', '[', ']', ',', ':', '\\', '9', '-', '\xff'}) {
            QByteArray changed = body;
            changed[at] = byte;
            const auto answer = decodeAnswer(changed);
            if (answer && !answer->series.empty())
                QCOMPARE(answer->series[0].times.size(), answer->series[0].values.size());
        }
    }
}

void TestPromDecode::readsAlerts()
{
    const auto alerts = decodeAlerts(success(
        R"({"alerts":[{"labels":{"alertname":"APIDown","severity":"critical"},"annotations":{"summary":"<b>down</b>"},)"
        R"("state":"firing","activeAt":"2024-01-15T12:30:45.123456789+02:00","value":"1e+00"},)"
        R"({"labels":{"alertname":"X"},"annotations":{},"state":"pending","activeAt":"2024-01-15T10:30:45Z","value":"0"}]})"));

    QVERIFY(alerts);
    QCOMPARE(alerts->size(), 2u);
    QCOMPARE(alerts->at(0).labels.value(u"alertname"_s), u"APIDown"_s);
    QCOMPARE(alerts->at(0).annotations.value(u"summary"_s), u"<b>down</b>"_s);
    QCOMPARE(alerts->at(0).state, Alert::State::Firing);
    QCOMPARE(alerts->at(0).activeAt.time_since_epoch().count(), 1705314645123);
    QCOMPARE(alerts->at(1).state, Alert::State::Pending);
    QCOMPARE(alerts->at(1).activeAt.time_since_epoch().count(), 1705314645000);
    QVERIFY(decodeAlerts(success(R"({"alerts":null})"))->empty());
    QVERIFY(!decodeAlerts(success("[]")));
}

void TestPromDecode::readsTargets()
{
    const auto targets = decodeTargets(success(
        R"({"activeTargets":[{"discoveredLabels":{"__address__":"a:1"},"labels":{"instance":"a:1","job":"api"},)"
        R"("scrapePool":"api","scrapeUrl":"http://a:1/metrics","globalUrl":"http://a:1/metrics","lastError":"",)"
        R"("lastScrape":"2024-01-15T10:30:45.5Z","lastScrapeDuration":0.0125,"health":"up","scrapeInterval":"15s","scrapeTimeout":"10s"},)"
        R"({"labels":{},"scrapePool":"b","lastScrape":"0001-01-01T00:00:00Z","lastScrapeDuration":0,"health":"unknown"}],"droppedTargets":[]})"));

    QVERIFY(targets);
    const ScrapeTarget &up = targets->at(0);
    QCOMPARE(up.pool, u"api"_s);
    QCOMPARE(up.url, u"http://a:1/metrics"_s);
    QCOMPARE(up.health, ScrapeTarget::Health::Up);
    QCOMPARE(up.lastDuration, 13ms);
    QCOMPARE(up.interval, 15s);
    QCOMPARE(up.lastScrape.time_since_epoch().count(), 1705314645500);
    QCOMPARE(targets->at(1).health, ScrapeTarget::Health::Unknown);
    QCOMPARE(targets->at(1).lastScrape, Timestamp{});
}

void TestPromDecode::readsDurations()
{
    QCOMPARE(decodeDuration(u"15s"), 15s);
    QCOMPARE(decodeDuration(u"1h30m"), 90min);
    QCOMPARE(decodeDuration(u"1m500ms"), 60'500ms);
    for (const QStringView nonsense : {u"", u"15", u"s", u"1x", u"-1s", u"99999999999s"})
        QCOMPARE(decodeDuration(nonsense), 0ms);
}

QTEST_GUILESS_MAIN(TestPromDecode)
#include "tst_prom_decode.moc"
