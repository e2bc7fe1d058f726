#include "ui/logs/facet_list.h"
#include "ui/logs/filter_edit.h"
#include "ui/logs/histogram_view.h"
#include "ui/logs/log_list.h"
#include "ui/logs/log_model.h"
#include "ui/logs/logs_view.h"
#include "ui/logs/notice.h"
#include "ui/logs/record_detail.h"
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
    void initTestCase() { qApp->setStyleSheet(m_theme.styleSheet()); }
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

private:
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
             QStringLiteral("level=ERROR logger=a k=<b>v</b> module=m line=7 file=") + m_path);
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

    QVERIFY(shows(QStringLiteral("No log file is followed")));
    QVERIFY(shows(QStringLiteral("trendscope console --log FILE")));
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

QTEST_MAIN(TestLogsView)
#include "tst_logs_view.moc"
