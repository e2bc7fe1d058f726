#include "core/exporter/http/server.h"
#include "core/exporter/http/web_config.h"
#include "core/exporter/log_stream/log_stream.h"
#include "core/logs/remote_log.h"
#include "core/logs/stream_format.h"
#include "support/certificates.h"
#include "support/require_program.h"
#include "ui/alerts/state_notice.h"
#include "ui/logs/log_list.h"
#include "ui/logs/log_model.h"
#include "ui/logs/logs_view.h"
#include "ui/logs/record_detail.h"
#include "ui/theme/theme.h"

#include <QFile>
#include <QLabel>
#include <QScopeGuard>
#include <QSslConfiguration>
#include <QTableWidget>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;

/// The Logs page with a stream of an agent: its real server, in this process.
class TestLogsStream : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsTheRecordsOfAStreamAsThoseOfAFile();
    void followsAStreamBesideAFile();
    void goesOnAfterAnInterruptionWithoutDuplicates();
    void saysHowOldTheRecordsOfAFailedStreamAre();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void saysThatItConnectsUntilItIsAnswered();
    void saysWhatIsWrongOnceAndWhatToTry_data();
    void saysWhatIsWrongOnceAndWhatToTry();
    void saysThatAHostIsNotKnown();
    void endsAProblemWithOneFullStop();
    void waitsAsLongAsTheAgentWants();
    void namesTheAgentWhereTwoHaveAFileOfOneName();
    void saysWhatTheAgentCanNotRead();
    void sendsTheHeadersOfItsAddressOnly();
    void streamsOverTlsWithAPassword();
    void showsWhereRecordsAreMissing();
    void losesNothingOfManyRecordsWhileTheWindowIsBusy();

private:
    void serve(exporter::Handler handler = {}, std::shared_ptr<exporter::WebConfig> web = {});
    QString address(const QString &query = {}) const
    {
        return u"http://127.0.0.1:%1/logs/stream%2"_s.arg(m_port).arg(query);
    }
    QString path(const QString &name) const { return m_folder->filePath(name); }
    void append(const QByteArray &lines, const QString &name = u"a.log"_s) const;
    int rows() const { return m_view->findChild<LogList *>()->model()->rowCount(); }
    QStringList messages() const;
    bool shows(const QString &text) const;

    const Theme m_theme = Theme::dark();
    std::unique_ptr<QTemporaryDir> m_folder;
    observability::Registry m_registry;
    std::unique_ptr<observability::Logging> m_logging;
    std::shared_ptr<exporter::LogStream> m_stream;
    std::unique_ptr<exporter::HttpServer> m_server;
    quint16 m_port = 0;
    std::unique_ptr<LogsView> m_view;
};

namespace {

QByteArray record(int second)
{
    return R"({"timestamp":"2024-01-15T10:30:)" + QByteArray::number(second).rightJustified(2, '0')
        + R"(Z","level":"INFO","logger":"api","message":"m)" + QByteArray::number(second) + "\"}\n";
}

} // namespace

void TestLogsStream::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.file = path(u"own.txt"_s).toStdString()});
    m_stream = std::make_shared<exporter::LogStream>(
        config::LogStreamSettings{.files = {path(u"*.log"_s).toStdString()}}, m_registry,
        m_logging->logger("test"));
    m_port = 0;
    m_view = std::make_unique<LogsView>(m_theme);
    m_view->setTimeZone(QTimeZone::utc());
    m_view->resize(1280, 720);
    m_view->show();
}

void TestLogsStream::cleanup()
{
    m_view.reset();
    m_server.reset();
    m_stream.reset();
    m_logging.reset();
    m_folder.reset();
}

/// At the same port as before, where it served already.
void TestLogsStream::serve(exporter::Handler handler, std::shared_ptr<exporter::WebConfig> web)
{
    if (!handler)
        handler = [stream = m_stream](const exporter::Request &request) {
            return stream->answer(request);
        };
    auto server = exporter::HttpServer::start(
        {.addresses = {{"127.0.0.1", m_port}}, .web = std::move(web)}, std::move(handler));
    if (!server)
        qFatal("%s", server.error().message.c_str());
    m_server = std::move(*server);
    m_port = m_server->port();
}

void TestLogsStream::append(const QByteArray &lines, const QString &name) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::Append) || file.write(lines) != lines.size())
        qFatal("can not write %s", qPrintable(file.fileName()));
}

QStringList TestLogsStream::messages() const
{
    QStringList all;
    const auto *model = m_view->findChild<LogList *>()->model();
    for (int row = 0; row < model->rowCount(); ++row)
        all.append(model->index(row, LogModel::MessageColumn).data().toString());
    return all;
}

bool TestLogsStream::shows(const QString &text) const
{
    const auto labels = m_view->findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
        return label->isVisible() && label->text().contains(text);
    });
}

void TestLogsStream::showsTheRecordsOfAStreamAsThoseOfAFile()
{
    append(record(1) + "no json\n");
    serve();

    m_view->follow({address()});
    QTRY_COMPARE(messages().join(u' '), u"m1 no json"_s);
    append(record(2), u"b.log"_s);
    QTRY_COMPARE(rows(), 3);

    QVERIFY(shows(u"from 127.0.0.1:%1"_s.arg(m_port)));
    QVERIFY(m_view->problems().isEmpty());
    QTRY_VERIFY(m_view->recordsPerSecond() > 0);
    m_view->findChild<LogList *>()->goTo(2);
    const auto *fields = m_view->findChild<RecordDetail *>()->findChild<QTableWidget *>();
    const QString file = u"127.0.0.1:%1 "_s.arg(m_port) + path(u"b.log"_s);
    QVERIFY(!fields->findItems(file, Qt::MatchExactly).isEmpty());
}

void TestLogsStream::followsAStreamBesideAFile()
{
    append(record(1));
    append(record(2), u"local.txt"_s);
    serve();

    m_view->follow({address(), path(u"local.txt"_s)});

    QTRY_COMPARE(rows(), 2);
    QVERIFY(shows(u"from 2 sources"_s));
    for (int row : {0, 1}) {
        m_view->findChild<LogList *>()->goTo(row);
        const auto *fields = m_view->findChild<RecordDetail *>()->findChild<QTableWidget *>();
        const bool isRemote = messages()[row] == u"m1"_s;
        const QString name =
            isRemote ? u"127.0.0.1:%1 "_s.arg(m_port) + path(u"a.log"_s) : path(u"local.txt"_s);
        QVERIFY(!fields->findItems(name, Qt::MatchExactly).isEmpty());
    }
}

void TestLogsStream::goesOnAfterAnInterruptionWithoutDuplicates()
{
    append(record(1) + record(2));
    serve();
    m_view->follow({address(u"?tail=1"_s)});
    QTRY_COMPARE(messages().join(u' '), u"m2"_s);
    append(record(3));
    QTRY_COMPARE(rows(), 2);

    m_server.reset();
    append(record(4));
    QVERIFY(QFile::rename(path(u"a.log"_s), path(u"a.log.1"_s)));
    append(record(5));
    serve();

    QTRY_COMPARE(messages().join(u' '), u"m2 m3 m4 m5"_s);
    append(record(6));
    QTRY_COMPARE(messages().join(u' '), u"m2 m3 m4 m5 m6"_s);
    QVERIFY(m_view->problems().isEmpty());
}

void TestLogsStream::saysHowOldTheRecordsOfAFailedStreamAre()
{
    append(record(1));
    serve();
    m_view->follow({address()});
    QTRY_COMPARE(rows(), 1);

    m_server.reset();

    QTRY_COMPARE(m_view->problems().size(), 1);
    QTRY_VERIFY(shows(u"What was written after 2024-01-15 10:30:01.000 is not shown yet."_s));
    QTRY_VERIFY(shows(u"refused the connection"_s)); // once it was tried again
    QCOMPARE(rows(), 1);
    serve();
    QTRY_VERIFY(m_view->problems().isEmpty());
    QVERIFY(!shows(u"is not shown yet"_s));
    QCOMPARE(rows(), 1);
}

void TestLogsStream::saysWhatIsWrong_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("problem");
    QTest::newRow("password") << 401 << QByteArray("text/plain") << QByteArray("Unauthorized\n")
                              << u"refused the credentials (401 Unauthorized)"_s;
    QTest::newRow("no stream") << 404 << QByteArray("text/plain")
                               << QByteArray("No log files are configured\n")
                               << u"answered 404 Not Found: No log files are configured"_s;
    QTest::newRow("too many") << 503 << QByteArray("text/plain")
                              << QByteArray("There are 8 log streams already.\n")
                              << u"There are 8 log streams already."_s;
    QTest::newRow("wrong filter") << 400 << QByteArray("text/plain")
                                  << QByteArray("filter: at character 1\n")
                                  << u"filter: at character 1"_s;
    QTest::newRow("something else") << 200 << QByteArray("text/html") << QByteArray("<b>Hello</b>")
                                    << u"not with a log stream that this version knows"_s;
    QTest::newRow("a later version")
        << 200 << QByteArray("application/x-ndjson")
        << QByteArray("{\"trendscope_stream\":{\"version\":2}}\n").repeated(1000)
        << u"not with a log stream that this version knows"_s;
}

void TestLogsStream::saysWhatIsWrong()
{
    QFETCH(int, status);
    QFETCH(QByteArray, type);
    QFETCH(QByteArray, body);
    QFETCH(QString, problem);
    serve([&](const exporter::Request &) {
        return exporter::Response{
            .status = status, .contentType = type.toStdString(), .body = body.toStdString()};
    });

    m_view->follow({address()});

    QTRY_COMPARE(m_view->problems().size(), 1);
    QVERIFY2(m_view->problems().first().contains(problem), qPrintable(m_view->problems().first()));
    QVERIFY2(m_view->problems().first().contains(u"127.0.0.1:%1/logs/stream"_s.arg(m_port)),
             qPrintable(m_view->problems().first()));
    QVERIFY(shows(problem));
    QCOMPARE(rows(), 0);
    m_server.reset();
}

void TestLogsStream::saysThatItConnectsUntilItIsAnswered()
{
    QTcpServer silent; // the system accepts for it, and nobody answers
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const QString url = u"http://127.0.0.1:%1/logs/stream"_s.arg(silent.serverPort());

    m_view->follow({url});

    QTRY_VERIFY(silent.hasPendingConnections());
    QVERIFY(shows(u"Connecting…"_s));
    QVERIFY(shows(url));
    QVERIFY(m_view->problems().isEmpty());
    QCOMPARE(m_view->findChild<StateNotice *>()->kind(), StateNotice::Kind::Loading);
    append("");
    serve();
    m_view->follow({address()});
    QTRY_VERIFY(shows(u"No records yet"_s));
}

void TestLogsStream::saysWhatIsWrongOnceAndWhatToTry_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("title");
    QTest::addColumn<QString>("remedy");
    QTest::newRow("401") << 401 << QByteArray("Unauthorized\n")
                         << u"The agent refuses the credentials"_s << u"headers"_s;
    QTest::newRow("403") << 403 << QByteArray("Forbidden\n")
                         << u"The agent refuses the credentials"_s << u"headers"_s;
    QTest::newRow("404") << 404 << QByteArray("<html>Not here</html>")
                         << u"There is no log stream at this address"_s << u"log_stream is on"_s;
}

void TestLogsStream::saysWhatIsWrongOnceAndWhatToTry()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    QFETCH(QString, title);
    QFETCH(QString, remedy);
    serve([&](const exporter::Request &) {
        return exporter::Response{.status = status, .body = body.toStdString()};
    });

    m_view->follow({address()});

    QTRY_VERIFY(shows(title));
    QVERIFY(shows(remedy));
    QCOMPARE(m_view->findChild<StateNotice *>()->kind(), StateNotice::Kind::Failed);
    const QString problem = m_view->problems().first();
    QVERIFY2(problem.count(QString::fromUtf8(body).trimmed()) <= 1, qPrintable(problem));
    QVERIFY2(!problem.contains(u"<html>"_s), qPrintable(problem));
    m_server.reset();
}

void TestLogsStream::saysThatAHostIsNotKnown()
{
    m_view->follow({u"http://agent.invalid:9787/logs/stream"_s});

    QTRY_VERIFY_WITH_TIMEOUT(shows(u"The name of the host is not known"_s), 20'000);
}

void TestLogsStream::endsAProblemWithOneFullStop()
{
    append(record(1));
    serve();
    m_view->follow({address()});
    QTRY_COMPARE(rows(), 1);
    m_server.reset();
    serve([](const exporter::Request &) {
        return exporter::Response{.status = 503, .body = "There are 8 log streams already.\n"};
    });

    QTRY_VERIFY(shows(u"There are 8 log streams already. What was written after"_s));
    QVERIFY(!shows(u".."_s));
    m_server.reset();
}

void TestLogsStream::waitsAsLongAsTheAgentWants()
{
    std::mutex mutex;
    std::vector<std::chrono::steady_clock::time_point> asked;
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return asked.size();
    };
    serve([&](const exporter::Request &) {
        const std::lock_guard lock(mutex);
        asked.push_back(std::chrono::steady_clock::now());
        return exporter::Response{.status = 503, .headers = {{"Retry-After", "3"}}};
    });

    m_view->follow({address()});

    QTRY_VERIFY_WITH_TIMEOUT(count() >= 2, 10'000);
    const std::lock_guard lock(mutex);
    QVERIFY(asked[1] - asked[0] >= std::chrono::milliseconds(2900)); // by itself it would be 1.1 s
}

void TestLogsStream::namesTheAgentWhereTwoHaveAFileOfOneName()
{
    QCOMPARE(
        labelsOf({{.agent = {}, .path = u"/var/a.log"_s}, {.agent = u"h:1"_s, .path = u"/b"_s}}),
        (QStringList{u"a.log"_s, u"b"_s}));
    QCOMPARE(labelsOf({{u"h:1"_s, u"/x/a.log"_s}, {u"h:2"_s, u"/x/a.log"_s}}),
             (QStringList{u"h:1 a.log"_s, u"h:2 a.log"_s}));
    QCOMPARE(labelsOf({{u"h:1"_s, u"/x/a.log"_s}, {u"h:1"_s, u"/y/a.log"_s}}),
             (QStringList{u"h:1 x/a.log"_s, u"h:1 y/a.log"_s}));
    QCOMPARE(labelsOf({{u"h"_s, u"/1/x/a"_s}, {u"h"_s, u"/2/x/a"_s}}),
             (QStringList{u"h /1/x/a"_s, u"h /2/x/a"_s}));
}

void TestLogsStream::saysWhatTheAgentCanNotRead()
{
    serve([](const exporter::Request &request) {
        struct Told : exporter::BodyStream {
            bool isDone = false;
            void setWake(std::function<void()>) override { }
            std::optional<std::size_t> read(char *to, std::size_t size) override
            {
                const std::string text = logs::stream::begin()
                    + logs::stream::problem("cannot read /a") + logs::stream::tail(0, false);
                return std::exchange(isDone, true) ? 0 : text.copy(to, size);
            }
        };
        return exporter::Response{.contentType = "application/x-ndjson",
                                  .body = request.path,
                                  .stream = std::make_shared<Told>()};
    });

    m_view->follow({address()});

    QTRY_COMPARE(m_view->problems(), QStringList{u"127.0.0.1:%1: cannot read /a"_s.arg(m_port)});
}

void TestLogsStream::sendsTheHeadersOfItsAddressOnly()
{
    std::mutex mutex;
    QStringList seen;
    serve([&](const exporter::Request &request) {
        const std::lock_guard lock(mutex);
        const auto value = request.header("authorization");
        seen.append(QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()))
                    + QString::fromStdString(request.query.front().second));
        return m_stream->answer(request);
    });
    const QString first = address(u"?level=ERROR"_s);
    const QString second = address(u"?level=INFO"_s);

    m_view->follow({first, second}, {{first, {{"Authorization", "Bearer x"}}}});

    const auto all = [&] {
        const std::lock_guard lock(mutex);
        seen.sort();
        return seen.join(u' ');
    };
    QTRY_COMPARE(all(), u"Bearer xERROR INFO"_s);
    m_server.reset();
}

void TestLogsStream::streamsOverTlsWithAPassword()
{
    REQUIRE_PROGRAM("openssl");
    QCOMPARE(test::makeCertificates(m_folder->path()), QByteArray());
    append("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n"
           "basic_auth_users:\n  anna: "
               + test::secretHash + '\n',
           u"web.yml"_s);
    const auto web =
        exporter::WebConfig::open(path(u"web.yml"_s).toStdString(), m_logging->logger("test"));
    QVERIFY2(web, web ? "" : web.error().message.c_str());
    append(record(1));
    serve({}, *web);
    const auto withPassword = [&](const QString &password) {
        return u"https://anna:%1@127.0.0.1:%2/logs/stream"_s.arg(password).arg(m_port);
    };
    const auto problem = [&] { return m_view->problems().join(u' '); };

    m_view->follow({withPassword(u"secret"_s)}); // of an authority that nobody knows
    QTRY_VERIFY2(problem().contains(u"could not be trusted"_s), qPrintable(problem()));
    QCOMPARE(rows(), 0);

    const QSslConfiguration usual = QSslConfiguration::defaultConfiguration();
    const auto restore = qScopeGuard([&] { QSslConfiguration::setDefaultConfiguration(usual); });
    QSslConfiguration trusting = usual;
    QVERIFY(trusting.addCaCertificates(path(u"ca.pem"_s)));
    QSslConfiguration::setDefaultConfiguration(trusting);
    m_view->follow({withPassword(u"wrong"_s)});
    QTRY_VERIFY2(problem().contains(u"401"_s), qPrintable(problem()));
    QVERIFY(!problem().contains(u"wrong"_s));
    QCOMPARE(rows(), 0);

    m_view->follow({withPassword(u"secret"_s)});
    QTRY_COMPARE(messages().join(u' '), u"m1"_s);
    append(record(2));
    QTRY_COMPARE(messages().join(u' '), u"m1 m2"_s);
    QVERIFY2(problem().isEmpty(), qPrintable(problem()));

    m_server.reset(); // and it is taken up again
    append(record(3));
    serve({}, *web);
    QTRY_COMPARE(messages().join(u' '), u"m1 m2 m3"_s);
}

void TestLogsStream::showsWhereRecordsAreMissing()
{
    serve([](const exporter::Request &) {
        return exporter::Response{.contentType = "application/x-ndjson",
                                  .body = logs::stream::begin() + logs::stream::tail(0, false)
                                      + record(1).toStdString() + logs::stream::dropped(12)
                                      + record(2).toStdString()};
    });

    m_view->follow({address()});

    QTRY_COMPARE(
        messages().mid(0, 3),
        (QStringList{u"m1"_s, u"12 records missing: the connection is too slow"_s, u"m2"_s}));
    m_server.reset();
}

void TestLogsStream::losesNothingOfManyRecordsWhileTheWindowIsBusy()
{
    append("");
    serve();
    m_view->follow({address()});
    append(record(1));
    QTRY_COMPARE(rows(), 1);

    for (int i = 0; i < 20; ++i) {
        append(record(2).repeated(1000));
        QTest::qSleep(20); // the window does nothing meanwhile
    }

    QTRY_COMPARE(rows(), 20'001);
}

QTEST_MAIN(TestLogsStream)
#include "tst_logs_stream.moc"
