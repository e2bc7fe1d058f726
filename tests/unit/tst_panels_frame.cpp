#include "core/prom/client.h"
#include "support/painted.h"
#include "support/stub_server.h"
#include "ui/panels/error_text.h"
#include "ui/panels/panel_frame.h"
#include "ui/panels/unsupported_view.h"

#include <QHelpEvent>
#include <QNetworkAccessManager>
#include <QTest>
#include <QToolTip>

using namespace trendscope;
using namespace trendscope::ui;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using State = dashboard::PanelFeed::State;
using test::StubServer;

namespace {

const QByteArray path = "/api/v1/query_range"_ba;
const QColor background(0, 0, 0);

StubServer::Reply matrix(const QByteArray &result, const QByteArray &warnings = {})
{
    return {200,
            R"({"status":"success",)" + warnings + R"("data":{"resultType":"matrix","result":[)"
                + result + "]}}"};
}

const QByteArray oneSeries =
    R"({"metric":{"job":"api"},"values":[[1700000000,"1"],[1700000015,"2"]]})"_ba;

dashboard::Panel panelOf(const QString &type)
{
    dashboard::Panel panel;
    panel.type = type;
    panel.description = u"<b>What</b> it shows"_s;
    panel.queries.resize(1);
    panel.queries.front().expr = u"up"_s;
    return panel;
}

} // namespace

class TestPanelsFrame : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void showsFreshData();
    void saysThatItLoads();
    void saysThatThereIsNoData();
    void leavesEmptyDataToViewsThatCanShowIt();
    void saysWhatFailedAndWhatToTry();
    void keepsOldDataFadedWithItsTime();
    void recoversByItself();
    void showsTheServersWarnings();
    void looksDifferentInEveryState();
    void showsServerTextAsPlainText();
    void namesATypeThatIsNotDrawn();
    void paintsInsideItself_data();
    void paintsInsideItself();
    void knowsARemedyForWhatCanBeRemedied();

private:
    PanelFrame &frameOf(const QString &type = u"timeseries"_s,
                        const QString &title = u"Requests"_s);
    bool refreshed(State state);
    QImage picture() { return test::paintedWidget(*m_frame, 1, background); }

    const Theme m_theme = Theme::dark();
    QNetworkAccessManager m_network;
    std::unique_ptr<StubServer> m_server;
    std::unique_ptr<prom::Client> m_client;
    std::unique_ptr<dashboard::PanelFeed> m_feed;
    std::unique_ptr<PanelFrame> m_frame;
};

void TestPanelsFrame::init()
{
    m_frame.reset();
    m_feed.reset();
    m_server = std::make_unique<StubServer>();
    m_server->reply(path, matrix(oneSeries));
    m_client = std::make_unique<prom::Client>(m_network, prom::Endpoint{m_server->url(), {}, 2s});
}

PanelFrame &TestPanelsFrame::frameOf(const QString &type, const QString &title)
{
    m_frame.reset();
    m_feed = std::make_unique<dashboard::PanelFeed>(*m_client, panelOf(type), dashboard::Scope());
    m_frame = std::make_unique<PanelFrame>(*m_feed, title, m_theme, QTimeZone::utc());
    m_frame->resize(400, 220);
    m_frame->show();
    return *m_frame;
}

bool TestPanelsFrame::refreshed(State state)
{
    const prom::Timestamp end(1'700'000'020s);
    m_feed->refresh({{end - 1min, end}, 0s, 400, false});
    return QTest::qWaitFor([&] { return m_feed->state() == state && !m_feed->isLoading(); },
                           10'000);
}

void TestPanelsFrame::showsFreshData()
{
    PanelFrame &frame = frameOf();

    QVERIFY(refreshed(State::Ready));

    QCOMPARE(frame.stateText(), QString());
    QVERIFY(frame.view().isVisible());
    QCOMPARE(frame.accessibleName(), u"Requests"_s);
    QVERIFY(frame.accessibleDescription().contains(u"2"));
    QVERIFY(test::countLike(picture(), frame.rect(), m_theme.series(0), 60) > 20);
}

void TestPanelsFrame::saysThatItLoads()
{
    m_server->reply(path, {0});
    PanelFrame &frame = frameOf();

    m_feed->refresh({{prom::Timestamp(0s), prom::Timestamp(60s)}, 0s, 400, false});

    QCOMPARE(frame.stateText(), u"Loading"_s);
    QVERIFY(!frame.view().isVisible());
}

void TestPanelsFrame::saysThatThereIsNoData()
{
    m_server->reply(path, matrix({}));
    PanelFrame &frame = frameOf();

    QVERIFY(refreshed(State::Ready));

    QVERIFY(!frame.view().isVisible());
    QVERIFY(test::countLike(picture(), frame.view().geometry(), m_theme.secondary, 60) > 20);
}

void TestPanelsFrame::leavesEmptyDataToViewsThatCanShowIt()
{
    m_server->reply(path, matrix({}));
    PanelFrame &frame = frameOf(u"stat"_s);

    QVERIFY(refreshed(State::Ready));

    QVERIFY(frame.view().isVisible());
    QVERIFY(frame.accessibleDescription().contains(u"No data"));
}

void TestPanelsFrame::saysWhatFailedAndWhatToTry()
{
    m_server->reply(
        path,
        {400, R"({"status":"error","errorType":"bad_data","error":"parse error: <i>here</i>"})"});
    PanelFrame &frame = frameOf();

    QVERIFY(refreshed(State::Failed));

    QVERIFY(frame.stateText().contains(u"parse error: <i>here</i>"));
    QCOMPARE(frame.accessibleDescription(), frame.stateText());
    QVERIFY(!frame.view().isVisible());
    QVERIFY(test::countLike(picture(), frame.rect(), m_theme.red, 60) > 10);
}

void TestPanelsFrame::keepsOldDataFadedWithItsTime()
{
    PanelFrame &frame = frameOf();
    QVERIFY(refreshed(State::Ready));
    const auto lines = [&] {
        return test::countLike(picture(), frame.view().geometry(), m_theme.series(0));
    };
    QVERIFY(lines() > 10);

    m_server->reply(path, {502, "<html>"});
    QVERIFY(refreshed(State::Failed));

    QVERIFY(frame.view().isVisible());
    QVERIFY(frame.stateText().startsWith(u"Data of "));
    QCOMPARE(lines(), 0);
    QVERIFY(test::countLike(picture(), QRectF(200, 0, 200, 30), m_theme.orange, 60) > 5);
}

void TestPanelsFrame::recoversByItself()
{
    m_server->reply(path, {502, "<html>"});
    PanelFrame &frame = frameOf();
    QVERIFY(refreshed(State::Failed));

    m_server->reply(path, matrix(oneSeries));

    QTRY_COMPARE_WITH_TIMEOUT(m_feed->state(), State::Ready, 10'000);
    QVERIFY(frame.view().isVisible());
    QCOMPARE(frame.stateText(), QString());
}

void TestPanelsFrame::showsTheServersWarnings()
{
    m_server->reply(path, matrix(oneSeries, R"("warnings":["a store is away"],)"));
    PanelFrame &frame = frameOf();

    QVERIFY(refreshed(State::Ready));

    QCOMPARE(frame.stateText(), u"a store is away"_s);
    QVERIFY(frame.view().isVisible());
    QVERIFY(test::countLike(picture(), QRectF(200, 0, 200, 30), m_theme.orange, 60) > 5);
}

void TestPanelsFrame::looksDifferentInEveryState()
{
    QList<QImage> pictures;
    m_server->reply(path, {0});
    frameOf();
    m_feed->refresh({{prom::Timestamp(0s), prom::Timestamp(60s)}, 0s, 400, false});
    pictures << picture();
    for (const StubServer::Reply &reply :
         {matrix({}), matrix(oneSeries), StubServer::Reply{502, "<html>"}}) {
        m_server->reply(path, reply);
        QVERIFY(refreshed(reply.status == 200 ? State::Ready : State::Failed));
        pictures << picture(); // the last: failed, with old data
    }
    frameOf();
    QVERIFY(refreshed(State::Failed));
    pictures << picture();

    for (qsizetype i = 0; i < pictures.size(); ++i) {
        for (qsizetype j = 0; j < i; ++j)
            QVERIFY2(pictures[i] != pictures[j], qPrintable(u"%1 and %2"_s.arg(i).arg(j)));
    }
}

void TestPanelsFrame::showsServerTextAsPlainText()
{
    PanelFrame &frame = frameOf();
    QHelpEvent help(QEvent::ToolTip, {20, 10}, frame.mapToGlobal(QPoint(20, 10)));

    QCoreApplication::sendEvent(&frame, &help);

    QVERIFY(QToolTip::text().contains(u"&lt;b&gt;What&lt;/b&gt;"));
    QToolTip::hideText();
}

void TestPanelsFrame::namesATypeThatIsNotDrawn()
{
    PanelFrame &frame = frameOf(u"<b>polystat</b>"_s);

    QVERIFY(refreshed(State::Ready));

    QVERIFY(qobject_cast<UnsupportedView *>(&frame.view()));
    QVERIFY(frame.view().isVisible());
    QVERIFY(test::countLike(picture(), frame.view().geometry(), m_theme.secondary, 60) > 20);
}

void TestPanelsFrame::paintsInsideItself_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<double>("ratio");
    for (const double ratio : {1.0, 2.0}) {
        QTest::addRow("usual at %g", ratio) << QSize(400, 220) << ratio;
        QTest::addRow("narrow at %g", ratio) << QSize(90, 220) << ratio;
        QTest::addRow("low at %g", ratio) << QSize(400, 60) << ratio;
        QTest::addRow("tiny at %g", ratio) << QSize(20, 20) << ratio;
    }
}

void TestPanelsFrame::paintsInsideItself()
{
    QFETCH(QSize, size);
    QFETCH(double, ratio);
    m_server->reply(path,
                    {400,
                     R"({"status":"error","errorType":"bad_data","error":")"
                         + QByteArray("one sentence that does not end ").repeated(20) + R"("})"});
    PanelFrame &frame = frameOf(
        u"timeseries"_s, u"A title that is longer than any panel has room for"_s.repeated(3));
    QVERIFY(refreshed(State::Failed));
    frame.resize(size);

    QImage image = test::blankImage(size + QSize(80, 80), ratio, background);
    QPainter painter(&image);
    frame.render(&painter, QPoint(40, 40), {}, QWidget::DrawChildren);
    painter.end();

    const QRectF ink = test::inkOf(image, background);
    QVERIFY(QRectF(QPointF(40, 40), size).adjusted(-0.5, -0.5, 0.5, 0.5).contains(ink));
    // The words leave the border alone.
    QCOMPARE(test::countLike(image, QRectF(40.5, 48, 1, std::max(0, size.height() - 16)),
                             m_theme.text, 40),
             0);
}

void TestPanelsFrame::knowsARemedyForWhatCanBeRemedied()
{
    using Kind = Error::Kind;
    for (const Kind kind : {Kind::BadData, Kind::Execution, Kind::Timeout, Kind::Unauthorized,
                            Kind::BadResponse, Kind::Network, Kind::Unavailable})
        QVERIFY(!remedyFor(kind).isEmpty());
}

QTEST_MAIN(TestPanelsFrame)

#include "tst_panels_frame.moc"
