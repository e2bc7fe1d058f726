#include "core/exporter/postgres/pg_group_p.h"

#include <algorithm>
#include <cmath>

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

bool PgGroup::brings(std::string_view metric) const
{
    return std::ranges::find(m_description.metrics, metric, &PgMetric::name)
        != m_description.metrics.end();
}

PgOutcome PgGroup::collect(PgConnection &connection, PgConnection::Clock::time_point deadline)
{
    using enum PgConnection::Statement::Form;
    const auto rows = m_description.isOurs
        ? connection.run({.sql = m_description.sql}, deadline)
        : connection.runAlone(
            {.sql = m_description.sql, .form = Rows, .maxRows = m_description.maxRows},
            m_description.timeout, deadline);
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
            auto shown = showValue({rows, row, *columns->values[i]}, i, labels);
            if (!shown && !outcome.error)
                outcome = {std::move(shown.error()), "value"};
        }
    }
    for (LiveFamily &family : m_families)
        family.end();
    return outcome;
}

Result<void> PgGroup::showValue(const Cell &cell, std::size_t metric,
                                const std::vector<std::string_view> &labels)
{
    const auto value = cell.rows.number(cell.row, cell.column);
    if (!value)
        return tl::unexpected(value.error());
    if (!*value)
        return {};
    const bool isCounter =
        m_description.metrics[metric].type == observability::MetricDescription::Type::Counter;
    if (!std::isfinite(**value) || (isCounter && **value < 0))
        return tl::unexpected(
            Error{Error::Kind::BadData,
                  "column \"" + std::string(cell.rows.columnName(cell.column)) + "\" holds "
                      + std::string(cell.rows.text(cell.row, cell.column).substr(0, 40))
                      + ", which is no value of a " + (isCounter ? "counter" : "gauge"),
                  {}});
    if (!m_families[metric].set(labels, **value))
        return tl::unexpected(
            Error{Error::Kind::BadData, "several of its rows have the same labels", {}});
    return {};
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
