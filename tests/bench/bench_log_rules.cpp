#include "core/config/log_rules.h"
#include "core/exporter/log_rules/log_rule_engine.h"
#include "support/require_program.h"

#include <QFile>
#include <QMap>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <fstream>
#include <random>

using namespace trendscope;

namespace {

constexpr int lineCount = 200'000;
constexpr int runs = 5;

constexpr const char *mtailProgram =
    "counter http_requests_total by method, endpoint, status\n"
    "histogram http_request_duration_seconds by method, endpoint buckets 0.005, 0.01, 0.025, 0.05, "
    "0.1, 0.25, 0.5, 1, 2.5, 5, 10\n"
    "/^\\{\"timestamp\": \"[^\"]+\", \"level\": \"[A-Z]+\", \"logger\": \"app\\.access\", "
    "\"message\": \"[^\"]*\", \"module\": \"[^\"]*\", "
    "\"function\": \"[^\"]*\", \"line\": \\d+, \"context\": \\{\"event\": \"http_request\", "
    "\"request_id\": \"[0-9a-f]+\", "
    "\"method\": \"(?P<method>[A-Z]+)\", \"path\": \"[^\"]+\", \"endpoint\": "
    "\"(?P<endpoint>[^\"]+)\", \"status\": (?P<status>\\d+), "
    "\"duration_ms\": (?P<dur>[0-9.]+)/ {\n"
    "  http_requests_total[$method][$endpoint][$status]++\n"
    "  http_request_duration_seconds[$method][$endpoint] = $dur / 1000.0\n"
    "}\n";

constexpr const char *counterRule =
    "  - metric: http_requests_total\n"
    "    match: {event: http_request}\n"
    "    labels: {method: method, endpoint: endpoint, status: status}\n";
constexpr const char *histogramRule =
    "  - metric: http_request_duration_seconds\n"
    "    match: {event: http_request}\n"
    "    type: histogram\n"
    "    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]\n"
    "    value: {field: duration_ms, scale: 0.001}\n"
    "    labels: {method: method, endpoint: endpoint}\n";

double cpuSeconds(int who)
{
    rusage usage{};
    ::getrusage(who, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// CPU seconds of the best of the runs, of this process or of children that have ended.
template <class Run>
double best(int who, Run run)
{
    double least = 1e9;
    for (int i = 0; i < runs; ++i) {
        const double start = cpuSeconds(who);
        run();
        least = std::min(least, cpuSeconds(who) - start);
    }
    return least;
}

/// A log of the platform: seven of ten lines are API requests, two are tasks.
class LogWriter {
public:
    void write(const std::string &path)
    {
        std::ofstream out(path, std::ios::binary);
        for (int i = 0; i < lineCount; ++i) {
            const auto kind = m_random() % 100;
            out << R"({"timestamp": "2024-01-15T10:30:)" << 10 + i % 50 << '.'
                << 100000 + i % 900000 << R"(Z", "level": ")" << (kind == 0 ? "ERROR" : "INFO")
                << (kind < 72       ? request()
                        : kind < 92 ? task()
                                    : audit())
                << "}}\n";
        }
    }

private:
    std::string request()
    {
        constexpr std::array methods{"GET", "GET", "GET", "POST", "PUT", "DELETE"};
        constexpr std::array endpoints{"/api/v1/users",
                                       "/api/v1/users/{id}",
                                       "/api/v1/orders",
                                       "/api/v1/orders/{id}",
                                       "/api/v1/auth/login",
                                       "/api/v1/reports",
                                       "/api/v1/reports/{id}/export",
                                       "/api/v1/tasks",
                                       "/api/v1/search",
                                       "/health"};
        constexpr std::array statuses{200, 200, 200, 200, 201, 204, 304, 400, 401, 404, 422, 500};
        const std::string method = methods[m_random() % methods.size()];
        const std::string endpoint = endpoints[m_random() % endpoints.size()];
        const std::string status = std::to_string(statuses[m_random() % statuses.size()]);
        std::array<char, 40> id;
        std::snprintf(id.data(), id.size(), "%016lx%016lx", m_random(), m_random());
        return R"(", "logger": "app.access", "message": ")" + method + ' ' + endpoint + ' ' + status
            + R"(", "module": "middleware", "function": "dispatch", "line": 88, "context": {"event": "http_request", "request_id": ")"
            + id.data() + R"(", "method": ")" + method + R"(", "path": ")" + endpoint
            + R"(", "endpoint": ")" + endpoint + R"(", "status": )" + status
            + R"(, "duration_ms": )" + std::to_string(m_duration(m_random))
            + R"(, "client_ip": "10.1.2.)" + std::to_string(m_random() % 256) + R"(", "user_id": )"
            + std::to_string(m_random() % 5000)
            + R"(, "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "bytes_out": )"
            + std::to_string(m_random() % 65536);
    }
    std::string task()
    {
        constexpr std::array events{"task_started", "task_succeeded", "task_failed",
                                    "task_retried"};
        constexpr std::array tasks{"app.tasks.email.send_email",
                                   "app.tasks.reports.generate_report",
                                   "app.tasks.images.resize_image"};
        const std::string name = tasks[m_random() % tasks.size()];
        return R"(", "logger": "celery.app.trace", "message": "Task )" + name
            + R"( ended", "module": "trace", "function": "trace_task", "line": 131, "context": {"event": ")"
            + events[m_random() % events.size()] + R"(", "task": ")" + name
            + R"(", "task_id": "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "queue": "default", "worker": "celery@worker-1", )"
            + R"("runtime_s": )" + std::to_string(m_duration(m_random))
            + R"--(, "retries": 1, "args": "(7, 'caf\u00e9 \"x\"')")--";
    }
    std::string audit()
    {
        return R"(", "logger": "app.audit", "message": "audit: user 17 login", "module": "audit", "function": "record", "line": 42, )"
               R"("context": {"event": "audit", "actor_id": 17, "actor": "user17@example.org", "action": "login", "resource_type": "order", )"
               R"("ip": "10.0.1.2", "result": "success", "changes": {"status": ["open", "closed"], "note": "Grüße 中文"})";
    }

    std::mt19937_64 m_random{1};
    std::lognormal_distribution<double> m_duration{std::log(18.0), 1.1};
};

/// Reads a log as the collector does, by whole lines of a buffer that stays in the cache.
std::string samplesOf(const std::vector<config::LogRule> &rules, const QByteArray &path)
{
    constexpr std::size_t chunk = 256 << 10;
    observability::Registry registry;
    exporter::LogRuleEngine engine(rules, registry);
    std::string buffer(chunk + exporter::LogRuleEngine::padding(), '\0');
    const int descriptor = ::open(path.constData(), O_RDONLY | O_CLOEXEC);
    std::size_t have = 0;
    for (ssize_t got = 0; (got = ::read(descriptor, buffer.data() + have, chunk - have)) > 0;) {
        have += static_cast<std::size_t>(got);
        const char *begin = buffer.data();
        const char *const end = begin + have;
        while (const auto *newline = static_cast<const char *>(
                   std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)))) {
            engine.take({begin, static_cast<std::size_t>(newline - begin)});
            begin = newline + 1;
        }
        have = static_cast<std::size_t>(end - begin);
        std::memmove(buffer.data(), begin, have);
    }
    ::close(descriptor);
    return registry.expose();
}

/// Samples by name and labels; their order, the program's name, and how labels are sorted differ.
QMap<QString, double> normalised(const QString &exposition)
{
    static const QRegularExpression label(QStringLiteral("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\""));
    QMap<QString, double> out;
    for (const QString &line : exposition.split(QLatin1Char('\n'))) {
        if (!line.startsWith(QLatin1String("http_request")))
            continue;
        QStringList labels;
        for (auto found = label.globalMatch(line); found.hasNext();) {
            const auto match = found.next();
            if (match.captured(1) != QLatin1String("prog"))
                labels << match.captured(0);
        }
        labels.sort();
        const QString name = line.section(QLatin1Char('{'), 0, 0);
        out[name + labels.join(QLatin1Char(','))] = line.section(QLatin1Char(' '), -1).toDouble();
    }
    return out;
}

} // namespace

/// Lines a second of one core: log lines into metrics, against mtail on the same file in the same
/// run; TRENDSCOPE_BENCH_LOG names a log of the platform to be used instead of a generated one.
class BenchLogRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void againstMtail();
    void twentyRules();

private:
    static std::vector<config::LogRule> rules(const std::string &yaml)
    {
        const auto read = config::parseLogMetrics("rules:\n" + yaml, "rules.yml");
        if (!read)
            qFatal("%s", read.error().message.c_str());
        return read->rules;
    }
    QString runMtail() const;

    QTemporaryDir m_directory;
    QByteArray m_log;
};

void BenchLogRules::initTestCase()
{
    m_log = qgetenv("TRENDSCOPE_BENCH_LOG");
    if (!m_log.isEmpty())
        return;
    m_log = m_directory.filePath(QStringLiteral("app.jsonl")).toLocal8Bit();
    LogWriter().write(m_log.toStdString());
}

QString BenchLogRules::runMtail() const
{
    QFile program(m_directory.filePath(QStringLiteral("api.mtail")));
    if (program.open(QFile::WriteOnly))
        program.write(mtailProgram);
    program.close();
    QProcess mtail;
    mtail.start(QStringLiteral("mtail"),
                {QStringLiteral("-one_shot"), QStringLiteral("-one_shot_format=prometheus"),
                 QStringLiteral("-progs"), program.fileName(), QStringLiteral("-logs"),
                 QString::fromLocal8Bit(m_log), QStringLiteral("-logtostderr"),
                 QStringLiteral("-stderrthreshold=ERROR"), QStringLiteral("-address"),
                 QStringLiteral("127.0.0.1"), QStringLiteral("-port"), QStringLiteral("0")});
    if (!mtail.waitForFinished(120'000))
        return {};
    return QString::fromUtf8(mtail.readAllStandardOutput());
}

void BenchLogRules::againstMtail()
{
    REQUIRE_PROGRAM("mtail");
    const auto both = rules(std::string(counterRule) + histogramRule);
    std::string ours;
    const double ourTime = best(RUSAGE_SELF, [&] { ours = samplesOf(both, m_log); });
    QString theirs;
    const double peerTime = best(RUSAGE_CHILDREN, [&] { theirs = runMtail(); });

    const auto our = normalised(QString::fromStdString(ours));
    const auto their = normalised(theirs);
    QVERIFY(our.size() > 100);
    QCOMPARE(our.keys(), their.keys());
    for (auto sample = our.begin(); sample != our.end(); ++sample) {
        const double difference = std::abs(sample.value() - their.value(sample.key()));
        // Sums of many fractions may differ in their last digits.
        QVERIFY2(difference
                     <= (sample.key().contains(QLatin1String("_sum")) ? 1e-9 * sample.value() : 0),
                 qPrintable(sample.key()));
    }
    qInfo("log_rules_cpu_seconds %.4f -", ourTime);
    qInfo("log_rules_mtail_cpu_seconds %.4f -", peerTime);
    qInfo("log_rules_vs_mtail_ratio %.1f 20", peerTime / ourTime);
}

void BenchLogRules::twentyRules()
{
    std::string twenty = std::string(counterRule) + histogramRule;
    for (int i = 0; i < 6; ++i) {
        const std::string n = std::to_string(i);
        twenty += "  - {metric: api_" + n + ", match: {event: http_request, status: {at_least: " + n
            + "00}}, labels: {method: method}}\n" + "  - {metric: tasks_" + n
            + ", match: {event: [task_failed, task_retried]}, labels: {task: task, queue: queue}}\n"
            + "  - {metric: errors_" + n + ", match: {level: ERROR, logger: {regex: 'app.*" + n
            + "'}}, labels: {logger: logger}}\n";
    }
    std::string same;
    for (int i = 0; i < 20; ++i)
        same += std::string(counterRule).replace(12, 19, "requests_" + std::to_string(i));
    const auto timeOf = [this](const std::string &yaml) {
        const auto parsed = rules(yaml);
        return best(RUSAGE_SELF, [&] { samplesOf(parsed, m_log); });
    };
    QCOMPARE(rules(twenty).size(), std::size_t(20));
    QCOMPARE(rules(same).size(), std::size_t(20));

    const double one = timeOf(counterRule);
    qInfo("one_rule_cpu_seconds %.4f -", one);
    qInfo("twenty_rules_ratio %.2f 2", timeOf(twenty) / one);
    qInfo("twenty_rules_on_each_request_ratio %.2f 2", timeOf(same) / one);
}

QTEST_GUILESS_MAIN(BenchLogRules)
#include "bench_log_rules.moc"
