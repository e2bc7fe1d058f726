#include "core/exporter/system/mount_prober_p.h"
#include "core/exporter/system/node_collector.h"
#include "support/collector_fixture.h"
#include "support/node_tree.h"

#include <QTest>

#include <condition_variable>
#include <mutex>
#include <set>

using namespace trendscope;
using namespace std::chrono_literals;
using exporter::MountProber;

/// Which file systems are measured, and what is done with one that does not answer.
class TestExporterNodeFilesystem : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void measuresWhatIsMounted();
    void readsNamesThatAreEscaped();
    void takesTheRootOffMountPoints();
    void doesNotWaitForOneThatHangs();
    void asksOneThatHangsNoSecondTime();
    void doesNotAddUpTheTimesOfMany();
    void endsWhileOneHangs();
};

namespace {

/// File systems that hang until they are let go; shared, as threads may outlive the test function.
class Hanging {
public:
    int answer(const char *path)
    {
        std::unique_lock lock(m_mutex);
        ++m_asked[path];
        m_changed.wait(lock, [&] { return !m_stuck.contains(path); });
        return 0;
    }
    void hang(const std::string &path)
    {
        const std::lock_guard lock(m_mutex);
        m_stuck.insert(path);
    }
    void letGo()
    {
        const std::lock_guard lock(m_mutex);
        m_stuck.clear();
        m_changed.notify_all();
    }
    int asked(const std::string &path)
    {
        const std::lock_guard lock(m_mutex);
        return m_asked[path];
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::set<std::string> m_stuck;
    std::map<std::string, int> m_asked;
};

MountProber::Ask askOf(const std::shared_ptr<Hanging> &disks)
{
    return [disks](const char *path, struct statvfs *) { return disks->answer(path); };
}

MountProber::Clock::time_point in(std::chrono::milliseconds time)
{
    return MountProber::Clock::now() + time;
}

} // namespace

void TestExporterNodeFilesystem::measuresWhatIsMounted()
{
    test::NodeTree tree;
    tree.fill();
    test::CollectorFixture fixture;
    auto node = exporter::NodeCollector::make(tree.settings, fixture.registry(), fixture.logger());
    QVERIFY(node && (*node)->collect(in(5s)));

    const QByteArray root = "{device=\"/dev/sda1\",mountpoint=\"/\",fstype=\"ext4\"}";
    const QByteArray gone = "{device=\"/dev/sdc1\",mountpoint=\"/gone\",fstype=\"xfs\"}";
    struct statvfs space { };
    QCOMPARE(::statvfs(tree.path("root").toUtf8(), &space), 0);
    QCOMPARE(fixture.value("node_filesystem_size_bytes" + root),
             double(space.f_blocks) * double(space.f_frsize));
    QCOMPARE(fixture.value("node_filesystem_device_error" + root), 0.0);
    QCOMPARE(fixture.value("node_filesystem_device_error" + gone), 1.0);
    QCOMPARE(fixture.value("node_filesystem_size_bytes" + gone), std::nullopt);
    QVERIFY(!fixture.metrics().contains("mountpoint=\"/proc\""));
    QVERIFY(!fixture.metrics().contains("mountpoint=\"/run/lock\""));
}

void TestExporterNodeFilesystem::readsNamesThatAreEscaped()
{
    test::NodeTree tree;
    tree.fill();
    tree.write("proc/mounts", "/dev/a\\040b /x\\011y\\134z\\012w\\09 ext4 rw 0 0\n/dev/cut /cut\n");
    test::CollectorFixture fixture;
    auto node = exporter::NodeCollector::make(tree.settings, fixture.registry(), fixture.logger());
    QVERIFY(node && (*node)->collect(in(5s)));

    QCOMPARE(
        fixture.value("node_filesystem_device_error{device=\"/dev/a\\\\040b\",mountpoint=\"/x\ty"
                      "\\\\z\\nw\\\\09\",fstype=\"ext4\"}"),
        1.0);
    QCOMPARE(fixture.metrics().count("\nnode_filesystem_device_error{"), 1);
}

void TestExporterNodeFilesystem::takesTheRootOffMountPoints()
{
    test::NodeTree tree;
    tree.fill();
    test::CollectorFixture fixture;
    auto node = exporter::NodeCollector::make(tree.settings, fixture.registry(), fixture.logger());
    QVERIFY(node && (*node)->collect(in(5s)));

    const QByteArray labels = "{device=\"/dev/sdb1\",mountpoint=\"/data two\",fstype=\"ext4\"}";
    QCOMPARE(fixture.value("node_filesystem_device_error" + labels), 0.0);
    QCOMPARE(fixture.value("node_filesystem_readonly" + labels), 1.0);
}

void TestExporterNodeFilesystem::doesNotWaitForOneThatHangs()
{
    const auto disks = std::make_shared<Hanging>();
    disks->hang("/nfs");
    MountProber prober(askOf(disks));

    const auto answers = prober.ask({"/nfs", "/", "/home"}, in(300ms));

    QCOMPARE(answers.size(), std::size_t(3));
    QVERIFY(!answers[0].isThere);
    QVERIFY(answers[1].isThere && answers[2].isThere);
    disks->letGo();
}

void TestExporterNodeFilesystem::asksOneThatHangsNoSecondTime()
{
    const auto disks = std::make_shared<Hanging>();
    disks->hang("/nfs");
    MountProber prober(askOf(disks));
    (void)prober.ask({"/nfs", "/"}, in(100ms));

    const auto begin = MountProber::Clock::now();
    for (int i = 0; i < 20; ++i)
        QVERIFY(!prober.ask({"/nfs", "/"}, in(10s))[0].isThere);

    QVERIFY(MountProber::Clock::now() - begin < 5s);
    QCOMPARE(disks->asked("/nfs"), 1);
    QCOMPARE(disks->asked("/"), 21);

    disks->letGo();
    QTRY_VERIFY(prober.ask({"/nfs"}, in(10s))[0].isThere);
}

void TestExporterNodeFilesystem::doesNotAddUpTheTimesOfMany()
{
    const auto disks = std::make_shared<Hanging>();
    std::vector<std::string> paths;
    for (int i = 0; i < 30; ++i) {
        paths.push_back("/nfs/" + std::to_string(i));
        disks->hang(paths.back());
    }
    paths.emplace_back("/");
    MountProber prober(askOf(disks));

    const auto answers = prober.ask(paths, in(3s));

    QVERIFY(answers.back().isThere);
    QVERIFY(!answers.front().isThere);
    disks->letGo();
}

void TestExporterNodeFilesystem::endsWhileOneHangs()
{
    const auto disks = std::make_shared<Hanging>();
    disks->hang("/nfs");
    {
        MountProber prober(askOf(disks));
        QVERIFY(!prober.ask({"/nfs"}, in(50ms))[0].isThere);
    }
    disks->letGo();
    QTRY_COMPARE(disks.use_count(), 1L); // its thread has ended
}

QTEST_GUILESS_MAIN(TestExporterNodeFilesystem)
#include "tst_exporter_node_filesystem.moc"
