#include "core/exporter/celery/celery_event.h"

#include <QByteArray>
#include <QTest>

#include <map>
#include <random>

using namespace trendscope;
using exporter::CeleryEvent;
using Type = CeleryEvent::Type;

namespace {

std::string envelope(const std::string &body)
{
    return "{\"body\": \"" + QByteArray::fromStdString(body).toBase64().toStdString()
        + "\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", "
          "\"headers\": {\"hostname\": \"celery@web-1\"}, \"properties\": {\"delivery_mode\": 1, "
          "\"body_encoding\": \"base64\"}}";
}

std::string eventText(const std::string &type, const std::string &fields = {})
{
    return "{\"hostname\": \"celery@web-1\", \"pid\": 7, \"clock\": 5, \"timestamp\": "
           "1700000000.5, "
           "\"uuid\": \"u-1\""
        + (fields.empty() ? "" : ", " + fields) + ", \"type\": \"" + type + "\"}";
}

} // namespace

class TestExporterCeleryEvent : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void readsOneEvent();
    void readsAList();
    void readsHeartbeats();
    void leavesOutWhatIsNull();
    void countsWhatIsMalformedByKind_data();
    void countsWhatIsMalformedByKind();
    void takesTheGoodEventsOfAList();
    void survivesAnyBytes();
    void decodesBase64_data();
    void decodesBase64();
    void namesTheClassOfAnException();

private:
    std::map<std::string, int> m_refused;
    std::unique_ptr<exporter::CeleryEventDecoder> m_decoder;
};

void TestExporterCeleryEvent::init()
{
    m_refused.clear();
    m_decoder = std::make_unique<exporter::CeleryEventDecoder>(
        [this](std::string_view kind) { ++m_refused[std::string(kind)]; });
}

void TestExporterCeleryEvent::readsOneEvent()
{
    const auto &events = m_decoder->decode(envelope(eventText(
        "task-sent", "\"name\": \"app.t\\u00e4sk\", \"queue\": \"reports\", \"eta\": null")));

    QCOMPARE(events.size(), 1U);
    QCOMPARE(events[0].type, Type::TaskSent);
    QCOMPARE(events[0].node, "celery@web-1");
    QCOMPARE(events[0].uuid, "u-1");
    QCOMPARE(events[0].name, "app.t\u00e4sk");
    QCOMPARE(events[0].queue, "reports");
    QCOMPARE(events[0].timestamp, 1700000000.5);
    QCOMPARE(events[0].clock, 5U);
    QCOMPARE(events[0].pid, 7U);
    QVERIFY(!events[0].runtime);
    QVERIFY(m_refused.empty());
}

void TestExporterCeleryEvent::readsAList()
{
    const auto &events = m_decoder->decode(envelope(
        "[" + eventText("task-started") + ", " + eventText("task-succeeded", "\"runtime\": 0.25")
        + ", " + eventText("task-progress") + "]"));

    QCOMPARE(events.size(), 3U);
    QCOMPARE(events[0].type, Type::TaskStarted);
    QCOMPARE(events[1].runtime, std::optional(0.25));
    QCOMPARE(events[2].type, Type::Other);
}

void TestExporterCeleryEvent::readsHeartbeats()
{
    const auto &events = m_decoder->decode(
        envelope("{\"type\": \"worker-heartbeat\", \"hostname\": \"w@h\", \"timestamp\": 1, "
                 "\"active\": 2, \"processed\": 1000, \"freq\": 2.0, \"loadavg\": [1, 2, 3]}"));

    QCOMPARE(events.size(), 1U);
    QCOMPARE(events[0].active, 2U);
    QCOMPARE(events[0].processed, 1000U);
    QCOMPARE(events[0].interval, 2.0);
}

void TestExporterCeleryEvent::leavesOutWhatIsNull()
{
    const auto &events =
        m_decoder->decode(envelope(eventText("task-received", "\"name\": null, \"queue\": null")));

    QCOMPARE(events.size(), 1U);
    QVERIFY(events[0].name.empty());
}

void TestExporterCeleryEvent::countsWhatIsMalformedByKind_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<QByteArray>("kind");
    const auto row = [](const char *name, const std::string &message, const char *kind) {
        QTest::newRow(name) << QByteArray::fromStdString(message) << QByteArray(kind);
    };

    const std::string good = envelope(eventText("task-started"));
    row("nothing", "", "json");
    row("not JSON", "hello", "json");
    row("not UTF-8", "{\"body\": \"\xff\xfe\"}", "json");
    row("cut envelope", good.substr(0, good.size() / 2), "json");
    row("a list for an envelope", "[]", "envelope");
    row("a body that is a number", R"({"body": 1, "content-type": "application/json"})",
        "envelope");
    row("properties that are none", R"({"properties": 3})", "envelope");
    row("pickle",
        R"({"body": "gAJ9", "content-type": "application/x-python-serialize", )"
        R"("properties": {"body_encoding": "base64"}})",
        "serializer");
    row("not base64",
        R"({"body": "!!!!", "content-type": "application/json", )"
        R"("properties": {"body_encoding": "base64"}})",
        "base64");
    row("ten megabytes", envelope(std::string(10 << 20, ' ')), "too_long");
    const std::string two =
        "[" + eventText("task-started") + ", " + eventText("task-started") + "]";
    row("cut body", envelope(two.substr(0, two.size() / 2 + 9)), "json");
    row("something after the body", envelope(eventText("task-started") + " x"), "json");
    row("a body that is a text", envelope("\"hello\""), "event");
    row("a number for a type", envelope(R"({"type": 3, "hostname": "h", "timestamp": 1})"),
        "event");
    row("no type", envelope(R"({"hostname": "h", "timestamp": 1, "uuid": "u"})"), "event");
    row("no time", envelope(R"({"type": "task-started", "hostname": "h", "uuid": "u"})"), "event");
    row("a time before 1970", envelope(eventText("task-started", "\"timestamp\": -5")), "event");
    row("no id", envelope(R"({"type": "task-started", "hostname": "h", "timestamp": 1})"), "event");
    row("a name without end",
        envelope(eventText("task-sent", "\"name\": \"" + std::string(300, 'x') + '"')), "event");
    row("NaN, which Python writes", envelope(eventText("task-succeeded", "\"runtime\": NaN")),
        "json");
    row("a negative runtime", envelope(eventText("task-succeeded", "\"runtime\": -1")), "event");
    row("nested without end", envelope(std::string(100'000, '[')), "json");
    row("a body that is not UTF-8", envelope(eventText("task-sent", "\"name\": \"\xff\xfe\"")),
        "json");
    row("half a surrogate", envelope(eventText("task-sent", "\"name\": \"\\ud800\"")), "json");
    row("arguments nested without end",
        envelope(eventText("task-sent", "\"args\": " + std::string(100'000, '['))), "json");
    row("a body of raw pickle",
        R"({"body": "\u0080\u0004\u0095", "content-type": "application/json"})", "json");
    row("base64 of pickle", envelope("\x80\x04\x95\x0b"), "json");
    row("a number beyond all", envelope(eventText("task-succeeded", "\"runtime\": 1e999")), "json");
}

void TestExporterCeleryEvent::countsWhatIsMalformedByKind()
{
    QFETCH(const QByteArray, message);
    QFETCH(const QByteArray, kind);

    const auto &events = m_decoder->decode(message.toStdString());

    QVERIFY(events.empty());
    const std::map<std::string, int> expected{{kind.toStdString(), 1}};
    QCOMPARE(m_refused, expected);
    QCOMPARE(m_decoder->decode(envelope(eventText("task-started"))).size(), 1U);
}

void TestExporterCeleryEvent::takesTheGoodEventsOfAList()
{
    const auto &events = m_decoder->decode(envelope("[3, " + eventText("task-started")
                                                    + ", {\"type\": [1, {\"a\": 2}]}, "
                                                    + eventText("task-failed") + "]"));

    QCOMPARE(events.size(), 2U);
    QCOMPARE(events[1].type, Type::TaskFailed);
    QCOMPARE(m_refused["event"], 2);
}

void TestExporterCeleryEvent::survivesAnyBytes()
{
    std::mt19937 random(1);
    const std::string body = "[" + eventText("task-started") + ","
        + eventText("task-failed", "\"exception\": \"E('x')\"") + "]";
    int taken = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string text = round % 2 == 0 ? body : envelope(body);
        for (unsigned changes = random() % 4; changes > 0; --changes)
            text[random() % text.size()] = static_cast<char>(random());
        if (random() % 4 == 0)
            text.resize(random() % text.size());
        taken += static_cast<int>(m_decoder->decode(round % 2 == 0 ? envelope(text) : text).size());
    }
    QVERIFY(taken > 0);
    QVERIFY(m_refused.size() > 3);
}

void TestExporterCeleryEvent::decodesBase64_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isGood");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray() << true << QByteArray();
    QTest::newRow("one byte") << QByteArray("TQ==") << true << QByteArray("M");
    QTest::newRow("two bytes") << QByteArray("TWE=") << true << QByteArray("Ma");
    QTest::newRow("three bytes") << QByteArray("TWFu") << true << QByteArray("Man");
    QTest::newRow("without padding") << QByteArray("TWE") << true << QByteArray("Ma");
    QTest::newRow("all digits") << QByteArray("+/+/") << true << QByteArray("\xfb\xff\xbf");
    QTest::newRow("cut") << QByteArray("TWFuT") << false << QByteArray();
    QTest::newRow("space") << QByteArray("TW Fu") << false << QByteArray();
    QTest::newRow("too much padding") << QByteArray("T===") << false << QByteArray();
}

void TestExporterCeleryEvent::decodesBase64()
{
    QFETCH(const QByteArray, text);
    QFETCH(const bool, isGood);
    QFETCH(const QByteArray, bytes);

    std::string out;
    QCOMPARE(exporter::decodeBase64(text.toStdString(), out), isGood);
    if (isGood)
        QCOMPARE(QByteArray::fromStdString(out), bytes);
}

void TestExporterCeleryEvent::namesTheClassOfAnException()
{
    QCOMPARE(exporter::exceptionClass("ValueError('boom 3')"), "ValueError");
    QCOMPARE(exporter::exceptionClass("None"), "UnknownException");
    QCOMPARE(exporter::exceptionClass("rm -rf('x')"), "UnknownException");
    QCOMPARE(exporter::exceptionClass(""), "UnknownException");
}

QTEST_GUILESS_MAIN(TestExporterCeleryEvent)
#include "tst_exporter_celery_event.moc"
