#pragma once

#include "core/logs/record.h"
#include "core/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::logs {

/// A part of a filter's text, for whoever shows it.
struct FilterToken {
    enum class Kind { Negation, Key, Operator, Value, Text, Problem };

    Kind kind;
    std::size_t position; ///< bytes from the start of the text
    std::size_t size;     ///< bytes; 0 where something is missing
};

/// Decides which records are shown. All terms must match; `-` before a term negates it.
///
///     level>=WARNING            at least that severe; also <= > <
///     status_code>=500          numbers
///     endpoint=/health          exactly; != for "not"; any key of the record: level, logger,
///     message, module,
///                               function, line, and the fields ("user.id" for nested ones)
///     logger:trend_agent.*      exactly, where * stands for anything
///     word "connection refused" text in the message or anywhere in the line, in either case of
///     ASCII letters
///
/// A value with spaces stands in quotes, with \" and \\ inside. A record without the key matches no
/// comparison. Immutable, cheap to copy, matches in time linear in the record's size. Any thread.
class Filter {
public:
    /// Matches every record.
    Filter();

    /// Errors: Invalid; the message begins with the place, "at character 7: …", counted from 1 in
    /// Unicode characters.
    static Result<Filter> parse(std::string_view text);

    /// The parts of `text` in order, up to and with the first problem.
    static std::vector<FilterToken> tokenize(std::string_view text);

    bool matches(const Record &record) const;
    bool isEmpty() const;

private:
    struct Term;
    std::shared_ptr<const std::vector<Term>> m_terms;

    friend class FilterParser;
};

/// `key=value` as filter text, quoted where that is needed.
std::string filterTerm(std::string_view key, std::string_view value);

} // namespace trendscope::logs
