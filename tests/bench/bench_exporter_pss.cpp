#include "support/exporter_process.h"
#include "support/http_exchange.h"
#include "support/process_usage.h"

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

        const double pss = trendscope::test::pssOf(exporter.process().processId());
        QVERIFY(pss > 0);
        best = i == 0 ? pss : std::min(best, pss);
    }
    std::printf("exporter_pss_mb %.1f 12\n", best);
}

QTEST_GUILESS_MAIN(BenchExporterPss)
#include "bench_exporter_pss.moc"
