#include "core/logs/filter_p.h"

#include <algorithm>
#include <charconv>

namespace trendscope::logs {
namespace {

template <class T>
bool holds(T left, Operator op, T right)
{
    switch (op) {
    case Operator::AtLeast:
        return left >= right;
    case Operator::AtMost:
        return left <= right;
    case Operator::Greater:
        return left > right;
    case Operator::Less:
        return left < right;
    default:
        return false;
    }
}

std::optional<std::string_view> present(std::string_view text)
{
    return text.empty() ? std::nullopt : std::optional(text);
}

} // namespace

bool isOrdering(Operator op)
{
    return op == Operator::AtLeast || op == Operator::AtMost || op == Operator::Greater
        || op == Operator::Less;
}

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool Filter::Term::holdsFor(const Record &record) const
{
    if (op == Operator::Text)
        return containsFolded(record.searchText(), value);
    if (part == Part::Level && level != Level::Unknown && record.level() != Level::Unknown)
        return compareLevel(record.level());
    if (const auto line = record.line(); part == Part::Line && line)
        return compareLine(*line);
    const auto text = textOf(record);
    return text && compareText(*text);
}

bool Filter::Term::compareLevel(Level other) const
{
    if (isOrdering(op))
        return holds(other, op, level);
    return (other == level) == (op != Operator::NotEqual);
}

bool Filter::Term::compareLine(std::int64_t line) const
{
    return isOrdering(op) ? holds(static_cast<double>(line), op, limit)
                          : compareText(std::to_string(line));
}

bool Filter::Term::compareText(std::string_view text) const
{
    if (op == Operator::Equal)
        return text == value;
    if (op == Operator::NotEqual)
        return text != value;
    if (op == Operator::Like)
        return glob.matches(text);
    const auto other = number(text);
    return other && holds(*other, op, limit);
}

std::optional<std::string_view> Filter::Term::textOf(const Record &record) const
{
    switch (part) {
    case Part::Level:
        return record.level() == Level::Unknown ? record.value(key) : levelName(record.level());
    case Part::Logger:
        return present(record.logger());
    case Part::Message:
        return record.message();
    case Part::Module:
        return present(record.module());
    case Part::Function:
        return present(record.function());
    case Part::Line:
    case Part::Field:
        break;
    }
    return record.value(key);
}

Filter::Filter()
    : m_terms(std::make_shared<const std::vector<Term>>())
{
}

bool Filter::matches(const Record &record) const
{
    return std::ranges::all_of(*m_terms,
                               [&record](const Term &term) { return term.matches(record); });
}

bool Filter::isEmpty() const
{
    return m_terms->empty();
}

std::string filterTerm(std::string_view key, std::string_view value)
{
    std::string term(key);
    term += '=';
    const bool isPlain = !value.empty() && value.front() != '"'
        && value.find_first_of(" \t\r\n") == std::string_view::npos;
    if (isPlain)
        return term += value;
    term += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\')
            term += '\\';
        term += c;
    }
    return term += '"';
}

} // namespace trendscope::logs
