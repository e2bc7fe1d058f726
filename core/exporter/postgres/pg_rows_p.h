#pragma once

#include "core/result.h"

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// What a statement answered. The views live as long as it does.
class PgRows {
public:
    /// Takes it over: a whole answer, or one row of it.
    void append(PGresult *result) { m_results.emplace_back(result); }

    std::size_t size() const; ///< rows
    std::size_t columns() const;
    std::string_view columnName(std::size_t column) const;
    Oid columnType(std::size_t column) const;
    std::optional<std::size_t> column(const std::string &name) const;

    std::string_view text(std::size_t row, std::size_t column) const; ///< NULL is empty
    /// A number, or a boolean as 0 or 1; nothing for NULL. BadData where it is neither.
    Result<std::optional<double>> number(std::size_t row, std::size_t column) const;

    bool isCut() const { return m_isCut; } ///< there were more rows than asked for
    void setCut() { m_isCut = true; }

private:
    struct Clear {
        void operator()(PGresult *result) const { PQclear(result); }
    };
    struct Place {
        const PGresult *result;
        int row;
    };

    Place place(std::size_t row) const;

    std::vector<std::unique_ptr<PGresult, Clear>> m_results;
    bool m_isCut = false;
};

/// Whether number() understands the type: integers, real, double precision, numeric, boolean.
bool isNumeric(Oid type);

/// What the server says is wrong, with the line and column in `sql` where it names one.
Error pgErrorOf(const PGresult &result, std::string_view sql);

/// Line and column, both from 1, of the `position`th character (not byte), from 1.
struct TextPosition {
    std::size_t line;
    std::size_t column;
};
TextPosition textPosition(std::string_view text, std::size_t position);

} // namespace trendscope::exporter
