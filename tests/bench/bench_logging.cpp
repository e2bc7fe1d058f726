#include "core/observability/logging.h"
#include "support/cpu_time.h"

#include <QByteArray>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <thread>

using namespace trendscope::observability;
using namespace Qt::StringLiterals;

namespace {

constexpr int records = 200'000;
constexpr int writers = 8;
constexpr int recordsOfAWriter = 1'000'000;

/// CPU nanoseconds of one of `count` in the best of five runs.
template <class Run>
double bestOf(int count, Run run)
{
    return best(run) / count * 1e9;
}

void print(const char *name, double value, double limit)
{
    std::printf("%s %.3g %g\n", name, value, limit);
    std::fflush(stdout);
}

/// What the threads' records in a file lack.
struct Findings {
    long lost = 0;
    long interleaved = 0;
    long outOfOrder = 0;
};

Findings check(const std::string &path)
{
    constexpr std::string_view mark = "\"writer\":";
    std::vector<long> next(writers, 0);
    long found = 0;
    Findings findings;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const std::size_t at = line.find(mark);
        int writer = -1;
        long number = -1;
        const bool isWhole = line.starts_with("{\"timestamp\":\"") && line.ends_with("}}")
            && at != std::string::npos && line.find(mark, at + 1) == std::string::npos
            && std::sscanf(line.c_str() + at, "\"writer\":%d,\"number\":%ld}}", &writer, &number)
                == 2
            && writer >= 0 && writer < writers;
        if (!isWhole) {
            ++findings.interleaved;
            continue;
        }
        ++found;
        findings.outOfOrder += number < next[static_cast<std::size_t>(writer)] ? 1 : 0;
        next[static_cast<std::size_t>(writer)] = number + 1;
    }
    findings.lost = long{writers} * recordsOfAWriter - found;
    return findings;
}

} // namespace

/// What a record costs, against spdlog's plain text and Python's JSON with the same values.
class BenchLogging : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordAgainstSpdlog();
    void callBelowTheLevel();
    void recordAgainstPython();
    void losesNothingOfManyThreads();

private:
    std::string path(const char *name) const
    {
        return m_directory.filePath(QLatin1String(name)).toStdString();
    }
    double oursNanoseconds();

    QTemporaryDir m_directory;
    const std::string m_requestId = "abc-123-4567";
};

double BenchLogging::oursNanoseconds()
{
    return bestOf(records, [&] {
        Logging logging({.file = path("ours")});
        const Logger log = logging.logger("trend_agent.api");
        for (int i = 0; i < records; ++i) {
            log.info("Request completed",
                     {{"request_id", m_requestId},
                      {"endpoint", "/api/v1/trends"},
                      {"status_code", 200},
                      {"duration", 0.0184 + i},
                      {"user_id", "user_456"}});
        }
        logging.flush();
    });
}

void BenchLogging::recordAgainstSpdlog()
{
    const double ours = oursNanoseconds();
    const double theirs = bestOf(records, [&] {
        const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path("theirs"));
        spdlog::logger log("trend_agent.api", sink);
        log.set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %n %v [%s:%#]", spdlog::pattern_time_type::utc);
        for (int i = 0; i < records; ++i) {
            log.log(spdlog::source_loc{__FILE__, __LINE__, __func__}, spdlog::level::info,
                    "Request completed request_id={} endpoint={} status_code={} duration={} "
                    "user_id={}",
                    m_requestId, "/api/v1/trends", 200, 0.0184 + i, "user_456");
        }
        log.flush();
    });
    const double multiThreaded = bestOf(records, [&] {
        const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path("theirs"));
        spdlog::logger log("trend_agent.api", sink);
        log.set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %n %v [%s:%#]", spdlog::pattern_time_type::utc);
        for (int i = 0; i < records; ++i) {
            log.log(spdlog::source_loc{__FILE__, __LINE__, __func__}, spdlog::level::info,
                    "Request completed request_id={} endpoint={} status_code={} duration={} "
                    "user_id={}",
                    m_requestId, "/api/v1/trends", 200, 0.0184 + i, "user_456");
        }
        log.flush();
    });
    std::printf("json_record_ns %.0f, spdlog_st_ns %.0f, spdlog_mt_ns %.0f\n", ours, theirs,
                multiThreaded);
    print("json_record_vs_spdlog_ratio", ours / multiThreaded, 1.2);
}

void BenchLogging::callBelowTheLevel()
{
    constexpr int calls = 50'000'000;
    Logging logging({.file = path("below")});
    const Logger log = logging.logger("trend_agent.api");

    const double nanoseconds = bestOf(calls, [&] {
        for (int i = 0; i < calls; ++i)
            log.debug("Request completed",
                      {{"request_id", m_requestId}, {"status_code", i}, {"duration", 0.5}});
    });

    print("below_level_ns", nanoseconds, 3);
}

void BenchLogging::recordAgainstPython()
{
    const QString script = QStringLiteral(SOURCE_DIR "/tests/bench/bench_logging.py");
    QProcess python;
    python.start(u"/usr/bin/python3"_s, {script, m_directory.filePath(u"python"_s)});
    QVERIFY(python.waitForFinished(120'000));
    bool isNumber = false;
    const double theirs = python.readAllStandardOutput().trimmed().toDouble(&isNumber);
    QVERIFY2(isNumber, python.readAllStandardError().constData());

    const double ours = oursNanoseconds();

    std::printf("python_record_ns %.0f\n", theirs);
    print("python_ratio", theirs / ours, 25);
}

void BenchLogging::losesNothingOfManyThreads()
{
    {
        Logging logging({.file = path("threads")});
        std::vector<std::thread> threads;
        for (int writer = 0; writer < writers; ++writer) {
            threads.emplace_back([writer, log = logging.logger("l")] {
                for (int i = 0; i < recordsOfAWriter; ++i)
                    log.info("m", {{"writer", writer}, {"number", i}});
            });
        }
        for (std::thread &thread : threads)
            thread.join();
    }
    const Findings findings = check(path("threads"));
    print("threads_8x1m_lost", static_cast<double>(findings.lost), 0);
    print("threads_8x1m_interleaved", static_cast<double>(findings.interleaved), 0);
    print("threads_8x1m_out_of_order", static_cast<double>(findings.outOfOrder), 0);
}

QTEST_GUILESS_MAIN(BenchLogging)
#include "bench_logging.moc"
