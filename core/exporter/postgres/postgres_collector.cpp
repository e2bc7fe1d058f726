#include "core/exporter/postgres/postgres_collector.h"

#include "core/exporter/failure_log_p.h"
#include "core/exporter/postgres/pg_query_p.h"
#include "core/exporter/postgres/pg_server_p.h"
#include "core/exporter/postgres/pg_views_p.h"

#include <algorithm>
#include <array>

namespace trendscope::exporter {

namespace {

using Type = observability::MetricDescription::Type;
using observability::Family;

/// For the server to end a statement that was cancelled.
constexpr std::chrono::milliseconds cancelling(200);

struct UserQuery {
    PgGroup group;
    std::chrono::milliseconds interval;
    std::optional<Collector::Clock::time_point> lastRun = {};
};

} // namespace

struct PostgresCollector::Private {
    Private(config::PostgresSettings with, observability::Registry &registry,
            const observability::Logger &logger, std::shared_ptr<StatementLoggingNote> note);

    void makeGroups(observability::Registry &registry);
    Result<void> connect(Clock::time_point deadline);
    std::optional<Error> ask(Clock::time_point deadline);
    std::optional<Error> run(UserQuery &query, Clock::time_point now, Clock::time_point deadline);
    void finish(Clock::time_point begin, const std::optional<Error> &error);
    void note(const std::string &part, const PgOutcome &outcome);
    void clear();
    Clock::time_point limit(Clock::time_point deadline) const;

    const config::PostgresSettings settings;
    const std::shared_ptr<StatementLoggingNote> logging;
    FailureLog failures;
    PgConnection connection;

    Family &up;
    Family &scrapes;
    Family &scrapeError;
    Family &scrapeDuration;
    Family &errors;
    Family &querySuccess;
    PgServer server;
    bool hasAnswered = false; ///< the question how it is, which waits for nothing but the server
    std::vector<PgGroup> views;
    std::vector<UserQuery> queries;
};

PostgresCollector::Private::Private(config::PostgresSettings with,
                                    observability::Registry &registry,
                                    const observability::Logger &logger,
                                    std::shared_ptr<StatementLoggingNote> loggingNote)
    : settings(std::move(with))
    , logging(std::move(loggingNote))
    , failures(logger, "postgres")
    , connection(settings.connection, pgSetup(settings))
    // As the catalogue describes it, whose family it is.
    , up(registry.add({.name = "pg_up",
                       .help = "Whether PostgreSQL answers: 1 or 0.",
                       .announced = observability::MetricDescription::Announced::WhenUsed}))
    , scrapes(registry.add({.name = "pg_exporter_scrapes_total",
                            .type = Type::Counter,
                            .help = "Times that PostgreSQL was to be asked."}))
    , scrapeError(registry.add({.name = "pg_exporter_last_scrape_error",
                                .help = "Whether the last of them failed in any part: 1 or 0."}))
    , scrapeDuration(registry.add({.name = "pg_exporter_last_scrape_duration_seconds",
                                   .help = "Time that the last of them took."}))
    , errors(registry.add({.name = "trendscope_postgres_errors_total",
                           .type = Type::Counter,
                           .help = "Failures by kind: connect, unauthorized, query, timeout, "
                                   "value, rows, configuration.",
                           .labels = {"kind"}}))
    , querySuccess(
          registry.add({.name = "trendscope_postgres_query_success",
                        .help = "Whether a query of the configuration gave what it is to "
                                "give: 1 or 0.",
                        .labels = {"query"},
                        .announced = observability::MetricDescription::Announced::WhenUsed}))
    , server(registry, settings.settings)
{
    makeGroups(registry);
}

void PostgresCollector::Private::makeGroups(observability::Registry &registry)
{
    for (PgGroupDescription &view : pgViews(settings))
        views.emplace_back(registry, std::move(view));
    for (std::size_t i = 0; i < settings.queries.size(); ++i) {
        const config::PostgresQuery &query = settings.queries[i];
        if (auto error = wrongWith(settings.queries, i))
            note(query.name, {std::move(error), "configuration"});
        else
            queries.push_back({PgGroup(registry, describe(query, settings)), query.interval});
    }
}

Result<void> PostgresCollector::Private::connect(Clock::time_point deadline)
{
    auto ready = connection.ensure(deadline);
    if (!ready) {
        const bool isRefused = ready.error().kind == Error::Kind::Unauthorized;
        note("", {ready.error(), isRefused ? "unauthorized" : "connect"});
        clear();
    }
    return ready;
}

/// What went wrong first. Once a statement is stuck, or the connection lost, the rest has to wait
/// for the next time.
std::optional<Error> PostgresCollector::Private::ask(Clock::time_point deadline)
{
    const PgOutcome state = server.collect(connection, limit(deadline));
    note("server", state);
    hasAnswered = !state.error || std::string_view(state.kind) != "timeout";
    std::optional<Error> first = state.error;
    if (!state.error && logging)
        logging->set(server.logging());
    for (PgGroup &view : views) {
        if (!connection.isReady()) {
            view.clear();
            continue;
        }
        const PgOutcome outcome = view.collect(connection, limit(deadline));
        note(view.name(), outcome);
        if (!first)
            first = outcome.error;
    }
    for (UserQuery &query : queries) {
        auto error = run(query, Clock::now(), deadline);
        if (!first)
            first = std::move(error);
    }
    return first;
}

std::optional<Error> PostgresCollector::Private::run(UserQuery &query, Clock::time_point now,
                                                     Clock::time_point deadline)
{
    if (query.lastRun && now - *query.lastRun < query.interval)
        return {};
    if (!connection.isReady() && connection.isConnected()) // the one before may be over by now
        static_cast<void>(connection.ensure(std::min(deadline, now + cancelling)));
    if (!connection.isReady()) {
        query.group.clear();
        query.lastRun.reset();
        querySuccess.set({query.group.name()}, 0);
        return {};
    }
    PgOutcome outcome = query.group.collect(connection, limit(deadline));
    querySuccess.set({query.group.name()}, outcome.error ? 0 : 1);
    query.lastRun = outcome.error ? std::nullopt : std::optional(now);
    if (outcome.error)
        outcome.error->message = "query \"" + query.group.name() + "\": " + outcome.error->message;
    note(query.group.name(), outcome);
    return outcome.error;
}

/// Of one statement: somewhat longer than the server's own limit, so that it is the server that
/// ends it where that still can.
Collector::Clock::time_point PostgresCollector::Private::limit(Clock::time_point deadline) const
{
    return std::min(deadline, Clock::now() + settings.statementTimeout + std::chrono::seconds(1));
}

void PostgresCollector::Private::note(const std::string &part, const PgOutcome &outcome)
{
    if (!part.empty()) // whoever asks logs what is wrong with the whole
        failures.report(part, outcome.error);
    if (outcome.error)
        errors.increment({outcome.kind}, 1);
}

void PostgresCollector::Private::clear()
{
    server.clear();
    for (PgGroup &view : views)
        view.clear();
    for (UserQuery &query : queries) {
        query.group.clear();
        query.lastRun.reset();
        querySuccess.remove(Family::LabelValues{query.group.name()});
    }
}

void PostgresCollector::Private::finish(Clock::time_point begin, const std::optional<Error> &error)
{
    const std::chrono::duration<double> taken = Clock::now() - begin;
    scrapes.increment({}, 1);
    scrapeError.set({}, error ? 1 : 0);
    scrapeDuration.set({}, taken.count());
}

PostgresCollector::PostgresCollector(config::PostgresSettings settings,
                                     observability::Registry &registry,
                                     const observability::Logger &logger,
                                     std::shared_ptr<StatementLoggingNote> logging)
    : d(std::make_unique<Private>(std::move(settings), registry, logger, std::move(logging)))
{
}

PostgresCollector::~PostgresCollector() = default;

std::span<const std::string_view> PostgresCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 4> prefixes{"pg_", "trendscope_postgres_errors_",
                                                              "trendscope_postgres_long_",
                                                              "trendscope_postgres_query_"};
    return prefixes;
}

bool PostgresCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || std::ranges::any_of(d->queries, [&](const UserQuery &query) {
               return query.group.brings(metric);
           });
}

Result<void> PostgresCollector::collect(Clock::time_point deadline)
{
    const auto begin = Clock::now();
    auto ready = d->connect(deadline);
    std::optional<Error> error = ready ? d->ask(deadline) : ready.error();
    // Lost meanwhile: what was answered before is of a server that is gone. A stuck statement alone
    // says nothing of the kind.
    const bool isUp = ready && d->connection.isConnected() && d->hasAnswered;
    if (ready && !isUp)
        d->clear();
    d->up.set({}, isUp ? 1 : 0);
    d->finish(begin, error);
    if (error)
        return tl::unexpected(std::move(*error));
    return {};
}

} // namespace trendscope::exporter
