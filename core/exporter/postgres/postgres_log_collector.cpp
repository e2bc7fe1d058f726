#include "core/exporter/postgres/postgres_log_collector.h"

#include "core/exporter/failure_log_p.h"
#include "core/exporter/live_family_p.h"
#include "core/exporter/postgres/pg_log_files_p.h"
#include "core/exporter/postgres/statement_durations_p.h"

#include <array>

namespace trendscope::exporter {

namespace {

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

} // namespace

struct PostgresLogCollector::Private {
    Private(config::PostgresLogSettings settings, observability::Registry &registry,
            const observability::Logger &logger, std::shared_ptr<const StatementLoggingNote> note)
        : logging(std::move(note))
        , failures(logger, "postgres_log")
        , source(registry,
                 {.name = "trendscope_db_duration_source",
                  .help = "Always 1; the label says where db_query_duration_seconds comes from.",
                  .labels = {"source"},
                  .announced = observability::MetricDescription::Announced::WhenUsed})
        , files(settings.files)
        , durations(settings, registry)
    {
    }

    const std::shared_ptr<const StatementLoggingNote> logging;
    FailureLog failures;
    LiveFamily source;
    PgLogFiles files;
    StatementDurations durations;
};

PostgresLogCollector::PostgresLogCollector(config::PostgresLogSettings settings,
                                           observability::Registry &registry,
                                           const observability::Logger &logger,
                                           std::shared_ptr<const StatementLoggingNote> logging)
    : d(std::make_unique<Private>(std::move(settings), registry, logger, std::move(logging)))
{
}

PostgresLogCollector::~PostgresLogCollector() = default;

std::span<const std::string_view> PostgresLogCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 2> prefixes{"trendscope_db_duration_",
                                                              "trendscope_postgres_log_"};
    return prefixes;
}

Result<void> PostgresLogCollector::collect(Clock::time_point deadline)
{
    const StatementLogging logging = d->logging ? d->logging->get() : StatementLogging{};
    d->durations.setLogging(logging);
    auto outcome = d->files.poll(
        deadline, [this](std::string_view line, bool isCut) { d->durations.take(line, isCut); });
    if (outcome)
        outcome = check(logging);
    d->source.begin();
    if (const auto source = sourceOf(logging.coverage()); source && outcome)
        d->source.set(std::array{*source}, 1);
    d->source.end();
    d->failures.report("", outcome ? std::nullopt : std::optional(outcome.error()));
    return outcome;
}

} // namespace trendscope::exporter
