#include "core/exporter/status_page.h"

#include <QTest>

using namespace trendscope;
using exporter::Status;
using exporter::statusPage;
using State = exporter::CollectorRunner::State;

class TestExporterStatusPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tellsFailedCollectorsFirstAndCountsThem();
    void countsNoFailureWhereThereIsNone();
    void listsThePathsThatAreOn();
    void escapesWhatOthersWrote();
};

namespace {

State working(const std::string &name)
{
    return {.name = name, .hasRun = true, .error = {}};
}

State failed(const std::string &name, const std::string &why)
{
    return {.name = name, .hasRun = true, .error = Error{Error::Kind::System, why, {}}};
}

QByteArray pageOf(const Status &status)
{
    return QByteArray::fromStdString(statusPage(status));
}

} // namespace

void TestExporterStatusPage::tellsFailedCollectorsFirstAndCountsThem()
{
    const QByteArray page = pageOf({.version = "1",
                                    .collectors = {working("a_works"), failed("b_fails", "no b"),
                                                   working("c_works"), failed("d_fails", "no d")},
                                    .addresses = {},
                                    .paths = {},
                                    .problems = {}});

    QVERIFY2(page.contains("2 of 4 failed"), page.constData());
    const auto at = [&](const char *name) { return page.indexOf("<td>" + QByteArray(name)); };
    QVERIFY(at("b_fails") > 0);
    QVERIFY(at("b_fails") < at("d_fails"));
    QVERIFY(at("d_fails") < at("a_works"));
    QVERIFY(at("a_works") < at("c_works"));
    QCOMPARE(page.count("<th scope=\"col\""), page.count("<th"));
}

void TestExporterStatusPage::countsNoFailureWhereThereIsNone()
{
    const QByteArray page = pageOf({.version = "1",
                                    .collectors = {working("a")},
                                    .addresses = {},
                                    .paths = {},
                                    .problems = {}});

    QVERIFY(page.contains("<h2>Collectors</h2>"));
}

void TestExporterStatusPage::listsThePathsThatAreOn()
{
    Status status{.version = "1", .collectors = {}, .addresses = {}, .paths = {}, .problems = {}};
    QVERIFY(!pageOf(status).contains("/push"));

    status.paths = {{"/logs/stream", "GET", "lines"}, {"/push", "POST", "takes <metrics>"}};

    const QByteArray page = pageOf(status);
    QVERIFY(page.contains("<a href=\"/logs/stream\">/logs/stream</a> lines"));
    QVERIFY(page.contains("/push by POST: takes &lt;metrics&gt;"));
}

void TestExporterStatusPage::escapesWhatOthersWrote()
{
    const QByteArray page = pageOf({.version = "<1>",
                                    .collectors = {failed("<a>", "<script>")},
                                    .addresses = {"\"x\""},
                                    .paths = {},
                                    .problems = {"<b>"}});

    for (const char *text : {"<1>", "<a>", "<script>", "\"x\"", "<b>"})
        QVERIFY2(!page.contains(text), text);
}

QTEST_GUILESS_MAIN(TestExporterStatusPage)
#include "tst_exporter_status_page.moc"
