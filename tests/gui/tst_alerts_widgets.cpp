#include "core/alert/monitor.h"
#include "support/stub_server.h"
#include "ui/alerts/alert_banner.h"
#include "ui/alerts/alerts_view.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/state_notice.h"
#include "ui/targets/targets_view.h"

#include <QDateTime>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QNetworkAccessManager>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>
#include <QVBoxLayout>

using namespace trendscope;
using namespace trendscope::ui;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using test::StubServer;

namespace {

const QByteArray hostile = "<img src='file:///etc/passwd'><b>&amp;</b>";

QByteArray alertJson(const QByteArray &name, const QByteArray &severity,
                     const QByteArray &summary = "a summary")
{
    return QByteArray(
               R"({"labels":{"alertname":"%1","severity":"%2","job":"api"},"annotations":{"summary":"%3",)"
               R"("description":"%3","action":"restart it","runbook_url":"https://example.org/%1"},)"
               R"("state":"firing","activeAt":"2024-01-15T10:30:45Z","value":"1"})")
        .replace("%1", name)
        .replace("%2", severity)
        .replace("%3", summary);
}

QByteArray alertsJson(const QByteArrayList &alerts)
{
    return R"({"status":"success","data":{"alerts":[)" + alerts.join(',') + "]}}";
}

} // namespace

class TestAlertsWidgets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void takeNoHeightWithoutAlerts();
    void showThreeBannersAndCountTheRest();
    void hideASnoozedBanner();
    void openAnAlertByMouseAndKeyboard();
    void saySinceWhenNobodyAnswers();
    void sayThatNothingIsKnown();
    void neverTakeALabelForRichText();
    void filterTheListAsIsTyped();
    void keepTheSelectionThroughAnUpdate();
    void selectAnAlertThatTheFilterHides();
    void listTargetsOnlyWhileSeen();
    void spellDurations_data();
    void spellDurations();

private:
    QList<BannerLine *> lines(const QWidget &banners) const;
    StateNotice *notice(const QWidget &view) const { return view.findChild<StateNotice *>(); }
    void answer(const QByteArrayList &alerts)
    {
        m_server->reply("/api/v1/alerts", {200, alertsJson(alerts)});
    }
    bool start();

    QNetworkAccessManager m_network;
    Theme m_theme = Theme::dark();
    std::unique_ptr<StubServer> m_server;
    std::unique_ptr<alert::Monitor> m_monitor;
};

void TestAlertsWidgets::init()
{
    m_server = std::make_unique<StubServer>();
    m_monitor = std::make_unique<alert::Monitor>(
        m_network, alert::Monitor::Options{{m_server->url(), {}, 2s}, {}, 50ms});
}

void TestAlertsWidgets::cleanup()
{
    m_monitor.reset();
    m_server.reset();
}

/// True once the monitor has its first good answer.
bool TestAlertsWidgets::start()
{
    m_monitor->start();
    return QTest::qWaitFor([this] { return m_monitor->state() == alert::Monitor::State::Ready; });
}

QList<BannerLine *> TestAlertsWidgets::lines(const QWidget &banners) const
{
    QList<BannerLine *> visible;
    for (BannerLine *line : banners.findChildren<BannerLine *>()) {
        if (line->isVisibleTo(&banners))
            visible.append(line);
    }
    return visible;
}

void TestAlertsWidgets::takeNoHeightWithoutAlerts()
{
    answer({alertJson("Watchdog", "none")});
    QWidget window;
    auto *column = new QVBoxLayout(&window);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *banners = new AlertBanners(*m_monitor, m_theme, &window);
    auto *content = new QWidget(&window);
    column->addWidget(banners);
    column->addWidget(content, 1);
    window.resize(800, 300);
    window.show();
    QVERIFY(start());

    QVERIFY(!banners->isVisible());
    QTRY_COMPARE(content->height(), 300);

    answer({alertJson("APIDown", "critical")});

    QTRY_VERIFY(banners->isVisible());
    QTRY_COMPARE(content->height(), 300 - 34);
}

void TestAlertsWidgets::showThreeBannersAndCountTheRest()
{
    answer({alertJson("A", "warning"), alertJson("B", "info"), alertJson("C", "critical"),
            alertJson("D", "critical"), alertJson("E", "critical"), alertJson("F", "critical")});
    AlertBanners banners(*m_monitor, m_theme);
    QSignalSpy all(&banners, &AlertBanners::showAllRequested);
    banners.show();
    QVERIFY(start());

    QTRY_COMPARE(lines(banners).size(), 3);
    QCOMPARE(lines(banners).first()->content().word, u"CRITICAL"_s);
    auto *more = banners.findChild<QPushButton *>(u"moreAlerts"_s);
    QCOMPARE(more->text(), u"+ 3 more, 1 of them critical"_s);

    QTest::mouseClick(more, Qt::LeftButton);

    QCOMPARE(all.count(), 1);
}

void TestAlertsWidgets::hideASnoozedBanner()
{
    answer({alertJson("APIDown", "critical")});
    AlertBanners banners(*m_monitor, m_theme);
    banners.resize(900, 34);
    QVERIFY(start());
    QTRY_VERIFY(banners.isVisible());

    for (QPushButton *button : lines(banners).first()->findChildren<QPushButton *>()) {
        if (button->text() == "Snooze"_L1)
            QTest::mouseClick(button, Qt::LeftButton);
    }

    QTRY_VERIFY(!banners.isVisible());
    QCOMPARE(m_monitor->counts().firing, 1);
}

void TestAlertsWidgets::openAnAlertByMouseAndKeyboard()
{
    answer({alertJson("APIDown", "critical")});
    AlertBanners banners(*m_monitor, m_theme);
    banners.resize(900, 34);
    QSignalSpy activated(&banners, &AlertBanners::alertActivated);
    QVERIFY(start());
    QTRY_VERIFY(banners.isVisible());
    BannerLine *line = lines(banners).first();

    QTest::mouseClick(line, Qt::LeftButton, {}, QPoint(60, 15));
    QTest::keyClick(line, Qt::Key_Return);

    QCOMPARE(activated.count(), 2);
    QCOMPARE(activated.first().first().value<prom::Labels>().value(u"alertname"_s), u"APIDown"_s);
    QVERIFY(line->accessibleName().contains(u"CRITICAL APIDown"_s));
}

void TestAlertsWidgets::saySinceWhenNobodyAnswers()
{
    answer({alertJson("APIDown", "critical")});
    AlertBanners banners(*m_monitor, m_theme);
    QVERIFY(start());
    QTRY_COMPARE(lines(banners).size(), 1);
    QVERIFY(lines(banners).first()->tail().startsWith(u"for "_s));

    m_server->reply("/api/v1/alerts", {500, "no"});

    QTRY_VERIFY(m_monitor->isStale());
    QTRY_COMPARE(
        lines(banners).first()->tail(),
        u"as of %1, Prometheus does not answer"_s.arg(clockText(*m_monitor->lastSuccess())));
}

void TestAlertsWidgets::sayThatNothingIsKnown()
{
    m_server->reply("/api/v1/alerts", {502, "<html>"});
    AlertBanners banners(*m_monitor, m_theme);
    AlertsView view(*m_monitor, m_theme);
    QCOMPARE(notice(view)->kind(), StateNotice::Kind::Loading);

    m_monitor->start();

    QTRY_COMPARE(notice(view)->kind(), StateNotice::Kind::Failed);
    QVERIFY(notice(view)->accessibleDescription().contains(u"answered 502"_s));
    QCOMPARE(lines(banners).size(), 1);
    QCOMPARE(lines(banners).first()->content().word, u"UNKNOWN"_s);

    answer({});

    QTRY_COMPARE_WITH_TIMEOUT(notice(view)->kind(), StateNotice::Kind::Good, 10'000);
    QVERIFY(notice(view)->accessibleDescription().contains(
        clockText(*m_monitor->lastSuccess()).left(5)));
    QTRY_VERIFY(lines(banners).isEmpty() || !banners.isVisible());
}

void TestAlertsWidgets::neverTakeALabelForRichText()
{
    answer({alertJson(hostile, hostile, hostile)});
    AlertBanners banners(*m_monitor, m_theme);
    AlertsView view(*m_monitor, m_theme);
    view.resize(1000, 600);
    view.show();
    QVERIFY(start());
    QTRY_COMPARE(lines(banners).size(), 1);

    for (const QLabel *label : view.findChildren<QLabel *>()) {
        const bool showsIt = label->text().contains(u"img src"_s);
        QVERIFY2(!showsIt || label->textFormat() == Qt::PlainText, qPrintable(label->text()));
    }
    QVERIFY(lines(banners).first()->toolTip().contains(u"&lt;img"_s));
    QVERIFY(!lines(banners).first()->toolTip().contains(u"<img"_s));
    QVERIFY(!view.grab().isNull());
    QVERIFY(!banners.grab().isNull());
}

void TestAlertsWidgets::filterTheListAsIsTyped()
{
    answer({alertJson("APIDown", "critical"),
            alertJson("SlowQueries", "warning", "queries are slow")});
    AlertsView view(*m_monitor, m_theme);
    view.resize(1000, 600);
    view.show();
    QVERIFY(start());
    auto *list = view.findChild<QListView *>(u"alertList"_s);
    auto *filter = view.findChild<QLineEdit *>(u"alertFilter"_s);
    QTRY_COMPARE(list->model()->rowCount(), 2);

    QTest::keyClicks(filter, u"ARE slow"_s);

    QCOMPARE(list->model()->rowCount(), 1);
    QCOMPARE(list->model()->index(0, 0).data(alert::AlertModel::NameRole).toString(),
             u"SlowQueries"_s);

    QTest::keyClicks(filter, u"zzz"_s);

    QCOMPARE(list->model()->rowCount(), 0);
    QCOMPARE(notice(view)->kind(), StateNotice::Kind::Empty);
    QTest::mouseClick(notice(view)->findChild<QPushButton *>(), Qt::LeftButton);
    QCOMPARE(list->model()->rowCount(), 2);
}

void TestAlertsWidgets::keepTheSelectionThroughAnUpdate()
{
    answer({alertJson("A", "warning"), alertJson("B", "warning")});
    AlertsView view(*m_monitor, m_theme);
    view.resize(1000, 600);
    view.show();
    QVERIFY(start());
    auto *list = view.findChild<QListView *>(u"alertList"_s);
    QTRY_COMPARE(list->model()->rowCount(), 2);
    QTest::keyClick(list, Qt::Key_Down);
    const QString chosen = list->currentIndex().data(alert::AlertModel::NameRole).toString();

    answer({alertJson("A", "warning"), alertJson("B", "warning"), alertJson("C", "critical")});

    QTRY_COMPARE(list->model()->rowCount(), 3);
    QCOMPARE(list->currentIndex().data(alert::AlertModel::NameRole).toString(), chosen);
}

void TestAlertsWidgets::selectAnAlertThatTheFilterHides()
{
    answer({alertJson("A", "warning"), alertJson("B", "warning")});
    AlertsView view(*m_monitor, m_theme);
    view.resize(1000, 600);
    view.show();
    QVERIFY(start());
    auto *list = view.findChild<QListView *>(u"alertList"_s);
    QTRY_COMPARE(list->model()->rowCount(), 2);
    view.findChild<QLineEdit *>(u"alertFilter"_s)->setText(u"alertname=A"_s);
    QCOMPARE(list->model()->rowCount(), 1);

    view.select({{u"alertname"_s, u"B"_s}, {u"severity"_s, u"warning"_s}, {u"job"_s, u"api"_s}});

    QCOMPARE(list->currentIndex().data(alert::AlertModel::NameRole).toString(), u"B"_s);
}

void TestAlertsWidgets::listTargetsOnlyWhileSeen()
{
    const QByteArray body =
        R"({"status":"success","data":{"activeTargets":[{"labels":{"job":"b","instance":"b:1"},"scrapePool":"b",)"
        R"("scrapeUrl":"http://b:1/metrics","health":"down","lastError":"<b>refused</b>","lastScrape":"2024-01-15T10:30:45Z",)"
        R"("lastScrapeDuration":0.1},{"labels":{"job":"a","instance":"a:1"},"scrapePool":"a","scrapeUrl":"http://a:1/metrics",)"
        R"("health":"up","lastError":"","lastScrape":"2024-01-15T10:30:45Z","lastScrapeDuration":0.1}]}})";
    m_server->reply("/api/v1/targets", {200, body});
    prom::TargetFeed feed(m_network, {m_server->url(), {}, 2s}, 20ms);
    TargetsView view(feed, m_theme);
    view.resize(1000, 400);
    QCOMPARE(m_server->count("/api/v1/targets"), 0);

    view.show();

    auto *table = view.findChild<QTreeView *>(u"targetTable"_s);
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QCOMPARE(table->model()->index(0, prom::TargetModel::InstanceColumn).data().toString(),
             u"a:1"_s);
    QCOMPARE(table->model()->index(1, prom::TargetModel::HealthColumn).data().toString(),
             u"DOWN"_s);
    QTRY_VERIFY(m_server->count("/api/v1/targets") > 2);
    QVERIFY(!view.grab().isNull());

    view.hide();
    const qsizetype asked = m_server->count("/api/v1/targets");
    m_server->reply("/api/v1/alerts", {200, alertsJson({})});
    m_monitor->start();
    QTRY_VERIFY(m_server->count("/api/v1/alerts") > 3); // time enough for several more

    QVERIFY(m_server->count("/api/v1/targets") <= asked + 1); // one may have been on its way
}

void TestAlertsWidgets::spellDurations_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<QString>("longer");
    QTest::addColumn<QString>("shorter");
    QTest::newRow("negative") << qint64(-5) << u"0 s"_s << u"0 s"_s;
    QTest::newRow("seconds") << qint64(42) << u"42 s"_s << u"42 s"_s;
    QTest::newRow("minutes") << qint64(252) << u"4 min 12 s"_s << u"4 min"_s;
    QTest::newRow("whole minutes") << qint64(240) << u"4 min"_s << u"4 min"_s;
    QTest::newRow("hours") << qint64(3900) << u"1 h 5 min"_s << u"1 h"_s;
    QTest::newRow("days") << qint64(90'000) << u"1 d 1 h"_s << u"1 d"_s;
}

void TestAlertsWidgets::spellDurations()
{
    QFETCH(qint64, seconds);
    QFETCH(QString, longer);
    QFETCH(QString, shorter);

    QCOMPARE(durationText(std::chrono::seconds(seconds)), longer);
    QCOMPARE(ageText(std::chrono::seconds(seconds)), shorter);
}

QTEST_MAIN(TestAlertsWidgets)
#include "tst_alerts_widgets.moc"
