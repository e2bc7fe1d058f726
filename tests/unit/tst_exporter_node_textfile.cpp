#include "core/exporter/system/node_collector.h"
#include "support/collector_fixture.h"
#include "support/node_tree.h"

#include <QTest>

#include <sys/stat.h>

using namespace trendscope;

/// Metrics that others leave in files, which may hold anything.
class TestExporterNodeTextfile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void servesWhatIsThere();
    void refusesWhatIsNotTheFormat_data();
    void refusesWhatIsNotTheFormat();
    void refusesWhatTwoFilesSay_data();
    void refusesWhatTwoFilesSay();
    void refusesMetricsOfItsOwn();
    void followsFiles();
    void waitsForNoFifo();
    void tellsOfAFolderThatIsNotThere();
    void saysEachProblemOnce();

private:
    std::optional<double> fresh(const QByteArray &series)
    {
        (void)m_node->collect(exporter::Collector::Clock::now() + std::chrono::seconds(5));
        return m_fixture->value(series);
    }
    std::optional<double> error() { return fresh("node_textfile_scrape_error"); }
    void start()
    {
        m_node = *exporter::NodeCollector::make(m_tree->settings, m_fixture->registry(),
                                                m_fixture->logger());
    }

    std::unique_ptr<test::NodeTree> m_tree;
    std::unique_ptr<test::CollectorFixture> m_fixture;
    std::unique_ptr<exporter::NodeCollector> m_node;
};

void TestExporterNodeTextfile::init()
{
    m_node.reset();
    m_tree = std::make_unique<test::NodeTree>();
    m_tree->fill();
    m_fixture = std::make_unique<test::CollectorFixture>();
    start();
}

void TestExporterNodeTextfile::servesWhatIsThere()
{
    m_tree->write("text/a.prom",
                  "# HELP raid_ok Whether\\nall is \\\\ well\n# TYPE raid_ok gauge\n\n"
                  "raid_ok { disk = \"a\\\"b\\\\c\\nd\" , } 1\n raid_ok{disk=\"\"}\t+Inf\n"
                  "# anything\nplain -2.5e3\n"
                  "# TYPE took histogram\ntook_bucket{le=\"1\"} 2\ntook_bucket{le=\"+Inf\"} 3\n"
                  "took_sum 4\ntook_count 3\n"
                  "# TYPE age summary\nage{quantile=\"0.5\"} 7\nage_sum 9\nage_count 2\n");
    m_tree->write("text/b.prom", "# TYPE raid_ok gauge\nraid_ok{disk=\"z\"} 0\n");
    m_tree->write("text/other.txt", "not_seen 1\n");

    QCOMPARE(error(), 0.0);
    const QByteArray metrics = m_fixture->metrics();

    QVERIFY(metrics.contains("# HELP raid_ok Whether\\nall is \\\\ well\n# TYPE raid_ok gauge\n"));
    QVERIFY(metrics.contains("\nraid_ok{disk=\"a\\\"b\\\\c\\nd\"} 1\n"));
    QVERIFY(metrics.contains("\nraid_ok +Inf\n"));
    QVERIFY(metrics.contains("\nraid_ok{disk=\"z\"} 0\n"));
    QVERIFY(metrics.contains("# TYPE plain untyped\nplain -2500\n"));
    QVERIFY(metrics.contains("\ntook_bucket{le=\"1\"} 2\n"));
    QVERIFY(metrics.contains("\nage{quantile=\"0.5\"} 7\n"));
    QVERIFY(!metrics.contains("not_seen"));
    QCOMPARE(metrics.count("\nnode_textfile_mtime_seconds{file="), 2);
}

void TestExporterNodeTextfile::refusesWhatIsNotTheFormat_data()
{
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const QByteArray &text) { QTest::newRow(name) << text; };
    row("cut", "good 1\ngood2 1");
    row("a timestamp", "good 1\nbad 1 1700000000000\n");
    row("no value", "good 1\nbad\n");
    row("not a number", "good 1\nbad 1,5\n");
    row("a name that begins with a digit", "good 1\n1bad 1\n");
    row("labels that do not end", "good 1\nbad{a=\"b\" 1\n");
    row("no quotes", "good 1\nbad{a=b} 1\n");
    row("another escape", "good 1\nbad{a=\"\\t\"} 1\n");
    row("a label twice", "good 1\nbad{a=\"1\",a=\"2\"} 1\n");
    row("the name as a label", "good 1\nbad{__name__=\"x\"} 1\n");
    row("a series twice", "good 1\nbad{a=\"1\",b=\"2\"} 1\nbad{b=\"2\",a=\"1\"} 2\n");
    row("a counter below 0", "good 1\n# TYPE bad counter\nbad -1\n");
    row("TYPE after samples", "good 1\n# TYPE good gauge\n");
    row("two TYPEs", "good 1\n# TYPE bad gauge\n# TYPE bad counter\n");
    row("two HELPs", "good 1\n# HELP bad a\n# HELP bad b\n");
    row("a type that is not known", "good 1\n# TYPE bad number\n");
    row("buckets that fall",
        "good 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 5\n"
        "h_bucket{le=\"+Inf\"} 3\nh_sum 1\nh_count 3\n");
    row("no last bucket", "good 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_sum 1\nh_count 5\n");
    row("half an observation", "good 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0.5\n");
    row("a bucket without a bound", "good 1\n# TYPE h histogram\nh_bucket 3\n");
    row("a bucket twice",
        "good 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n"
        "h_bucket{le=\"Inf\"} 1\nh_count 1\n");
    row("not UTF-8", "good 1\nbad{a=\"\xff\"} 1\n");
    row("NUL", QByteArray("good 1\nba\0d 1\n", 14));
    row("a quantile of 2", "good 1\n# TYPE s summary\ns{quantile=\"2\"} 1\n");
    row("binary", QByteArray("good 1\n") + QByteArray(100'000, '\x80') + '\n');
}

void TestExporterNodeTextfile::refusesWhatIsNotTheFormat()
{
    QFETCH(const QByteArray, text);
    m_tree->write("text/bad.prom", text);
    m_tree->write("text/fine.prom", "fine 1\n");

    QCOMPARE(error(), 1.0);

    QCOMPARE(m_fixture->value("good"), std::nullopt); // all of the file
    QCOMPARE(m_fixture->value("fine"), 1.0);
    QCOMPARE(m_fixture->metrics().count("\nnode_textfile_mtime_seconds{"), 1);
    QVERIFY(m_fixture->log().contains("bad.prom"));
}

void TestExporterNodeTextfile::refusesWhatTwoFilesSay_data()
{
    QTest::addColumn<QByteArray>("second");
    QTest::newRow("the same series") << QByteArray("x{a=\"1\"} 2\ny 1\n");
    QTest::newRow("another type") << QByteArray("# TYPE x gauge\nx{a=\"2\"} 2\ny 1\n");
}

void TestExporterNodeTextfile::refusesWhatTwoFilesSay()
{
    QFETCH(const QByteArray, second);
    m_tree->write("text/1.prom", "x{a=\"1\"} 1\n");
    m_tree->write("text/2.prom", second);

    QCOMPARE(error(), 1.0);

    QCOMPARE(m_fixture->value("x{a=\"1\"}"), 1.0);
    QCOMPARE(m_fixture->value("y"), std::nullopt);
}

void TestExporterNodeTextfile::refusesMetricsOfItsOwn()
{
    m_tree->write("text/a.prom", "node_load1 99\n");
    QCOMPARE(error(), 1.0);
    QCOMPARE(m_fixture->value("node_load1"), 0.21);
}

void TestExporterNodeTextfile::followsFiles()
{
    m_tree->write("text/a.prom", "x 1\n");
    QCOMPARE(fresh("x"), 1.0);
    m_tree->write("text/a.prom", "x 22\n");
    QCOMPARE(fresh("x"), 22.0);
    m_tree->write("text/b.prom", "bad\n");
    QCOMPARE(error(), 1.0);
    QCOMPARE(m_fixture->value("x"), 22.0);
    QVERIFY(QFile::remove(m_tree->path("text/b.prom")));
    QCOMPARE(error(), 0.0);
    QVERIFY(QFile::remove(m_tree->path("text/a.prom")));
    QCOMPARE(fresh("x"), std::nullopt);
    QVERIFY(!m_fixture->metrics().contains("node_textfile_mtime_seconds{"));
}

void TestExporterNodeTextfile::waitsForNoFifo()
{
    QCOMPARE(::mkfifo(m_tree->path("text/a.prom").toUtf8(), 0600), 0);
    QCOMPARE(error(), 1.0);
}

void TestExporterNodeTextfile::tellsOfAFolderThatIsNotThere()
{
    m_node.reset();
    m_tree->settings.textfileDirectory = m_tree->path("nowhere").toStdString();
    start();
    QCOMPARE(error(), 1.0);

    m_node.reset();
    m_tree->settings.textfileDirectory.clear();
    start();
    QCOMPARE(error(), 0.0);
}

void TestExporterNodeTextfile::saysEachProblemOnce()
{
    m_tree->write("text/a.prom", "bad\n");
    for (int i = 0; i < 5; ++i)
        QCOMPARE(error(), 1.0);
    QCOMPARE(m_fixture->log().count("Collector failed"), 1);
}

QTEST_GUILESS_MAIN(TestExporterNodeTextfile)
#include "tst_exporter_node_textfile.moc"
