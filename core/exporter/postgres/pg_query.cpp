#include "core/exporter/postgres/pg_query_p.h"
#include "core/exporter/postgres/postgres_collector.h"

#include <algorithm>
#include <cctype>

namespace trendscope::exporter {

namespace {

bool isName(std::string_view name, bool mayHaveColon)
{
    // https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
    const auto isFirst = [&](unsigned char c) {
        return c < 128 && (std::isalpha(c) || c == '_' || (mayHaveColon && c == ':'));
    };
    return !name.empty() && isFirst(static_cast<unsigned char>(name.front()))
        && std::all_of(name.begin(), name.end(),
                       [&](unsigned char c) { return isFirst(c) || (c < 128 && std::isdigit(c)); });
}

std::vector<std::string> metricsOf(const config::PostgresQuery &query)
{
    std::vector<std::string> names;
    names.reserve(query.values.size());
    for (const std::string &column : query.values)
        names.push_back(query.values.size() == 1 ? query.name : query.name + '_' + column);
    return names;
}

Error about(const config::PostgresQuery &query, const std::string &what)
{
    return {Error::Kind::Invalid, "query \"" + query.name + "\": " + what, {}};
}

std::optional<std::string> wrongColumns(const config::PostgresQuery &query)
{
    constexpr std::size_t maxLabels = 10;
    if (query.values.empty())
        return "it names no value column";
    if (query.labels.size() > maxLabels)
        return "it has more than " + std::to_string(maxLabels) + " labels";
    std::vector<std::string> labels = query.labels;
    std::sort(labels.begin(), labels.end());
    if (const auto twice = std::adjacent_find(labels.begin(), labels.end()); twice != labels.end())
        return "the label \"" + *twice + "\" is there twice";
    for (const std::string &label : labels)
        if (!isName(label, false) || label.starts_with("__"))
            return '"' + label + "\" can not be a label's name; rename the column with AS";
    for (const std::string &metric : metricsOf(query))
        if (!isName(metric, true))
            return '"' + metric + "\" can not be a metric's name: letters, digits and _";
    return {};
}

/// A statement that the server understands may still be one that this role may not run, which only
/// its executor finds. EXPLAIN does not know every kind of statement.
std::optional<Error> explain(PgConnection &connection, const config::PostgresQuery &query,
                             PgConnection::Clock::time_point deadline)
{
    const auto plan = connection.runAlone(
        {.sql = "EXPLAIN " + query.sql, .form = PgConnection::Statement::Form::Rows},
        config::PostgresSettings().statementTimeout, deadline);
    if (plan || plan.error().detail.starts_with("42601"))
        return {};
    return about(query, plan.error().message);
}

std::optional<Error> wrongOnServer(PgConnection &connection, const config::PostgresQuery &query,
                                   PgConnection::Clock::time_point deadline)
{
    using enum PgConnection::Statement::Form;
    auto answer = connection.run({.sql = query.sql, .form = Prepare}, deadline);
    if (answer)
        answer = connection.run({.sql = "", .form = Describe}, deadline);
    if (!answer)
        return about(query, answer.error().message);
    for (const std::string &label : query.labels)
        if (!answer->column(label))
            return about(query, "its answer has no column \"" + label + "\" for the label");
    for (const std::string &value : query.values) {
        const auto column = answer->column(value);
        if (!column)
            return about(query, "its answer has no column \"" + value + "\" for the value");
        if (!isNumeric(answer->columnType(*column)))
            return about(query,
                         "the column \"" + value
                             + "\" is not a number; convert it, e.g. extract(epoch FROM …) or "
                               "::float8");
    }
    return explain(connection, query, deadline);
}

} // namespace

PgGroupDescription describe(const config::PostgresQuery &query,
                            const config::PostgresSettings &settings)
{
    PgGroupDescription description{.name = query.name,
                                   .sql = query.sql,
                                   .labels = query.labels,
                                   .hasServer = false,
                                   .isOurs = false,
                                   .maxRows = settings.maxRows,
                                   .timeout = settings.statementTimeout};
    const auto names = metricsOf(query);
    for (std::size_t i = 0; i < names.size(); ++i)
        description.metrics.push_back(
            {.column = query.values[i],
             .name = names[i],
             .type = query.type == config::PostgresQuery::Type::Counter
                 ? observability::MetricDescription::Type::Counter
                 : observability::MetricDescription::Type::Gauge,
             .help = query.help.empty() ? "From a query of the configuration." : query.help});
    return description;
}

std::string pgSetup(const config::PostgresSettings &settings)
{
    return "SET statement_timeout = " + std::to_string(settings.statementTimeout.count())
        + "; SET default_transaction_read_only = on";
}

std::optional<Error> wrongWith(const std::vector<config::PostgresQuery> &queries, std::size_t index)
{
    const config::PostgresQuery &query = queries[index];
    if (query.sql.find_first_not_of(" \t\r\n;") == std::string::npos)
        return about(query, "it has no SQL");
    if (const auto wrong = wrongColumns(query))
        return about(query, *wrong);
    const auto names = metricsOf(query);
    for (std::size_t i = 0; i < index; ++i)
        for (const std::string &name : metricsOf(queries[i]))
            if (std::find(names.begin(), names.end(), name) != names.end())
                return about(query,
                             "the metric " + name + " is already that of the query \""
                                 + queries[i].name + '"');
    return {};
}

std::vector<Error> checkQueriesAlone(const std::vector<config::PostgresQuery> &queries)
{
    std::vector<Error> errors;
    for (std::size_t i = 0; i < queries.size(); ++i)
        if (auto error = wrongWith(queries, i))
            errors.push_back(std::move(*error));
    return errors;
}

std::vector<Error> checkQueries(const config::PostgresSettings &settings,
                                Collector::Clock::time_point deadline)
{
    std::vector<Error> errors = checkQueriesAlone(settings.queries);
    PgConnection connection(settings.connection, pgSetup(settings));
    if (auto ready = connection.ensure(deadline); !ready) {
        errors.push_back(ready.error());
        return errors;
    }
    for (std::size_t i = 0; i < settings.queries.size(); ++i) {
        if (wrongWith(settings.queries, i))
            continue;
        if (auto error = wrongOnServer(connection, settings.queries[i], deadline))
            errors.push_back(std::move(*error));
    }
    return errors;
}

} // namespace trendscope::exporter
