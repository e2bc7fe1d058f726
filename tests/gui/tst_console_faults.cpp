#include "support/console_fixture.h"
#include "support/fault_proxy.h"
#include "support/require_program.h"
#include "ui/shell/status_line.h"

#include <QElapsedTimer>
#include <QTest>
#include <QTimer>

using namespace trendscope;
using namespace trendscope::ui;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using Mode = test::FaultProxy::Mode;
using State = dashboard::PanelFeed::State;

namespace {

/// The longest time that the event loop did not run: what a person feels as a frozen window.
class Heartbeat {
public:
    Heartbeat()
    {
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer,
                         [this] { m_longest = std::max(m_longest, m_clock.restart()); });
        m_clock.start();
        m_timer.start(10ms);
    }
    qint64 longest() const { return m_longest; }

private:
    QElapsedTimer m_clock;
    QTimer m_timer;
    qint64 m_longest = 0;
};

constexpr qint64 largestHitch = 1'000; // ms; generous, the machine may be busy

} // namespace

/// The console in front of a Prometheus that fails in every way a network knows.
class TestConsoleFaults : public QObject {
    Q_OBJECT

public:
    explicit TestConsoleFaults(Application &application)
        : m_application(application)
    {
    }

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void opensOnAServerThatFails_data() { modes(); }
    void opensOnAServerThatFails();
    void keepsOldDataAndSaysSo_data() { modes(); }
    void keepsOldDataAndSaysSo();
    void showsASlowAnswerWhenItIsThere();
    void backsOffInsteadOfHammering();
    void neverShowsAGatewaysPageAsMarkup();

private:
    void modes();
    bool isFailed();
    void open();
    PanelFrame &frame() { return *m_console->window().dashboards().view()->frame(u"Answer"_s); }
    QString status() { return m_console->window().findChild<StatusLine *>()->text(); }

    Application &m_application;
    test::PrometheusProcess m_prometheus;
    std::unique_ptr<test::FaultProxy> m_proxy;
    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;
};

void TestConsoleFaults::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    test::writeDashboards(m_folder);
    QVERIFY2(m_prometheus.start(), m_prometheus.log());
}

void TestConsoleFaults::init()
{
    m_proxy = std::make_unique<test::FaultProxy>(m_prometheus.url());
}

void TestConsoleFaults::cleanup()
{
    m_console.reset();
    m_proxy.reset();
}

void TestConsoleFaults::modes()
{
    QTest::addColumn<Mode>("mode");
    QTest::addColumn<int>("status");
    QTest::newRow("away") << Mode::Refuse << 0;
    QTest::newRow("401") << Mode::Status << 401;
    QTest::newRow("404") << Mode::Status << 404;
    QTest::newRow("500") << Mode::Status << 500;
    QTest::newRow("503") << Mode::Status << 503;
    QTest::newRow("garbage") << Mode::Garbage << 0;
    QTest::newRow("not HTTP") << Mode::NotHttp << 0;
    QTest::newRow("truncated") << Mode::Truncate << 0;
}

void TestConsoleFaults::open()
{
    auto console =
        Console::create(test::consoleOptions(m_proxy->url(), m_folder), m_application, 200ms);
    QVERIFY2(console.has_value(), console ? "" : console.error().message.c_str());
    m_console = *std::move(console);
    m_console->window().show();
    QVERIFY(QTest::qWaitForWindowExposed(&m_console->window()));
}

bool TestConsoleFaults::isFailed()
{
    return std::ranges::all_of(m_console->window().dashboards().view()->frames(),
                               [](PanelFrame *f) { return f->feed().state() == State::Failed; });
}

void TestConsoleFaults::opensOnAServerThatFails()
{
    QFETCH(Mode, mode);
    QFETCH(int, status);
    m_proxy->setStatus(status);
    m_proxy->setMode(mode);
    Heartbeat heartbeat;

    open();

    QTRY_VERIFY(isFailed());
    QVERIFY(!frame().feed().dataTime());
    QVERIFY(!frame().stateText().isEmpty());
    QVERIFY(!frame().view().isVisible()); // the message is there instead
    QVERIFY(!m_console->window().grab().isNull());
    QTRY_VERIFY2(this->status().contains("no answer"_L1), qPrintable(this->status()));
    QVERIFY2(heartbeat.longest() < largestHitch, qPrintable(QString::number(heartbeat.longest())));

    m_proxy->setMode(Mode::Pass);
    QTRY_VERIFY_WITH_TIMEOUT(test::isReady(*m_console), 40'000);
    QVERIFY(frame().stateText().isEmpty());
}

void TestConsoleFaults::keepsOldDataAndSaysSo()
{
    QFETCH(Mode, mode);
    QFETCH(int, status);
    open();
    QTRY_VERIFY_WITH_TIMEOUT(test::isReady(*m_console), 10'000);
    const QImage fresh = frame().grab().toImage();

    m_proxy->setStatus(status);
    m_proxy->setMode(mode);

    QTRY_VERIFY_WITH_TIMEOUT(isFailed(), 10'000);
    QVERIFY(frame().feed().dataTime().has_value());
    QVERIFY(frame().view().isVisible());
    QVERIFY2(frame().stateText().startsWith("Data of "_L1), qPrintable(frame().stateText()));
    const QImage stale = frame().grab().toImage();
    QVERIFY(stale != fresh); // old data does not look like new data
    QTRY_VERIFY2(this->status().contains("3 of 3 panels failing"_L1), qPrintable(this->status()));

    m_proxy->setMode(Mode::Pass);
    QTRY_VERIFY_WITH_TIMEOUT(test::isReady(*m_console), 40'000);
    const auto titleOf = [](const QImage &image) { return image.copy(0, 0, image.width(), 28); };
    QTRY_COMPARE(titleOf(frame().grab().toImage()), titleOf(fresh));
    QVERIFY(frame().grab().toImage() != stale);
}

void TestConsoleFaults::showsASlowAnswerWhenItIsThere()
{
    m_proxy->setMode(Mode::Slow);
    m_proxy->setDrop(256);
    Heartbeat heartbeat;

    open();

    QTRY_VERIFY(frame().feed().state() == State::Loading);
    QCOMPARE(frame().stateText(), u"Loading"_s);
    QTRY_VERIFY_WITH_TIMEOUT(test::isReady(*m_console), 30'000);
    QVERIFY2(heartbeat.longest() < largestHitch, qPrintable(QString::number(heartbeat.longest())));
}

void TestConsoleFaults::backsOffInsteadOfHammering()
{
    m_proxy->setMode(Mode::Garbage);
    open();
    m_console->monitor().stop();
    QTRY_VERIFY(isFailed());

    // 3 panels, refreshed every second: without a back-off some 24 questions in 8 seconds. With it,
    // at 0, 1, 3 and 7 s.
    const int before = m_proxy->requests();
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY_WITH_TIMEOUT(clock.elapsed() > 8'000, 10'000);
    QVERIFY2(m_proxy->requests() - before <= 12,
             qPrintable(QString::number(m_proxy->requests() - before)));
}

void TestConsoleFaults::neverShowsAGatewaysPageAsMarkup()
{
    m_proxy->setMode(Mode::Status);
    open();
    QTRY_VERIFY(isFailed());
    QVERIFY(!frame().stateText().contains(u'<'));
}

int main(int argc, char **argv)
{
    Application application(Application::Display::Offscreen, "dark");
    TestConsoleFaults test(application);
    return QTest::qExec(&test, argc, argv);
}
#include "tst_console_faults.moc"
