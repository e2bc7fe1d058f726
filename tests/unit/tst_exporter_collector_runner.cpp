#include "core/exporter/exporter.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <future>
#include <stdexcept>

using namespace trendscope;
using namespace std::chrono_literals;

namespace {

using Clock = exporter::Collector::Clock;

/// Does what the test says.
class Scripted final : public exporter::Collector {
public:
    Scripted(std::string name, std::string prefix, std::function<Result<void>()> work)
        : m_name(std::move(name))
        , m_prefix(std::move(prefix))
        , m_prefixes{m_prefix}
        , m_work(std::move(work))
    {
    }
    std::string_view name() const override { return m_name; }
    std::span<const std::string_view> metricPrefixes() const override { return m_prefixes; }
    Result<void> collect(Clock::time_point) override { return m_work(); }

private:
    const std::string m_name;
    const std::string m_prefix;
    const std::array<std::string_view, 1> m_prefixes;
    const std::function<Result<void>()> m_work;
};

} // namespace

/// Work that is not done before it is told to.
struct Hanging {
    std::function<Result<void>()> work()
    {
        return [this, released = release.get_future().share()]() -> Result<void> {
            isRunning = true;
            released.wait();
            return {};
        };
    }

    std::promise<void> release;
    std::atomic<bool> isRunning = false;
};

class TestExporterCollectorRunner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void goesOnWithoutALateCollectorAndDoesNotPileUp();
    void givesThemTheTimeThatPrometheusWaits();
    void tellsFailuresAndExceptions();
    void sharesACollectionBetweenScrapes();
    void selectsCollectorsAndTheirMetrics();
    void refusesUnknownCollectors();
    void asksOthersAfterAReload();
    void removesOneThatHangsWithoutWaitingForIt();
    void escapesTheStatusPage();
    void stopsWithinItsTimeWhereOneHangs();
    void waitsForNoRemovalOnceItIsStopped();
    void bringsOfOthersOnlyHowTheSelectedAre();

private:
    void add(const std::string &name, std::function<Result<void>()> work);
    exporter::Exporter make();
    static QByteArray textOf(exporter::Exporter &exporter, const exporter::Request &request = {});

    exporter::Exporter::Collectors m_collectors;
    std::unique_ptr<observability::Metrics> m_metrics;
    std::unique_ptr<observability::Logging> m_logging;
};

void TestExporterCollectorRunner::init()
{
    m_collectors.clear();
    m_logging.reset();
    m_metrics = std::make_unique<observability::Metrics>();
    m_logging = std::make_unique<observability::Logging>(
        observability::LogSettings{.level = observability::Level::Critical});
}

void TestExporterCollectorRunner::add(const std::string &name, std::function<Result<void>()> work)
{
    observability::Family &family =
        m_metrics->registry().add({.name = name + "_value", .help = "Of a test."});
    m_collectors.push_back(std::make_unique<Scripted>(name, name + "_", [&family, work] {
        family.set({}, 1);
        return work();
    }));
}

exporter::Exporter TestExporterCollectorRunner::make()
{
    return {std::move(m_collectors), *m_metrics, *m_logging, "1"};
}

QByteArray TestExporterCollectorRunner::textOf(exporter::Exporter &exporter,
                                               const exporter::Request &request)
{
    return QByteArray::fromStdString(exporter.scrape(request).body);
}

void TestExporterCollectorRunner::goesOnWithoutALateCollectorAndDoesNotPileUp()
{
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> calls = 0;
    add("slow", [&]() -> Result<void> {
        if (++calls == 1)
            released.wait();
        return {};
    });
    add("quick", []() -> Result<void> { return {}; });
    auto exporter = make();
    const exporter::Request hurried{.headers = {{"x-prometheus-scrape-timeout-seconds", "0.2"}}};

    for (int i = 0; i < 3; ++i) {
        const QByteArray text = textOf(exporter, hurried);
        QVERIFY(text.contains("\ntrendscope_collector_success{collector=\"slow\"} 0\n"));
        QVERIFY(text.contains("\ntrendscope_collector_success{collector=\"quick\"} 1\n"));
        QVERIFY(text.contains("\ntrendscope_collector_duration_seconds{collector=\"slow\"} 0."));
    }
    QCOMPARE(calls.load(), 1);

    release.set_value();
    QTRY_VERIFY(textOf(exporter).contains("success{collector=\"slow\"} 1\n"));
    QVERIFY(calls.load() >= 2);
}

void TestExporterCollectorRunner::givesThemTheTimeThatPrometheusWaits()
{
    std::promise<void> release;
    const auto released = release.get_future().share();
    add("slow", [&]() -> Result<void> { return released.wait(), Result<void>(); });
    auto exporter = make();

    QElapsedTimer timer;
    timer.start();
    textOf(exporter, {.headers = {{"x-prometheus-scrape-timeout-seconds", "1.2"}}});
    const auto took = timer.elapsed();
    release.set_value();

    QVERIFY2(took >= 650 && took < 1200, QByteArray::number(took).constData());
}

void TestExporterCollectorRunner::tellsFailuresAndExceptions()
{
    add("failing", []() -> Result<void> {
        return tl::unexpected(Error{Error::Kind::Network, "<b>gone</b>", {}});
    });
    add("throwing", []() -> Result<void> { throw std::runtime_error("oops"); });
    auto exporter = make();

    const QByteArray text = textOf(exporter);

    QVERIFY(text.contains("success{collector=\"failing\"} 0\n"));
    QVERIFY(text.contains("success{collector=\"throwing\"} 0\n"));
    QVERIFY(text.contains("\nfailing_value 1\n"));
}

void TestExporterCollectorRunner::sharesACollectionBetweenScrapes()
{
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> calls = 0;
    add("slow", [&]() -> Result<void> { return ++calls, released.wait(), Result<void>(); });
    auto exporter = make();

    auto first = std::async(std::launch::async, [&] { return textOf(exporter); });
    auto second = std::async(std::launch::async, [&] { return textOf(exporter); });
    QTRY_COMPARE(calls.load(), 1);
    QVERIFY(second.wait_for(50ms) == std::future_status::timeout);
    release.set_value();

    QVERIFY(first.get().contains("success{collector=\"slow\"} 1\n"));
    QVERIFY(second.get().contains("success{collector=\"slow\"} 1\n"));
}

void TestExporterCollectorRunner::selectsCollectorsAndTheirMetrics()
{
    std::atomic<int> others = 0;
    add("alpha", []() -> Result<void> { return {}; });
    add("beta", [&]() -> Result<void> { return ++others, Result<void>(); });
    auto exporter = make();
    textOf(exporter);

    const QByteArray text = textOf(exporter,
                                   {.query = {{"collect[]", "alpha"}},
                                    .headers = {{"accept", "application/openmetrics-text"}}});

    QCOMPARE(others.load(), 1);
    QVERIFY(text.contains("\nalpha_value 1\n"));
    QVERIFY(!text.contains("beta_value"));
    QVERIFY(text.contains("\ntrendscope_build_info"));
    QVERIFY(text.endsWith("# EOF\n"));
    QVERIFY(textOf(exporter).contains("\nbeta_value 1\n"));
}

void TestExporterCollectorRunner::refusesUnknownCollectors()
{
    add("alpha", []() -> Result<void> { return {}; });
    auto exporter = make();

    const auto response = exporter.scrape({.query = {{"collect[]", "gamma"}}});

    QCOMPARE(response.status, 400);
    QVERIFY(QByteArray::fromStdString(response.body).contains("gamma; there are: alpha"));
}

void TestExporterCollectorRunner::asksOthersAfterAReload()
{
    add("alpha", []() -> Result<void> { return {}; });
    auto exporter = make();
    textOf(exporter);
    add("beta", []() -> Result<void> { return {}; });

    exporter.collectors().add(std::move(m_collectors.front()));
    QVERIFY(exporter.collectors().remove("alpha", Clock::now() + 10s));

    const QByteArray text = textOf(exporter);
    QVERIFY(text.contains("success{collector=\"beta\"} 1\n"));
    QVERIFY(text.contains("\nbeta_value 1\n"));
    QVERIFY(!text.contains("success{collector=\"alpha\"}"));
    QVERIFY(!text.contains("\nalpha_value "));
}

void TestExporterCollectorRunner::removesOneThatHangsWithoutWaitingForIt()
{
    Hanging slow;
    add("slow", slow.work());
    auto exporter = make();
    auto scrape = std::async(std::launch::async, [&] { textOf(exporter); });
    QTRY_VERIFY(slow.isRunning.load());

    QVERIFY(!exporter.collectors().remove("slow", Clock::now() + 10ms));
    QVERIFY(exporter.collectors().states().empty());
    add("slow", []() -> Result<void> { return {}; }); // its successor
    exporter.collectors().add(std::move(m_collectors.back()));
    QVERIFY(textOf(exporter).contains("success{collector=\"slow\"} 1\n"));

    slow.release.set_value();
    QVERIFY(exporter.stop(Clock::now() + 10s));
    QVERIFY(textOf(exporter).contains("success{collector=\"slow\"} 1\n"));
}

void TestExporterCollectorRunner::escapesTheStatusPage()
{
    add("failing", []() -> Result<void> {
        return tl::unexpected(Error{Error::Kind::Network, "<b>\"gone\" & '\x01'</b>", {}});
    });
    auto exporter = make();
    textOf(exporter);
    exporter.setAddresses({"<i>:1"});

    const auto page = QByteArray::fromStdString(exporter.handler()({.path = "/"}).body);

    QVERIFY(page.contains("&lt;b&gt;&quot;gone&quot; &amp; &#39; &#39;&lt;/b&gt;"));
    QVERIFY(page.contains("&lt;i&gt;:1"));
    QVERIFY(!page.contains("<b>") && !page.contains("<script"));
}

void TestExporterCollectorRunner::stopsWithinItsTimeWhereOneHangs()
{
    Hanging slow;
    add("slow", slow.work());
    auto exporter = make();
    auto scrape = std::async(std::launch::async, [&] { textOf(exporter); });
    QTRY_VERIFY(slow.isRunning.load());

    QVERIFY(!exporter.stop(Clock::now() + 10ms));
    QVERIFY(scrape.wait_for(2s) == std::future_status::ready); // less than its 5 s

    slow.release.set_value();
    QVERIFY(exporter.stop(Clock::now() + 10s));
}

void TestExporterCollectorRunner::waitsForNoRemovalOnceItIsStopped()
{
    Hanging slow;
    add("slow", slow.work());
    auto exporter = make();
    auto scrape = std::async(std::launch::async, [&] { textOf(exporter); });
    QTRY_VERIFY(slow.isRunning.load());
    auto removal = std::async(std::launch::async, [&] {
        return exporter.collectors().remove("slow", Clock::now() + 60s);
    });
    QTRY_VERIFY(exporter.collectors().states().empty()); // it waits

    QVERIFY(!exporter.stop(Clock::now()));

    QVERIFY(removal.wait_for(10s) == std::future_status::ready);
    QVERIFY(!removal.get());
    slow.release.set_value();
    QVERIFY(exporter.stop(Clock::now() + 10s));
}

void TestExporterCollectorRunner::bringsOfOthersOnlyHowTheSelectedAre()
{
    m_metrics->recordItemCollected("reddit");
    add("alpha", []() -> Result<void> { return {}; });
    add("beta", []() -> Result<void> { return {}; });
    auto exporter = make();
    textOf(exporter);

    const QByteArray text = textOf(exporter, {.query = {{"collect[]", "alpha"}}});

    QVERIFY(text.contains("\ntrendscope_collector_success{collector=\"alpha\"} 1\n"));
    QVERIFY(!text.contains("collector=\"beta\""));
    QVERIFY(!text.contains("items_collected_total")); // neither of them brings it
}

QTEST_GUILESS_MAIN(TestExporterCollectorRunner)
#include "tst_exporter_collector_runner.moc"
