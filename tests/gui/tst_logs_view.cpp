#include "support/painted.h"
#include "ui/logs/facet_list.h"
#include "ui/logs/filter_edit.h"
#include "ui/logs/histogram_view.h"
#include "ui/logs/live_button.h"
#include "ui/logs/log_delegate.h"
#include "ui/logs/log_list.h"
#include "ui/logs/log_model.h"
#include "ui/logs/logs_view.h"
#include "ui/logs/notice.h"
#include "ui/logs/record_detail.h"
#include "ui/theme/contrast.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace trendscope;
using namespace trendscope::ui;

namespace {

QByteArray line(int number, const char *level = "INFO", const char *logger = "trend_agent.api")
{
    return QByteArrayLiteral("{\"timestamp\":\"2024-01-15T10:00:00.")
        + QByteArray::number(number % 1000).rightJustified(3, '0') + "Z\",\"level\":\"" + level
        + "\",\"logger\":\"" + logger + "\",\"message\":\"message " + QByteArray::number(number)
        + "\",\"context\":{\"endpoint\":\"/e" + QByteArray::number(number % 3) + "\"}}\n";
}

QByteArray lines(int count, int first = 0)
{
    QByteArray text;
    for (int i = 0; i < count; ++i)
        text += line(first + i, i % 10 == 0 ? "ERROR" : "INFO",
                     i % 2 == 0 ? "trend_agent.api" : "trend_agent.db");
    return text;
}

} // namespace

class TestLogsView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QApplication::setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
    }
    void init();
    void cleanup();

    void followsAFileAsItGrows();
    void filtersByWhatIsTyped();
    void saysWhereTheFilterIsWrong();
    void staysAtTheNewestWhileLive();
    void pausesWhenScrolledUpAndCountsNewRecords();
    void keepsTheRecordsInPlaceWhilePausedAndOldOnesGo();
    void movesWithTheKeyboard();
    void showsEverythingOfARecord();
    void filtersByAValueThatIsClicked();
    void goesToATimeInTheHistogram();
    void saysWhatToDoWithoutFiles();
    void saysThatAFileIsNotThereAndShowsItWhenItComes();
    void showsAFileProblemBesideTheRecords();
    void saysThatNothingMatches();
    void tellsTheRate();
    void keepsUpWithTwentyThousandRecordsASecond();
    void keepsTheChosenRowInSightBesideItsDetails();
    void movesFromTheNewestWhileLive_data();
    void movesFromTheNewestWhileLive();
    void movesFromWhatIsInSightWherePaused();
    void countsOnlyNewRecordsAsNew();
    void showsTheSourceWhereThereAreSeveral();
    void showsRowsFaintAndTheTimeWhileNoFileIsThere();
    void isGreenOnlyWhileASourceIsFollowed();
    void keepsTheDotAwayFromItsWord();
    void showsThreeProblemsAndHowManyMoreThereAre();
    void isReadableWhereARowIsChosen_data();
    void isReadableWhereARowIsChosen();

private:
    QModelIndex newest() const { return part<LogList>()->model()->index(rows() - 1, 0); }
    bool isWhole(const QModelIndex &index) const
    {
        const auto *list = part<LogList>();
        return list->viewport()->rect().contains(
            QRect(0, list->visualRect(index).y(), 1, LogDelegate::rowHeight));
    }
    void append(const QByteArray &text)
    {
        QFile file(m_path);
        QVERIFY(file.open(QFile::Append));
        file.write(text);
    }
    template <class T>
    T *part() const
    {
        return m_view->findChild<T *>();
    }
    int rows() const { return part<LogList>()->model()->rowCount(); }
    QString message(int row) const
    {
        return part<LogList>()->model()->index(row, LogModel::MessageColumn).data().toString();
    }
    bool shows(const QString &text) const
    {
        const auto labels = m_view->findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
            return label->isVisible() && label->text().contains(text);
        });
    }

    const Theme m_theme = Theme::dark();
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<LogsView> m_view;
    QString m_path;
};

void TestLogsView::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_path = m_directory->filePath(QStringLiteral("app.log"));
    m_view = std::make_unique<LogsView>(m_theme);
    m_view->setTimeZone(QTimeZone::utc());
    m_view->resize(1280, 720);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
}

void TestLogsView::cleanup()
{
    m_view.reset();
    m_directory.reset();
}

void TestLogsView::followsAFileAsItGrows()
{
    append(lines(3));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 3);

    append(line(7));

    QTRY_COMPARE(rows(), 4);
    QCOMPARE(message(3), QStringLiteral("message 7"));
    QTRY_VERIFY(part<HistogramView>()->accessibleDescription().startsWith(
        QStringLiteral("4 of 4 records match · 1 errors")));
}

void TestLogsView::filtersByWhatIsTyped()
{
    append(lines(100));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 100);

    m_view->setFocus();
    QTRY_VERIFY(part<LogList>()->hasFocus());
    QTest::keyClick(part<LogList>(), Qt::Key_Slash);
    QTRY_VERIFY(part<FilterEdit>()->hasFocus());
    QTest::keyClicks(part<FilterEdit>(), QStringLiteral("level>=ERROR logger:*.api -endpoint=/e0"));

    QTRY_COMPARE(rows(), 6);
    QTest::keyClick(part<FilterEdit>(), Qt::Key_Escape);
    QTRY_COMPARE(rows(), 100);
}

void TestLogsView::saysWhereTheFilterIsWrong()
{
    append(lines(10));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 10);

    QTest::keyClicks(part<FilterEdit>(), QStringLiteral("level>=LOUD"));

    QVERIFY(shows(QStringLiteral("at character 8: no level is called 'LOUD'")));
    QVERIFY(part<FilterEdit>()->property("invalid").toBool());
    QCOMPARE(rows(), 10);
    part<FilterEdit>()->setText(QStringLiteral("level>=ERROR"));
    QVERIFY(!shows(QStringLiteral("at character")));
    QTRY_COMPARE(rows(), 1);
}

void TestLogsView::staysAtTheNewestWhileLive()
{
    append(lines(200));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 200);
    append(lines(200, 200));
    QTRY_COMPARE(rows(), 400);

    const QScrollBar *bar = part<LogList>()->verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0 && bar->value() == bar->maximum());
    QVERIFY(part<LogList>()->isLive());
}

void TestLogsView::pausesWhenScrolledUpAndCountsNewRecords()
{
    append(lines(200));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 200);
    auto *list = part<LogList>();
    QScrollBar *bar = list->verticalScrollBar();
    QTRY_VERIFY(bar->maximum() > 0 && bar->value() == bar->maximum());

    bar->setValue(bar->value() - 500);
    QVERIFY(!list->isLive());
    const int place = bar->value();
    append(lines(12, 200));
    QTRY_COMPARE(rows(), 212);

    auto *button = list->findChild<QPushButton *>();
    QVERIFY(button->isVisible());
    QCOMPARE(button->text(), QStringLiteral("12 new records ↓"));
    QCOMPARE(bar->value(), place);
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(list->isLive());
    QTRY_COMPARE(bar->value(), bar->maximum());
    QVERIFY(!button->isVisible());
}

void TestLogsView::keepsTheRecordsInPlaceWhilePausedAndOldOnesGo()
{
    LogModel model(1000);
    LogList list(m_theme, model);
    list.resize(800, 400);
    list.show();
    logs::RecordParser parser;
    const auto records = [&parser](int count, int first) {
        std::vector<logs::Record> made;
        for (int i = 0; i < count; ++i)
            made.push_back(parser.parse(line(first + i).toStdString()));
        return made;
    };
    model.append(records(1000, 0));
    QTRY_VERIFY(list.verticalScrollBar()->maximum() > 0);
    list.goTo(500);
    const auto shown = [&] { return model.record(list.rowAt(50)).message(); };
    const std::string before(shown());

    model.append(records(300, 1000));
    QCoreApplication::processEvents();

    QCOMPARE(shown(), std::string_view(before));
    model.setFilter(*logs::Filter::parse("message"));
    QTRY_VERIFY(!model.isFiltering());
    list.setModel(nullptr);
}

void TestLogsView::movesWithTheKeyboard()
{
    append(lines(100));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 100);
    auto *list = part<LogList>();
    list->goTo(50);

    QTest::keyClick(list, Qt::Key_J);
    QCOMPARE(list->currentIndex().row(), 51);
    QTest::keyClick(list, Qt::Key_K);
    QTest::keyClick(list, Qt::Key_Up);
    QCOMPARE(list->currentIndex().row(), 49);
    QVERIFY(!list->isLive());
    QTest::keyClick(list, Qt::Key_End);
    QVERIFY(list->isLive());
}

void TestLogsView::showsEverythingOfARecord()
{
    const QByteArray raw =
        R"({"level":"ERROR","logger":"a","message":"two\nlines","module":"m","line":7,"context":{"k":"<b>v</b>"}})";
    append(raw + "\n" + line(1));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 2);

    part<LogList>()->goTo(0);

    auto *detail = part<RecordDetail>();
    QVERIFY(detail->isVisible());
    const auto *fields = detail->findChild<QTableWidget *>();
    QStringList shown;
    for (int row = 0; row < fields->rowCount(); ++row)
        shown.append(fields->item(row, 0)->text() + u'=' + fields->item(row, 1)->text());
    QCOMPARE(shown.join(u' '),
             QStringLiteral("level=ERROR logger=a file=") + m_path
                 + QStringLiteral(" k=<b>v</b> module=m line=7"));
    QTest::mouseClick(detail->findChild<QPushButton *>(), Qt::LeftButton);
    QCOMPARE(QApplication::clipboard()->text(), QString::fromUtf8(raw));
    QTest::keyClick(part<LogList>(), Qt::Key_Escape);
    QVERIFY(!detail->isVisible());
}

void TestLogsView::filtersByAValueThatIsClicked()
{
    append(lines(9));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 9);
    part<LogList>()->goTo(2);
    auto *fields = part<RecordDetail>()->findChild<QTableWidget *>();
    auto *item = fields->findItems(QStringLiteral("/e2"), Qt::MatchExactly).value(0);
    QVERIFY(item);

    QTest::mouseClick(fields->viewport(), Qt::LeftButton, {},
                      fields->visualItemRect(item).center());

    QCOMPARE(part<FilterEdit>()->text(), QStringLiteral("endpoint=/e2"));
    QTRY_COMPARE(rows(), 3);
    auto *facets = part<FacetList>();
    QTRY_VERIFY(!facets->findItems(QStringLiteral("trend_agent.db"), Qt::MatchExactly).isEmpty());
    auto *facet = facets->findItems(QStringLiteral("trend_agent.db"), Qt::MatchExactly).first();
    QTest::mouseClick(facets->viewport(), Qt::LeftButton, {},
                      facets->visualItemRect(facet).center());
    QTRY_COMPARE(rows(), 1);
}

void TestLogsView::goesToATimeInTheHistogram()
{
    append(lines(1000));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 1000);
    auto *histogram = part<HistogramView>();
    QTRY_VERIFY(histogram->accessibleDescription().startsWith(QStringLiteral("1,000 of")));

    QTest::mouseClick(histogram, Qt::LeftButton, {}, QPoint(histogram->width() / 2, 40));

    QVERIFY(qAbs(part<LogList>()->currentIndex().row() - 500) < 20);
    QVERIFY(!part<LogList>()->isLive());
}

void TestLogsView::saysWhatToDoWithoutFiles()
{
    m_view->follow({});

    QVERIFY(shows(QStringLiteral("No log is followed")));
    QVERIFY(shows(QStringLiteral("trendscope console --log FILE")));
    QVERIFY(shows(QStringLiteral("trendscope console --log https://HOST:9787/logs/stream")));
    QVERIFY(m_view->problems().isEmpty());
}

void TestLogsView::saysThatAFileIsNotThereAndShowsItWhenItComes()
{
    m_view->follow({m_path});
    QVERIFY(shows(m_path + QStringLiteral(" is not there")));
    QCOMPARE(m_view->problems().size(), 1);

    append(lines(2));

    QTRY_COMPARE(rows(), 2);
    QTRY_VERIFY(m_view->problems().isEmpty());
    QVERIFY(!shows(QStringLiteral("is not there")));
}

void TestLogsView::showsAFileProblemBesideTheRecords()
{
    append(lines(2));
    m_view->follow({m_path, m_directory->path()});

    QTRY_COMPARE(rows(), 2);
    QTRY_VERIFY(shows(m_directory->path() + QStringLiteral(" is not a regular file")));
}

void TestLogsView::saysThatNothingMatches()
{
    append(lines(5));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 5);

    part<FilterEdit>()->setText(QStringLiteral("nowhere"));

    QTRY_VERIFY(shows(QStringLiteral("No record matches the filter")));
    append(R"({"message":"somewhere nowhere"})"
           "\n");
    QTRY_VERIFY(!shows(QStringLiteral("No record matches the filter")));
    QCOMPARE(rows(), 1);
}

void TestLogsView::tellsTheRate()
{
    append(lines(5));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 5);
    QCOMPARE(m_view->recordsPerSecond(), 0.0);
    QSignalSpy rate(m_view.get(), &LogsView::rateChanged);
    QVERIFY(rate.isValid());

    append(lines(5, 5));

    QTRY_VERIFY(m_view->recordsPerSecond() > 0);
    QVERIFY(!rate.isEmpty());
}

/// The longest time that the window did not get round to an event is what a user feels as a hitch.
void TestLogsView::keepsUpWithTwentyThousandRecordsASecond()
{
    append(lines(1000));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 1000);
    const QByteArray tenth = lines(2000, 1000);

    qint64 longest = 0;
    QElapsedTimer sinceBeat;
    QTimer beat;
    connect(&beat, &QTimer::timeout, this,
            [&] { longest = std::max(longest, sinceBeat.restart()); });
    sinceBeat.start();
    beat.start(0);
    QElapsedTimer run;
    run.start();
    for (int i = 0; i < 30; ++i) {
        append(tenth);
        QTRY_VERIFY(run.elapsed() >= i * 100);
    }
    QTRY_COMPARE(rows(), 61'000);

    qInfo("logs_longest_hitch_ms %lld 50", static_cast<long long>(longest));
}

void TestLogsView::keepsTheChosenRowInSightBesideItsDetails()
{
    append(lines(100));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 100);
    auto *list = part<LogList>();
    QTRY_VERIFY(isWhole(newest()));

    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(newest()).center());

    const int before = list->viewport()->height();
    QVERIFY(part<RecordDetail>()->isVisible());
    QTRY_VERIFY(list->viewport()->height() < before);
    QCOMPARE(list->currentIndex(), newest());
    QVERIFY(isWhole(newest()));
    QVERIFY(!list->isLive());
}

void TestLogsView::movesFromTheNewestWhileLive_data()
{
    QTest::addColumn<Qt::Key>("key");
    QTest::addColumn<int>("row"); // -1: a page above the newest
    QTest::newRow("k") << Qt::Key_K << 99;
    QTest::newRow("Up") << Qt::Key_Up << 99;
    QTest::newRow("Down") << Qt::Key_Down << 99;
    QTest::newRow("PageDown") << Qt::Key_PageDown << 99;
    QTest::newRow("PageUp") << Qt::Key_PageUp << -1;
    QTest::newRow("Home, the oldest") << Qt::Key_Home << 0;
}

void TestLogsView::movesFromTheNewestWhileLive()
{
    QFETCH(Qt::Key, key);
    QFETCH(int, row);
    append(lines(100));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 100);
    auto *list = part<LogList>();
    QTRY_VERIFY(isWhole(newest()));
    const int page = list->viewport()->height() / LogDelegate::rowHeight - 1;

    QTest::keyClick(list, key);

    QCOMPARE(list->currentIndex().row(), row < 0 ? 99 - page : row);
    QVERIFY(!list->isLive());
    QTRY_VERIFY(isWhole(list->currentIndex()));
    QTest::keyClick(list, Qt::Key_End);
    QVERIFY(list->isLive());
    QTest::keyClick(list, Qt::Key_K);
    QCOMPARE(list->currentIndex().row(), 99); // not beside what was chosen before
    QVERIFY(!list->isLive());
}

void TestLogsView::movesFromWhatIsInSightWherePaused()
{
    append(lines(200));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 200);
    auto *list = part<LogList>();
    QTRY_VERIFY(list->verticalScrollBar()->maximum() > 0);
    list->verticalScrollBar()->setValue(20 * LogDelegate::rowHeight);
    const int last = list->rowAt(list->viewport()->height() - LogDelegate::rowHeight);

    QTest::keyClick(list, Qt::Key_Down);

    QCOMPARE(list->currentIndex().row(), last);
    for (int i = 0; i < 60; ++i)
        QTest::keyClick(list, Qt::Key_Down);
    QCOMPARE(list->currentIndex().row(), last + 60);
    QVERIFY(isWhole(list->currentIndex()));
}

void TestLogsView::countsOnlyNewRecordsAsNew()
{
    append(lines(200));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 200);
    auto *list = part<LogList>();
    QTRY_VERIFY(list->verticalScrollBar()->maximum() > 0);
    list->verticalScrollBar()->setValue(0);
    QVERIFY(!list->isLive());

    part<FilterEdit>()->setText(QStringLiteral("logger=trend_agent.db"));
    QTRY_COMPARE(rows(), 100);

    const auto *button = list->findChild<QPushButton *>();
    QVERIFY(!button->isVisible());
    append(line(7, "INFO", "trend_agent.db"));
    QTRY_COMPARE(rows(), 101);
    QVERIFY(button->isVisible());
    QCOMPARE(button->text(), QStringLiteral("1 new record ↓"));
}

void TestLogsView::showsTheSourceWhereThereAreSeveral()
{
    append(lines(2));
    auto *list = part<LogList>();
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 2);
    QVERIFY(list->isColumnHidden(LogModel::SourceColumn));

    const QString other = m_directory->filePath(QStringLiteral("worker.log"));
    m_view->follow({m_path, other});

    QTRY_COMPARE(rows(), 2);
    QVERIFY(!list->isColumnHidden(LogModel::SourceColumn));
    QVERIFY(list->columnWidth(LogModel::SourceColumn) > 60);
    QCOMPARE(list->model()->index(0, LogModel::SourceColumn).data().toString(),
             QStringLiteral("app.log"));
}

void TestLogsView::showsRowsFaintAndTheTimeWhileNoFileIsThere()
{
    append(lines(5));
    m_view->follow({m_path});
    QTRY_COMPARE(rows(), 5);
    const auto colours = [&] {
        return test::countLike(m_view->grab().toImage(), part<LogList>()->geometry(), m_theme.blue,
                               2);
    };
    QTRY_VERIFY(colours() > 0);

    QVERIFY(QFile::remove(m_path));

    QTRY_VERIFY(shows(QStringLiteral("Nothing newer than 2024-01-15 10:00:00.004 is shown.")));
    QCOMPARE(colours(), 0);
    append(line(5));
    QTRY_VERIFY(!shows(QStringLiteral("Nothing newer")));
    QVERIFY(colours() > 0);
}

void TestLogsView::isGreenOnlyWhileASourceIsFollowed()
{
    auto *live = part<LiveButton>();
    const auto green = [&] {
        return test::countLike(live->grab().toImage(), live->rect(), m_theme.green, 2);
    };
    QCOMPARE(green(), 0);

    m_view->follow({m_path});
    QCOMPARE(green(), 0);
    QCOMPARE(live->text(), QStringLiteral("Waiting"));
    append(line(1));
    QTRY_COMPARE(live->text(), QStringLiteral("Live"));
    QVERIFY(green() > 0);

    QVERIFY(QFile::remove(m_path));
    QTRY_COMPARE(green(), 0);
}

void TestLogsView::keepsTheDotAwayFromItsWord()
{
    append(line(1));
    m_view->follow({m_path});
    auto *live = part<LiveButton>();
    QTRY_COMPARE(live->text(), QStringLiteral("Live"));
    const QImage image = live->grab().toImage();
    const auto hasInk = [&](int x) {
        for (int y = 6; y < image.height() - 6; ++y) {
            if (contrast(image.pixelColor(x, y), m_theme.panel) > 1.3)
                return true;
        }
        return false;
    };
    const auto next = [&](int x, bool ink) {
        while (x < image.width() - 4 && hasInk(x) != ink)
            ++x;
        return x;
    };
    const int dotEnd = next(next(4, true), false);
    const int gap = next(dotEnd, true) - dotEnd;

    QVERIFY2(gap >= 6 && gap <= 8, qPrintable(QString::number(gap)));
}

void TestLogsView::showsThreeProblemsAndHowManyMoreThereAre()
{
    append(line(1));
    QStringList files{m_path};
    for (int i = 0; i < 5; ++i)
        files.append(m_directory->filePath(QStringLiteral("gone%1.log").arg(i)));
    m_view->follow(files);
    QTRY_COMPARE(rows(), 1);

    QTRY_VERIFY(shows(QStringLiteral("gone2.log is not there\n+ 2 more")));
    QVERIFY(!shows(QStringLiteral("gone3.log")));
    const auto notices = m_view->findChildren<Notice *>();
    QVERIFY(std::any_of(notices.begin(), notices.end(), [](const Notice *notice) {
        return notice->toolTip().contains(QStringLiteral("gone4.log is not there"));
    }));
}

void TestLogsView::isReadableWhereARowIsChosen_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::addColumn<QByteArray>("level");
    QTest::addColumn<int>("column");
    for (const bool isDark : {true, false}) {
        for (const char *level : {"INFO", "WARNING", "ERROR", "CRITICAL", "DEBUG"}) {
            for (int column = 0; column < LogModel::ColumnCount; ++column)
                QTest::addRow("%s %s %d", isDark ? "dark" : "light", level, column)
                    << isDark << QByteArray(level) << column;
        }
    }
}

/// The colour of a text is that of its pixel that differs most from the ground.
void TestLogsView::isReadableWhereARowIsChosen()
{
    QFETCH(bool, isDark);
    QFETCH(QByteArray, level);
    QFETCH(int, column);
    const Theme theme = isDark ? Theme::dark() : Theme::light();
    LogModel model;
    logs::RecordParser parser;
    std::vector<logs::Record> records;
    records.push_back(parser.parse(line(1, level.constData()).toStdString()));
    model.setSourceLabels({QStringLiteral("app.log")});
    model.append(std::move(records));
    LogDelegate delegate(theme, model);
    for (const bool isSelected : {true, false}) {
        delegate.setHoveredRow(isSelected ? -1 : 0);
        QImage image = test::blankImage(QSizeF(300, LogDelegate::rowHeight), 4, theme.canvas);
        QStyleOptionViewItem option;
        option.rect = QRect(0, 0, 300, LogDelegate::rowHeight);
        option.state = isSelected ? QStyle::State_Selected : QStyle::State_None;
        QPainter painter(&image);
        delegate.paint(&painter, option, model.index(0, column));
        painter.end();

        const QColor ground = image.pixelColor(image.width() - 1, 0);
        QVERIFY(ground != theme.canvas);
        double best = 1;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 24; x < image.width(); ++x) // beside the level's bar
                best = std::max(best, contrast(image.pixelColor(x, y), ground));
        }
        QVERIFY2(best >= 4.5, qPrintable(QString::number(best)));
    }
}

QTEST_MAIN(TestLogsView)
#include "tst_logs_view.moc"
