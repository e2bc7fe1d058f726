#include "support/exporter_process.h"
#include "support/http_exchange.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <cstdio>

/// Memory of an idle exporter: its proportional set size after some scrapes, in MB; the best of
/// five.
class BenchExporterPss : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idleAfterScrapes();
};

namespace {

/// Megabytes; 0 when it can not be read.
double pssOf(qint64 process)
{
    QFile file(QStringLiteral("/proc/%1/smaps_rollup").arg(process));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("Pss:"))
            return line.simplified().split(' ').value(1).toDouble() / 1024;
    }
    return 0;
}

} // namespace

void BenchExporterPss::idleAfterScrapes()
{
    double best = 0;
    for (int i = 0; i < 5; ++i) {
        test::ExporterProcess exporter;
        QVERIFY(exporter.start());
        for (int scrape = 0; scrape < 20; ++scrape)
            QVERIFY(test::exchange(exporter.port(),
                                   test::request("GET", "/metrics", "Accept-Encoding: gzip\r\n"))
                        .startsWith("HTTP/1.1 200 "));

        const double pss = pssOf(exporter.process().processId());
        QVERIFY(pss > 0);
        best = i == 0 ? pss : std::min(best, pss);
    }
    std::printf("exporter_pss_mb %.1f 12\n", best);
}

QTEST_GUILESS_MAIN(BenchExporterPss)
#include "bench_exporter_pss.moc"
