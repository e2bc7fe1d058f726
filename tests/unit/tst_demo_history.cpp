#include "core/demo/history.h"
#include "support/require_program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <sstream>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace trendscope;
using namespace trendscope::demo;

namespace {

const Timestamp historyEnd = std::chrono::sys_days(std::chrono::March / 14 / 2024) + 15h;

struct Sample {
    double time;
    double value;
};

/// The samples by series, `name{labels}`.
using Samples = std::map<std::string, std::vector<Sample>>;

Samples parse(const std::string &text)
{
    Samples samples;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto time = line.rfind(' ');
        const auto value = line.rfind(' ', time - 1);
        samples[line.substr(0, value)].push_back(
            {std::stod(line.substr(time)), std::stod(line.substr(value))});
    }
    return samples;
}

std::string textOf(Platform &platform, const HistorySettings &settings)
{
    std::string text;
    HistoryWriter writer(platform, settings);
    writer.writeUntil(settings.end,
                      [&](const std::string &chunk) {
                          text += chunk;
                          return true;
                      },
                      {});
    return text;
}

} // namespace

class TestDemoHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasASampleOfEverySeriesAtEveryScrape();
    void endsWhereThePlatformGoesOn();
    void becomesBlocks();
    void endsWhenAskedTo();
    void saysThatTheDiskIsTheProblem();

private:
    HistorySettings settings() const;

    QTemporaryDir m_temp;
};

HistorySettings TestDemoHistory::settings() const
{
    HistorySettings settings;
    settings.end = historyEnd;
    settings.span = 1h;
    settings.scratchDirectory = m_temp.path();
    settings.dataDirectory = m_temp.filePath(u"data"_s);
    return settings;
}

void TestDemoHistory::hasASampleOfEverySeriesAtEveryScrape()
{
    Platform platform(1, settings().begin(), historyEnd);
    const Samples samples = parse(textOf(platform, settings()));

    const std::size_t scrapes = 75 * 4; // an hour and the quarter before it
    const double end = std::chrono::duration<double>(historyEnd.time_since_epoch()).count();
    QVERIFY(samples.size() > 200);
    for (const auto &[series, values] : samples) {
        QCOMPARE(values.back().time, end);
        for (std::size_t i = 1; i < values.size(); ++i)
            QCOMPARE(values[i].time - values[i - 1].time, 15.0);
    }
    for (const char *series :
         {"up{job=\"api\",instance=\"api-1:8000\"}",
          "up{job=\"prometheus\",instance=\"monitor-1:9090\"}",
          "pg_up{job=\"postgres\",instance=\"db-1:9187\"}",
          "system_cpu_usage_percent{job=\"trendscope\",instance=\"host-1:9787\"}",
          "api_requests_total{method=\"GET\",endpoint=\"/api/v1/"
          "trends\",status_code=\"200\",job=\"api\","
          "instance=\"api-1:8000\"}"})
        QCOMPARE(samples.at(series).size(), scrapes);
    for (const char *recorded :
         {"api:requests_per_second", "api:error_rate", "api:request_duration_average",
          "api:request_duration_p95", "celery:tasks_per_second", "celery:failure_rate",
          "celery:task_duration_average"})
        QCOMPARE(samples.at(recorded).size(),
                 scrapes - 20); // from the first full window of 5 minutes on
}

void TestDemoHistory::endsWhereThePlatformGoesOn()
{
    Platform platform(1, settings().begin(), historyEnd);
    const Samples samples = parse(textOf(platform, settings()));

    std::string now;
    platform.celery().appendSamples(now, "job=\"celery\",instance=\"celery-1:8001\"", 0);

    QCOMPARE(platform.time(), historyEnd);
    for (const auto &[series, values] : parse(now))
        QCOMPARE(samples.at(series).back().value, values.front().value);
}

void TestDemoHistory::becomesBlocks()
{
    REQUIRE_PROGRAM("promtool");
    Platform platform(1, settings().begin(), historyEnd);
    QVERIFY(QDir().mkpath(settings().dataDirectory));

    const auto made = makeHistory(platform, settings(), {});

    QVERIFY2(made.has_value(), made ? "" : made.error().detail.c_str());
    const QDir data(settings().dataDirectory);
    const QStringList blocks = data.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    QVERIFY(blocks.size() >= 2);
    for (const QString &block : blocks)
        QVERIFY(data.exists(block + "/meta.json"_L1));
    QVERIFY(QDir(m_temp.path()).entryList(QDir::Files).isEmpty()); // the text is gone
}

void TestDemoHistory::endsWhenAskedTo()
{
    Platform platform(1, settings().begin(), historyEnd);
    std::stop_source stop;
    stop.request_stop();

    const auto made = makeHistory(platform, settings(), stop.get_token());

    QVERIFY(!made.has_value());
    QCOMPARE(made.error().kind, Error::Kind::Canceled);
    QVERIFY(QDir(m_temp.path()).entryList(QDir::Files).isEmpty());
}

void TestDemoHistory::saysThatTheDiskIsTheProblem()
{
    Platform platform(1, settings().begin(), historyEnd);
    HistorySettings nowhere = settings();
    nowhere.scratchDirectory = m_temp.filePath(u"missing"_s);

    const auto made = makeHistory(platform, nowhere, {});

    QVERIFY(!made.has_value());
    QCOMPARE(made.error().kind, Error::Kind::System);
    QVERIFY(QString::fromStdString(made.error().message).contains(nowhere.scratchDirectory));
}

QTEST_GUILESS_MAIN(TestDemoHistory)
#include "tst_demo_history.moc"
