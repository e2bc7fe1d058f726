#include "core/exporter/system/node_collector.h"
#include "core/exporter/system/node_file_p.h"
#include "support/collector_fixture.h"
#include "support/node_tree.h"

#include <QTest>

using namespace trendscope;
using exporter::NodeCollector;

/// What the collector `node` makes of the kernel's files, and of files that are not as they should
/// be.
class TestExporterNode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void showsWhatTheFilesSay();
    void followsFilesThatChange();
    void endsSeriesOfWhatIsGone();
    void isNotStoppedByCutFiles();
    void takesNoNumberThatIsNone();
    void showsOddNamesAsTheyAre();
    void tellsWhatThisKernelDoesNotHave();
    void leavesOthersExactWhereOneFails();
    void keepsProcessorTimesFromGoingBack();
    void beginsAnewWithAProcessorThatWasOffline();
    void measuresWhatIsSelected();
    void leavesOutGroupsThatAreOff();
    void refusesWhatMakesNoSense_data();
    void refusesWhatMakesNoSense();
    void endsItsSeriesWithIt();
    void needsFewOpenFiles();

private:
    bool start()
    {
        auto made =
            NodeCollector::make(m_tree->settings, m_fixture->registry(), m_fixture->logger());
        if (made)
            m_node = *std::move(made);
        return made.has_value();
    }
    Result<void> collect()
    {
        return m_node->collect(exporter::Collector::Clock::now() + std::chrono::seconds(5));
    }
    std::optional<double> fresh(const QByteArray &series)
    {
        (void)collect();
        return m_fixture->value(series);
    }

    std::unique_ptr<test::NodeTree> m_tree;
    std::unique_ptr<test::CollectorFixture> m_fixture;
    std::unique_ptr<NodeCollector> m_node;
};

void TestExporterNode::init()
{
    m_node.reset();
    m_tree = std::make_unique<test::NodeTree>();
    m_tree->fill();
    m_fixture = std::make_unique<test::CollectorFixture>();
    QVERIFY(start());
}

void TestExporterNode::showsWhatTheFilesSay()
{
    QVERIFY(collect());

    const auto value = [this](const char *series) {
        return m_fixture->value(series).value_or(-99);
    };
    QCOMPARE(value("node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"}"), 11107.87);
    QCOMPARE(value("node_memory_Active_anon_bytes"), 2068484.0 * 1024);
    QCOMPARE(value("node_memory_HugePages_Total"), 3.0);
    QCOMPARE(value("node_disk_read_bytes_total{device=\"sda\"}"), 1003346126.0 * 512);
    QCOMPARE(value("node_network_speed_bytes{device=\"eth0\"}"), 125e6);
    QCOMPARE(value("node_network_device_id{device=\"eth0\"}"), 32.0);
    QCOMPARE(value("node_udp_queues{queue=\"rx\",ip=\"v4\"}"), 31.0);
    QCOMPARE(value("node_nf_conntrack_stat_invalid"), 5.0);
    QCOMPARE(value("node_pressure_io_stalled_seconds_total"), 159.229614);
    QCOMPARE(value("node_os_version{id=\"odd\",id_like=\"a b\",name=\"Odd \\\"OS\\\"\"}"), 12.3);
    QVERIFY(m_fixture->metrics().contains("# TYPE node_netstat_Tcp_CurrEstab untyped\n"));
}

void TestExporterNode::followsFilesThatChange()
{
    QCOMPARE(fresh("node_load1"), 0.21);
    m_tree->write("proc/loadavg", "3.5 1 1 1/1 1\n");
    QCOMPARE(fresh("node_load1"), 3.5);

    m_tree->write("proc/stat", "cpu0 1 1 1 9999999 1 1 1 1 1 1\nctxt 5\n");
    QCOMPARE(fresh("node_context_switches_total"), 5.0); // a counter that began anew
    QCOMPARE(m_fixture->value("node_forks_total"), std::nullopt);
}

void TestExporterNode::endsSeriesOfWhatIsGone()
{
    const QByteArray bytes = "node_network_receive_bytes_total{device=\"veth4B09XN\"}";
    QCOMPARE(fresh(bytes), 648.0);
    const QByteArray all = m_tree->read("proc/net/dev");
    QByteArray less = all;
    m_tree->write(
        "proc/net/dev",
        less.replace(all.indexOf("veth"), all.indexOf(" eth0") - all.indexOf("veth"), ""));
    QDir(m_tree->path("sys/class/net/eth0")).removeRecursively();

    QCOMPARE(fresh(bytes), std::nullopt);
    QVERIFY(m_fixture->value("node_network_receive_bytes_total{device=\"eth0\"}"));
    QVERIFY(!m_fixture->metrics().contains("node_network_mtu_bytes{"));

    m_tree->write("proc/net/dev", all);
    QCOMPARE(fresh(bytes), 648.0);
}

void TestExporterNode::isNotStoppedByCutFiles()
{
    const QByteArrayList files{"proc/stat",
                               "proc/meminfo",
                               "proc/net/dev",
                               "proc/diskstats",
                               "proc/net/snmp",
                               "proc/net/netstat",
                               "proc/net/stat/nf_conntrack",
                               "proc/net/udp",
                               "proc/mounts",
                               "proc/schedstat",
                               "proc/net/sockstat",
                               "proc/pressure/io",
                               "proc/net/softnet_stat",
                               "proc/net/arp",
                               "root/etc/os-release",
                               "udev/b8:0",
                               "proc/sys/fs/file-nr"};
    for (const QByteArray &name : files) {
        const QByteArray whole = m_tree->read(name);
        QVERIFY2(!whole.isEmpty(), name);
        for (qsizetype size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
            m_tree->write(name, whole.left(size));
            (void)collect();
            if (name != "proc/stat")
                QCOMPARE(m_fixture->value("node_procs_running"), 2.0);
        }
        m_tree->write(name, whole);
    }
    QVERIFY(collect());
}

void TestExporterNode::takesNoNumberThatIsNone()
{
    const QByteArray memory("MemTotal: 99999999999999999999 kB\nMemFree: nan kB\nInactive: inf kB\n"
                            "Dirty: -5 kB\nCached: 1e400 kB\n: 3 kB\nBad-Name: 3 kB\n");
    m_tree->write("proc/meminfo", memory);

    QCOMPARE(fresh("node_memory_MemTotal_bytes"), 99999999999999999999.0 * 1024);
    QCOMPARE(m_fixture->value("node_memory_Dirty_bytes"), -5120.0);
    const QByteArray metrics = m_fixture->metrics();
    QCOMPARE(metrics.count("\nnode_memory_"), 2);

    m_tree->write("proc/loadavg", "1 nan 3\n");
    QVERIFY(!collect());
    QCOMPARE(m_fixture->value("node_scrape_collector_success{collector=\"loadavg\"}"), 0.0);
}

void TestExporterNode::showsOddNamesAsTheyAre()
{
    m_tree->write("proc/net/dev",
                  "a\nb\n a:b\"\\: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                  "\xff\xfe: 2 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    QCOMPARE(fresh("node_network_receive_bytes_total{device=\"a:b\\\"\\\\\"}"), 1.0);
    QCOMPARE(m_fixture->value("node_network_receive_bytes_total{device=\"\uFFFD\uFFFD\"}"), 2.0);
    QCOMPARE(fresh("node_network_receive_bytes_total{device=\"\uFFFD\uFFFD\"}"), 2.0);
}

void TestExporterNode::tellsWhatThisKernelDoesNotHave()
{
    QDir(m_tree->path("proc/pressure")).removeRecursively();
    QFile::remove(m_tree->path("proc/net/udp"));
    init();
    QDir(m_tree->path("proc/pressure")).removeRecursively();

    QVERIFY(collect()); // that is no error
    QCOMPARE(m_fixture->value("node_scrape_collector_success{collector=\"pressure\"}"), 0.0);
    QCOMPARE(m_fixture->value("node_scrape_collector_success{collector=\"cpu\"}"), 1.0);
    QVERIFY(!m_fixture->metrics().contains("node_pressure_"));
    QVERIFY(m_fixture->log().isEmpty());
}

void TestExporterNode::leavesOthersExactWhereOneFails()
{
    m_tree->write("proc/diskstats", "8 0 sda 1 1 1\nnonsense\n");

    const auto done = collect();
    (void)collect();

    QVERIFY(!done);
    QVERIFY(done.error().message.find("diskstats") != std::string::npos);
    QCOMPARE(m_fixture->value("node_scrape_collector_success{collector=\"diskstats\"}"), 0.0);
    QCOMPARE(m_fixture->value("node_load1"), 0.21);
    QCOMPARE(m_fixture->log().count("Collector failed"), 1);
}

void TestExporterNode::keepsProcessorTimesFromGoingBack()
{
    const QByteArray waiting = "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"}";
    m_tree->write("proc/stat", "cpu0 100 0 0 1000 50 0 0 0 0 0\n");
    QCOMPARE(fresh(waiting), 0.5);
    m_tree->write("proc/stat", "cpu0 101 0 0 1001 40 0 0 0 0 0\n");
    QCOMPARE(fresh(waiting), 0.5);
    QCOMPARE(m_fixture->value("node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}"), 1.01);
}

void TestExporterNode::beginsAnewWithAProcessorThatWasOffline()
{
    const QByteArray user = "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}";
    m_tree->write("proc/stat", "cpu0 900 0 0 1000 0 0 0 0 0 0\n");
    QCOMPARE(fresh(user), 9.0);
    m_tree->write("proc/stat", "cpu0 1 0 0 2 0 0 0 0 0 0\n");
    QCOMPARE(fresh(user), 0.01);
}

void TestExporterNode::measuresWhatIsSelected()
{
    m_tree->settings.interfaces = {.include = "^(eth|veth)", .exclude = "B09"};
    m_tree->settings.disks = {.include = "^dm-"};
    m_tree->settings.vmstatFields = {.include = "^nr_"};
    m_tree->settings.interfaceProperties = {.exclude = "eth0"};
    m_node.reset();
    QVERIFY(start());

    QVERIFY(collect());
    const QByteArray metrics = m_fixture->metrics();

    QCOMPARE(metrics.count("\nnode_network_receive_bytes_total{"), 1);
    QVERIFY(metrics.contains("node_network_receive_bytes_total{device=\"eth0\"}"));
    QCOMPARE(metrics.count("\nnode_disk_io_now{"), 1);
    QVERIFY(metrics.contains("\nnode_disk_io_now{device=\"dm-0\"} 9\n"));
    QVERIFY(metrics.contains("\nnode_vmstat_nr_free_pages 977769\n"));
    QVERIFY(!metrics.contains("\nnode_vmstat_pgpgin "));
    QVERIFY(!metrics.contains("\nnode_network_mtu_bytes"));
}

void TestExporterNode::leavesOutGroupsThatAreOff()
{
    m_node.reset();
    m_tree->settings.disabledGroups = {"netdev", "cpu"};
    QVERIFY(start());

    QVERIFY(collect());
    const QByteArray metrics = m_fixture->metrics();

    QVERIFY(!metrics.contains("node_cpu_seconds_total"));
    QVERIFY(!metrics.contains("collector=\"netdev\""));
    QVERIFY(metrics.contains("node_context_switches_total")); // of the same file
}

void TestExporterNode::refusesWhatMakesNoSense_data()
{
    QTest::addColumn<QByteArray>("group");
    QTest::addColumn<QByteArray>("expression");
    QTest::newRow("a group that is not there") << QByteArray("cpus") << QByteArray();
    QTest::newRow("no expression") << QByteArray() << QByteArray("(");
}

void TestExporterNode::refusesWhatMakesNoSense()
{
    QFETCH(const QByteArray, group);
    QFETCH(const QByteArray, expression);
    if (!group.isEmpty())
        m_tree->settings.disabledGroups = {group.toStdString()};
    m_tree->settings.mountPoints.exclude = expression.toStdString();

    const auto made =
        NodeCollector::make(m_tree->settings, m_fixture->registry(), m_fixture->logger());

    QVERIFY(!made);
    QCOMPARE(made.error().kind, Error::Kind::Invalid);
    QVERIFY(made.error().message.starts_with("node."));
}

void TestExporterNode::endsItsSeriesWithIt()
{
    QVERIFY(collect());
    QVERIFY(m_fixture->metrics().contains("\nnode_load1 "));

    m_node.reset();

    QVERIFY(!m_fixture->metrics().contains("\nnode_"));
}

void TestExporterNode::needsFewOpenFiles()
{
    const auto open = [] { return QDir(QStringLiteral("/proc/self/fd")).count(); };
    QVERIFY(collect());
    const auto before = open();
    for (int i = 0; i < 300; ++i)
        m_tree->write("sys/class/net/veth" + QByteArray::number(i) + "/mtu", "1500\n");

    QVERIFY(collect());

    QVERIFY(open() <= before);
    QVERIFY(before < 100);
    QCOMPARE(m_fixture->metrics().count("\nnode_network_mtu_bytes{"), 301);
}

QTEST_GUILESS_MAIN(TestExporterNode)
#include "tst_exporter_node.moc"
