#include "core/exporter/live_family_p.h"
#include "core/exporter/postgres/pg_parameters_p.h"
#include "core/exporter/postgres/pg_rows_p.h"
#include "core/exporter/postgres/pg_server_p.h"
#include "core/exporter/postgres/pgbouncer_collector.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace trendscope;
using namespace trendscope::exporter;
using namespace Qt::StringLiterals;

/// The parts of the collectors of PostgreSQL and pgbouncer that need no server.
class TestExporterPostgres : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsACounterThatIsReset();
    void endsSeriesThatAreNotSetAgain();
    void takesTheFirstOfTheSameLabels();
    void findsSeriesWithBrokenTextAgain();
    void convertsSettings_data();
    void convertsSettings();
    void countsTheRoomOfPools();
    void findsLineAndColumn();
    void readsPasswordsFromFilesAndTheEnvironment();
    void neverShowsTheConnectionText_data();
    void neverShowsTheConnectionText();

private:
    static QByteArray exposed(const observability::Registry &registry)
    {
        return QByteArray::fromStdString(registry.expose());
    }
};

void TestExporterPostgres::followsACounterThatIsReset()
{
    observability::Registry registry;
    LiveFamily family(
        registry,
        {.name = "c_total", .type = observability::MetricDescription::Type::Counter, .help = "C."});
    const auto shows = [&](double value) {
        family.begin();
        family.set({}, value);
        family.end();
        return exposed(registry).contains("\nc_total " + QByteArray::number(value, 'g', 17) + '\n');
    };

    for (const double value : {0.0, 5.0, 5.0, 7.25, 3.0, 0.0, 9007199254740992.0})
        QVERIFY2(shows(value), QByteArray::number(value).constData());
    double sum = 0;
    for (int i = 0; i < 1000; ++i) // rounding does not add up
        (void)shows(sum += 0.1);
    const QByteArray text = exposed(registry);
    const double shown = text.mid(text.lastIndexOf("\nc_total ") + 9).split('\n')[0].toDouble();
    QVERIFY(std::abs(shown - sum) < 1e-11);
}

void TestExporterPostgres::endsSeriesThatAreNotSetAgain()
{
    observability::Registry registry;
    LiveFamily family(registry, {.name = "g", .help = "G.", .labels = {"a", "b"}});
    const auto set = [&](std::string_view a, std::string_view b, double value) {
        family.set(std::array{a, b}, value);
    };
    family.begin();
    set("x", "", 1);
    set("", "x", 2);
    family.end();
    QVERIFY(exposed(registry).contains("g{a=\"x\",b=\"\"} 1\n"));

    family.begin();
    set("", "x", 3);
    family.end();

    QVERIFY(!exposed(registry).contains("g{a=\"x\""));
    QVERIFY(exposed(registry).contains("g{a=\"\",b=\"x\"} 3\n"));
    family.clear();
    QVERIFY(!exposed(registry).contains("g{"));
}

void TestExporterPostgres::takesTheFirstOfTheSameLabels()
{
    observability::Registry registry;
    LiveFamily family(registry, {.name = "g", .help = "G.", .labels = {"a"}});
    family.begin();
    QVERIFY(family.set(std::array{std::string_view("x")}, 1));
    QVERIFY(!family.set(std::array{std::string_view("x")}, 2));
    QVERIFY(exposed(registry).contains("g{a=\"x\"} 1\n"));
}

void TestExporterPostgres::findsSeriesWithBrokenTextAgain()
{
    observability::Registry registry;
    LiveFamily family(registry, {.name = "g", .help = "G.", .labels = {"a"}});
    family.begin();
    family.set(std::array{std::string_view("x\xff\xc3")}, 1);
    QVERIFY(exposed(registry).contains("g{a=\"x"));
    family.clear();
    QVERIFY(!exposed(registry).contains("g{"));
}

void TestExporterPostgres::convertsSettings_data()
{
    QTest::addColumn<QByteArrayList>("row");
    QTest::addColumn<QByteArray>("shown");
    const auto row = [](const QByteArrayList &fields, const char *shown) {
        QTest::newRow(fields.join(' ').constData()) << fields << QByteArray(shown);
    };
    row({"autovacuum", "on", "", "bool"}, "pg_settings_autovacuum 1");
    row({"fsync", "off", "", "bool"}, "pg_settings_fsync 0");
    row({"shared_buffers", "16384", "8kB", "integer"},
        "pg_settings_shared_buffers_bytes 134217728");
    row({"max_wal_size", "1024", "MB", "integer"}, "pg_settings_max_wal_size_bytes 1073741824");
    row({"x", "2", "16MB", "integer"}, "pg_settings_x_bytes 33554432");
    row({"x", "3", "B", "integer"}, "pg_settings_x_bytes 3");
    row({"bgwriter_delay", "200", "ms", "integer"}, "pg_settings_bgwriter_delay_seconds 0.2");
    row({"log_rotation_age", "1440", "min", "integer"},
        "pg_settings_log_rotation_age_seconds 86400");
    row({"statement_timeout", "-1", "ms", "integer"}, "pg_settings_statement_timeout_seconds -1");
    row({"random_page_cost", "1.1", "", "real"}, "pg_settings_random_page_cost 1.1");
    row({"pg_stat_statements.max", "5000", "", "integer"},
        "pg_settings_pg_stat_statements_max 5000");
    row({"odd.na-me", "1", "", "integer"}, "pg_settings_odd_na_me 1");
    row({"x", "1", "parsecs", "integer"}, "nothing");
    row({"x", "many", "", "integer"}, "nothing");
    row({"x", "", "", "real"}, "nothing");
}

void TestExporterPostgres::convertsSettings()
{
    QFETCH(QByteArrayList, row);
    QFETCH(QByteArray, shown);

    const auto setting = pgSettingOf(
        {row[0].constData(), row[1].constData(), row[2].constData(), "Help.", row[3].constData()});

    QCOMPARE(setting ? QByteArray::fromStdString(setting->metric) + ' '
                     + QByteArray::number(setting->value, 'g', 17)
                           .replace("0.20000000000000001", "0.2")
                           .replace("1.1000000000000001", "1.1")
                     : QByteArray("nothing"),
             shown);
}

void TestExporterPostgres::countsTheRoomOfPools()
{
    const std::vector<BouncerDatabase> databases{
        {.name = "pgbouncer", .poolSize = 2},
        {.name = "unused", .poolSize = 20},
        {.name = "app", .poolSize = 7},
        {.name = "capped", .poolSize = 10, .maxConnections = 12}};
    const std::vector<BouncerPool> pools{{.database = "pgbouncer"},
                                         {.database = "app", .busy = 3},
                                         {.database = "app", .busy = 9}, // with its reserve
                                         {.database = "capped", .busy = 8},
                                         {.database = "capped", .busy = 3}};

    const PoolRoom all = poolRoom(databases, pools, {});
    QCOMPARE(all.size, 20.0 + 14 + 12);
    QCOMPARE(all.available, 20.0 + 4 + 1);
    const PoolRoom app = poolRoom(databases, pools, {"app"});
    QCOMPARE(app.size, 14.0);
    QCOMPARE(app.available, 4.0);
    QCOMPARE(poolRoom({}, {}, {}).size, 0.0);
}

void TestExporterPostgres::findsLineAndColumn()
{
    const auto at = [](std::string_view text, std::size_t position) {
        const TextPosition place = textPosition(text, position);
        return QPair(place.line, place.column);
    };
    using At = QPair<std::size_t, std::size_t>;
    QCOMPARE(at("abc", 1), At(1, 1));
    QCOMPARE(at("abc", 3), At(1, 3));
    QCOMPARE(at("a\nbc", 3), At(2, 1));
    QCOMPARE(at("\xc3\xa4\xc3\xb6 x", 4), At(1, 4)); // characters, not bytes
    QCOMPARE(at("ab", 3), At(1, 3));
}

void TestExporterPostgres::readsPasswordsFromFilesAndTheEnvironment()
{
    QTemporaryDir directory;
    QFile file(directory.filePath(u"secret"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("in a file\r\nanother line\n");
    file.close();
    qputenv("TRENDSCOPE_TEST_PASSWORD", "in the environment");
    const auto passwordOf = [](const config::PostgresConnectionSettings &settings) {
        const auto parameters = pgParameters(settings);
        if (!parameters)
            return QByteArray::fromStdString("error: " + parameters.error().message);
        return parameters->back().first == "password"
            ? QByteArray::fromStdString(parameters->back().second)
            : QByteArray("none");
    };

    QCOMPARE(passwordOf({}), QByteArray("none"));
    QCOMPARE(passwordOf({.passwordFile = file.fileName().toStdString()}), QByteArray("in a file"));
    QCOMPARE(passwordOf({.passwordVariable = "TRENDSCOPE_TEST_PASSWORD"}),
             QByteArray("in the environment"));
    QVERIFY(passwordOf({.passwordVariable = "TRENDSCOPE_TEST_MISSING"})
                .contains("no variable TRENDSCOPE_TEST_MISSING"));
    QVERIFY(passwordOf({.passwordFile = "/nonexistent"}).contains("/nonexistent can not be read"));
    qunsetenv("TRENDSCOPE_TEST_PASSWORD");
}

void TestExporterPostgres::neverShowsTheConnectionText_data()
{
    QTest::addColumn<QByteArray>("connection");
    QTest::newRow("port") << QByteArray("postgresql://user:s3cret@host:port/db");
    QTest::newRow("at") << QByteArray("postgresql://user:s3c@ret@host/db");
    QTest::newRow("option") << QByteArray("postgresql://user@host/db?pasword=s3cret");
    QTest::newRow("key") << QByteArray("host=a pasword=s3cret");
    QTest::newRow("quote") << QByteArray("host=a password='s3cret");
    QTest::newRow("escape") << QByteArray("postgresql://user:s3cret%zz@host/db");
    QTest::newRow("bracket") << QByteArray("postgresql://user:s3cret@[host/db");
}

void TestExporterPostgres::neverShowsTheConnectionText()
{
    QFETCH(QByteArray, connection);

    const auto parameters = pgParameters({.connection = connection.toStdString()});

    QVERIFY(!parameters.has_value() || connection.contains(":port"));
    if (!parameters) {
        QVERIFY(parameters.error().kind == Error::Kind::Invalid);
        for (const char *part : {"s3c", "ret"})
            QVERIFY2(parameters.error().message.find(part) == std::string::npos,
                     parameters.error().message.c_str());
    }
}

QTEST_GUILESS_MAIN(TestExporterPostgres)
#include "tst_exporter_postgres.moc"
