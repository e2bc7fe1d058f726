#include "support/console_fixture.h"
#include "support/require_program.h"
#include "support/stub_server.h"
#include "ui/alerts/banner_line.h"
#include "ui/dashboard/time_range_control.h"
#include "ui/explore/explore_page.h"
#include "ui/logs/logs_view.h"
#include "ui/panels/time_series_view.h"
#include "ui/shell/status_line.h"

#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QToolTip>

using namespace trendscope;
using namespace trendscope::ui;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

/// The window on a real Prometheus, used by mouse and keyboard.
class TestMainWindow : public QObject {
    Q_OBJECT

public:
    explicit TestMainWindow(Application &application)
        : m_application(application)
    {
    }

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void showsTheFirstDashboardWithData();
    void switchesDashboardsByKeyboard();
    void changesTheRangeByDragging();
    void zoomsOutOnDoubleClick();
    void movesTheRangeByButtonAndKeyboard();
    void sharesTheCrosshair();
    void showsTheBannerOfAFiringAlertButNotTheWatchdog();
    void opensEveryPageByKeyboard();
    void drawsAnyExpressionInExplore();
    void tellsTheTruthInTheStatusLine();
    void followsALogFile();
    void tellsWhichLogSourcesDoNotAnswer();
    void tellsThatALogStreamConnects();
    void switchesTheThemeInPlace();
    void survivesSmallAndLargeSizes();
    void namesTheBrokenDashboardAndLoadsTheOthers();
    void refusesWhatIsNoAddress();

private:
    TimeSeriesView &plot(const QString &title)
    {
        return dynamic_cast<TimeSeriesView &>(view().frame(title)->view());
    }
    DashboardView &view() { return *m_console->window().dashboards().view(); }
    void drag(TimeSeriesView &plot, double from, double to);
    void open(const ConsoleOptions &options);

    Application &m_application;
    test::PrometheusProcess m_prometheus{test::firingPrometheus()};
    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;
};

void TestMainWindow::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    test::writeDashboards(m_folder);
    QVERIFY2(m_prometheus.start(), m_prometheus.log());
}

void TestMainWindow::open(const ConsoleOptions &options)
{
    auto console = Console::create(options, m_application, 200ms);
    QVERIFY2(console.has_value(), console ? "" : console.error().message.c_str());
    m_console = *std::move(console);
    m_console->window().resize(1280, 720);
    m_console->window().show();
    QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
}

void TestMainWindow::init()
{
    open(test::consoleOptions(m_prometheus.url(), m_folder));
    QTRY_VERIFY_WITH_TIMEOUT(test::isReady(*m_console), 10'000);
}

void TestMainWindow::cleanup()
{
    m_console.reset();
}

/// Presses at a share of the plot's width, moves, releases at another.
void TestMainWindow::drag(TimeSeriesView &plot, double from, double to)
{
    const QRectF area = plot.plotLayout().area;
    const auto at = [&](double share) {
        return QPoint(int(area.left() + area.width() * share), int(area.center().y()));
    };
    QTest::mousePress(&plot, Qt::LeftButton, {}, at(from));
    QTest::mouseMove(&plot, at((from + to) / 2));
    QTest::mouseMove(&plot, at(to));
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, at(to));
}

void TestMainWindow::showsTheFirstDashboardWithData()
{
    QCOMPARE(m_console->window().windowTitle(), u"First – Trendscope"_s);
    QCOMPARE(view().frames().size(), 3u);
    QVERIFY(view().frame(u"Answer"_s)->view().accessibleDescription().contains("42"_L1));
    QVERIFY(view().frame(u"Answer"_s)->stateText().isEmpty());
}

void TestMainWindow::switchesDashboardsByKeyboard()
{
    QTest::keyClick(&m_console->window(), Qt::Key_PageDown, Qt::ControlModifier);

    QCOMPARE(m_console->window().dashboards().current()->uid, u"b-second"_s);
    QTRY_VERIFY(test::isReady(*m_console));
    QVERIFY(view().frame(u"Half"_s)->isVisible());

    QTest::keyClick(&m_console->window(), Qt::Key_PageUp, Qt::ControlModifier);
    QCOMPARE(m_console->window().dashboards().current()->uid, u"a-first"_s);
}

void TestMainWindow::changesTheRangeByDragging()
{
    TimeSeriesView &left = plot(u"Left"_s);
    const std::int64_t wantedStart = left.plotLayout().timeOf(
        left.plotLayout().area.left() + left.plotLayout().area.width() * 0.25);

    drag(left, 0.25, 0.5);

    const auto &range = m_console->window().dashboards().range();
    QVERIFY(!range.isRelative());
    QVERIFY(std::abs(range.from.toLongLong() - wantedStart) < 30'000);
    QVERIFY(std::abs(range.to.toLongLong() - range.from.toLongLong() - 15 * 60'000) < 30'000);
    QTRY_COMPARE(view().frame(u"Right"_s)->feed().data().range.start.time_since_epoch().count(),
                 range.from.toLongLong());
}

void TestMainWindow::zoomsOutOnDoubleClick()
{
    TimeSeriesView &left = plot(u"Left"_s);

    QTest::mouseDClick(&left, Qt::LeftButton, {}, left.plotLayout().area.center().toPoint());

    const auto &range = m_console->window().dashboards().range();
    QCOMPARE(range.to.toLongLong() - range.from.toLongLong(), 2 * 3'600'000);
}

void TestMainWindow::movesTheRangeByButtonAndKeyboard()
{
    auto *control = m_console->window().dashboards().findChild<TimeRangeControl *>();
    QTest::mouseClick(control->findChildren<QToolButton *>().first(), Qt::LeftButton);
    const auto earlier = control->range();
    QVERIFY(!earlier.isRelative());

    QTest::keyClick(&m_console->window(), Qt::Key_Left, Qt::AltModifier);

    QCOMPARE(earlier.from.toLongLong() - control->range().from.toLongLong(), 1'800'000);
}

void TestMainWindow::sharesTheCrosshair()
{
    TimeSeriesView &left = plot(u"Left"_s);
    TimeSeriesView &right = plot(u"Right"_s);
    const QImage before = right.grab().toImage();

    QTest::mouseMove(&left, left.plotLayout().area.center().toPoint());
    QTRY_VERIFY(right.grab().toImage() != before);

    // The tooltip is a child of the window, beside the pointer, and leaves with it.
    auto *tooltip = m_console->window().findChild<QWidget *>(u"plotTooltip"_s);
    QVERIFY(tooltip && tooltip->isVisible());
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(&left, &leave);
    QVERIFY(!tooltip->isVisible());
    QTRY_COMPARE(right.grab().toImage(), before);
}

void TestMainWindow::showsTheBannerOfAFiringAlertButNotTheWatchdog()
{
    const auto shown = [&] {
        QStringList names;
        for (const BannerLine *line : m_console->window().findChildren<BannerLine *>()) {
            if (line->isVisible())
                names << line->accessibleName();
        }
        return names;
    };
    QTRY_COMPARE_WITH_TIMEOUT(shown().size(), 1, 10'000);
    QVERIFY2(shown().first().contains("SomethingBurns"_L1), qPrintable(shown().first()));
}

void TestMainWindow::opensEveryPageByKeyboard()
{
    using Page = MainWindow::Page;
    const std::pair<Qt::Key, Page> pages[] = {{Qt::Key_2, Page::Explore},
                                              {Qt::Key_3, Page::Alerts},
                                              {Qt::Key_4, Page::Logs},
                                              {Qt::Key_5, Page::Targets},
                                              {Qt::Key_1, Page::Dashboards}};
    for (const auto &[key, page] : pages) {
        QTest::keyClick(&m_console->window(), key, Qt::ControlModifier);
        QCOMPARE(m_console->window().page(), page);
        QVERIFY(!m_console->window().grab().isNull());
    }
}

void TestMainWindow::drawsAnyExpressionInExplore()
{
    QTest::keyClick(&m_console->window(), Qt::Key_2, Qt::ControlModifier);
    auto *page = m_console->window().findChild<ExplorePage *>();
    auto *expression = page->findChild<QLineEdit *>(u"expression"_s);
    QVERIFY(expression->hasFocus());

    QTest::keyClicks(expression, u"vector(7)"_s);
    QTest::keyClick(expression, Qt::Key_Return);

    QVERIFY(page->frame());
    QTRY_COMPARE(page->frame()->feed().data().fields.size(), 1u);

    expression->setText(u"rate("_s);
    QTest::keyClick(expression, Qt::Key_Return);
    QTRY_VERIFY2(page->frame()->stateText().contains("parse error"_L1),
                 qPrintable(page->frame()->stateText()));
}

void TestMainWindow::tellsTheTruthInTheStatusLine()
{
    auto *status = m_console->window().findChild<StatusLine *>();

    QTRY_VERIFY2(status->text().contains("1 firing"_L1), qPrintable(status->text()));
    QVERIFY2(status->text().contains(" ms"_L1), qPrintable(status->text()));
    QVERIFY2(status->text().contains("s old"_L1), qPrintable(status->text()));
}

void TestMainWindow::followsALogFile()
{
    QFile log(m_folder.filePath(u"app.log"_s));
    QVERIFY(log.open(QIODevice::WriteOnly));
    auto options = test::consoleOptions(m_prometheus.url(), m_folder);
    options.logs = {log.fileName().toStdString()};
    open(options);
    QSignalSpy rate(&m_console->window().logs(), &LogsView::rateChanged);

    for (int i = 0; i < 50; ++i)
        log.write(
            R"({"timestamp":"2024-01-15T10:30:45.123456Z","level":"INFO","logger":"a","message":"m"})"
            "\n");
    log.flush();

    QTRY_VERIFY(m_console->window().logs().recordsPerSecond() > 0);
    QVERIFY(m_console->window().logs().problems().isEmpty());
    log.remove();
}

void TestMainWindow::tellsWhichLogSourcesDoNotAnswer()
{
    test::StubServer refusing;
    refusing.replyToRest({401, "Unauthorized\n", "text/plain"});
    auto options = test::consoleOptions(m_prometheus.url(), m_folder);
    options.logs = {refusing.url().toString().toStdString()};
    open(options);
    const auto *status = m_console->window().findChild<StatusLine *>();
    QTRY_VERIFY2(status->text().endsWith("Logs 1 of 1 not answering"_L1),
                 qPrintable(status->text()));

    options.logs.push_back(m_folder.filePath(u"gone.log"_s).toStdString());
    open(options);

    status = m_console->window().findChild<StatusLine *>();
    QTRY_VERIFY2(
        status->text().endsWith("Logs 1 of 1 streams not answering, 1 of 1 files not readable"_L1),
        qPrintable(status->text()));
    const QPoint end(status->fontMetrics().horizontalAdvance(status->text()) / 2 + 100, 10);
    auto *line = m_console->window().findChild<StatusLine *>();
    line->grab(); // tool tips are where things were painted
    for (int x = end.x(); x < line->width() && !QToolTip::text().contains("gone.log"_L1); x += 20) {
        QHelpEvent help(QEvent::ToolTip, {x, 10}, line->mapToGlobal(QPoint(x, 10)));
        QCoreApplication::sendEvent(line, &help);
    }
    QVERIFY2(QToolTip::text().contains("gone.log is not there\n"_L1), qPrintable(QToolTip::text()));
    QVERIFY2(QToolTip::text().contains("pre-wrap"_L1), qPrintable(QToolTip::text()));
    QToolTip::hideText();
}

void TestMainWindow::tellsThatALogStreamConnects()
{
    test::StubServer silent;
    silent.replyToRest({.status = 0});
    auto options = test::consoleOptions(m_prometheus.url(), m_folder);
    options.logs = {silent.url().toString().toStdString()};

    open(options);

    const auto *status = m_console->window().findChild<StatusLine *>();
    QTRY_VERIFY(!silent.received().isEmpty());
    QTRY_VERIFY2(status->text().endsWith("Logs connecting"_L1), qPrintable(status->text()));
}

void TestMainWindow::switchesTheThemeInPlace()
{
    const QColor before = m_console->window().grab().toImage().pixelColor(700, 30);

    m_application.switchTheme();

    QTRY_VERIFY(m_console->window().grab().toImage().pixelColor(700, 30) != before);
    m_application.switchTheme();
    QTRY_COMPARE(m_console->window().grab().toImage().pixelColor(700, 30), before);
}

void TestMainWindow::survivesSmallAndLargeSizes()
{
    for (const QSize size : {QSize(860, 480), QSize(1280, 720), QSize(3000, 2000)}) {
        m_console->window().resize(size);
        QTRY_COMPARE(m_console->window().size(), size);
        for (const PanelFrame *frame : view().frames())
            QVERIFY(view().widget()->rect().contains(frame->geometry()));
    }
}

void TestMainWindow::namesTheBrokenDashboardAndLoadsTheOthers()
{
    QTemporaryDir folder;
    test::writeDashboards(folder);
    QFile broken(folder.filePath(u"broken.json"_s));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("{\n  \"panels\": [,]\n}");
    broken.close();

    open(test::consoleOptions(m_prometheus.url(), folder));

    auto *problems = m_console->window().findChild<QToolButton *>(u"dashboardProblems"_s);
    QVERIFY(problems->isVisible());
    QVERIFY2(problems->accessibleDescription().contains(broken.fileName() + u":2:"_s),
             qPrintable(problems->accessibleDescription()));
    QTRY_VERIFY(test::isReady(*m_console));
}

void TestMainWindow::refusesWhatIsNoAddress()
{
    auto options = test::consoleOptions(m_prometheus.url(), m_folder);
    options.servers.prometheus = "prometheus:9090";

    const auto console = Console::create(options, m_application);

    QVERIFY(!console);
    QVERIFY(console.error().message.starts_with("--prometheus"));
}

int main(int argc, char **argv)
{
    Application application(Application::Display::Offscreen, "dark");
    TestMainWindow test(application);
    return QTest::qExec(&test, argc, argv);
}
#include "tst_main_window.moc"
