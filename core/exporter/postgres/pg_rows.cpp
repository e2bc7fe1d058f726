#include "core/exporter/postgres/pg_rows_p.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace trendscope::exporter {

namespace {

constexpr Oid boolType = 16; // these never change: src/include/catalog/pg_type.dat
constexpr std::array<Oid, 7> numericTypes{20, 21, 23, 26, 700, 701, 1700};

Error::Kind kindOf(std::string_view sqlState)
{
    // https://www.postgresql.org/docs/15/errcodes-appendix.html
    if (sqlState == "57014") // query_canceled: by us, or by statement_timeout
        return Error::Kind::Timeout;
    if (sqlState.starts_with("28") || sqlState == "42501")
        return Error::Kind::Unauthorized;
    if (sqlState.starts_with("42") || sqlState.starts_with("22") || sqlState.starts_with("25"))
        return Error::Kind::BadData;
    if (sqlState.starts_with("53") || sqlState.starts_with("57"))
        return Error::Kind::Unavailable;
    return Error::Kind::Execution;
}

} // namespace

bool isNumeric(Oid type)
{
    return type == boolType
        || std::find(numericTypes.begin(), numericTypes.end(), type) != numericTypes.end();
}

TextPosition textPosition(std::string_view text, std::size_t position)
{
    TextPosition at{1, 1};
    for (const char c : text) {
        const bool isWithinCharacter = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
        if (isWithinCharacter)
            continue;
        if (--position == 0)
            break;
        at = c == '\n' ? TextPosition{at.line + 1, 1} : TextPosition{at.line, at.column + 1};
    }
    return at;
}

Error pgErrorOf(const PGresult &result, std::string_view sql)
{
    const auto field = [&](int code) {
        const char *text = PQresultErrorField(&result, code);
        return std::string(text ? text : "");
    };
    const std::string state = field(PG_DIAG_SQLSTATE);
    std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty())
        message = "the server answered with an error that it does not name";
    std::size_t position = 0;
    const std::string digits = field(PG_DIAG_STATEMENT_POSITION);
    std::from_chars(digits.data(), digits.data() + digits.size(), position);
    if (position > 0 && position <= sql.size() + 1) {
        const TextPosition at = textPosition(sql, position);
        message += ", at line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
    }
    return {kindOf(state), std::move(message), state + ' ' + field(PG_DIAG_MESSAGE_HINT)};
}

PgRows::Place PgRows::place(std::size_t row) const
{
    // One answer with all rows, or an answer for each.
    if (m_results.size() == 1)
        return {m_results.front().get(), static_cast<int>(row)};
    return {m_results[row].get(), 0};
}

std::size_t PgRows::size() const
{
    std::size_t rows = 0;
    for (const auto &result : m_results)
        rows += static_cast<std::size_t>(PQntuples(result.get()));
    return rows;
}

std::size_t PgRows::columns() const
{
    return m_results.empty() ? 0 : static_cast<std::size_t>(PQnfields(m_results.front().get()));
}

std::string_view PgRows::columnName(std::size_t column) const
{
    return PQfname(m_results.front().get(), static_cast<int>(column));
}

Oid PgRows::columnType(std::size_t column) const
{
    return PQftype(m_results.front().get(), static_cast<int>(column));
}

std::optional<std::size_t> PgRows::column(const std::string &name) const
{
    for (std::size_t i = 0; i < columns(); ++i)
        if (columnName(i) == name)
            return i;
    return {};
}

std::string_view PgRows::text(std::size_t row, std::size_t column) const
{
    const Place at = place(row);
    const int field = static_cast<int>(column);
    return {PQgetvalue(at.result, at.row, field),
            static_cast<std::size_t>(PQgetlength(at.result, at.row, field))};
}

Result<std::optional<double>> PgRows::number(std::size_t row, std::size_t column) const
{
    const Place at = place(row);
    if (PQgetisnull(at.result, at.row, static_cast<int>(column)))
        return std::nullopt;
    const std::string_view value = text(row, column);
    if (columnType(column) == boolType)
        return value == "t" ? 1 : 0;
    double number = 0;
    const char *const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, number);
    if (value.empty() || read.ec != std::errc() || read.ptr != end)
        return tl::unexpected(Error{Error::Kind::BadData,
                                    "column \"" + std::string(columnName(column))
                                        + "\" holds what is not a number: \""
                                        + std::string(value.substr(0, 40)) + '"',
                                    {}});
    return number;
}

} // namespace trendscope::exporter
