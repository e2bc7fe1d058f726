#pragma once

#include <string>
#include <string_view>

namespace trendscope::exporter {

/// What a statement does, and to what: the labels of db_query_duration_seconds.
struct SqlSummary {
    std::string operation; ///< the first keyword in lower case where it is a known one, else other
    std::string table;     ///< the first one, without its schema; "none" where there is none

    bool operator==(const SqlSummary &) const = default;
};

/// Looks at no more than the first 8 KiB. Of a statement WITH common table expressions it is the
/// operation after them; those are not tables. What is not SQL is {other, none}.
///
/// A scanner, not a parser: comments, strings and quoted names are understood as PostgreSQL does
/// (https://www.postgresql.org/docs/15/sql-syntax-lexical.html), the grammar by its keywords.
SqlSummary summarizeSql(std::string_view sql);

} // namespace trendscope::exporter
