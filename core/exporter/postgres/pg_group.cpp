#include "core/exporter/postgres/pg_group_p.h"

namespace trendscope::exporter {

PgGroup::PgGroup(observability::Registry &registry, PgGroupDescription description)
    : m_description(std::move(description))
{
    std::vector<std::string> labels = m_description.labels;
    if (m_description.hasServer)
        labels.emplace_back("server");
    for (const PgMetric &metric : m_description.metrics) {
        m_families.emplace_back(
            registry,
            observability::MetricDescription{
                .name = metric.name,
                .type = metric.type,
                .help = metric.help,
                .labels = labels,
                .announced = observability::MetricDescription::Announced::WhenUsed});
    }
}

PgOutcome PgGroup::collect(PgConnection &connection, PgConnection::Clock::time_point deadline)
{
    using enum PgConnection::Statement::Form;
    const auto rows = connection.run({.sql = m_description.sql,
                                      .form = m_description.isOurs ? Simple : Rows,
                                      .maxRows = m_description.maxRows},
                                     deadline);
    if (rows)
        return show(*rows, connection.server());
    return fail(rows.error(), rows.error().kind == Error::Kind::Timeout ? "timeout" : "query");
}

Result<PgGroup::Columns> PgGroup::find(const PgRows &rows) const
{
    Columns columns;
    std::optional<std::string> missing;
    for (const std::string &label : m_description.labels) {
        const auto column = rows.column(label);
        columns.labels.push_back(column.value_or(0));
        if (!column)
            missing = label;
    }
    for (const PgMetric &metric : m_description.metrics) {
        columns.values.push_back(rows.column(metric.column));
        if (!columns.values.back() && !m_description.isOurs)
            missing = metric.column;
    }
    if (missing)
        return tl::unexpected(
            Error{Error::Kind::Invalid, "its answer has no column \"" + *missing + '"', {}});
    return columns;
}

PgOutcome PgGroup::show(const PgRows &rows, std::string_view server)
{
    const auto columns = find(rows);
    if (!columns)
        return fail(columns.error(), "query");
    for (LiveFamily &family : m_families)
        family.begin();
    const Error sameLabels{Error::Kind::BadData, "several of its rows have the same labels", {}};
    PgOutcome outcome;
    if (rows.isCut())
        outcome = {Error{Error::Kind::BadData,
                         "it has more than " + std::to_string(m_description.maxRows) + " rows",
                         {}},
                   "rows"};
    std::vector<std::string_view> labels;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        labels.clear();
        for (const std::size_t column : columns->labels)
            labels.push_back(rows.text(row, column));
        if (m_description.hasServer)
            labels.push_back(server);
        for (std::size_t i = 0; i < m_families.size(); ++i) {
            if (!columns->values[i])
                continue;
            const auto value = rows.number(row, *columns->values[i]);
            std::optional<Error> error;
            if (!value)
                error = value.error();
            else if (*value && !m_families[i].set(labels, **value))
                error = sameLabels;
            if (error && !outcome.error)
                outcome = {std::move(error), "value"};
        }
    }
    for (LiveFamily &family : m_families)
        family.end();
    return outcome;
}

PgOutcome PgGroup::fail(Error error, const char *kind)
{
    clear();
    return {std::move(error), kind};
}

void PgGroup::clear()
{
    for (LiveFamily &family : m_families)
        family.clear();
}

} // namespace trendscope::exporter
