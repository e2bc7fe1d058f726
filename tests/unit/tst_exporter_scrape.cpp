#include "core/exporter/exporter.h"
#include "core/exporter/system/system_usage.h"
#include "support/stderr_capture.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace trendscope;
using namespace Qt::StringLiterals;

class TestExporterScrape : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void hasTheCatalogueAndItsOwnMetricsInTheFirstScrape();
    void leavesOutWhatCanNotBeMeasured();
    void logsAFailingCollectorOnceAChange();
    void countsItsOwnLostLogRecords();
    void servesItsPaths_data();
    void servesItsPaths();

private:
    void write(const QString &name, const QByteArray &text) const;
    exporter::Exporter::Collectors collectors() const;
    QList<QByteArray> logLines() const;

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<observability::Metrics> m_metrics;
    std::unique_ptr<observability::Logging> m_logging;
};

void TestExporterScrape::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_logging.reset();
    m_metrics = std::make_unique<observability::Metrics>();
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.file = m_directory->filePath(u"log"_s).toStdString(),
                                   .flushWithin = std::chrono::milliseconds(0),
                                   .metrics = &m_metrics->registry()});
    write(u"stat"_s, "cpu 50 0 0 50 0 0 0 0 0 0\n");
    write(u"meminfo"_s, "MemTotal: 100 kB\nMemAvailable: 75 kB\n");
}

void TestExporterScrape::write(const QString &name, const QByteArray &text) const
{
    QFile file(m_directory->filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("the fixture can not be written");
}

exporter::Exporter::Collectors TestExporterScrape::collectors() const
{
    exporter::Exporter::Collectors collectors;
    collectors.push_back(std::make_unique<exporter::SystemUsage>(
        observability::SystemCollector({"/"}, m_directory->path().toStdString()), *m_metrics));
    return collectors;
}

QList<QByteArray> TestExporterScrape::logLines() const
{
    QFile file(m_directory->filePath(u"log"_s));
    if (!file.open(QIODevice::ReadOnly))
        return {"the log can not be read"};
    QList<QByteArray> lines = file.readAll().split('\n');
    lines.removeLast();
    return lines;
}

void TestExporterScrape::hasTheCatalogueAndItsOwnMetricsInTheFirstScrape()
{
    exporter::Exporter exporter(collectors(), *m_metrics, *m_logging, "1.2.3");

    const auto text = QByteArray::fromStdString(exporter.scrape().body);

    for (const char *line : {"# TYPE api_requests_total counter", "# TYPE active_trends gauge",
                             "system_cpu_usage_percent 50", "system_memory_usage_percent 25",
                             R"(trendscope_build_info{version="1.2.3"} 1)",
                             R"(trendscope_collector_success{collector="system"} 1)",
                             R"(trendscope_log_records_dropped_total{reason="write"} 0)"})
        QVERIFY2(text.contains('\n' + QByteArray(line) + '\n'), line);
    QVERIFY(text.contains("\nsystem_disk_usage_percent "));
    QVERIFY(text.contains("\ntrendscope_scrape_duration_seconds "));
    QVERIFY(text.contains("\ntrendscope_collector_duration_seconds{collector=\"system\"} "));
}

void TestExporterScrape::leavesOutWhatCanNotBeMeasured()
{
    exporter::Exporter exporter(collectors(), *m_metrics, *m_logging, "1.2.3");
    exporter.scrape();
    write(u"meminfo"_s, "");

    const auto text = QByteArray::fromStdString(exporter.scrape().body);

    QVERIFY(!text.contains("\nsystem_memory_usage_percent "));
    QVERIFY(text.contains("\nsystem_cpu_usage_percent "));
    QVERIFY(text.contains("\ntrendscope_collector_success{collector=\"system\"} 0\n"));
}

void TestExporterScrape::logsAFailingCollectorOnceAChange()
{
    exporter::Exporter exporter(collectors(), *m_metrics, *m_logging, "1.2.3");
    exporter.scrape();
    QCOMPARE(logLines().size(), 0);

    write(u"meminfo"_s, "");
    exporter.scrape();
    exporter.scrape();
    QCOMPARE(logLines().size(), 1);
    const QJsonObject failed = QJsonDocument::fromJson(logLines()[0]).object();
    QCOMPARE(failed[u"level"_s], u"ERROR"_s);
    QCOMPARE(failed[u"context"_s][u"collector"_s], u"system"_s);

    write(u"meminfo"_s, "MemTotal: 100 kB\nMemAvailable: 75 kB\n");
    exporter.scrape();
    exporter.scrape();
    QCOMPARE(logLines().size(), 2);
    QVERIFY(logLines()[1].contains("works again"));
}

void TestExporterScrape::countsItsOwnLostLogRecords()
{
    test::StderrCapture quiet;
    const observability::Logging full(
        observability::LogSettings{.file = "/dev/full", .metrics = &m_metrics->registry()});
    exporter::Exporter exporter(collectors(), *m_metrics, full, "1.2.3");
    const std::string large(600'000, 'x');
    for (int i = 0; i < 3; ++i)
        full.logger("l").error(large); // one waits for better times

    for (int i = 0; i < 2; ++i)
        QVERIFY(exporter.scrape().body.find(
                    "\ntrendscope_log_records_dropped_total{reason=\"write\"} 2\n")
                != std::string::npos);
}

void TestExporterScrape::servesItsPaths_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("contentType");
    QTest::newRow("metrics") << QByteArray("/metrics") << 200
                             << QByteArray("text/plain; version=0.0.4; charset=utf-8");
    QTest::newRow("ready") << QByteArray("/-/ready") << 200
                           << QByteArray("text/plain; charset=utf-8");
    QTest::newRow("healthy") << QByteArray("/-/healthy") << 200
                             << QByteArray("text/plain; charset=utf-8");
    QTest::newRow("page") << QByteArray("/") << 200 << QByteArray("text/html; charset=utf-8");
    QTest::newRow("other") << QByteArray("/metrics/") << 404
                           << QByteArray("text/plain; charset=utf-8");
}

void TestExporterScrape::servesItsPaths()
{
    QFETCH(QByteArray, path);
    QFETCH(int, status);
    QFETCH(QByteArray, contentType);
    exporter::Exporter exporter(collectors(), *m_metrics, *m_logging, "1.2.3");

    const auto response = exporter.handler()({.path = path.toStdString()});

    QCOMPARE(response.status, status);
    QCOMPARE(QByteArray::fromStdString(response.contentType), contentType);
    QVERIFY(!response.body.empty());
}

QTEST_GUILESS_MAIN(TestExporterScrape)
#include "tst_exporter_scrape.moc"
