#include "ui/logs/log_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace std::chrono_literals;
using namespace trendscope;
using ui::LogModel;

namespace {

constexpr auto dayStart = std::chrono::sys_days(std::chrono::year(2024) / 1 / 15);

/// One record for each letter: its level (d i w e), one second apart, message "m0", "m1", …
std::vector<logs::Record> records(std::string_view levels, int first = 0)
{
    logs::RecordParser parser;
    std::vector<logs::Record> made;
    for (const char c : levels) {
        const std::string level = c == 'd' ? "DEBUG"
            : c == 'w'                     ? "WARNING"
            : c == 'e'                     ? "ERROR"
                                           : "INFO";
        const std::string second = std::to_string(first % 60);
        made.push_back(parser.parse(
            "{\"timestamp\":\"2024-01-15T00:00:" + std::string(2 - second.size(), '0') + second
            + "Z\",\"level\":\"" + level + "\",\"message\":\"m" + std::to_string(first) + "\"}"));
        ++first;
    }
    return made;
}

std::string messages(const LogModel &model)
{
    std::string text;
    for (int row = 0; row < model.rowCount(); ++row)
        text += std::string(model.record(row).message()) + " ";
    return text;
}

} // namespace

class TestLogsModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_model = std::make_unique<LogModel>(5);
        m_tester = std::make_unique<QAbstractItemModelTester>(
            m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    }
    void cleanup()
    {
        m_tester.reset();
        m_model.reset();
    }

    void showsRecordsInOrder();
    void dropsTheOldestBeyondItsCapacity();
    void takesABatchLargerThanItsCapacity();
    void filtersWhatIsThereAndWhatComes();
    void filtersManyRecordsInSlicesNewestFirst();
    void keepsItsCountsTrueWhileRecordsComeDuringFiltering();
    void countsOverTime();
    void countsNothingWithoutTimes();
    void findsTheRowOfATime();
    void showsTimesInItsZone();
    void showsHostileTextPlainly();

private:
    std::unique_ptr<LogModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestLogsModel::showsRecordsInOrder()
{
    m_model->append(records("die"));

    QCOMPARE(messages(*m_model), std::string("m0 m1 m2 "));
    QCOMPARE(m_model->index(2, LogModel::LevelColumn).data().toString(), QStringLiteral("ERROR"));
    QCOMPARE(m_model->errorCount(), std::size_t(1));
}

void TestLogsModel::dropsTheOldestBeyondItsCapacity()
{
    m_model->append(records("eie"));
    m_model->append(records("iiii", 3));

    QCOMPARE(messages(*m_model), std::string("m2 m3 m4 m5 m6 "));
    QCOMPARE(m_model->droppedCount(), 2u);
    QCOMPARE(m_model->errorCount(), std::size_t(1));
    QCOMPARE(m_model->facets().top(5).front().top.front().count, 4u);
}

void TestLogsModel::takesABatchLargerThanItsCapacity()
{
    m_model->append(records("ii"));
    m_model->append(records("iiiiiii", 2));

    QCOMPARE(messages(*m_model), std::string("m4 m5 m6 m7 m8 "));
    QCOMPARE(m_model->droppedCount(), 4u);
}

void TestLogsModel::filtersWhatIsThereAndWhatComes()
{
    m_model->append(records("iwe"));
    m_model->setFilter(*logs::Filter::parse("level>=WARNING"));
    QTRY_VERIFY(!m_model->isFiltering());
    QCOMPARE(messages(*m_model), std::string("m1 m2 "));

    m_model->append(records("iw", 3));
    QCOMPARE(messages(*m_model), std::string("m1 m2 m4 "));

    m_model->append(records("ii", 5));
    QCOMPARE(messages(*m_model), std::string("m2 m4 "));
    QCOMPARE(m_model->recordCount(), std::size_t(5));

    m_model->setFilter({});
    QTRY_VERIFY(!m_model->isFiltering());
    QCOMPARE(messages(*m_model), std::string("m2 m3 m4 m5 m6 "));
}

void TestLogsModel::filtersManyRecordsInSlicesNewestFirst()
{
    LogModel model(100'000);
    model.append(records(std::string(50'000, 'i')));
    const std::string last = "m49999";

    model.setFilter(*logs::Filter::parse("-x1 -x2 -x3 -x4 -x5 -x6"));

    QVERIFY(model.rowCount() > 0);
    QCOMPARE(model.record(model.rowCount() - 1).message(), std::string_view(last));
    QTRY_VERIFY(!model.isFiltering());
    QCOMPARE(model.rowCount(), 50'000);
    QCOMPARE(model.record(0).message(), std::string_view("m0"));
}

void TestLogsModel::keepsItsCountsTrueWhileRecordsComeDuringFiltering()
{
    LogModel model(50'000);
    model.append(records(std::string(50'000, 'e')));

    model.setFilter(*logs::Filter::parse("-x1 -x2 -x3 -x4 -x5 -x6"));
    for (int i = 0; i < 100; ++i) {
        model.append(records(std::string(1'000, 'e'), 50'000 + i * 1'000));
        QCoreApplication::processEvents();
    }

    QTRY_VERIFY(!model.isFiltering());
    QCOMPARE(model.rowCount(), 50'000);
    QCOMPARE(model.errorCount(), std::size_t(50'000));
    QCOMPARE(model.record(0).message(), std::string_view("m100000"));
    QCOMPARE(model.facets().top(1).front().top.front().count, 50'000u);
}

void TestLogsModel::countsOverTime()
{
    m_model->append(records("diwee"));

    const ui::LogHistogram histogram = m_model->histogram(5);

    QCOMPARE(histogram.buckets.size(), std::size_t(5));
    QVERIFY(histogram.start == dayStart && histogram.end == dayStart + 4s);
    QCOMPARE(histogram.buckets[0], (ui::LogHistogram::Bucket{1, 0, 0, 0}));
    QCOMPARE(histogram.buckets[4][3], 1u);
    quint32 total = 0;
    for (const auto &bucket : histogram.buckets)
        total += bucket[0] + bucket[1] + bucket[2] + bucket[3];
    QCOMPARE(total, 5u);
}

void TestLogsModel::countsNothingWithoutTimes()
{
    std::vector<logs::Record> plain;
    plain.push_back(logs::RecordParser().parse("plain"));
    m_model->append(std::move(plain));

    QVERIFY(m_model->histogram(10).buckets.empty());
}

void TestLogsModel::findsTheRowOfATime()
{
    QCOMPARE(m_model->rowAt(dayStart), -1);

    m_model->append(records("iii"));

    QCOMPARE(m_model->rowAt(dayStart - 1h), 0);
    QCOMPARE(m_model->rowAt(dayStart + 1500ms), 2);
    QCOMPARE(m_model->rowAt(dayStart + 1h), 2);
}

void TestLogsModel::showsTimesInItsZone()
{
    m_model->append(records("i"));

    m_model->setTimeZone(QTimeZone(3600));

    QCOMPARE(m_model->index(0, LogModel::TimeColumn).data().toString(),
             QStringLiteral("2024-01-15 01:00:00.000"));
}

void TestLogsModel::showsHostileTextPlainly()
{
    std::vector<logs::Record> hostile;
    hostile.push_back(
        logs::RecordParser().parse("a\x1b[31m\u202Eb\x01<b>c</b>" + std::string(5000, 'x')));
    m_model->append(std::move(hostile));

    const QString shown = m_model->index(0, LogModel::MessageColumn).data().toString();

    QVERIFY2(shown.startsWith(QStringLiteral("a·[31m·b·<b>c</b>xxx")), qPrintable(shown.left(40)));
    QVERIFY(shown.size() < 1100);
}

QTEST_GUILESS_MAIN(TestLogsModel)
#include "tst_logs_model.moc"
