#include "core/exporter/system/cgroup_collector.h"
#include "core/exporter/system/system_usage.h"
#include "support/collector_fixture.h"
#include "support/exposition_values.h"
#include "support/node_tree.h"

#include <QTest>

using namespace trendscope;
using namespace std::chrono_literals;
using exporter::Cgroup;

/// A container's use, of what its control group allows.
class TestExporterCgroup : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void findsTheGroupOfThisProcess();
    void measuresByTheLimits();
    void measuresByTheMachineWithoutLimits();
    void takesTheTightestLimit();
    void showsWhatCAdvisorShows();
    void saysWhereThereIsNone();
    void survivesWhatIsNoNumber();
    void countsForSystemUsage();

private:
    void write(const char *file, const QByteArray &text)
    {
        m_tree->write(QByteArray("cgroup/a/b/") + file, text);
    }

    std::unique_ptr<test::NodeTree> m_tree;
    config::CgroupSettings m_settings;
};

void TestExporterCgroup::init()
{
    m_tree = std::make_unique<test::NodeTree>();
    m_settings = {.root = m_tree->path("cgroup").toStdString(),
                  .procfs = m_tree->path("proc").toStdString()};
    m_tree->write("proc/self/cgroup", "1:cpu:/old\n0::/a/b\n");
    m_tree->write("proc/meminfo", "MemTotal:  8000000 kB\n");
    m_tree->write("cgroup/cgroup.controllers", "cpu memory pids\n");
    write("cpu.stat",
          "usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 10\n"
          "nr_throttled 4\nthrottled_usec 250000\n");
    write("cpu.max", "50000 100000\n");
    write("memory.current", "600000000\n");
    write("memory.max", "1000000000\n");
    write("memory.stat", "anon 300000000\nfile 290000000\ninactive_file 100000000\n");
    write("memory.events", "low 0\noom 1\noom_kill 1\n");
    write("pids.current", "12\n");
}

void TestExporterCgroup::findsTheGroupOfThisProcess()
{
    Cgroup cgroup(m_settings);
    const auto state = cgroup.read();

    QVERIFY(state);
    QCOMPARE(cgroup.path(), "/a/b");
    QCOMPARE(state->cpuSeconds, 2.0);
    QCOMPARE(state->cpus, 0.5);
}

void TestExporterCgroup::measuresByTheLimits()
{
    Cgroup cgroup(m_settings);
    QCOMPARE(cgroup.memoryPercent().value_or(-1), 50.0);

    const auto begin = Cgroup::Clock::now();
    (void)cgroup.cpuPercent(begin + 10s);
    write("cpu.stat", "usage_usec 4500000\n"); // 2.5 s in 10 s, of half a processor
    QCOMPARE(cgroup.cpuPercent(begin + 20s).value_or(-1), 50.0);
    write("cpu.stat", "usage_usec 9999999999\n");
    QCOMPARE(cgroup.cpuPercent(begin + 20s + 500ms).value_or(-1), 50.0); // too soon
    QCOMPARE(cgroup.cpuPercent(begin + 30s).value_or(-1), 100.0);
}

void TestExporterCgroup::measuresByTheMachineWithoutLimits()
{
    write("cpu.max", "max 100000\n");
    write("memory.max", "max\n");
    Cgroup cgroup(m_settings);

    QCOMPARE(cgroup.read()->cpus, std::nullopt);
    QCOMPARE(cgroup.memoryPercent().value_or(-1), 100 * 500'000'000.0 / (8'000'000.0 * 1024));
}

void TestExporterCgroup::takesTheTightestLimit()
{
    m_tree->write("cgroup/a/memory.max", "800000000\n");
    m_tree->write("cgroup/a/cpu.max", "25000 100000\n");
    Cgroup cgroup(m_settings);

    QCOMPARE(cgroup.read()->memoryLimitBytes, 8e8);
    QCOMPARE(cgroup.read()->cpus, 0.25);
}

void TestExporterCgroup::showsWhatCAdvisorShows()
{
    test::CollectorFixture fixture;
    fixture.make<exporter::CgroupCollector>(m_settings, fixture.registry());
    QVERIFY(fixture.isCollected());

    QCOMPARE(fixture.value("container_cpu_usage_seconds_total{id=\"/a/b\"}"), 2.0);
    QCOMPARE(fixture.value("container_cpu_cfs_throttled_periods_total{id=\"/a/b\"}"), 4.0);
    QCOMPARE(fixture.value("container_memory_working_set_bytes{id=\"/a/b\"}"), 5e8);
    QCOMPARE(fixture.value("container_spec_memory_limit_bytes{id=\"/a/b\"}"), 1e9);
    QCOMPARE(fixture.value("container_oom_events_total{id=\"/a/b\"}"), 1.0);
    QCOMPARE(fixture.value("container_spec_memory_swap_limit_bytes{id=\"/a/b\"}"), 0.0);
}

void TestExporterCgroup::saysWhereThereIsNone()
{
    m_tree->write("proc/self/cgroup", "1:cpu:/old\n");
    test::CollectorFixture fixture;
    fixture.make<exporter::CgroupCollector>(m_settings, fixture.registry());

    QCOMPARE(fixture.collect().error().kind, Error::Kind::NotFound);
    QVERIFY(!fixture.metrics().contains("container_"));

    m_settings.path = "nowhere";
    QCOMPARE(Cgroup(m_settings).read().error().kind, Error::Kind::NotFound);
}

void TestExporterCgroup::survivesWhatIsNoNumber()
{
    write("cpu.max", "1e309 0\n");
    write("cpu.stat", "usage_usec\nusage_usec x\n");
    write("memory.current", "\n");
    write("memory.max", "-\n");
    Cgroup cgroup(m_settings);

    QVERIFY(cgroup.read());
    QCOMPARE(cgroup.read()->cpus, std::nullopt);
    QVERIFY(!cgroup.cpuPercent(Cgroup::Clock::now()));
    QVERIFY(!cgroup.memoryPercent());
}

void TestExporterCgroup::countsForSystemUsage()
{
    observability::Metrics metrics;
    exporter::SystemUsage usage(observability::SystemCollector({"/"}), metrics, m_settings);

    QVERIFY(usage.collect(exporter::Collector::Clock::now() + 1s));

    QCOMPARE(test::valueOf(metrics.registry().expose(), "system_memory_usage_percent"), 50.0);
}

QTEST_GUILESS_MAIN(TestExporterCgroup)
#include "tst_exporter_cgroup.moc"
