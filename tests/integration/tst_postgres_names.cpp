#include "core/exporter/postgres/postgres_collector.h"
#include "support/collector_fixture.h"
#include "support/http_exchange.h"
#include "support/postgres_process.h"
#include "support/require_program.h"
#include "support/server_process.h"

#include <QMap>
#include <QSet>
#include <QTest>

#include <algorithm>
#include <cmath>

namespace config = trendscope::config;
namespace support = trendscope::test;
using namespace trendscope::exporter;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Debian's postgres_exporter, on a port that it picks itself.
class PostgresExporterProcess final : public support::ServerProcess {
public:
    explicit PostgresExporterProcess(const QString &connection)
        : ServerProcess(u"env"_s,
                        {u"DATA_SOURCE_NAME="_s + connection + u" sslmode=disable"_s,
                         u"prometheus-postgres-exporter"_s, u"--web.listen-address=127.0.0.1:0"_s})
    {
    }

    QByteArray metrics() const
    {
        return ::test::bodyOf(
            ::test::exchange(static_cast<quint16>(url().port()), "GET /metrics HTTP/1.0\r\n\r\n"));
    }
};

using Series = QMap<QByteArray, double>;

/// By name and sorted labels, without `server`, and without slot_name where the peer has a process
/// id in it.
Series seriesOf(const QByteArray &metrics)
{
    Series series;
    for (const QByteArray &line : metrics.split('\n')) {
        if (!line.startsWith("pg_") || line.startsWith("pg_scrape_")
            || line.startsWith("pg_exporter_"))
            continue;
        const qsizetype space = line.lastIndexOf(' ');
        QByteArray name = line.left(space);
        const qsizetype brace = name.indexOf('{');
        QByteArrayList labels;
        if (brace >= 0) {
            labels =
                name.mid(brace + 1, name.size() - brace - 2).replace("\",", "\"\n").split('\n');
            name.truncate(brace);
        }
        labels.removeIf([&](const QByteArray &label) {
            return label.startsWith("server=")
                || (name.startsWith("pg_stat_replication_") && label.startsWith("slot_name="));
        });
        std::sort(labels.begin(), labels.end());
        series[name + '{' + labels.join(',') + '}'] =
            line.mid(space + 1).toLower().toDouble(); // Qt knows "nan"
    }
    return series;
}

QByteArray nameOf(const QByteArray &series)
{
    return series.left(series.indexOf('{'));
}

/// Names of which there is a number at all.
QSet<QByteArray> namesOf(const Series &series)
{
    QSet<QByteArray> names;
    for (auto entry = series.begin(); entry != series.end(); ++entry)
        if (!std::isnan(entry.value()))
            names.insert(nameOf(entry.key()));
    return names;
}

/// What promtool says of each metric.
QSet<QByteArray> complaints(const QByteArray &metrics)
{
    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(u"promtool"_s, {u"check"_s, u"metrics"_s});
    promtool.write(metrics);
    promtool.closeWriteChannel();
    promtool.waitForFinished();
    const QByteArrayList lines = promtool.readAll().split('\n');
    return {lines.begin(), lines.end()};
}

/// How much a value may be outside of what the peer said before and after: both have a connection
/// of their own that counts.
double slack(const QByteArray &name)
{
    if (name.startsWith("pg_settings_") || name.startsWith("pg_database_size")
        || name.startsWith("pg_replication_slots_active") || name == "pg_up")
        return 0;
    return name.startsWith("pg_stat_database_") ? 2000 : 5;
}

} // namespace

/// The same server, asked by us and by the exporter whose names we use.
class TestPostgresNames : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasNamesLabelsAndValuesOfPostgresExporter();
};

void TestPostgresNames::hasNamesLabelsAndValuesOfPostgresExporter()
{
    REQUIRE_PROGRAM("prometheus-postgres-exporter");
    REQUIRE_PROGRAM("promtool");
    support::PostgresProcess postgres("track_io_timing = on\nlog_min_messages = fatal\n");
    QVERIFY2(postgres.start(), postgres.log().constData());
    support::PostgresClient sql(postgres.connection());
    sql.run("CREATE DATABASE app");
    sql.run("SELECT pg_create_physical_replication_slot('standby', true)");
    support::PostgresDirectory archive; // a standby of which only the WAL is there
    QProcess standby;
    archive.prepare(standby);
    standby.start(support::PostgresDirectory::program(u"pg_receivewal"_s),
                  {u"-D"_s, archive.path(), u"-S"_s, u"standby"_s, u"-d"_s,
                   u"host=%1 user=postgres"_s.arg(postgres.directory())});
    QTRY_COMPARE(sql.run("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"),
                 QByteArray("1"));
    PostgresExporterProcess peer(postgres.connection());
    QVERIFY2(peer.start(), peer.log().constData());
    support::CollectorFixture fixture;
    fixture.make<PostgresCollector>(
        config::PostgresSettings{.connection = {.connection = postgres.connection().toStdString()}},
        fixture.registry(), fixture.logger());
    QTRY_VERIFY(peer.metrics().contains("pg_stat_database_xact_commit"));

    const QByteArray theirText = peer.metrics();
    QVERIFY2(fixture.isCollected(), fixture.log().constData());
    const Series theirs = seriesOf(theirText);
    const Series ours = seriesOf(fixture.metrics());
    const Series theirsAfter = seriesOf(peer.metrics());
    standby.kill();
    standby.waitForFinished();

    const QSet<QByteArray> missing = namesOf(theirs) - namesOf(ours);
    const QSet<QByteArray> extra = namesOf(ours) - namesOf(theirs);
    for (const QByteArray &name : missing)
        qInfo("missing %s", name.constData());
    for (const QByteArray &name : extra)
        qInfo("extra %s", name.constData());
    int compared = 0;
    QByteArrayList wrong;
    for (auto entry = theirs.begin(); entry != theirs.end(); ++entry) {
        const QByteArray &series = entry.key();
        // lib/pq sets this one for its own connections.
        if (std::isnan(entry.value()) || series.startsWith("pg_settings_extra_float_digits"))
            continue;
        ++compared;
        const double after = theirsAfter.value(series, entry.value());
        const auto [low, high] = std::minmax(entry.value(), after);
        const double own = ours.value(series, std::nan(""));
        const double room = slack(nameOf(series));
        if (!(own >= low - room && own <= high + room))
            wrong.append(series + ' ' + QByteArray::number(own, 'g', 17) + ", not "
                         + QByteArray::number(low, 'g', 17) + " to "
                         + QByteArray::number(high, 'g', 17));
    }
    qInfo("%d series compared", compared);
    QVERIFY(compared > 400);
    QVERIFY2(wrong.isEmpty(), wrong.join('\n').constData());
    QVERIFY(missing.isEmpty());

    const QSet<QByteArray> undeserved = complaints(fixture.metrics()) - complaints(theirText);
    for (const QByteArray &complaint : undeserved)
        QVERIFY2(complaint.isEmpty(), complaint.constData());
}

QTEST_GUILESS_MAIN(TestPostgresNames)
#include "tst_postgres_names.moc"
