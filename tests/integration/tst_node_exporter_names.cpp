#include "core/exporter/system/node_collector.h"
#include "support/collector_fixture.h"
#include "support/http_exchange.h"
#include "support/node_exporter_process.h"
#include "support/node_tree.h"
#include "support/require_program.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace trendscope;
using exporter::NodeCollector;

/// The collector `node` beside Debian's node_exporter: the same names, labels, types and values.
class TestNodeExporterNames : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void saysTheSameOfThisMachine();
    void saysTheSameOfAnotherMachine();
};

namespace {

/// Of node_exporter's, what the collector leaves out (docs/node.md).
bool isLeftOut(const QByteArray &series, const std::vector<std::string> &groups)
{
    for (const char *const prefix : {"go_",
                                     "process_",
                                     "promhttp_",
                                     "node_exporter_build_info",
                                     "node_selinux_",
                                     "node_systemd_",
                                     "node_hwmon_",
                                     "node_xfs_",
                                     "node_zfs_",
                                     "node_btrfs_",
                                     "node_nfs_",
                                     "node_nfsd_",
                                     "node_md_",
                                     "node_edac_",
                                     "node_ipvs_",
                                     "node_infiniband_",
                                     "node_bcache_",
                                     "node_bonding_",
                                     "node_rapl_",
                                     "node_nvme_",
                                     "node_power_supply_",
                                     "node_dmi_",
                                     "node_fibrechannel_",
                                     "node_tape_"}) {
        if (series.startsWith(prefix))
            return true;
    }
    static const QRegularExpression collector(
        QStringLiteral("^node_scrape_collector_.*collector=\"(.*?)\""));
    const auto match = collector.match(QString::fromUtf8(series));
    return match.hasMatch()
        && std::find(groups.begin(), groups.end(), match.captured(1).toStdString()) == groups.end();
}

struct Scrape {
    std::map<QByteArray, double> values; ///< by name and labels, these sorted
    std::map<QByteArray, QByteArray> types;
};

/// `a="1",b="2"`, sorted, without those that are empty: to Prometheus they are none.
QByteArray sortedLabels(const QByteArray &labels)
{
    static const QRegularExpression label(QStringLiteral("([a-z_]+)=(\"(?:[^\"\\\\]|\\\\.)*\")"),
                                          QRegularExpression::DotMatchesEverythingOption);
    QStringList all;
    auto each = label.globalMatch(QString::fromUtf8(labels));
    while (each.hasNext()) {
        const auto match = each.next();
        if (match.captured(2).size() > 2)
            all.append(match.captured(1) + QLatin1Char('=') + match.captured(2));
    }
    all.sort();
    return all.join(QLatin1Char(',')).toUtf8();
}

Scrape parsed(const QByteArray &exposition, const std::vector<std::string> &groups)
{
    Scrape scrape;
    for (const QByteArray &line : exposition.split('\n')) {
        const QList<QByteArray> words = line.split(' ');
        if (line.startsWith("# TYPE ") && !isLeftOut(words.value(2), groups))
            scrape.types[words.value(2)] = words.value(3);
        if (line.startsWith('#') || line.isEmpty())
            continue;
        const qsizetype space = line.lastIndexOf(' ');
        const QByteArray series = line.left(space);
        const qsizetype brace = series.indexOf('{');
        const QByteArray name =
            brace < 0 ? series : series.left(brace) + '{' + sortedLabels(series.mid(brace)) + '}';
        if (!isLeftOut(name, groups) && name.startsWith("node_"))
            scrape.values[name] = line.mid(space + 1).toDouble();
    }
    return scrape;
}

bool startsWithAny(const QByteArray &name, std::initializer_list<const char *> prefixes)
{
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const char *prefix) { return name.startsWith(prefix); });
}

/// Whether their value fits to ours of before and after.
bool fits(const QByteArray &series, const QByteArray &type, double theirs, double before,
          double after)
{
    const double least = std::min(before, after);
    const double largest = std::max(before, after);
    const double rounding = 1e-9 * std::abs(largest);
    if (series.startsWith("node_scrape_collector_duration_seconds"))
        return after > 0 && after < 5;
    if (type == "counter" || series == "node_time_seconds"
        || startsWithAny(series, {"node_vmstat_", "node_netstat_"}))
        return theirs >= least - rounding && theirs <= largest + rounding;
    const double margin =
        startsWithAny(series,
                      {"node_memory_", "node_filesystem_avail_bytes", "node_filesystem_free_bytes"})
        ? 256e6
        : startsWithAny(series,
                        {"node_filesystem_files_free", "node_sockstat_", "node_filefd_allocated",
                         "node_udp_queues"})
        ? 3000
        : startsWithAny(series, {"node_load", "node_procs_", "node_disk_io_now"}) ? 20
        : startsWithAny(series, {"node_timex_"})                                  ? 1
                                                                                  : 0;
    return theirs >= least - margin - rounding && theirs <= largest + margin + rounding;
}

/// One line for each difference.
std::set<QByteArray> differences(const Scrape &before, const Scrape &theirs, const Scrape &after)
{
    std::set<QByteArray> all;
    for (const auto &[series, value] : theirs.values) {
        const auto early = before.values.find(series);
        const auto late = after.values.find(series);
        const QByteArray name = series.left(series.indexOf('{'));
        const auto type = theirs.types.find(name);
        if (early == before.values.end() || late == after.values.end())
            all.insert("missing: " + series);
        else if (type != theirs.types.end()
                 && !fits(series, type->second, value, early->second, late->second))
            all.insert("value of " + series);
    }
    for (const auto &[series, value] : after.values)
        if (!theirs.values.contains(series))
            all.insert("only here: " + series);
    for (const auto &[name, type] : theirs.types) {
        const auto ours = after.types.find(name);
        if (ours != after.types.end() && ours->second != type)
            all.insert("type of " + name);
    }
    return all;
}

QByteArray joined(const std::set<QByteArray> &lines)
{
    QByteArray text;
    for (const QByteArray &line : lines)
        text += line + '\n';
    return text;
}

/// What differs each time: processes, files and interfaces come and go between two scrapes.
std::set<QByteArray> lasting(const config::NodeSettings &settings,
                             trendscope::test::NodeExporterProcess &theirs)
{
    trendscope::test::CollectorFixture fixture;
    auto node = NodeCollector::make(settings, fixture.registry(), fixture.logger());
    if (!node)
        return {QByteArray::fromStdString(node.error().message)};
    const auto groups = (*node)->groups();
    const auto own = [&] {
        (void)(*node)->collect(exporter::Collector::Clock::now() + std::chrono::seconds(10));
        return parsed(fixture.metrics(), groups);
    };
    std::set<QByteArray> left;
    for (int round = 0; round < 10; ++round) {
        const Scrape before = own();
        const QByteArray answer = ::test::exchange(static_cast<quint16>(theirs.url().port()),
                                                   "GET /metrics HTTP/1.0\r\n\r\n");
        const Scrape after = own();
        const auto now = differences(before, parsed(::test::bodyOf(answer), groups), after);
        if (round == 0)
            left = now;
        else
            std::erase_if(left, [&](const QByteArray &line) { return !now.contains(line); });
        if (left.empty())
            break;
    }
    return left;
}

} // namespace

void TestNodeExporterNames::saysTheSameOfThisMachine()
{
    REQUIRE_PROGRAM("prometheus-node-exporter");
    trendscope::test::NodeTree tree;
    tree.write("text/backup.prom",
               "# TYPE node_backup_age_seconds gauge\n"
               "node_backup_age_seconds{host=\"a\\\\b\"} 3\n"
               "node_backup_failed 0\n");
    tree.write("text/cut.prom", "node_cut 1");
    config::NodeSettings settings;
    settings.textfileDirectory = tree.settings.textfileDirectory;
    trendscope::test::NodeExporterProcess theirs(
        {QStringLiteral("--collector.textfile.directory=") + tree.path("text")});
    QVERIFY2(theirs.start(), theirs.log().constData());

    const auto left = lasting(settings, theirs);

    QVERIFY2(left.empty(), joined(left).constData());
}

void TestNodeExporterNames::saysTheSameOfAnotherMachine()
{
    REQUIRE_PROGRAM("prometheus-node-exporter");
    trendscope::test::NodeTree tree;
    tree.fill();
    trendscope::test::NodeExporterProcess theirs(
        {QStringLiteral("--path.procfs=") + tree.path("proc"),
         QStringLiteral("--path.sysfs=") + tree.path("sys"),
         QStringLiteral("--path.rootfs=") + tree.path("root"),
         QStringLiteral("--path.udev.data=") + tree.path("udev"),
         QStringLiteral("--no-collector.netdev.netlink"),
         QStringLiteral("--collector.textfile.directory=") + tree.path("text")});
    QVERIFY2(theirs.start(), theirs.log().constData());

    const auto left = lasting(tree.settings, theirs);

    QVERIFY2(left.empty(), joined(left).constData());
}

QTEST_GUILESS_MAIN(TestNodeExporterNames)
#include "tst_node_exporter_names.moc"
