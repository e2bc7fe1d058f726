#include "core/exporter/postgres/pg_parameters_p.h"
#include "core/exporter/postgres/statement_durations_p.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace trendscope::exporter {

namespace {

using Type = observability::MetricDescription::Type;

constexpr std::size_t maxRemembered = 10'000; ///< queries, sessions
constexpr std::size_t sqlLimit = 8 << 10;     ///< bytes of a statement that are looked at

/// Whether the line may be about a statement: most of a log that is not is dropped here.
bool isAboutStatement(std::string_view line)
{
    constexpr std::string_view key = "\"message\":\"";
    const void *const found = ::memmem(line.data(), line.size(), key.data(), key.size());
    if (!found)
        return false;
    const auto begin = static_cast<std::size_t>(static_cast<const char *>(found) - line.data());
    const std::string_view message = line.substr(begin + key.size());
    return message.starts_with("duration: ") || message.starts_with("statement: ")
        || message.starts_with("execute ");
}

template <class Map>
void remember(Map &map, const typename Map::key_type &key, const SqlSummary &summary)
{
    if (map.size() >= maxRemembered)
        map.clear();
    map.insert_or_assign(key, summary);
}

} // namespace

StatementDurations::StatementDurations(const config::PostgresLogSettings &settings,
                                       observability::Registry &registry)
    : m_settings(settings)
    // As the catalogue describes it, whose family it is.
    , m_durations(registry.add({.name = "db_query_duration_seconds",
                                .type = Type::Histogram,
                                .help = "Time from a database query to its result.",
                                .labels = {"operation", "table"},
                                .buckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}}))
    , m_errors(registry.add({.name = "trendscope_postgres_log_errors_total",
                             .type = Type::Counter,
                             .help = "Lines of PostgreSQL's log that were skipped, by kind: "
                                     "not_json, cut, no_duration.",
                             .labels = {"kind"}}))
{
}

void StatementDurations::take(std::string_view line, bool isCut)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (isCut)
        return m_errors.increment({"cut"}, 1);
    if (!line.starts_with('{') || !line.ends_with('}'))
        return m_errors.increment({"not_json"}, 1);
    if (!isAboutStatement(line))
        return;
    if (const auto record = m_reader.read(line))
        takeRecord(*record);
    else
        m_errors.increment({"not_json"}, 1);
}

bool StatementDurations::isCounted(const PgLogRecord &record) const
{
    const auto &databases = m_settings.databases;
    return record.application != pgApplicationName
        && (databases.empty()
            || std::find(databases.begin(), databases.end(), record.database) != databases.end());
}

void StatementDurations::takeRecord(const PgLogRecord &record)
{
    if (!isCounted(record))
        return;
    const auto message = readStatementMessage(record.message);
    if (!message) {
        if (record.message.starts_with("duration: "))
            m_errors.increment({"no_duration"}, 1);
        return;
    }
    using enum PgStatementMessage::Phase;
    if (!message->seconds) // log_statement: its duration comes without its text
        return remember(m_bySession, std::string(record.session),
                        summarizeSql(unescaped(message->sql, sqlLimit)));
    const bool isPreparing =
        message->phase == None && (record.display == "PARSE" || record.display == "BIND");
    if (message->phase != Other && !isPreparing)
        observe(summaryOf(record, *message), *message->seconds);
}

SqlSummary StatementDurations::summaryOf(const PgLogRecord &record,
                                         const PgStatementMessage &message)
{
    const auto known = record.queryId == 0 ? m_byQuery.end() : m_byQuery.find(record.queryId);
    const bool hasText = message.phase != PgStatementMessage::Phase::None;
    if (known != m_byQuery.end() && hasText)
        return known->second;
    SqlSummary summary;
    const auto begun = m_bySession.find(std::string(record.session));
    if (hasText) {
        summary = summarizeSql(unescaped(message.sql, sqlLimit));
    } else if (begun != m_bySession.end()) {
        summary = begun->second;
        m_bySession.erase(begun);
    } else {
        return known != m_byQuery.end() ? known->second : summarizeSql(record.display);
    }
    if (record.queryId != 0)
        remember(m_byQuery, record.queryId, summary);
    return summary;
}

void StatementDurations::observe(SqlSummary summary, double seconds)
{
    std::string key = summary.operation + ' ' + summary.table;
    if (m_rests.size() >= m_settings.maxSeries && !m_rests.contains(key)) {
        summary.table = "other"; // there are as many of these as operations: few
        key = summary.operation + " other";
    }
    const double probability = m_logging.probability(seconds);
    double &rest = m_rests[key];
    // A probability of 0 is one that has been changed since, or is another for that user.
    const double stands = probability > 0 ? 1 / probability : 1;
    const double count = std::floor(rest + stands + 1e-9);
    rest = rest + stands - count;
    if (count > 0)
        m_durations.observe({summary.operation, summary.table}, seconds, count);
}

} // namespace trendscope::exporter
