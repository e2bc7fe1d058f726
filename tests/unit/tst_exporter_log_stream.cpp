#include "core/exporter/http/server.h"
#include "core/exporter/log_stream/log_stream.h"
#include "support/exposition_values.h"
#include "support/http_exchange.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

namespace http = ::test;
using namespace trendscope;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// One client of the stream; HTTP/1.0, so that the body comes without chunks.
class Client {
public:
    explicit Client(quint16 port, const QByteArray &query = {}, bool reads = true)
        : m_socket(http::connectTo(port))
    {
        if (!reads) {
            m_socket->setReadBufferSize(1024);
            m_socket->setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 65'536);
        }
        m_socket->write("GET /logs/stream" + query + " HTTP/1.0\r\n\r\n");
        m_socket->flush();
    }

    void readOn() { m_socket->setReadBufferSize(0); }
    bool isOpen() const { return m_socket->state() == QAbstractSocket::ConnectedState; }
    QTcpSocket &socket() { return *m_socket; }
    QByteArray answer()
    {
        m_answer += m_socket->readAll();
        return m_answer;
    }
    /// Whole lines, without heartbeats.
    QByteArrayList lines()
    {
        const QByteArray all = answer();
        const auto begin = all.indexOf("\r\n\r\n");
        QByteArrayList lines = all.mid(begin + 4, all.lastIndexOf('\n') - begin - 4).split('\n');
        lines.removeIf([](const QByteArray &line) {
            return line.isEmpty() || line.startsWith(R"({"trendscope_stream":{"time")");
        });
        return begin < 0 ? QByteArrayList() : lines;
    }
    /// What is no control record.
    QByteArrayList records()
    {
        QByteArrayList lines = this->lines();
        lines.removeIf([](const QByteArray &line) { return line.startsWith("{\"trendscope_"); });
        return lines;
    }
    bool isWelcome() { return answer().contains("\"tail\":"); }

private:
    std::unique_ptr<QTcpSocket> m_socket;
    QByteArray m_answer;
};

class TestExporterLogStream : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void streamsLinesExactlyAsTheyAre();
    void wrapsWhatIsNoJsonObject_data();
    void wrapsWhatIsNoJsonObject();
    void tellsWhichFileLinesComeFrom();
    void givesTheLastRecordsFirst_data();
    void givesTheLastRecordsFirst();
    void continuesTheTailIntoRotatedFiles();
    void losesAndDoublesNothingBetweenTheTailAndWhatFollows();
    void givesEachClientWhatItAsksFor();
    void followsFilesThatAreRotated();
    void dropsAndTellsWhatAClientIsTooSlowFor();
    void leavesOutLinesThatAreTooLong_data();
    void leavesOutLinesThatAreTooLong();
    void limitsTheStreamsAndFreesTheirPlaces();
    void refusesWhatItDoesNotUnderstand_data();
    void refusesWhatItDoesNotUnderstand();
    void showsNoFilesButTheConfiguredOnes();
    void beatsWhenNothingHappens();
    void saysWhatItCanNotRead();
    void keepsQuietStreamsBeyondTheLimitOfAnExchange();
    void endsAStreamOfWhichNothingIsTaken();
    void answersHeadWithoutAStream();
    void endsWithTheServer();
    void endsWhenItIsConfiguredAnew();
    void runsNothingWithoutClients();

private:
    void serve(exporter::ServerLimits limits = {});
    quint16 port() const { return m_server->port(); }
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void append(const QByteArray &lines, const QString &name = u"a.log"_s) const;
    double metric(const std::string &name) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    config::LogStreamSettings m_settings;
    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<observability::Logging> m_logging;
    std::shared_ptr<exporter::LogStream> m_stream;
    std::unique_ptr<exporter::HttpServer> m_server;
};

namespace {

QByteArray record(int second, const QByteArray &level = "INFO")
{
    return R"({"timestamp":"2024-01-15T10:30:)" + QByteArray::number(second).rightJustified(2, '0')
        + R"(Z","level":")" + level + R"(","message":"m)" + QByteArray::number(second) + "\"}\n";
}

QByteArray joined(const QByteArrayList &lines)
{
    return lines.join('\n') + '\n';
}

int threads()
{
    return static_cast<int>(
        QDir(u"/proc/self/task"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size());
}

} // namespace

void TestExporterLogStream::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = {.files = {path(u"*.log"_s).toStdString()}};
    m_registry = std::make_unique<observability::Registry>();
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.file = path(u"own.txt"_s).toStdString()});
}

void TestExporterLogStream::cleanup()
{
    m_server.reset();
    m_stream.reset();
    m_logging.reset();
    m_registry.reset();
    m_folder.reset();
}

void TestExporterLogStream::serve(exporter::ServerLimits limits)
{
    m_stream =
        std::make_shared<exporter::LogStream>(m_settings, *m_registry, m_logging->logger("test"));
    auto server = exporter::HttpServer::start(
        {"127.0.0.1", 0},
        [stream = m_stream](const exporter::Request &request) { return stream->answer(request); },
        limits);
    if (!server)
        qFatal("%s", server.error().message.c_str());
    m_server = std::move(*server);
}

void TestExporterLogStream::append(const QByteArray &lines, const QString &name) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::Append) || file.write(lines) != lines.size())
        qFatal("can not write %s", qPrintable(file.fileName()));
}

double TestExporterLogStream::metric(const std::string &name) const
{
    return trendscope::test::valueOf(m_registry->expose(), name).value_or(-1);
}

void TestExporterLogStream::streamsLinesExactlyAsTheyAre()
{
    const QByteArray before = record(1);
    const QByteArray lines = record(2) + "{ \"b\" :\t1.50, \"u\":\"\\u00e4\xc3\xa4\" } \r\n{}\n";
    append(before);
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    append(lines.left(40));
    append(lines.mid(40));

    QTRY_COMPARE(client.records().size(), 3);
    QCOMPARE(joined(client.records()), lines);
    QVERIFY(client.answer().contains("\r\nContent-Type: application/x-ndjson\r\n"));
    QCOMPARE(client.lines().first(), QByteArray(R"({"trendscope_stream":{"version":1}})"));
    QCOMPARE(metric("trendscope_log_stream_records_total"), 3.0);
    QCOMPARE(metric("trendscope_log_stream_clients"), 1.0);
}

void TestExporterLogStream::wrapsWhatIsNoJsonObject_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("streamed");
    QTest::newRow("text") << QByteArray("a \"b\"\t\\") << QByteArray(R"("line":"a \"b\"\u0009\\")");
    QTest::newRow("empty") << QByteArray() << QByteArray(R"("line":"")");
    QTest::newRow("array") << QByteArray("[1]") << QByteArray(R"("line":"[1]")");
    QTest::newRow("cut") << QByteArray(R"({"a":1)") << QByteArray(R"("line":"{\"a\":1")");
    QTest::newRow("no number") << QByteArray(R"({"a":nan})")
                               << QByteArray(R"("line":"{\"a\":nan}")");
    QTest::newRow("invalid UTF-8")
        << QByteArray("{\"a\":\"\xff\"}") << QByteArray(R"("base64":"eyJhIjoi/yJ9")");
    QTest::newRow("forged") << QByteArray(R"({"trendscope_stream":{"dropped":1}})")
                            << QByteArray(R"("line":"{\"trendscope_stream\":{\"dropped\":1}}")");
    QTest::newRow("forged with an escape")
        << QByteArray(R"({"a":1,"trendscope\u005fstream":2})")
        << QByteArray(R"("line":"{\"a\":1,\"trendscope\\u005fstream\":2}")");
}

void TestExporterLogStream::wrapsWhatIsNoJsonObject()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, streamed);
    append("");
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    append(line + "\n");

    QTRY_COMPARE(client.lines().size(), 4); // version, tail, file and it
    QCOMPARE(client.lines().last(), "{\"trendscope_stream\":{" + streamed + "}}");
}

void TestExporterLogStream::tellsWhichFileLinesComeFrom()
{
    const QString odd = u"odd \"\\\u00e4.log"_s;
    append("");
    append("", odd);
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    append(record(1) + record(2));
    QTRY_COMPARE(client.records().size(), 2);
    append(record(3), odd);
    QTRY_COMPARE(client.records().size(), 3);

    const QByteArrayList lines = client.lines();
    QCOMPARE(lines.size(), 7);
    QCOMPARE(lines[2], "{\"trendscope_stream\":{\"file\":\"" + path(u"a.log"_s).toUtf8() + "\"}}");
    QVERIFY2(lines[5].contains(R"(/odd \"\\)"), lines[5].constData());
}

void TestExporterLogStream::givesTheLastRecordsFirst_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<QByteArray>("seconds");
    QTest::newRow("none") << QByteArray() << QByteArray();
    QTest::newRow("some") << QByteArray("?tail=3") << QByteArray("6 7 8");
    QTest::newRow("all") << QByteArray("?tail=10000") << QByteArray("1 2 3 4 5 6 7 8");
    QTest::newRow("level") << QByteArray("?tail=2&level=warning") << QByteArray("4 8");
    QTest::newRow("filter") << QByteArray("?tail=2&filter=level%3DERROR") << QByteArray("4 8");
    QTest::newRow("one file") << QByteArray("?tail=2&file=b*") << QByteArray("6 8");
    QTest::newRow("two files") << QByteArray("?tail=2&file=b.log&file=*/?.log")
                               << QByteArray("7 8");
}

void TestExporterLogStream::givesTheLastRecordsFirst()
{
    QFETCH(QByteArray, query);
    QFETCH(QByteArray, seconds);
    for (int second = 1; second <= 8; ++second)
        append(record(second, second % 4 == 0 ? "ERROR" : "INFO"),
               second % 2 == 0 ? u"b.log"_s : u"a.log"_s);
    serve();

    Client client(port(), query);
    QTRY_VERIFY(client.isWelcome());

    QByteArrayList shown;
    for (const QByteArray &line : client.records())
        shown.append(line.mid(line.indexOf("\"m") + 11).chopped(2).mid(1));
    QCOMPARE(shown.join(' '), seconds);
    const auto count = seconds.isEmpty() ? 0 : seconds.count(' ') + 1;
    QCOMPARE(client.lines().last(),
             "{\"trendscope_stream\":{\"tail\":" + QByteArray::number(count) + "}}");
}

void TestExporterLogStream::continuesTheTailIntoRotatedFiles()
{
    append(record(1) + record(2));
    QVERIFY(QFile::rename(path(u"a.log"_s), path(u"a.log.1"_s)));
    append(record(3));
    serve();

    Client client(port(), "?tail=2");
    QTRY_VERIFY(client.isWelcome());

    QCOMPARE(joined(client.records()), record(2) + record(3));
}

void TestExporterLogStream::losesAndDoublesNothingBetweenTheTailAndWhatFollows()
{
    append("");
    serve();
    Client first(port());
    QTRY_VERIFY(first.isWelcome());
    QByteArray all;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 5; ++i) {
        for (int line = 0; line < 500; ++line) {
            const QByteArray text = "{\"n\":" + QByteArray::number(i * 500 + line) + "}\n";
            append(text);
            all += text;
        }
        clients.push_back(std::make_unique<Client>(port(), "?tail=10000"));
    }

    QTRY_COMPARE(joined(first.records()), all);
    for (const auto &client : clients)
        QTRY_COMPARE(joined(client->records()), all);
}

void TestExporterLogStream::givesEachClientWhatItAsksFor()
{
    append("");
    append("", u"b.log"_s);
    serve();
    Client errors(port(), "?level=ERROR");
    Client filtered(port(), "?filter=message%3Dm2");
    Client ofB(port(), "?file=b.log");
    for (Client *client : {&errors, &filtered, &ofB})
        QTRY_VERIFY(client->isWelcome());

    append(record(1, "ERROR") + record(2) + "no json\n");
    append(record(3), u"b.log"_s);

    QTRY_COMPARE(ofB.records().size(), 1);
    QTRY_COMPARE(filtered.records().size(), 1);
    QTRY_COMPARE(errors.records().size(), 1);
    QCOMPARE(joined(errors.records()), record(1, "ERROR"));
    QCOMPARE(joined(filtered.records()), record(2));
    QCOMPARE(joined(ofB.records()), record(3));
}

void TestExporterLogStream::followsFilesThatAreRotated()
{
    append(record(1));
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    append(record(2));
    QVERIFY(QFile::rename(path(u"a.log"_s), path(u"a.log.1"_s)));
    append(record(3), u"a.log.1"_s);
    append(record(4));
    QTRY_COMPARE(joined(client.records()), record(2) + record(3) + record(4));
    QVERIFY(QFile::copy(path(u"a.log"_s), path(u"a.log.2"_s)));
    QVERIFY(QFile::resize(path(u"a.log"_s), 0));
    append(record(5));
    append(record(6), u"new.log"_s);

    QTRY_COMPARE(client.records().size(), 5);
    QByteArrayList last = client.records().mid(3);
    std::sort(last.begin(), last.end());
    QCOMPARE(joined(last), record(5) + record(6));
}

void TestExporterLogStream::dropsAndTellsWhatAClientIsTooSlowFor()
{
    constexpr int count = 40'000;
    m_settings.buffer = 1 << 20;
    append("");
    serve();
    Client slow(port(), {}, false);
    Client quick(port());
    QTRY_VERIFY(quick.isWelcome());
    QTRY_COMPARE(metric("trendscope_log_stream_clients"), 2.0);

    const auto dropped = [](Client &client) {
        qsizetype sum = 0;
        for (const QByteArray &line : client.lines()) {
            if (line.contains("\"dropped\":"))
                sum += line.mid(line.lastIndexOf(':') + 1).chopped(2).toLongLong();
        }
        return sum;
    };
    const QByteArray filler(500, 'x');
    for (int i = 0; i < count; i += 1000) {
        QByteArray lines;
        for (int line = i; line < i + 1000; ++line)
            lines += "{\"n\":" + QByteArray::number(line) + ",\"f\":\"" + filler + "\"}\n";
        append(lines);
        const auto end = "{\"n\":" + QByteArray::number(i + 999) + ',';
        QTRY_VERIFY(quick.answer().lastIndexOf(end) >= 0);
    }

    QCOMPARE(quick.records().size(), count);
    QCOMPARE(dropped(quick), 0);
    QVERIFY(metric("trendscope_log_stream_dropped_total{reason=\"slow_client\"}") > 0);
    slow.readOn();
    QTRY_COMPARE_WITH_TIMEOUT(slow.records().size() + dropped(slow), count, 30'000);
    QVERIFY(dropped(slow) > 0);
    append(record(7));
    QTRY_COMPARE(slow.lines().last() + '\n', record(7));
}

void TestExporterLogStream::leavesOutLinesThatAreTooLong_data()
{
    QTest::addColumn<int>("limit");
    QTest::addColumn<int>("length");
    QTest::newRow("longer than what is read at once") << 100'000 << (10 << 20);
    QTest::newRow("read with others") << 4096 << 6000;
}

void TestExporterLogStream::leavesOutLinesThatAreTooLong()
{
    QFETCH(int, limit);
    QFETCH(int, length);
    m_settings.lineLimit = std::size_t(limit);
    append("");
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    append(record(1) + "{\"a\":\"" + QByteArray(length, 'x') + "\"}\n" + record(2));

    QTRY_COMPARE(client.records().size(), 2);
    QVERIFY(client.lines().contains(R"({"trendscope_stream":{"too_long":1}})"));
    QCOMPARE(metric("trendscope_log_stream_dropped_total{reason=\"too_long\"}"), 1.0);
    Client later(port(), "?tail=9");
    QTRY_VERIFY(later.isWelcome());
    QCOMPARE(joined(later.records()), record(1) + record(2));
}

void TestExporterLogStream::limitsTheStreamsAndFreesTheirPlaces()
{
    m_settings.maxStreams = 2;
    append("");
    serve();
    Client first(port());
    auto second = std::make_unique<Client>(port());
    QTRY_VERIFY(first.isWelcome() && second->isWelcome());

    Client third(port());
    QTRY_VERIFY(third.answer().startsWith("HTTP/1.1 503 ")
                || third.answer().startsWith("HTTP/1.0 503 "));
    QVERIFY(third.answer().contains("\r\nRetry-After: "));

    second.reset(); // quiet as it is, it is noticed before the next heartbeat
    QElapsedTimer timer;
    timer.start();
    std::unique_ptr<Client> next;
    const auto gets = [&] {
        if (next && next->isWelcome())
            return true;
        next = std::make_unique<Client>(port());
        while (!next->isWelcome() && next->isOpen())
            next->socket().waitForReadyRead(100);
        return next->isWelcome();
    };
    QTRY_VERIFY(gets());
    QVERIFY(timer.elapsed() < 4000);
    append(record(1));
    QTRY_COMPARE(first.records().size(), 1);
}

void TestExporterLogStream::refusesWhatItDoesNotUnderstand_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("tail") << QByteArray("?tail=-1") << QByteArray("at most 10000");
    QTest::newRow("large tail") << QByteArray("?tail=10001") << QByteArray("at most 10000");
    QTest::newRow("tail and more") << QByteArray("?tail=1x") << QByteArray("tail");
    QTest::newRow("level") << QByteArray("?level=loud") << QByteArray("WARNING");
    QTest::newRow("filter") << QByteArray("?filter=level%3E") << QByteArray("at character");
    QTest::newRow("another") << QByteArray("?filters=a") << QByteArray("tail, level, file, filter");
    QTest::newRow("file") << "?file=" + QByteArray(1025, 'a') << QByteArray("1024");
}

void TestExporterLogStream::refusesWhatItDoesNotUnderstand()
{
    QFETCH(QByteArray, query);
    QFETCH(QByteArray, message);
    serve();

    const QByteArray answer = http::exchange(port(), http::request("GET", "/logs/stream" + query));

    QVERIFY2(answer.startsWith("HTTP/1.1 400 "), answer.constData());
    QVERIFY2(http::bodyOf(answer).contains(message), answer.constData());
}

void TestExporterLogStream::showsNoFilesButTheConfiguredOnes()
{
    append(record(1));
    append(record(2), u"secret.txt"_s);
    serve();

    Client client(port(), "?tail=10&file=*&file=" + path(u"secret.txt"_s).toUtf8());
    QTRY_VERIFY(client.isWelcome());
    Client other(port(), "?tail=10&file=" + path(u"secret.txt"_s).toUtf8());
    QTRY_VERIFY(other.isWelcome());

    QCOMPARE(joined(client.records()), record(1));
    QVERIFY(other.records().isEmpty());
    m_stream->configure({});
    const QByteArray none = http::exchange(port(), http::request("GET", "/logs/stream"));
    QVERIFY2(none.startsWith("HTTP/1.1 404 "), none.constData());
}

void TestExporterLogStream::beatsWhenNothingHappens()
{
    m_settings.heartbeat = 10ms;
    serve();
    Client client(port());

    // The scan once a second is when there is nothing else to do.
    QTRY_VERIFY(client.answer().count(R"({"trendscope_stream":{"time":"20)") >= 2);
}

void TestExporterLogStream::saysWhatItCanNotRead()
{
    for (int file = 0; file <= 1000; ++file) // more than it opens
        append("", QString::number(file) + u".log"_s);
    serve();

    Client client(port());

    QTRY_VERIFY(client.answer().contains(R"("problem":"cannot read )"));
    for (int file = 0; file <= 1000; file += 2)
        QVERIFY(QFile::remove(path(QString::number(file) + u".log"_s)));
    QTRY_VERIFY_WITH_TIMEOUT(client.answer().contains(R"("problem":"")"), 20'000);
}

void TestExporterLogStream::keepsQuietStreamsBeyondTheLimitOfAnExchange()
{
    append("");
    serve({.exchange = 100ms});
    Client client(port());
    QTRY_VERIFY(client.isWelcome());
    // Two connections that were begun later were ended since: the limit is over, twice.
    for (int i = 0; i < 2; ++i) {
        const auto idle = http::connectTo(port());
        QTRY_COMPARE(idle->state(), QAbstractSocket::UnconnectedState);
    }

    append(record(1));

    QTRY_COMPARE(client.records().size(), 1);
}

void TestExporterLogStream::endsAStreamOfWhichNothingIsTaken()
{
    append("");
    serve({.exchange = 300ms});
    Client stuck(port(), {}, false);
    QTRY_COMPARE(metric("trendscope_log_stream_clients"), 1.0);

    append(("{\"f\":\"" + QByteArray(1000, 'x') + "\"}\n").repeated(20'000));

    QTRY_COMPARE(metric("trendscope_log_stream_clients"), 0.0);
}

void TestExporterLogStream::answersHeadWithoutAStream()
{
    serve();

    const QByteArray answer = http::exchange(port(), http::request("HEAD", "/logs/stream"));

    QVERIFY2(answer.startsWith("HTTP/1.1 200 "), answer.constData());
    QVERIFY(answer.contains("\r\nContent-Type: application/x-ndjson\r\n"));
    QCOMPARE(metric("trendscope_log_stream_clients"), 0.0);
}

void TestExporterLogStream::endsWithTheServer()
{
    append("");
    serve();
    Client quiet(port());
    Client stuck(port(), {}, false);
    QTRY_VERIFY(quiet.isWelcome());
    append(("{\"f\":\"" + QByteArray(1000, 'x') + "\"}\n").repeated(10'000));
    QTRY_VERIFY(!quiet.records().isEmpty());

    QElapsedTimer timer;
    timer.start();
    m_server.reset();
    m_stream.reset();

    QVERIFY2(timer.elapsed() < 1000, "streams keep the server from ending");
    QTRY_VERIFY(!quiet.isOpen());
}

void TestExporterLogStream::endsWhenItIsConfiguredAnew()
{
    append("");
    serve();
    Client client(port());
    QTRY_VERIFY(client.isWelcome());

    m_stream->configure(m_settings);
    append(record(1));
    QTRY_COMPARE(client.records().size(), 1);
    auto other = m_settings;
    other.files = {path(u"*.json"_s).toStdString()};
    m_stream->configure(other);

    QTRY_VERIFY(!client.isOpen());
    append(record(2), u"b.json"_s);
    Client again(port(), "?tail=9");
    QTRY_VERIFY(again.isWelcome());
    QCOMPARE(joined(again.records()), record(2));
}

void TestExporterLogStream::runsNothingWithoutClients()
{
    append("");
    serve();
    http::exchange(port(), http::request("HEAD", "/logs/stream")); // its worker stays
    const int before = threads();
    {
        Client client(port());
        QTRY_VERIFY(client.isWelcome());
        QCOMPARE(threads(), before + 1);
    }

    QTRY_COMPARE(threads(), before);
    QCOMPARE(metric("trendscope_log_stream_clients"), 0.0);
}

QTEST_GUILESS_MAIN(TestExporterLogStream)
#include "tst_exporter_log_stream.moc"
