#include "core/demo/demo_directory.h"
#include "core/demo/supervisor.h"
#include "support/require_program.h"

#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUrlQuery>

#include <csignal>
#include <cstdio>
#include <set>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace trendscope;

namespace {

constexpr int readyLimit = 60'000; // ms

demo::DemoSettings settings(std::chrono::hours history = 24h)
{
    return {QStringLiteral(TRENDSCOPE_BINARY), QStringLiteral(SOURCE_DIR), history};
}

/// The fields of /proc/<pid>/stat from the third, the state, on; empty when there is no such
/// process.
QByteArrayList statusOf(qint64 pid)
{
    QFile file(u"/proc/%1/stat"_s.arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray text = file.readAll(); // the second, the name, may hold any character
    return text.mid(text.lastIndexOf(')') + 2).split(' ');
}

bool isRunning(qint64 pid)
{
    return statusOf(pid).value(0, "Z") != "Z";
}

QList<qint64> childrenOf(qint64 parent)
{
    QList<qint64> children;
    const QStringList entries = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &entry : entries) {
        const qint64 pid = entry.toLongLong();
        if (pid > 0 && statusOf(pid).value(1).toLongLong() == parent && isRunning(pid))
            children << pid;
    }
    return children;
}

qint64 childNamed(const QByteArray &name)
{
    for (const qint64 pid : childrenOf(QCoreApplication::applicationPid())) {
        QFile file(u"/proc/%1/comm"_s.arg(pid));
        if (file.open(QIODevice::ReadOnly) && file.readAll().trimmed() == name)
            return pid;
    }
    return 0;
}

QStringList demoDirectories(const QString &parent)
{
    return QDir(parent).entryList({u"trendscope-demo-*"_s}, QDir::Dirs);
}

struct PanelQuery {
    QString name; ///< dashboard, panel and refId, for the message
    QString expr;
};

/// All queries of all shipped dashboards, as a console with a one minute rate interval asks them.
QList<PanelQuery> shippedQueries()
{
    QList<PanelQuery> queries;
    const QDir directory(QStringLiteral(SOURCE_DIR "/dashboards"));
    for (const QString &name : directory.entryList({u"*.json"_s})) {
        QFile file(directory.filePath(name));
        if (!file.open(QIODevice::ReadOnly))
            return {};
        const QJsonObject dashboard = QJsonDocument::fromJson(file.readAll()).object();
        for (const QJsonValue panel : dashboard["panels"_L1].toArray()) {
            for (const QJsonValue target : panel["targets"_L1].toArray())
                queries.append(
                    {name + ": "_L1 + panel["title"_L1].toString() + u' '
                         + target["refId"_L1].toString(),
                     target["expr"_L1].toString().replace("$__rate_interval"_L1, "1m"_L1)});
        }
    }
    return queries;
}

} // namespace

class TestDemoSupervisor : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void becomesReady();
    void hasDataForEveryPanelOverTheWholeDay();
    void recordsInThePastWhatTheRulesGive();
    void continuesTheHistoryWithoutAGap();
    void writesLogRecords();
    void beginsTheLogAnewBeforeItFillsTheDisk();
    void firesTheApiAlertWithinThreeMinutes();
    void leavesNothingBehind();
    void stopsWhileHistoryIsMade();
    void reportsAServerThatDies();
    void namesThePackageOfAMissingServer();
    void leavesNoProcessBehindWhenKilled_data();
    void leavesNoProcessBehindWhenKilled();
    void cleanupTestCase();

private:
    QJsonValue ask(const QUrl &server, const QString &path, const QUrlQuery &query = {});
    QJsonArray range(const QString &expr, qint64 start, qint64 end, int step);
    QStringList firingAlerts();

    /// Its name is one that Prometheus must not take for a pattern.
    QTemporaryDir m_temp{QDir::tempPath() + "/tst_demo [*]?-XXXXXX"_L1};
    QNetworkAccessManager m_network;
    std::unique_ptr<demo::Demo> m_demo;
    QElapsedTimer m_sinceStart;
    qint64 m_startSeconds = 0; ///< since 1970
};

void TestDemoSupervisor::initTestCase()
{
    REQUIRE_PROGRAM("prometheus");
    REQUIRE_PROGRAM("prometheus-alertmanager");
    qputenv("TMPDIR", QFile::encodeName(m_temp.path()));
}

void TestDemoSupervisor::cleanupTestCase()
{
    m_demo.reset();
}

/// The `data` of an answer of Prometheus, or the whole one of Alertmanager; undefined for an error.
QJsonValue TestDemoSupervisor::ask(const QUrl &server, const QString &path, const QUrlQuery &query)
{
    QUrl url = server.resolved(QUrl(path));
    url.setQuery(query);
    const std::unique_ptr<QNetworkReply> reply(m_network.get(QNetworkRequest(url)));
    if (!QTest::qWaitFor([&] { return reply->isFinished(); }, 20'000))
        return QJsonValue::Undefined;
    const QJsonDocument document = QJsonDocument::fromJson(reply->readAll());
    return document.isArray() ? QJsonValue(document.array()) : document["data"_L1];
}

QJsonArray TestDemoSupervisor::range(const QString &expr, qint64 start, qint64 end, int step)
{
    QUrlQuery query;
    query.addQueryItem(u"query"_s, QString::fromUtf8(QUrl::toPercentEncoding(expr)));
    query.addQueryItem(u"start"_s, QString::number(start));
    query.addQueryItem(u"end"_s, QString::number(end));
    query.addQueryItem(u"step"_s, QString::number(step));
    return ask(m_demo->prometheusUrl(), u"api/v1/query_range"_s, query)["result"_L1].toArray();
}

QStringList TestDemoSupervisor::firingAlerts()
{
    QStringList names;
    for (const QJsonValue alert :
         ask(m_demo->prometheusUrl(), u"api/v1/alerts"_s)["alerts"_L1].toArray()) {
        if (alert["state"_L1] == "firing"_L1)
            names << alert["labels"_L1]["alertname"_L1].toString();
    }
    return names;
}

void TestDemoSupervisor::becomesReady()
{
    m_demo = std::make_unique<demo::Demo>(settings());
    QSignalSpy ready(m_demo.get(), &demo::Demo::ready);
    QSignalSpy progressed(m_demo.get(), &demo::Demo::progressed);
    std::string failure;
    connect(m_demo.get(), &demo::Demo::failed, this,
            [&](const Error &error) { failure = error.message + '\n' + error.detail; });
    m_sinceStart.start();
    m_startSeconds = QDateTime::currentSecsSinceEpoch();

    m_demo->start();

    QVERIFY2(QTest::qWaitFor([&] { return ready.count() == 1 || !failure.empty(); }, readyLimit),
             "not ready");
    QVERIFY2(failure.empty(), failure.c_str());
    QVERIFY(progressed.count() >= 3);
    std::printf("demo_ready_seconds %.1f 25\n", static_cast<double>(m_sinceStart.elapsed()) / 1000);
}

void TestDemoSupervisor::hasDataForEveryPanelOverTheWholeDay()
{
    constexpr int step = 600;
    const qint64 end = m_startSeconds - m_startSeconds % step;
    const auto queries = shippedQueries();
    QVERIFY(queries.size() >= 30);

    for (const PanelQuery &query : queries) {
        std::set<qint64> times;
        for (const QJsonValue series : range(query.expr, end - 24 * 3600 + step, end, step)) {
            for (const QJsonValue sample : series["values"_L1].toArray()) {
                if (sample[1].toString() != "NaN"_L1)
                    times.insert(sample[0].toInteger());
            }
        }
        QVERIFY2(
            times.size() == 24 * 3600 / step,
            qPrintable(
                u"%1: data at %2 times\n%3"_s.arg(query.name).arg(times.size()).arg(query.expr)));
    }
}

void TestDemoSupervisor::recordsInThePastWhatTheRulesGive()
{
    QUrlQuery query;
    query.addQueryItem(u"type"_s, u"record"_s);
    const QJsonArray groups =
        ask(m_demo->prometheusUrl(), u"api/v1/rules"_s, query)["groups"_L1].toArray();
    // The last scrape of the history, as far as whole minutes go.
    QJsonArray pgUp =
        range(u"timestamp(pg_up)"_s, m_startSeconds - 7200, m_startSeconds - 7200, 60);
    QCOMPARE(pgUp.size(), 1);
    const auto scrape = static_cast<qint64>(pgUp[0]["values"_L1][0][1].toString().toDouble());

    int rules = 0;
    for (const QJsonValue group : groups) {
        for (const QJsonValue rule : group["rules"_L1].toArray()) {
            ++rules;
            const QJsonArray recorded =
                range(rule["name"_L1].toString(), scrape - 4 * 3600, scrape, 450);
            const QJsonArray computed =
                range(rule["query"_L1].toString(), scrape - 4 * 3600, scrape, 450);
            QCOMPARE(recorded.size(), 1);
            QCOMPARE(computed.size(), 1);
            const QJsonArray left = recorded[0]["values"_L1].toArray();
            const QJsonArray right = computed[0]["values"_L1].toArray();
            QCOMPARE(left.size(), right.size());
            for (qsizetype i = 0; i < left.size(); ++i) {
                const double ours = left[i][1].toString().toDouble();
                const double theirs = right[i][1].toString().toDouble();
                QVERIFY2(
                    std::abs(ours - theirs) <= 1e-9 * std::abs(theirs),
                    qPrintable(
                        u"%1: %2 and %3"_s.arg(rule["name"_L1].toString()).arg(ours).arg(theirs)));
            }
        }
    }
    QCOMPARE(rules, 7);
}

void TestDemoSupervisor::continuesTheHistoryWithoutAGap()
{
    // The same series, from the same instance, before and after the start; a counter that began
    // anew would reset.
    const auto hasLive = [&](const QString &selector) {
        const QString expr = u"count_over_time(%1[3m]) and %1 offset 3m"_s.arg(selector);
        const qint64 now = QDateTime::currentSecsSinceEpoch();
        return !range(expr, now, now, 15).isEmpty()
            && !range(u"timestamp(%1) > %2"_s.arg(selector).arg(m_startSeconds), now, now, 15)
                    .isEmpty();
    };
    for (const QString &selector : {u"api_requests_total"_s, u"celery_tasks_total"_s, u"pg_up"_s,
                                    u"system_cpu_usage_percent"_s, u"up{job=\"prometheus\"}"_s,
                                    u"up{job=\"alertmanager\"}"_s})
        QTRY_VERIFY2_WITH_TIMEOUT(hasLive(selector), qPrintable(selector), 30'000);

    const qint64 now = QDateTime::currentSecsSinceEpoch();
    QVERIFY(range(u"resets(api_requests_total[10m]) > 0"_s, now, now, 15).isEmpty());
    QVERIFY(range(u"resets(celery_tasks_total[10m]) > 0"_s, now, now, 15).isEmpty());
}

void TestDemoSupervisor::writesLogRecords()
{
    QFile file(m_demo->logFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArrayList lines = file.readAll().split('\n');
    QVERIFY(lines.size() > 100);

    std::set<QString> loggers;
    for (const QByteArray &line : lines.mid(0, lines.size() - 1)) {
        const QJsonObject record = QJsonDocument::fromJson(line).object();
        QVERIFY2(record.contains("timestamp"_L1) && record.contains("context"_L1),
                 line.constData());
        loggers.insert(record["logger"_L1].toString());
    }
    QVERIFY(loggers.contains(u"trend_agent.api"_s));
    QVERIFY(loggers.contains(u"trend_agent.tasks"_s));
    QVERIFY(loggers.contains(u"trend_agent.collector"_s));
}

void TestDemoSupervisor::beginsTheLogAnewBeforeItFillsTheDisk()
{
    const QString log = m_demo->logFile();
    QVERIFY(QFile::resize(log, 60'000'000)); // a hole: nothing is written

    QTRY_VERIFY(QFileInfo::exists(log + ".1"_L1));

    QTRY_VERIFY(QFileInfo(log).size() > 0);
    QVERIFY(QFileInfo(log).size() < 50'000'000);
}

void TestDemoSupervisor::firesTheApiAlertWithinThreeMinutes()
{
    // The machine that runs this test is what these three are about.
    const QStringList own{u"HighCPUUsage"_s, u"HighMemoryUsage"_s, u"LowDiskSpace"_s};
    QStringList firing;
    const bool fired = QTest::qWaitFor(
        [&] {
            firing = firingAlerts();
            return firing.contains("APIDown"_L1);
        },
        static_cast<int>(std::max<qint64>(1000, 180'000 - m_sinceStart.elapsed())));

    QVERIFY2(fired, qPrintable(firing.join(u' ')));
    std::printf("demo_alert_seconds %.1f 180\n",
                static_cast<double>(m_sinceStart.elapsed()) / 1000);
    firing.removeIf([&](const QString &name) { return own.contains(name); });
    firing.sort();
    QCOMPARE(firing, (QStringList{u"APIDown"_s, u"Watchdog"_s}));

    const auto notified = [&] {
        for (const QJsonValue alert :
             ask(m_demo->alertmanagerUrl(), u"api/v2/alerts"_s).toArray()) {
            if (alert["labels"_L1]["alertname"_L1] == "APIDown"_L1)
                return true;
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(notified(), 30'000);
}

void TestDemoSupervisor::leavesNothingBehind()
{
    const QList<qint64> children = childrenOf(QCoreApplication::applicationPid());
    QCOMPARE(children.size(), 3);
    QCOMPARE(demoDirectories(m_temp.path()).size(), 1);

    m_demo->stop();

    for (const qint64 child : children)
        QVERIFY(!isRunning(child));
    QVERIFY(demoDirectories(m_temp.path()).isEmpty());
}

void TestDemoSupervisor::stopsWhileHistoryIsMade()
{
    demo::Demo demo(settings());
    QSignalSpy progressed(&demo, &demo::Demo::progressed);
    QSignalSpy failed(&demo, &demo::Demo::failed);
    demo.start();
    QTRY_VERIFY(progressed.count() >= 2);

    demo.stop();
    QCoreApplication::processEvents();

    QVERIFY(childrenOf(QCoreApplication::applicationPid()).isEmpty());
    QVERIFY(demoDirectories(m_temp.path()).isEmpty());
    QCOMPARE(failed.count(), 0);
}

void TestDemoSupervisor::reportsAServerThatDies()
{
    demo::Demo demo(settings(1h));
    QSignalSpy ready(&demo, &demo::Demo::ready);
    std::string message;
    connect(&demo, &demo::Demo::failed, this, [&](const Error &error) { message = error.message; });
    demo.start();
    QTRY_COMPARE_WITH_TIMEOUT(ready.count(), 1, readyLimit);
    const qint64 prometheus = childNamed("prometheus");
    QVERIFY(prometheus > 0);

    ::kill(static_cast<pid_t>(prometheus), SIGKILL);

    QTRY_VERIFY(QString::fromStdString(message).startsWith(
        "Prometheus was killed by signal 9 (Killed). The last it said: "_L1));
}

void TestDemoSupervisor::namesThePackageOfAMissingServer()
{
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QFile::encodeName(m_temp.path()));
    demo::Demo demo(settings());
    std::optional<Error> error;
    connect(&demo, &demo::Demo::failed, this, [&](const Error &reported) { error = reported; });

    demo.start();

    const bool failed = QTest::qWaitFor([&] { return error.has_value(); });
    qputenv("PATH", path);
    QVERIFY(failed);
    QCOMPARE(error->kind, Error::Kind::NotFound);
    QVERIFY(QString::fromStdString(error->message).contains("Debian package prometheus"_L1));
}

void TestDemoSupervisor::leavesNoProcessBehindWhenKilled_data()
{
    QTest::addColumn<QByteArray>("moment");
    QTest::newRow("while it makes history") << QByteArray("history");
    QTest::newRow("once it is ready") << QByteArray("ready");
}

void TestDemoSupervisor::leavesNoProcessBehindWhenKilled()
{
    QFETCH(QByteArray, moment);
    QProcess parent; // this program again, see runDemo()
    parent.start(QCoreApplication::applicationFilePath(), {u"--run-demo"_s});
    QByteArray output;
    QVERIFY(
        QTest::qWaitFor([&] { return (output += parent.readAll()).contains(moment); }, readyLimit));
    const QList<qint64> children = childrenOf(parent.processId());
    QVERIFY(children.size() >= 2);

    parent.kill();

    QVERIFY(parent.waitForFinished());
    for (const qint64 child : children)
        QTRY_VERIFY(!isRunning(child));
    QCOMPARE(demoDirectories(m_temp.path()).size(), 1);
    QCOMPARE(demo::DemoDirectory::removeAbandoned(), 1);
    QVERIFY(demoDirectories(m_temp.path()).isEmpty());
}

namespace {

/// Runs a demo until it is killed, and says on stdout how far it is.
int runDemo()
{
    demo::Demo demo(settings());
    const auto say = [](const char *text) {
        std::puts(text);
        std::fflush(stdout);
    };
    QObject::connect(&demo, &demo::Demo::progressed, &demo,
                     [&](const QString &text) { say(text.toUtf8().constData()); });
    QObject::connect(&demo, &demo::Demo::ready, &demo, [&] { say("ready"); });
    demo.start();
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().contains(u"--run-demo"_s))
        return runDemo();
    TestDemoSupervisor test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_demo_supervisor.moc"
