#include "core/logs/filter.h"
#include "core/logs/follower.h"
#include "support/cpu_time.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace trendscope;

namespace {

constexpr int lineCount = 200'000;
constexpr std::string_view filterText =
    "level>=WARNING logger:trend_agent.* -endpoint=/health refused";

std::string line(int i)
{
    const bool isError = i % 20 == 0;
    return R"({"timestamp":"2024-01-15T10:30:)" + std::to_string(10 + i % 50)
        + R"(.123456Z","level":")" + (isError ? "ERROR" : "INFO")
        + R"(","logger":"trend_agent.api","message":")"
        + (isError ? "connection refused by db-1" : "Request completed")
        + R"(","module":"main","function":"get_trends",)"
        + R"("line":42,"context":{"request_id":"abc-)" + std::to_string(i)
        + R"(","user_id":"user_456","endpoint":"/api/v1/trends","status_code":200,"duration_ms":18.4}})";
}

} // namespace

/// Lines a second of one core: read, parsed and filtered, against QJsonDocument on the same lines
/// in the same run.
class BenchLogsTail : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsParsesAndFilters();
    void filtersRecords();

private:
    QTemporaryDir m_directory;
    std::filesystem::path m_path;
};

void BenchLogsTail::initTestCase()
{
    m_path = m_directory.filePath(QStringLiteral("app.log")).toStdString();
    std::ofstream file(m_path, std::ios::binary);
    for (int i = 0; i < lineCount; ++i)
        file << line(i) << '\n';
    QVERIFY(file.flush().good());
}

void BenchLogsTail::readsParsesAndFilters()
{
    const auto filter = logs::Filter::parse(filterText);
    std::size_t ours = 0;
    const double ourTime = best([&] {
        logs::Follower follower({m_path}, {}, {.backlog = std::uint64_t(1) << 40});
        std::vector<logs::Record> records;
        ours = 0;
        bool hasMore = true;
        while (hasMore) {
            records.clear();
            hasMore = follower.poll(4 << 20, {}, records);
            ours += static_cast<std::size_t>(std::ranges::count_if(
                records, [&](const auto &record) { return filter->matches(record); }));
        }
    });

    std::size_t theirs = 0;
    const double peerTime = best([&] {
        std::ifstream file(m_path, std::ios::binary);
        std::string text;
        theirs = 0;
        while (std::getline(file, text)) {
            const QJsonObject object =
                QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
            const QString level = object.value(QLatin1String("level")).toString();
            const bool matches =
                (level == QLatin1String("WARNING") || level == QLatin1String("ERROR"))
                && object.value(QLatin1String("logger"))
                       .toString()
                       .startsWith(QLatin1String("trend_agent."))
                && object.value(QLatin1String("message"))
                       .toString()
                       .contains(QLatin1String("refused"));
            theirs += matches ? 1 : 0;
        }
    });

    QCOMPARE(ours, std::size_t(lineCount / 20));
    QCOMPARE(theirs, ours);
    qInfo("logs_lines_per_second %.0f 500000", lineCount / ourTime);
    qInfo("logs_qjsondocument_lines_per_second %.0f -", lineCount / peerTime);
    qInfo("logs_times_qjsondocument %.1f 2", peerTime / ourTime);
}

void BenchLogsTail::filtersRecords()
{
    logs::RecordParser parser;
    std::vector<logs::Record> records;
    for (int i = 0; i < lineCount; ++i)
        records.push_back(parser.parse(line(i)));
    for (const std::string_view text :
         {std::string_view("level>=WARNING"), std::string_view("refused"), filterText}) {
        const auto filter = logs::Filter::parse(text);
        std::ptrdiff_t matching = 0;
        const double time = best([&] {
            matching = std::ranges::count_if(
                records, [&](const auto &record) { return filter->matches(record); });
        });
        QCOMPARE(matching, std::ptrdiff_t(lineCount / 20));
        qInfo("logs_filter_records_per_second[%.*s] %.0f 1000000", static_cast<int>(text.size()),
              text.data(), lineCount / time);
    }
}

QTEST_GUILESS_MAIN(BenchLogsTail)
#include "bench_logs_tail.moc"
