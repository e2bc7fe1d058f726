#ifndef Q_MOC_RUN // moc 6.4 can not read what <thread> includes
#include "core/observability/context.h"
#endif
#include "core/observability/logging.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <coroutine>
#include <optional>
#include <thread>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;

namespace {

constexpr const char *traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char *traceId = "0af7651916cd43dd8448eb211c80319c";

/// A coroutine that runs when it is told to.
struct Work {
    struct promise_type {
        Work get_return_object()
        {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() { }
        void unhandled_exception() { std::terminate(); }
    };

    std::coroutine_handle<promise_type> handle;
};

/// What must not be done: the scope is held over the suspension.
Work holdOverSuspension()
{
    const LogContext scope({{"request_id", "of the coroutine"}});
    co_await std::suspend_always();
}

/// What must be done instead.
Work carryOverSuspension(const Logger &log)
{
    LogContext::Snapshot context;
    {
        const LogContext scope({{"request_id", "carried"}});
        context = LogContext::capture();
    }
    co_await std::suspend_always();
    const auto scope = context.resume();
    log.info("after the suspension");
}

std::string requestId()
{
    return std::string(LogContext::capture().trace().requestId);
}

/// The same in a coroutine that does not begin before it is told to.
Work beginLaterAndHold()
{
    co_await std::suspend_always();
    const LogContext scope({{"request_id", "of the coroutine"}});
    co_await std::suspend_always();
}

/// Holds a scope over a suspension, and then resumes in that way. What other work in this thread
/// has of it, while suspended and after, is the result: nothing.
int misuse(const std::string &way)
{
    Work work = way == "later" ? beginLaterAndHold() : holdOverSuspension();
    std::string seenElsewhere;
    if (way == "later")
        work.handle.resume();
    if (way == "thread") {
        std::thread([&] {
            work.handle.resume();
            seenElsewhere = requestId();
        }).join();
    } else if (way == "nested") {
        const LogContext other({{"request_id", "other"}});
        work.handle.resume();
        seenElsewhere = requestId() == "other" ? "" : requestId();
    } else {
        work.handle.resume();
    }
    work.handle.destroy();
    return requestId().empty() && seenElsewhere.empty() ? 0 : 1;
}

} // namespace

class TestObservabilityContext : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nestsAndEnds();
    void keepsKeysUniqueAndTheInnerValue();
    void isOfOneThread();
    void isCarriedToAnotherThread();
    void replacesTheContextWhileResumed();
    void outlivesWhatItWasCapturedIn();
    void isCarriedOverASuspension();
    void readsATraceparent();
    void refusesWhatIsNoTraceparent_data();
    void refusesWhatIsNoTraceparent();
    void takesNoIdsOfTheOuterScopeWithABadTraceparent();
    void keepsItsOwnTexts();
    void findsScopesThatAreHeldOverASuspension_data();
    void findsScopesThatAreHeldOverASuspension();

private:
    /// The context of a record that is logged now.
    QJsonObject context() const;
};

QJsonObject TestObservabilityContext::context() const
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(u"log"_s);
    Logging(LogSettings{.file = path.toStdString()}).logger("l").info("m");
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {{u"no"_s, u"log"_s}};
    return QJsonDocument::fromJson(file.readAll()).object()[u"context"_s].toObject();
}

void TestObservabilityContext::nestsAndEnds()
{
    {
        const LogContext outer({{"a", 1}});
        {
            const LogContext inner({{"b", true}});
            QCOMPARE(context(), QJsonObject({{u"a"_s, 1}, {u"b"_s, true}}));
        }
        QCOMPARE(context(), QJsonObject({{u"a"_s, 1}}));
    }
    QCOMPARE(context(), QJsonObject());
}

void TestObservabilityContext::keepsKeysUniqueAndTheInnerValue()
{
    const LogContext outer({{"a", 1}, {"a", 2}});
    QCOMPARE(context(), QJsonObject({{u"a"_s, 2}}));
    {
        const LogContext inner({{"a", "text"}});
        QCOMPARE(context(), QJsonObject({{u"a"_s, u"text"_s}}));
    }
    QCOMPARE(context(), QJsonObject({{u"a"_s, 2}}));
}

void TestObservabilityContext::isOfOneThread()
{
    const LogContext scope({{"request_id", "mine"}});
    std::string seen = "not run";

    std::thread([&] { seen = requestId(); }).join();

    QCOMPARE(seen, std::string());
    QCOMPARE(requestId(), std::string("mine"));
}

void TestObservabilityContext::isCarriedToAnotherThread()
{
    const LogContext scope({{"request_id", "mine"}, {"a", 1}});
    const auto snapshot = LogContext::capture();
    std::string within;
    std::string after;
    QJsonObject fields;

    std::thread([&] {
        {
            const auto resumed = LogContext::resume(snapshot);
            within = requestId();
            fields = context();
        }
        after = requestId();
    }).join();

    QCOMPARE(within, std::string("mine"));
    QCOMPARE(after, std::string());
    QCOMPARE(fields, QJsonObject({{u"request_id"_s, u"mine"_s}, {u"a"_s, 1}}));
}

void TestObservabilityContext::replacesTheContextWhileResumed()
{
    const LogContext::Snapshot empty;
    const LogContext scope({{"a", 1}});
    {
        const auto resumed = empty.resume();
        QCOMPARE(context(), QJsonObject());
        const LogContext inner({{"b", 2}});
        QCOMPARE(context(), QJsonObject({{u"b"_s, 2}}));
    }
    QCOMPARE(context(), QJsonObject({{u"a"_s, 1}}));
}

void TestObservabilityContext::outlivesWhatItWasCapturedIn()
{
    std::optional<LogContext::Snapshot> snapshot;
    {
        const LogContext scope({{"request_id", std::string(100, 'x')}});
        snapshot = LogContext::capture();
    }

    QCOMPARE(snapshot->trace().requestId, std::string_view(std::string(100, 'x')));
    const auto resumed = snapshot->resume();
    snapshot.reset();
    QCOMPARE(requestId(), std::string(100, 'x'));
}

void TestObservabilityContext::isCarriedOverASuspension()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(u"log"_s);
    {
        Logging logging(LogSettings{.file = path.toStdString()});
        const Logger log = logging.logger("l");
        Work work = carryOverSuspension(log);
        QCOMPARE(requestId(), std::string());
        std::thread([&] { work.handle.resume(); }).join();
        work.handle.destroy();
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.readAll().contains("\"request_id\":\"carried\""));
}

void TestObservabilityContext::readsATraceparent()
{
    const LogContext scope({{"traceparent", traceparent}, {"request_id", "r"}});

    const QJsonObject fields = context();
    QCOMPARE(fields[u"trace_id"_s], QLatin1String(traceId));
    QCOMPARE(fields[u"span_id"_s], u"b7ad6b7169203331"_s);
    QCOMPARE(fields[u"request_id"_s], u"r"_s);
    const auto snapshot = LogContext::capture();
    QCOMPARE(snapshot.trace().traceId, std::string_view(traceId));
    // A later version may add fields.
    const auto later =
        parseTraceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more");
    QVERIFY(later);
    QCOMPARE(later->spanId, std::string_view("b7ad6b7169203331"));
}

void TestObservabilityContext::refusesWhatIsNoTraceparent_data()
{
    QTest::addColumn<QByteArray>("header");
    const QByteArray good(traceparent);
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("short") << good.chopped(1);
    QTest::newRow("long") << good + "0";
    QTest::newRow("version 0 with more") << good + "-more";
    QTest::newRow("later version with more but no hyphen") << "01" + good.mid(2) + "more";
    QTest::newRow("version ff") << "ff" + good.mid(2);
    QTest::newRow("version not hexadecimal") << "0x" + good.mid(2);
    QTest::newRow("upper case") << good.toUpper();
    QTest::newRow("trace id of zeros")
        << QByteArray("00-00000000000000000000000000000000-b7ad6b7169203331-01");
    QTest::newRow("span id of zeros")
        << QByteArray("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01");
    QTest::newRow("trace id not hexadecimal") << QByteArray(good).replace('a', 'g');
    QTest::newRow("flags not hexadecimal") << good.chopped(2) + "0g";
    QTest::newRow("other separators") << QByteArray(good).replace('-', '_');
    QTest::newRow("spaces around") << ' ' + good.chopped(1);
    QTest::newRow("NUL") << QByteArray(good).replace(10, 1, QByteArray(1, '\0'));
}

void TestObservabilityContext::refusesWhatIsNoTraceparent()
{
    QFETCH(QByteArray, header);

    QVERIFY(!parseTraceparent(header.toStdString()));

    const LogContext scope({{"traceparent", header.toStdString()}});
    QVERIFY(LogContext::capture().trace().isEmpty());
    QVERIFY(!context().contains(u"trace_id"_s));
}

void TestObservabilityContext::takesNoIdsOfTheOuterScopeWithABadTraceparent()
{
    const LogContext outer({{"traceparent", traceparent}});
    const LogContext inner({{"traceparent", "garbage"}});

    QVERIFY(LogContext::capture().trace().traceId.empty());
    QCOMPARE(context(), QJsonObject({{u"traceparent"_s, u"garbage"_s}}));
}

void TestObservabilityContext::keepsItsOwnTexts()
{
    auto key = std::make_unique<std::string>("a key that is longer than a short string");
    auto value = std::make_unique<std::string>("a value that is longer than a short string");
    const LogContext scope({{*key, *value}});
    const QString expected = QString::fromStdString(*value);
    key.reset();
    value.reset();

    QCOMPARE(context(), QJsonObject({{u"a key that is longer than a short string"_s, expected}}));
}

void TestObservabilityContext::findsScopesThatAreHeldOverASuspension_data()
{
    QTest::addColumn<QString>("way");
    QTest::newRow("resumed in another thread") << u"thread"_s;
    QTest::newRow("resumed within another scope") << u"nested"_s;
    QTest::newRow("resumed in the same thread") << u"same"_s;
    QTest::newRow("begun and resumed in the same thread") << u"later"_s;
}

/// A program of its own: this one, started again, see main(). With assertions it ends at the
/// mistake; without them the context is in no other work.
void TestObservabilityContext::findsScopesThatAreHeldOverASuspension()
{
    QFETCH(QString, way);
    QProcess program;
    program.setProgram(QCoreApplication::applicationFilePath());
    program.setArguments({u"--misuse"_s, way});
    program.start();
    QVERIFY(program.waitForFinished());

#ifdef NDEBUG
    QCOMPARE(program.exitStatus(), QProcess::NormalExit);
    QCOMPARE(program.exitCode(), 0);
#else
    QCOMPARE(program.exitStatus(), QProcess::CrashExit);
    QVERIFY(program.readAllStandardError().contains("held over a suspension"));
#endif
}

int main(int argc, char *argv[])
{
    if (argc == 3 && std::string_view(argv[1]) == "--misuse")
        return misuse(argv[2]);
    QCoreApplication application(argc, argv);
    TestObservabilityContext test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_observability_context.moc"
