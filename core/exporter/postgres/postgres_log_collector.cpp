#include "core/exporter/postgres/postgres_log_collector.h"

#include "core/exporter/failure_log_p.h"
#include "core/exporter/live_family_p.h"
#include "core/exporter/postgres/statement_durations_p.h"
#include "core/logs/line_follower.h"

#include <array>

namespace trendscope::exporter {

namespace {

constexpr std::size_t readBudget = 1 << 20; ///< bytes between two looks at the clock

std::optional<std::string_view> sourceOf(StatementLogging::Coverage coverage)
{
    using enum StatementLogging::Coverage;
    switch (coverage) {
    case All:
        return "jsonlog";
    case Sampled:
        return "jsonlog_sampled";
    case Slow:
        return "jsonlog_slow";
    case None:
        break;
    }
    return {};
}

bool isEnglish(std::string_view language)
{
    return language.empty() || language.starts_with("en") || language.starts_with("C.")
        || language == "C" || language == "POSIX";
}

/// What of the server's settings keeps durations out of its log.
Result<void> check(const StatementLogging &logging)
{
    if (!isEnglish(logging.language))
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    "PostgreSQL logs in the language of lc_messages, "
                                        + logging.language
                                        + ": set it to C, so that durations can be read",
                                    {}});
    if (logging.coverage() == StatementLogging::Coverage::None)
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "PostgreSQL logs no durations: set log_min_duration_statement to 0, or "
                  "log_min_duration_sample to 0 and log_statement_sample_rate to a share",
                  {}});
    return {};
}

/// Hands lines on, one at a time.
class StatementLines final : public logs::LineReceiver {
public:
    explicit StatementLines(StatementDurations &durations)
        : m_durations(durations)
    {
    }

    void takeLines(const std::string &, std::string_view lines) override
    {
        for (std::size_t end; (end = lines.find('\n')) != std::string_view::npos;) {
            m_durations.take(lines.substr(0, end), false);
            lines.remove_prefix(end + 1);
        }
    }
    void takeUnended(const std::string &, std::string_view line) override
    {
        m_durations.take(line, true);
    }
    void skipLine(const std::string &) override { m_durations.take({}, true); }

private:
    StatementDurations &m_durations;
};

} // namespace

struct PostgresLogCollector::Private {
    Private(config::PostgresLogSettings all, observability::Registry &registry,
            const observability::Logger &logger, std::shared_ptr<const StatementLoggingNote> note)
        : settings(std::move(all))
        , logging(std::move(note))
        , failures(logger, "postgres_log")
        , source(registry,
                 {.name = "trendscope_db_duration_source",
                  .help = "Always 1; the label says where db_query_duration_seconds comes from.",
                  .labels = {"source"},
                  .announced = observability::MetricDescription::Announced::WhenUsed})
        , files({.globs = settings.files}, loadedCheckpoint())
        , checkpoint(settings.checkpoint)
        , durations(settings, registry)
        , lines(durations)
    {
    }

    std::optional<logs::Checkpoint> loadedCheckpoint();
    Result<void> read(Clock::time_point deadline);

    const config::PostgresLogSettings settings;
    const std::shared_ptr<const StatementLoggingNote> logging;
    FailureLog failures;
    LiveFamily source;
    logs::LineFollower files;
    logs::CheckpointFile checkpoint;
    StatementDurations durations;
    StatementLines lines;
};

std::optional<logs::Checkpoint> PostgresLogCollector::Private::loadedCheckpoint()
{
    if (settings.checkpoint.empty())
        return {};
    auto loaded = logs::loadCheckpoint(settings.checkpoint);
    failures.report("checkpoint", loaded ? std::nullopt : std::optional(loaded.error()));
    return loaded ? *std::move(loaded) : std::nullopt;
}

/// Until there is no more or the time is over; then the rest comes with the next call.
Result<void> PostgresLogCollector::Private::read(Clock::time_point deadline)
{
    auto scanned = files.scan(Clock::now());
    while (files.read(readBudget, Clock::now(), lines) && Clock::now() < deadline)
        ;
    if (scanned && files.counts().files == 0 && !settings.files.empty())
        return tl::unexpected(
            Error{Error::Kind::NotFound, "no file matches " + settings.files.front(), {}});
    return scanned;
}

PostgresLogCollector::PostgresLogCollector(config::PostgresLogSettings settings,
                                           observability::Registry &registry,
                                           const observability::Logger &logger,
                                           std::shared_ptr<const StatementLoggingNote> logging)
    : d(std::make_unique<Private>(std::move(settings), registry, logger, std::move(logging)))
{
}

PostgresLogCollector::~PostgresLogCollector()
{
    static_cast<void>(d->checkpoint.write(d->files.checkpoint())); // what failed has been told
}

std::span<const std::string_view> PostgresLogCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 2> prefixes{"trendscope_db_duration_",
                                                              "trendscope_postgres_log_"};
    return prefixes;
}

bool PostgresLogCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || metric == "db_query_duration_seconds";
}

Result<void> PostgresLogCollector::collect(Clock::time_point deadline)
{
    const StatementLogging logging = d->logging ? d->logging->get() : StatementLogging{};
    d->durations.setLogging(logging);
    auto outcome = d->read(deadline);
    const auto saved = d->checkpoint.keep([this] { return d->files.checkpoint(); });
    if (outcome)
        outcome = saved;
    if (outcome)
        outcome = check(logging);
    d->source.begin();
    if (const auto source = sourceOf(logging.coverage()); source && outcome)
        d->source.set(std::array{*source}, 1);
    d->source.end();
    return outcome;
}

} // namespace trendscope::exporter
