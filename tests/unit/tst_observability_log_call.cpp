#include "core/observability/log_call.h"
#include "core/observability/logging.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <stdexcept>

using namespace trendscope;
using namespace trendscope::observability;
using namespace Qt::StringLiterals;

namespace unit {

struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace unit

class TestObservabilityLogCall : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void logsBeginAndEndOfAScope();
    void logsThatAnExceptionLeftTheScope();
    void returnsWhatTheCallableReturns();
    void logsAnExceptionAndPassesItOnUnchanged();
    void logsAnExceptionThatHasNoText();
    void logsTheErrorOfAResult();
    void masksSecretsInTheTextOfAnException();
    void worksWhileAnotherExceptionIsOnItsWay();

private:
    QList<QJsonObject> records();

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<Logging> m_logging;
};

void TestObservabilityLogCall::init()
{
    m_logging.reset();
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_logging = std::make_unique<Logging>(
        LogSettings{.level = Level::Debug, .file = m_directory->filePath(u"log"_s).toStdString()});
}

QList<QJsonObject> TestObservabilityLogCall::records()
{
    m_logging->flush();
    QFile file(m_directory->filePath(u"log"_s));
    QList<QJsonObject> records;
    if (!file.open(QIODevice::ReadOnly))
        return records;
    while (!file.atEnd())
        records.append(QJsonDocument::fromJson(file.readLine()).object());
    return records;
}

void TestObservabilityLogCall::logsBeginAndEndOfAScope()
{
    const Logger log = m_logging->logger("l");
    {
        const auto call = logFunctionCall(log, "process_trend");
        QCOMPARE(records().size(), 1);
    }

    const auto written = records();
    QCOMPARE(written.size(), 2);
    for (const QJsonObject &record : written) {
        QCOMPARE(record[u"level"_s], u"DEBUG"_s);
        QCOMPARE(record[u"context"_s][u"call"_s], u"process_trend"_s);
        QCOMPARE(record[u"module"_s], u"tst_observability_log_call"_s);
        QCOMPARE(record[u"function"_s], u"logsBeginAndEndOfAScope"_s);
    }
    QVERIFY(written[1][u"context"_s][u"duration_seconds"_s].toDouble(-1) >= 0);
}

void TestObservabilityLogCall::logsThatAnExceptionLeftTheScope()
{
    const Logger log = m_logging->logger("l");
    try {
        const auto call = logFunctionCall(log, "process_trend");
        throw unit::Refused("no");
    } catch (const unit::Refused &) {
    }

    const auto written = records();
    QCOMPARE(written.size(), 2);
    QCOMPARE(written[1][u"level"_s], u"ERROR"_s);
}

void TestObservabilityLogCall::returnsWhatTheCallableReturns()
{
    const Logger log = m_logging->logger("l");
    int number = 1;

    QCOMPARE(logFunctionCall(log, "value", [] { return 7; }), 7);
    int &reference = logFunctionCall(log, "reference", [&]() -> int & { return number; });
    logFunctionCall(log, "nothing", [&] { ++number; });
    const auto pointer = logFunctionCall(log, "move-only", [] { return std::make_unique<int>(3); });

    QCOMPARE(&reference, &number);
    QCOMPARE(number, 2);
    QCOMPARE(*pointer, 3);
    QCOMPARE(records().size(), 8);
}

void TestObservabilityLogCall::logsAnExceptionAndPassesItOnUnchanged()
{
    const Logger log = m_logging->logger("l");
    const unit::Refused refusal("no entry");
    const void *caught = nullptr;
    try {
        const auto error = std::make_exception_ptr(refusal);
        logFunctionCall(log, "process_trend", [&] { std::rethrow_exception(error); });
    } catch (const unit::Refused &passedOn) {
        caught = &passedOn;
        QCOMPARE(passedOn.what(), refusal.what());
    }
    QVERIFY(caught);

    const auto written = records();
    QCOMPARE(written.size(), 2);
    QCOMPARE(written[1][u"level"_s], u"ERROR"_s);
    const QJsonObject context = written[1][u"context"_s].toObject();
    QCOMPARE(context[u"error"_s], u"no entry"_s);
    QCOMPARE(context[u"error_type"_s], u"unit::Refused"_s);
    QVERIFY(context.contains(u"duration_seconds"_s));
}

void TestObservabilityLogCall::logsAnExceptionThatHasNoText()
{
    const Logger log = m_logging->logger("l");

    QVERIFY_THROWS_EXCEPTION(int, logFunctionCall(log, "call", [] { throw 5; }));

    QCOMPARE(records().last()[u"context"_s][u"error_type"_s], u"int"_s);
}

void TestObservabilityLogCall::logsTheErrorOfAResult()
{
    const Logger log = m_logging->logger("l");

    const Result<int> result = logFunctionCall(log, "call", []() -> Result<int> {
        return tl::unexpected(Error{Error::Kind::Timeout, "too slow", {}});
    });

    QVERIFY(!result);
    QCOMPARE(records().size(), 2);
    QCOMPARE(records().last()[u"level"_s], u"ERROR"_s);
    QCOMPARE(records().last()[u"context"_s][u"error"_s], u"too slow"_s);
}

void TestObservabilityLogCall::masksSecretsInTheTextOfAnException()
{
    const Logger log = m_logging->logger("l");

    QVERIFY_THROWS_EXCEPTION(unit::Refused, logFunctionCall(log, "call", [] {
                                 throw unit::Refused("postgres://u:s3cret@h");
                             }));

    QCOMPARE(records().last()[u"context"_s][u"error"_s], u"postgres://u:***@h"_s);
}

void TestObservabilityLogCall::worksWhileAnotherExceptionIsOnItsWay()
{
    struct LogsAtEnd {
        const Logger &log;
        ~LogsAtEnd() { const auto call = logFunctionCall(log, "clean up"); }
    };
    const Logger log = m_logging->logger("l");
    try {
        const LogsAtEnd atEnd{log};
        throw unit::Refused("no");
    } catch (const unit::Refused &) {
    }

    QCOMPARE(records().size(), 2);
    QCOMPARE(records().last()[u"level"_s], u"DEBUG"_s);
}

QTEST_GUILESS_MAIN(TestObservabilityLogCall)
#include "tst_observability_log_call.moc"
