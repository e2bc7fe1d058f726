#include "core/exporter/celery/celery_queues_p.h"
#include "core/exporter/celery/redis_address.h"
#include "core/exporter/celery/redis_connection_p.h"
#include "core/exporter/celery/redis_info.h"
#include "support/exposition_values.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/un.h>

using namespace std::chrono_literals;
using namespace trendscope;
using test::valueOf;

/// Where Redis is, what its INFO says, and what is done with a server that does not answer.
class TestExporterRedis : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsUrls_data();
    void readsUrls();
    void refusesUrlsWithoutShowingThem_data();
    void refusesUrlsWithoutShowingThem();
    void readsSecretsFromWhereTheyAreKept();
    void makesMetricsOfInfo();
    void beginsCountersAnewWithRedis();
    void hasNoSeriesWhenRedisIsDown();
    void countsWhatIsNoNumber();
    void survivesHostileInfo();
    void waitsForNobodyPastTheDeadline();
    void endsAtOnceWhenStopped();
    void boundsTheAgeOfAMessage();
    void readsTheIdInAMessage();
};

void TestExporterRedis::readsUrls_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("user");
    QTest::addColumn<QByteArray>("password");
    QTest::addColumn<int>("database");
    QTest::newRow("whole") << QByteArray("redis://me:p%40ss%2F@cache.example:6380/3")
                           << QByteArray("redis://cache.example:6380/3") << QByteArray("me")
                           << QByteArray("p@ss/") << 3;
    QTest::newRow("only a password")
        << QByteArray("redis://:secret@h") << QByteArray("redis://h:6379/0") << QByteArray()
        << QByteArray("secret") << 0;
    QTest::newRow("an at sign in the password")
        << QByteArray("redis://:a@b@h/") << QByteArray("redis://h:6379/0") << QByteArray()
        << QByteArray("a@b") << 0;
    QTest::newRow("nothing but the scheme")
        << QByteArray("redis://") << QByteArray("redis://127.0.0.1:6379/0") << QByteArray()
        << QByteArray() << 0;
    QTest::newRow("IPv6") << QByteArray("redis://[::1]:7000/1")
                          << QByteArray("redis://[::1]:7000/1") << QByteArray() << QByteArray()
                          << 1;
    QTest::newRow("socket") << QByteArray("unix:///run/redis.sock?db=2")
                            << QByteArray("unix:///run/redis.sock") << QByteArray() << QByteArray()
                            << 2;
    QTest::newRow("socket as Celery writes it")
        << QByteArray("redis+socket://:pw@/run/r%20s.sock?virtual_host=1")
        << QByteArray("unix:///run/r s.sock") << QByteArray() << QByteArray("pw") << 1;
}

void TestExporterRedis::readsUrls()
{
    QFETCH(const QByteArray, url);
    const auto address = exporter::parseRedisUrl(url.toStdString());

    QVERIFY(address);
    QTEST(QByteArray::fromStdString(address->text()), "text");
    QTEST(QByteArray::fromStdString(address->user), "user");
    QTEST(QByteArray::fromStdString(address->password), "password");
    QTEST(address->database, "database");
}

void TestExporterRedis::refusesUrlsWithoutShowingThem_data()
{
    QTest::addColumn<QByteArray>("url");
    for (const char *url :
         {"", "http://:s3cret@h", "redis://:s3cret@h:port", "redis://:s3cret@h:0",
          "redis://:s3cret@h:70000", "redis://:s3cret@h/db", "redis://:s3cret@h/-1",
          "unix://:s3cret@", "unix:///a?db=x&p=s3cret", "rediss://:s3cret@h"})
        QTest::newRow(url) << QByteArray(url);
}

void TestExporterRedis::refusesUrlsWithoutShowingThem()
{
    QFETCH(const QByteArray, url);
    const auto address = exporter::parseRedisUrl(url.toStdString());

    QVERIFY(!address);
    QCOMPARE(address.error().kind, Error::Kind::Invalid);
    QVERIFY(address.error().message.find("s3cret") == std::string::npos);
}

void TestExporterRedis::readsSecretsFromWhereTheyAreKept()
{
    QTemporaryDir directory;
    const auto write = [&](const char *name, const char *text) {
        QFile file(directory.filePath(QString::fromLatin1(name)));
        return file.open(QIODevice::WriteOnly) && file.write(text) > 0;
    };
    QVERIFY(write("url", "redis://:fromUrl@h:1/5\n"));
    QVERIFY(write("password", "from file\r\n"));
    config::CelerySettings settings;
    settings.urlFile = directory.filePath(QStringLiteral("url")).toStdString();
    QCOMPARE(exporter::redisAddressOf(settings)->password, "fromUrl");
    QCOMPARE(exporter::redisAddressOf(settings)->database, 5);

    settings.passwordFile = directory.filePath(QStringLiteral("password")).toStdString();
    QCOMPARE(exporter::redisAddressOf(settings)->password, "from file");

    settings.passwordEnvironment = "TST_REDIS_PASSWORD";
    QVERIFY(!exporter::redisAddressOf(settings));
    qputenv("TST_REDIS_PASSWORD", "from environment");
    QCOMPARE(exporter::redisAddressOf(settings)->password, "from environment");
    qunsetenv("TST_REDIS_PASSWORD");

    settings.urlFile = "/nonexistent";
    const auto absent = exporter::redisAddressOf(settings);
    QVERIFY(!absent);
    QCOMPARE(absent.error().kind, Error::Kind::NotFound);
}

namespace {

const std::string someInfo =
    "# Server\r\nredis_version:7.0.15\r\nos:Linux \"x\"\r\nuptime_in_seconds:100\r\n\r\n"
    "# Memory\r\nused_memory:1024\r\nmaxmemory:4096\r\n# "
    "Persistence\r\nrdb_last_bgsave_status:ok\r\n"
    "aof_last_write_status:err\r\n# "
    "Stats\r\ntotal_commands_processed:50\r\nexpired_stale_perc:0.25\r\n"
    "# Commandstats\r\ncmdstat_client|list:calls=3,usec=1500,usec_per_call=500,rejected_calls=1,"
    "failed_calls=2\r\n# Errorstats\r\nerrorstat_ERR:count=4\r\n"
    "# Keyspace\r\ndb0:keys=10,expires=2,avg_ttl=1500\r\n";

} // namespace

void TestExporterRedis::makesMetricsOfInfo()
{
    observability::Registry registry;
    exporter::RedisInfo info(registry, [] { QFAIL("nothing is wrong with it"); });
    info.update(someInfo, 1000);

    const std::string text = registry.expose();
    QCOMPARE(valueOf(text, "redis_up"), 1.0);
    QCOMPARE(valueOf(text, "redis_memory_used_bytes"), 1024.0);
    QCOMPARE(valueOf(text, "redis_config_maxmemory"), 4096.0);
    QCOMPARE(valueOf(text, "redis_rdb_last_bgsave_status"), 1.0);
    QCOMPARE(valueOf(text, "redis_aof_last_write_status"), 0.0);
    QCOMPARE(valueOf(text, "redis_commands_processed_total"), 50.0);
    QCOMPARE(valueOf(text, "redis_expired_stale_percentage"), 0.25);
    QCOMPARE(valueOf(text, "redis_start_time_seconds"), 900.0);
    QCOMPARE(valueOf(text, "redis_commands_total{cmd=\"client|list\"}"), 3.0);
    QCOMPARE(valueOf(text, "redis_commands_duration_seconds_total{cmd=\"client|list\"}"), 0.0015);
    QCOMPARE(valueOf(text, "redis_commands_failed_calls_total{cmd=\"client|list\"}"), 2.0);
    QCOMPARE(valueOf(text, "redis_errors_total{err=\"ERR\"}"), 4.0);
    QCOMPARE(valueOf(text, "redis_db_keys{db=\"db0\"}"), 10.0);
    QCOMPARE(valueOf(text, "redis_db_avg_ttl_seconds{db=\"db0\"}"), 1.5);
    QVERIFY(text.find("os=\"Linux \\\"x\\\"\",process_id=\"\",redis_build_id=\"\",redis_mode=\"\","
                      "redis_version=\"7.0.15\"")
            != std::string::npos);
    QVERIFY(text.find("# TYPE redis_commands_processed_total counter") != std::string::npos);
}

void TestExporterRedis::beginsCountersAnewWithRedis()
{
    observability::Registry registry;
    exporter::RedisInfo info(registry, [] {});
    const auto processed = [&](const char *value) {
        info.update(std::string("total_commands_processed:") + value, 0);
        return valueOf(registry.expose(), "redis_commands_processed_total");
    };

    QCOMPARE(processed("50"), 50.0);
    QCOMPARE(processed("70"), 70.0);
    QCOMPARE(processed("3"), 3.0);
    QCOMPARE(processed("4"), 4.0);
}

void TestExporterRedis::hasNoSeriesWhenRedisIsDown()
{
    observability::Registry registry;
    exporter::RedisInfo info(registry, [] {});
    info.update(someInfo, 1000);
    info.setDown();

    const std::string text = registry.expose();
    QCOMPARE(text.substr(text.find("redis_up 0")).find("\nredis_"), std::string::npos);
    QVERIFY(text.find("redis_instance_info{") == std::string::npos);
    info.update(someInfo, 1000);
    QCOMPARE(valueOf(registry.expose(), "redis_commands_processed_total"), 50.0);
}

void TestExporterRedis::countsWhatIsNoNumber()
{
    observability::Registry registry;
    int refused = 0;
    exporter::RedisInfo info(registry, [&] { ++refused; });
    info.update("used_memory:lots\nconnected_clients:nan\ncmdstat_x:calls=a,usec=1\n"
                "errorstat_E:count\nblocked_clients:\nnew_field:text\n# Keyspace\ndb0:keys\n",
                0);

    QCOMPARE(refused, 6);
    QVERIFY(!valueOf(registry.expose(), "redis_memory_used_bytes"));
}

void TestExporterRedis::survivesHostileInfo()
{
    observability::Registry registry;
    int refused = 0;
    exporter::RedisInfo info(registry, [&] { ++refused; });
    std::string text(1 << 19, ':');
    for (int i = 0; i < 2'000'000; ++i)
        text += "\ncmdstat_" + std::to_string(i) + "\xff\":calls=1,usec=1";
    info.update(text, 0);

    const std::string exposition = registry.expose();
    QCOMPARE(refused, 1); // it is longer than any INFO
    QVERIFY(exposition.size() < 1'000'000);
    info.setDown();
    QVERIFY(registry.expose().find("cmd=") == std::string::npos);
}

namespace {

/// A socket that accepts connections and never says anything.
class SilentServer {
public:
    SilentServer()
        : m_descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        m_isGood = ::bind(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0
            && ::listen(m_descriptor, 5) == 0;
    }
    ~SilentServer() { ::close(m_descriptor); }

    bool isGood() const { return m_isGood; }
    std::string path() const { return m_directory.filePath(QStringLiteral("s")).toStdString(); }
    exporter::RedisAddress address() const
    {
        exporter::RedisAddress address;
        address.path = path();
        return address;
    }

private:
    QTemporaryDir m_directory;
    int m_descriptor;
    bool m_isGood;
};

} // namespace

void TestExporterRedis::waitsForNobodyPastTheDeadline()
{
    const SilentServer server;
    QVERIFY(server.isGood());
    const exporter::Wakeup stop;
    const auto begin = std::chrono::steady_clock::now();

    const auto redis = exporter::RedisConnection::open(server.address(), stop, begin + 100ms);

    QVERIFY(!redis);
    QCOMPARE(redis.error().kind, Error::Kind::Timeout);
    const auto took = std::chrono::steady_clock::now() - begin;
    QVERIFY(took >= 100ms && took < 1s);
}

void TestExporterRedis::endsAtOnceWhenStopped()
{
    const SilentServer server;
    exporter::Wakeup stop;
    stop.set();
    const auto begin = std::chrono::steady_clock::now();

    const auto redis = exporter::RedisConnection::open(server.address(), stop, begin + 1h);

    QVERIFY(!redis);
    QCOMPARE(redis.error().kind, Error::Kind::Canceled);
    QVERIFY(std::chrono::steady_clock::now() - begin < 1s);
}

void TestExporterRedis::boundsTheAgeOfAMessage()
{
    exporter::MessageMarkers markers;
    const exporter::MessageMarkers::Clock::time_point begin(1h);
    QCOMPARE(markers.oldest(), nullptr);
    for (int i = 0; i < 1000; ++i)
        markers.add(std::to_string(i), begin + std::chrono::seconds(i));
    QCOMPARE(*markers.oldest(), "0"); // as long as it is there, everything is at least that old
    QCOMPARE(markers.oldestSeen(), begin);

    markers.dropOldest();
    QVERIFY(markers.oldestSeen() > begin);
    QVERIFY(markers.oldestSeen() < begin + 600s); // not only the young are kept
    int kept = 1;
    for (; markers.oldest(); markers.dropOldest())
        ++kept;
    QCOMPARE(kept, 8);
    markers.add(std::string(1 << 20, 'x'), begin);
    QCOMPARE(markers.oldest(), nullptr);
}

void TestExporterRedis::readsTheIdInAMessage()
{
    QCOMPARE(exporter::taskIdOf(
                 "{\"body\": \"W10=\", \"headers\": {\"lang\": \"py\", \"id\": \"u-1\"}}"),
             "u-1");
    for (const char *message : {"", "x", "[]", "{}", "{\"headers\": 3}",
                                "{\"headers\": {\"id\": 3}}", "{\"headers\": {\"id\": \"u"})
        QCOMPARE(exporter::taskIdOf(message), "");
    for (const std::string &message :
         {std::string(100'000, '['), "{\"headers\": " + std::string(100'000, '{'),
          "{\"body\": \"" + std::string(10 << 20, 'x'),
          std::string("{\"headers\": {\"id\": \"\xff\"}}"), std::string("\x80\x04\x95\x00", 4)})
        QCOMPARE(exporter::taskIdOf(message), "");
}

QTEST_GUILESS_MAIN(TestExporterRedis)
#include "tst_exporter_redis.moc"
