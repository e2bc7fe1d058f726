#include "support/painted.h"
#include "ui/panels/plot_overlay.h"
#include "ui/panels/plot_tooltip.h"
#include "ui/panels/time_series_view.h"

#include <QJsonArray>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace trendscope;
using namespace trendscope::ui;
using namespace Qt::StringLiterals;
using dashboard::Field;
using dashboard::PanelData;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
const QColor background(0, 0, 0);
constexpr std::int64_t start = 1'700'000'000'000;
constexpr std::int64_t minute = 60'000;

/// A sample every minute from `start` on.
Field fieldOf(const QString &name, std::vector<double> values)
{
    Field field;
    field.name = name;
    field.values = std::move(values);
    for (std::size_t i = 0; i < field.values.size(); ++i)
        field.times.push_back(start + std::int64_t(i) * minute);
    return field;
}

PanelData dataOf(std::vector<Field> fields)
{
    PanelData data;
    data.fields = std::move(fields);
    data.range = {prom::Timestamp(std::chrono::milliseconds(start)),
                  prom::Timestamp(std::chrono::milliseconds(start + 10 * minute))};
    return data;
}

/// A move of the mouse, without the time that a real one takes.
void moveTo(QWidget &view, const QPointF &position)
{
    QMouseEvent move(QEvent::MouseMove, position, view.mapToGlobal(position), Qt::NoButton,
                     Qt::NoButton, {});
    QCoreApplication::sendEvent(&view, &move);
}

/// Two series of eleven samples.
PanelData twoSeries()
{
    return dataOf({fieldOf(u"flat"_s, std::vector<double>(11, 10)),
                   fieldOf(u"high"_s, std::vector<double>(11, 90))});
}

} // namespace

class TestPanelsTimeSeries : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void paintsItsSeriesAndLegend_data();
    void paintsItsSeriesAndLegend();
    void keepsPlotAndLegendApart_data();
    void keepsPlotAndLegendApart();
    void snapsTheCrosshairToItsOwnSamples();
    void tellsWhereItIsPointedAt();
    void showsATooltipOfWhatIsThere();
    void hidesTooltipAndCrosshairWhenLeft();
    void selectsARangeByDragging_data();
    void selectsARangeByDragging();
    void takesAShortDragForNothing();
    void asksToZoomOutOnADoubleClick();
    void showsOneSeriesAloneAndAllAgain();
    void takesASeriesAwayWithCtrl();
    void hoveringDoesNotPaintThePlotAgain();
    void fadesOldData();
    void speaksItsLastValues();
    void survivesDataOfAnyShape_data();
    void survivesDataOfAnyShape();

private:
    TimeSeriesView &show(const PanelData &data, const QJsonObject &options = {},
                         QSize size = {500, 260});
    QPoint pointAt(std::int64_t time, double value) const;
    QPoint legendEntry(std::size_t index) const;
    PlotTooltip *tooltip() const { return m_window->findChild<PlotTooltip *>(); }

    const Theme m_theme = Theme::dark();
    PanelData m_data;
    std::unique_ptr<QWidget> m_window;
    TimeSeriesView *m_view = nullptr;
};

void TestPanelsTimeSeries::init()
{
    m_window = std::make_unique<QWidget>();
}

TimeSeriesView &TestPanelsTimeSeries::show(const PanelData &data, const QJsonObject &options,
                                           QSize size)
{
    m_data = data;
    dashboard::Panel panel;
    panel.options = options;
    m_window->resize(size);
    m_view = new TimeSeriesView(panel, m_theme, QTimeZone::utc(), m_window.get());
    m_view->resize(size);
    m_view->setData(m_data);
    m_window->show();
    return *m_view;
}

QPoint TestPanelsTimeSeries::pointAt(std::int64_t time, double value) const
{
    const PlotLayout &layout = m_view->plotLayout();
    return QPointF(layout.xOf(time), layout.yOf(value, m_view->plot().left.range)).toPoint();
}

/// The middle of an entry's swatch in a legend below the plot.
QPoint TestPanelsTimeSeries::legendEntry(std::size_t index) const
{
    const QImage image = test::paintedWidget(*m_view, 1, background);
    const QColor color = m_theme.series(qsizetype(index));
    for (int y = m_view->height() - 1; y > m_view->plotLayout().rect.bottom(); --y) {
        for (int x = 0; x < m_view->width(); ++x) {
            if (test::countLike(image, QRectF(x, y, 1, 1), color))
                return {x + 3, y};
        }
    }
    return {};
}

void TestPanelsTimeSeries::paintsItsSeriesAndLegend_data()
{
    QTest::addColumn<double>("ratio");
    QTest::newRow("ordinary screen") << 1.0;
    QTest::newRow("dense screen") << 2.0;
}

void TestPanelsTimeSeries::paintsItsSeriesAndLegend()
{
    QFETCH(double, ratio);
    TimeSeriesView &view = show(twoSeries());

    const QImage image = test::paintedWidget(view, ratio, background);

    for (const auto &[index, value] : {std::pair(0, 10.0), std::pair(1, 90.0)}) {
        const QRectF around(pointAt(start + 5 * minute, value) - QPointF(40, 2), QSizeF(80, 5));
        QVERIFY(test::countLike(image, around, m_theme.series(index), 120) >= int(60 * ratio));
    }
    const QRectF legend(0, view.plotLayout().rect.bottom(), view.width(), view.height());
    QVERIFY(test::countLike(image, legend, m_theme.series(0)) > 10);
    QVERIFY(test::countLike(image, legend, m_theme.series(1)) > 10);
}

void TestPanelsTimeSeries::keepsPlotAndLegendApart_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<QString>("placement");
    QTest::addColumn<QSize>("size");
    for (const char *mode : {"list", "table"}) {
        for (const char *placement : {"bottom", "right"}) {
            for (const QSize size : {QSize(220, 120), QSize(500, 260), QSize(1400, 300)})
                QTest::addRow("%s %s %d wide", mode, placement, size.width())
                    << QString::fromLatin1(mode) << QString::fromLatin1(placement) << size;
        }
    }
}

void TestPanelsTimeSeries::keepsPlotAndLegendApart()
{
    QFETCH(QString, mode);
    QFETCH(QString, placement);
    QFETCH(QSize, size);
    std::vector<Field> fields;
    for (int i = 0; i < 20; ++i)
        fields.push_back(fieldOf(u"instance %1 of something with a long name"_s.arg(i),
                                 std::vector<double>(11, i)));

    TimeSeriesView &view = show(dataOf(fields),
                                {{u"legend"_s,
                                  QJsonObject{{u"displayMode"_s, mode},
                                              {u"placement"_s, placement},
                                              {u"calcs"_s, QJsonArray{u"mean"_s, u"max"_s}}}}},
                                size);

    const QRectF plot = view.plotLayout().rect;
    QVERIFY(plot.height() >= size.height() * 0.4);
    QVERIFY(plot.width() >= size.width() * 0.4);
    for (int y = 0; y < size.height(); y += 7) {
        for (int x = 0; x < size.width(); x += 25) {
            moveTo(view, QPointF(x, y));
            const bool isEntry = view.cursor().shape() == Qt::PointingHandCursor;
            QVERIFY(!isEntry || !plot.contains(QPointF(x, y)));
        }
    }
}

void TestPanelsTimeSeries::snapsTheCrosshairToItsOwnSamples()
{
    TimeSeriesView &view = show(twoSeries());
    const auto *overlay = view.findChild<PlotOverlay *>();

    view.setCrosshair(start + 3 * minute + 20'000);
    QCOMPARE(overlay->crosshair(), std::optional(start + 3 * minute));
    const QImage image = test::paintedWidget(view, 1, background);
    view.setCrosshair({});
    QVERIFY(!overlay->crosshair());
    const QRectF column(pointAt(start + 3 * minute, 50) - QPointF(2, 30), QSizeF(5, 60));
    QVERIFY(test::countLike(image, column, m_theme.secondary, 40) > 20);
}

void TestPanelsTimeSeries::tellsWhereItIsPointedAt()
{
    TimeSeriesView &view = show(twoSeries());
    QSignalSpy moves(&view, &PanelView::crosshairMoved);

    moveTo(view, pointAt(start + 4 * minute, 50));

    QTRY_VERIFY(!moves.isEmpty());
    QCOMPARE(moves.last().first().value<std::optional<std::int64_t>>(),
             std::optional(start + 4 * minute));
}

void TestPanelsTimeSeries::showsATooltipOfWhatIsThere()
{
    PanelData data = twoSeries();
    data.fields[0].values[4] = gap;
    TimeSeriesView &view = show(data);

    moveTo(view, pointAt(start + 4 * minute, 50));

    QTRY_VERIFY(tooltip() && tooltip()->isVisible());
    QVERIFY(m_window->rect().contains(tooltip()->geometry()));
    const int one = tooltip()->height();
    moveTo(view, pointAt(start + 6 * minute, 50));
    QTRY_VERIFY(tooltip()->height() > one); // two series have a value here
}

void TestPanelsTimeSeries::hidesTooltipAndCrosshairWhenLeft()
{
    TimeSeriesView &view = show(twoSeries());
    moveTo(view, pointAt(start + 4 * minute, 50));
    QTRY_VERIFY(tooltip() && tooltip()->isVisible());

    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(&view, &leave);

    QVERIFY(!tooltip()->isVisible());
    QVERIFY(!view.findChild<PlotOverlay *>()->crosshair());
}

void TestPanelsTimeSeries::selectsARangeByDragging_data()
{
    QTest::addColumn<std::int64_t>("from");
    QTest::addColumn<std::int64_t>("to");
    QTest::newRow("to the right") << start + 2 * minute << start + 7 * minute;
    QTest::newRow("to the left") << start + 7 * minute << start + 2 * minute;
}

void TestPanelsTimeSeries::selectsARangeByDragging()
{
    QFETCH(std::int64_t, from);
    QFETCH(std::int64_t, to);
    TimeSeriesView &view = show(twoSeries());
    QSignalSpy selections(&view, &PanelView::rangeSelected);

    QTest::mousePress(&view, Qt::LeftButton, {}, pointAt(from, 50));
    moveTo(view, pointAt(to, 50));
    QTest::mouseRelease(&view, Qt::LeftButton, {}, pointAt(to, 50));

    QCOMPARE(selections.count(), 1);
    const auto pixel = std::int64_t(10 * minute / view.plotLayout().area.width()) + 1;
    QVERIFY(std::abs(selections.first().at(0).value<std::int64_t>() - (start + 2 * minute))
            <= pixel);
    QVERIFY(std::abs(selections.first().at(1).value<std::int64_t>() - (start + 7 * minute))
            <= pixel);
}

void TestPanelsTimeSeries::takesAShortDragForNothing()
{
    TimeSeriesView &view = show(twoSeries());
    QSignalSpy selections(&view, &PanelView::rangeSelected);
    const QPoint from = pointAt(start + 5 * minute, 50);

    QTest::mousePress(&view, Qt::LeftButton, {}, from);
    QTest::mouseRelease(&view, Qt::LeftButton, {}, from + QPoint(3, 0));
    QTest::mousePress(&view, Qt::RightButton, {}, from);
    QTest::mouseRelease(&view, Qt::RightButton, {}, from + QPoint(100, 0));

    QCOMPARE(selections.count(), 0);
}

void TestPanelsTimeSeries::asksToZoomOutOnADoubleClick()
{
    TimeSeriesView &view = show(twoSeries());
    QSignalSpy requests(&view, &PanelView::zoomOutRequested);

    QTest::mouseDClick(&view, Qt::LeftButton, {}, pointAt(start + 5 * minute, 50));
    QTest::mouseDClick(&view, Qt::LeftButton, {}, QPoint(2, view.height() - 2));

    QCOMPARE(requests.count(), 1);
}

void TestPanelsTimeSeries::showsOneSeriesAloneAndAllAgain()
{
    TimeSeriesView &view = show(twoSeries());
    const QPoint second = legendEntry(1);
    QVERIFY(!second.isNull());

    QTest::mouseClick(&view, Qt::LeftButton, {}, second);
    QCOMPARE(view.plot().lines.size(), 1u);
    QCOMPARE(view.plot().lines.front().name, u"high"_s);
    QTest::mouseClick(&view, Qt::LeftButton, {}, second);
    QCOMPARE(view.plot().lines.size(), 2u);
}

void TestPanelsTimeSeries::takesASeriesAwayWithCtrl()
{
    TimeSeriesView &view = show(twoSeries());
    const QPoint second = legendEntry(1);

    QTest::mouseClick(&view, Qt::LeftButton, Qt::ControlModifier, second);
    QCOMPARE(view.plot().lines.size(), 1u);
    QCOMPARE(view.plot().lines.front().name, u"flat"_s);
    view.setData(m_data); // new data leaves the choice as it is
    QCOMPARE(view.plot().lines.size(), 1u);
    QTest::mouseClick(&view, Qt::LeftButton, Qt::ControlModifier, second);
    QCOMPARE(view.plot().lines.size(), 2u);
}

void TestPanelsTimeSeries::hoveringDoesNotPaintThePlotAgain()
{
    class Counter : public QObject {
    public:
        QRegion painted;
        bool eventFilter(QObject *, QEvent *event) override
        {
            if (event->type() == QEvent::Paint)
                painted += static_cast<QPaintEvent *>(event)->region();
            return false;
        }
    };
    TimeSeriesView &view = show(twoSeries());
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    QCoreApplication::processEvents();
    Counter counter;
    view.installEventFilter(&counter);

    view.setCrosshair(start + 3 * minute);
    QTRY_VERIFY(!counter.painted.isEmpty());
    view.setCrosshair(start + 6 * minute);
    QCoreApplication::processEvents();

    int area = 0;
    for (const QRect &rect : counter.painted)
        area += rect.width() * rect.height();
    QVERIFY2(area < view.width() * view.height() / 5, qPrintable(QString::number(area)));
}

void TestPanelsTimeSeries::fadesOldData()
{
    TimeSeriesView &view = show(twoSeries());
    const auto strong = [&] {
        return test::countLike(test::paintedWidget(view, 1, background), view.rect(),
                               m_theme.series(0));
    };

    QVERIFY(strong() > 50);
    view.setStale(true);
    QCOMPARE(strong(), 0);
}

void TestPanelsTimeSeries::speaksItsLastValues()
{
    PanelData data = twoSeries();
    data.fields[0].values.back() = gap;
    data.fields[1].config.unit = u"percent"_s;

    QCOMPARE(show(data).accessibleDescription(), u"flat 10, high 90%"_s);
}

void TestPanelsTimeSeries::survivesDataOfAnyShape_data()
{
    QTest::addColumn<PanelData>("data");

    PanelData upsideDown = twoSeries();
    std::swap(upsideDown.range.start, upsideDown.range.end);
    PanelData instant = dataOf({fieldOf(u"one"_s, {5})});
    instant.range.end = instant.range.start;
    QTest::newRow("no fields") << dataOf({});
    QTest::newRow("an empty field") << dataOf({fieldOf(u"a"_s, {})});
    QTest::newRow("only gaps") << dataOf({fieldOf(u"a"_s, {gap, gap})});
    QTest::newRow("no time at all") << instant;
    QTest::newRow("a range upside down") << upsideDown;
    QTest::newRow("huge values") << dataOf({fieldOf(u"a"_s, {1e308, -1e308, 0})});
    QTest::newRow("a hostile name")
        << dataOf({fieldOf(u"<img src=x>\n\t"_s.repeated(500), {1, 2})});
    QTest::newRow("thousands of series")
        << dataOf(std::vector<Field>(3'000, fieldOf(u"s"_s, {1, 2, 3})));
}

void TestPanelsTimeSeries::survivesDataOfAnyShape()
{
    QFETCH(PanelData, data);
    for (const QSize size : {QSize(500, 260), QSize(30, 20), QSize(1, 1)}) {
        TimeSeriesView &view = show(data, {}, size);
        test::paintedWidget(view, 2, background);
        for (int x = 0; x < size.width(); x += 50)
            moveTo(view, QPoint(x, size.height() / 3));
        QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(20, size.height() - 10));
        view.setCrosshair(start);
        test::paintedWidget(view, 1, background);
        delete m_view;
    }
}

QTEST_MAIN(TestPanelsTimeSeries)

#include "tst_panels_time_series.moc"
