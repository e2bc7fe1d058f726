#include "core/exporter/celery/celery_collector.h"
#include "core/exporter/collector_runner.h"
#include "support/exposition_values.h"

#include <QElapsedTimer>
#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace trendscope;
using test::valueOf;

namespace {

/// Answers each command as it is told, however wrong, and else as Redis would.
class FakeRedis : public QLocalServer {
public:
    struct Answer {
        QByteArray first;
        QByteArray endless = {}; ///< then this again and again
        bool isLast = false;     ///< then the connection ends
    };

    explicit FakeRedis(const QString &path)
    {
        listen(path);
        connect(this, &QLocalServer::newConnection, this, [this] {
            QLocalSocket *const client = nextPendingConnection();
            connect(client, &QLocalSocket::readyRead, this, [this, client] { take(client); });
            connect(client, &QLocalSocket::disconnected, client, &QObject::deleteLater);
        });
    }

    QHash<QByteArray, Answer> answers;
    QSet<QByteArray> asked;

private:
    /// Whole commands only, which is what a client on a socket of this machine sends.
    void take(QLocalSocket *client)
    {
        const QByteArrayList parts = client->readAll().split('\n');
        for (qsizetype i = 0; i + 2 < parts.size(); ++i) {
            if (parts[i].startsWith('*'))
                answer(client, parts[i + 2].trimmed());
        }
    }

    void answer(QLocalSocket *client, const QByteArray &command)
    {
        asked.insert(command);
        const Answer answer = answers.value(command, {sound(command)});
        client->write(answer.first);
        if (!answer.endless.isEmpty()) {
            const QByteArray block = answer.endless.repeated(1 << 14);
            connect(client, &QLocalSocket::bytesWritten, client, [client, block] {
                if (client->bytesToWrite() == 0)
                    client->write(block);
            });
        }
        if (answer.isLast)
            client->disconnectFromServer();
    }

    static QByteArray sound(const QByteArray &command)
    {
        if (command == "INFO")
            return "$38\r\nredis_version:7.0.15\r\nused_memory:1024\r\n";
        if (command == "CONFIG")
            return "*2\r\n$9\r\ndatabases\r\n$2\r\n16\r\n";
        if (command == "SCAN" || command == "SSCAN")
            return "*2\r\n$1\r\n0\r\n*0\r\n";
        if (command == "LLEN" || command == "HLEN")
            return ":3\r\n";
        if (command == "LINDEX" || command == "LPOS")
            return "$-1\r\n";
        if (command == "PSUBSCRIBE")
            return "*3\r\n$10\r\npsubscribe\r\n$1\r\nx\r\n:1\r\n";
        if (command == "PING")
            return "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
        return "+OK\r\n";
    }
};

} // namespace

/// The collector of Celery and Redis beside a Redis that is slow, lies or refuses.
class TestExporterRedisFaults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void saysOnceWhatIsWrongAndRecovers_data();
    void saysOnceWhatIsWrongAndRecovers();
    void listensOnWhenPingsAreRefused();
    void onlyReads();

private:
    void start(const std::string &credentials = {});
    std::string scrape();
    QByteArray log() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<FakeRedis> m_redis;
    std::unique_ptr<observability::Logging> m_logging;
    std::unique_ptr<observability::Registry> m_registry;
    std::unique_ptr<exporter::CollectorRunner> m_runner;
    std::string m_reason; ///< why the latest scrape failed; empty where it did not
};

void TestExporterRedisFaults::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_redis = std::make_unique<FakeRedis>(m_directory->filePath(u"s"_s));
    QVERIFY(m_redis->isListening());
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.file = m_directory->filePath(u"log"_s).toStdString()});
}

void TestExporterRedisFaults::cleanup()
{
    m_runner.reset();
    m_registry.reset();
    m_logging.reset();
    m_redis.reset();
}

void TestExporterRedisFaults::start(const std::string &credentials)
{
    config::CelerySettings settings;
    settings.url = "unix://" + credentials + m_directory->filePath(u"s"_s).toStdString();
    settings.queues = {"q"};
    settings.connectTimeout = 300ms;
    settings.maxBackoff = 100ms;
    m_registry = std::make_unique<observability::Registry>();
    exporter::CollectorRunner::Collectors collectors;
    collectors.push_back(std::make_unique<exporter::CeleryCollector>(settings, *m_registry));
    m_runner =
        std::make_unique<exporter::CollectorRunner>(std::move(collectors), *m_registry, *m_logging);
}

/// The event loop goes on meanwhile, for the server; until the collector is done, however late.
std::string TestExporterRedisFaults::scrape()
{
    std::atomic<bool> isDone = false;
    std::thread thread([&] {
        m_runner->collect(std::chrono::steady_clock::now() + 500ms);
        isDone = true;
    });
    while (!isDone || m_runner->states().front().isRunning)
        QTest::qWait(1);
    thread.join();
    const auto error = m_runner->states().front().error;
    m_reason = error ? error->message : std::string();
    return m_registry->expose();
}

QByteArray TestExporterRedisFaults::log() const
{
    QFile file(m_directory->filePath(u"log"_s));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void TestExporterRedisFaults::saysOnceWhatIsWrongAndRecovers_data()
{
    QTest::addColumn<QByteArray>("command");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QByteArray>("endless");
    QTest::addColumn<QByteArray>("reason");
    QTest::addColumn<bool>("isUp");
    QTest::addColumn<bool>("knowsQueues");
    const auto down = [](const char *name, const char *command, const char *answer,
                         const char *reason, const char *endless = "") {
        QTest::newRow(name) << QByteArray(command) << QByteArray(answer) << QByteArray(endless)
                            << QByteArray(reason) << false << false;
    };
    const auto partly = [](const char *name, const char *command, const char *answer,
                           const char *reason, bool isUp, bool knowsQueues) {
        QTest::newRow(name) << QByteArray(command) << QByteArray(answer) << QByteArray()
                            << QByteArray(reason) << isUp << knowsQueues;
    };
    const char *const noRedis = "does not speak Redis' protocol";
    down("another server", "SELECT", "HTTP/1.1 400 Bad Request\r\n\r\n", noRedis);
    down("a TLS port", "SELECT", "\x15\x03\x03\x01\x02", noRedis);
    down("never answers", "SELECT", "", "in time");
    down("half an answer", "INFO", "$100\r\nhalf", "in time");
    down("a length beyond all memory", "INFO", "$9223372036854775807\r\n", "in time");
    down("a text of 500 MB", "INFO", "$500000000\r\n", "larger than 64 MB|in time",
         "xxxxxxxxxxxxxxxx");
    down("a list beyond all memory", "SCAN", "*2147483647\r\n", noRedis);
    down("lists in lists", "SCAN", "*1\r\n", noRedis, "*1\r\n");
    down("a list without end", "SCAN", "*90000\r\n*90000\r\n", noRedis, "*9\r\n");
    down("ends the connection", "INFO", "", "ended the connection");
    down("wants a password", "SELECT", "-NOAUTH Authentication required.\r\n",
         "refuses user and password");
    down("does not take the password", "AUTH",
         "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
         "refuses user and password");
    partly("no right to INFO", "INFO",
           "-NOPERM this user has no permissions to run the 'info' command\r\n",
           "refuses: NOPERM this user has no permissions to run the 'info'", false, true);
    partly("a number for INFO", "INFO", ":1\r\n", "something else", false, true);
    partly("no right to events", "PSUBSCRIBE",
           "-NOPERM this user has no permissions to access one of the channels\r\n",
           "events are not heard: Redis refuses: NOPERM", true, true);
    partly("no right to lists", "LLEN", "-NOPERM No permissions to access a key\r\n",
           "refuses: NOPERM No permissions", true, false);
    partly("loading", "LLEN", "-LOADING Redis is loading the dataset in memory\r\n",
           "refuses: LOADING", true, false);
    partly("a replica without its master", "LLEN",
           "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
           "refuses: MASTERDOWN", true, false);
    partly("busy with a script", "SCAN", "-BUSY Redis is busy running a script.\r\n",
           "refuses: BUSY", true, true);
    partly("a negative length", "LLEN", ":-5\r\n", "something else", true, false);
}

void TestExporterRedisFaults::saysOnceWhatIsWrongAndRecovers()
{
    QFETCH(const QByteArray, command);
    QFETCH(const QByteArray, answer);
    QFETCH(const QByteArray, endless);
    QFETCH(const QByteArray, reason);
    QFETCH(const bool, isUp);
    QFETCH(const bool, knowsQueues);
    const char *const length = "celery_queue_length{queue_name=\"q\"}";
    const QRegularExpression expected(QString::fromUtf8(reason));
    m_redis->answers[command] = {
        .first = answer, .endless = endless, .isLast = reason.startsWith("ended")};
    start(command == "AUTH" ? "me:s3cret@" : "");

    const auto fails = [&] {
        QElapsedTimer timer;
        timer.start();
        scrape();
        return timer.elapsed() < 2'000 && QString::fromStdString(m_reason).contains(expected);
    };
    QTRY_VERIFY2(fails(), m_reason.c_str());
    for (int i = 0; i < 3; ++i)
        QVERIFY2(fails(), m_reason.c_str());
    const std::string text = scrape();
    QCOMPARE(valueOf(text, "redis_up").value_or(-1), isUp ? 1 : 0);
    QCOMPARE(valueOf(text, "redis_memory_used_bytes").has_value(), isUp);
    QCOMPARE(valueOf(text, length).has_value(), knowsQueues);
    QTRY_COMPARE(log().count("Collector failed"), 1);
    QVERIFY2(QString::fromUtf8(log()).contains(expected), log());
    QVERIFY(!log().contains("s3cret"));

    m_redis->answers.clear();
    const auto works = [&] { return valueOf(scrape(), "redis_up") == 1.0 && m_reason.empty(); };
    QTRY_VERIFY2(works(), m_reason.c_str());
    QCOMPARE(valueOf(m_registry->expose(), length).value_or(-1), 12); // of four priorities
    QTRY_COMPARE(valueOf(m_registry->expose(), "trendscope_celery_listener_up").value_or(-1), 1);
    QTRY_COMPARE(log().count("Collector works again"), 1);
}

/// Redis that can not save refuses pings as it refuses writes.
void TestExporterRedisFaults::listensOnWhenPingsAreRefused()
{
    m_redis->answers["PING"] = {"-MISCONF Redis is configured to save RDB snapshots, but it's "
                                "currently unable to persist to disk.\r\n"};
    start();
    QTRY_COMPARE(valueOf(scrape(), "trendscope_celery_listener_up").value_or(-1), 1);
    QTRY_VERIFY_WITH_TIMEOUT(m_redis->asked.contains("PING"), 20'000);

    scrape();
    const std::string text = scrape();

    QCOMPARE(m_reason, std::string());
    QCOMPARE(valueOf(text, "trendscope_celery_listener_up").value_or(-1), 1);
    QCOMPARE(valueOf(text, "trendscope_celery_listener_disconnects_total").value_or(0), 0);
}

/// So a replica that is read-only, and a user with the right to read, are enough.
void TestExporterRedisFaults::onlyReads()
{
    m_redis->answers["LINDEX"] = {"$7\r\nmessage\r\n"};
    start("me:s3cret@");
    for (int i = 0; i < 3; ++i)
        scrape();
    QTRY_VERIFY(m_redis->asked.contains("PSUBSCRIBE"));

    const QSet<QByteArray> reading = {"AUTH", "SELECT", "INFO",   "CONFIG", "SCAN",       "SSCAN",
                                      "LLEN", "HLEN",   "LINDEX", "LPOS",   "PSUBSCRIBE", "PING"};
    QVERIFY(m_redis->asked.contains("LPOS"));
    QVERIFY((m_redis->asked - reading).isEmpty());
}

QTEST_GUILESS_MAIN(TestExporterRedisFaults)
#include "tst_exporter_redis_faults.moc"
