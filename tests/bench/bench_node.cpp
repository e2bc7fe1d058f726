#include "core/exporter/system/node_collector.h"
#include "support/collector_fixture.h"
#include "support/cpu_time.h"
#include "support/http_exchange.h"
#include "support/node_exporter_process.h"
#include "support/require_program.h"

#include <QFile>
#include <QTest>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

using namespace trendscope;

/// CPU time of a scrape: the collector `node` and its exposition, beside node_exporter with the
/// same groups.
class BenchNode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scrape();
};

namespace {

constexpr int scrapes = 100;

/// CPU seconds of another process, user's and system's.
double cpuSecondsOf(qint64 process)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray all = file.readAll();
    const QList<QByteArray> fields = all.mid(all.lastIndexOf(')') + 2).split(' ');
    return (fields.value(11).toDouble() + fields.value(12).toDouble())
        / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace

void BenchNode::scrape()
{
    REQUIRE_PROGRAM("prometheus-node-exporter");
    trendscope::test::CollectorFixture fixture;
    const auto node =
        exporter::NodeCollector::make({}, fixture.registry(), fixture.logger()).value();
    const auto own = [&] {
        (void)node->collect(exporter::Collector::Clock::now() + std::chrono::seconds(10));
        return fixture.registry().expose();
    };
    const auto series = QByteArray::fromStdString(own()).count('\n');
    const double ours = best([&] {
        for (int i = 0; i < scrapes; ++i)
            own();
    });

    QStringList options{QStringLiteral("--collector.disable-defaults"),
                        QStringLiteral("--web.disable-exporter-metrics")};
    for (const std::string &group : node->groups())
        options.append(QStringLiteral("--collector.") + QString::fromStdString(group));
    trendscope::test::NodeExporterProcess process(options);
    QVERIFY2(process.start(), process.log().constData());
    QByteArray answer;
    double theirs = 0;
    for (int run = 0; run < 3; ++run) {
        const double before = cpuSecondsOf(process.processId());
        for (int i = 0; i < scrapes; ++i)
            answer = ::test::exchange(static_cast<quint16>(process.url().port()),
                                      "GET /metrics HTTP/1.0\r\n\r\n");
        const double time = cpuSecondsOf(process.processId()) - before;
        theirs = run == 0 ? time : std::min(theirs, time);
    }
    QVERIFY(answer.contains("node_load1 "));
    QVERIFY(theirs > 0);

    std::printf("node_lines %lld -\n", static_cast<long long>(series));
    std::printf("node_exporter_lines %lld -\n", answer.count('\n'));
    std::printf("node_scrape_cpu_ms %.3f -\n", 1000 * ours / scrapes);
    std::printf("node_exporter_scrape_cpu_ms %.3f -\n", 1000 * theirs / scrapes);
    std::printf("node_scrape_cpu_ratio %.3f 0.25\n", ours / theirs);
}

QTEST_GUILESS_MAIN(BenchNode)
#include "bench_node.moc"
