#include "core/logs/filter_p.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trendscope::logs {
namespace {

constexpr std::size_t maximumTextSize = 1024;

// The two-letter ones first: '>=' is not '>'.
constexpr std::array operators{
    std::pair{std::string_view(">="), Operator::AtLeast},
    std::pair{std::string_view("<="), Operator::AtMost},
    std::pair{std::string_view("!="), Operator::NotEqual},
    std::pair{std::string_view("="), Operator::Equal},
    std::pair{std::string_view(":"), Operator::Like},
    std::pair{std::string_view(">"), Operator::Greater},
    std::pair{std::string_view("<"), Operator::Less},
};

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isKeyCharacter(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || byte >= 0x80 || c == '_' || c == '.' || c == '-' || c == '@';
}

Part partNamed(std::string_view key)
{
    constexpr std::array parts{
        std::pair{std::string_view("level"), Part::Level},
        std::pair{std::string_view("logger"), Part::Logger},
        std::pair{std::string_view("message"), Part::Message},
        std::pair{std::string_view("module"), Part::Module},
        std::pair{std::string_view("function"), Part::Function},
        std::pair{std::string_view("line"), Part::Line},
    };
    const auto *const found =
        std::ranges::find(parts, key, [](const auto &entry) { return entry.first; });
    return found == parts.end() ? Part::Field : found->second;
}

} // namespace

/// Reads a filter's text once, from left to right, into terms and m_tokens.
class FilterParser {
public:
    explicit FilterParser(std::string_view text)
        : m_text(text)
    {
    }

    void parse()
    {
        while (m_problem.empty()) {
            while (m_at < m_text.size() && isSpace(m_text[m_at]))
                ++m_at;
            if (m_at == m_text.size())
                return;
            parseTerm();
        }
    }

    std::vector<Filter::Term> takeTerms() { return std::move(m_terms); }
    std::vector<FilterToken> takeTokens() { return std::move(m_tokens); }

    bool hasProblem() const { return !m_problem.empty(); }

    /// Positions are told in characters: that is what an edit counts in.
    std::string problem() const
    {
        const auto before = m_text.substr(0, m_tokens.back().position);
        const auto isCharacterStart = [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        };
        return "at character " + std::to_string(std::ranges::count_if(before, isCharacterStart) + 1)
            + ": " + m_problem;
    }

private:
    using Kind = FilterToken::Kind;

    void parseTerm()
    {
        Filter::Term term;
        if (m_text[m_at] == '-') {
            add(Kind::Negation, 1);
            term.isNegated = true;
            if (m_at == m_text.size() || isSpace(m_text[m_at]))
                return fail(m_at, 0, "a term is missing after '-'");
        }
        const std::size_t keySize = sizeOfKey();
        if (keySize == 0)
            return parseText(term);
        term.key = m_text.substr(m_at, keySize);
        if (term.key.starts_with("context."))
            term.key.erase(0, std::string_view("context.").size());
        term.part = partNamed(term.key);
        add(Kind::Key, keySize);
        parseComparison(term);
    }

    /// 0 when what begins here is not `key` and an operator. `http://…` and `10:30` are text.
    std::size_t sizeOfKey() const
    {
        const std::string_view rest = m_text.substr(m_at);
        if (rest.front() >= '0' && rest.front() <= '9')
            return 0;
        const auto size =
            static_cast<std::size_t>(std::ranges::find_if_not(rest, isKeyCharacter) - rest.begin());
        const std::string_view after = rest.substr(size);
        return size > 0 && operatorAt(after) && !after.starts_with("://") ? size : 0;
    }

    static const std::pair<std::string_view, Operator> *operatorAt(std::string_view text)
    {
        const auto *const found = std::ranges::find_if(
            operators, [text](const auto &entry) { return text.starts_with(entry.first); });
        return found == operators.end() ? nullptr : found;
    }

    void parseComparison(Filter::Term &term)
    {
        const auto &[sign, op] = *operatorAt(m_text.substr(m_at));
        term.op = op;
        add(Kind::Operator, sign.size());
        const std::size_t position = m_at;
        if (m_at == m_text.size() || isSpace(m_text[m_at]))
            return fail(m_at, 0, "a value is missing after '" + term.key + std::string(sign) + "'");
        if (!parseValue(term.value, Kind::Value))
            return;
        if (const std::string problem = resolve(term); !problem.empty()) {
            m_tokens.pop_back();
            return fail(position, m_at - position, problem);
        }
        m_terms.push_back(std::move(term));
    }

    /// Turns the value into what the comparison needs; says what is wrong with it.
    static std::string resolve(Filter::Term &term)
    {
        if (term.op == Operator::Like)
            term.glob = Glob(term.value);
        else if (term.part == Part::Level)
            term.level = levelNamed(term.value).value_or(Level::Unknown);
        if (!isOrdering(term.op))
            return {};
        if (term.part == Part::Level)
            return term.level != Level::Unknown ? ""
                                                : "no level is called '" + term.value
                    + "'; there are DEBUG, INFO, WARNING, ERROR, CRITICAL";
        const auto limit = number(term.value);
        term.limit = limit.value_or(0);
        return limit ? "" : "'" + term.value + "' is not a number";
    }

    void parseText(Filter::Term &term)
    {
        const std::size_t position = m_at;
        if (!parseValue(term.value, Kind::Text))
            return;
        if (term.value.empty() || term.value.size() > maximumTextSize) {
            m_tokens.pop_back();
            return fail(position, m_at - position,
                        term.value.empty() ? "the text is empty" : "the text is too long");
        }
        term.value = foldedCase(term.value);
        m_terms.push_back(std::move(term));
    }

    bool parseValue(std::string &value, Kind kind)
    {
        if (m_text[m_at] == '"')
            return parseQuoted(value, kind);
        const std::string_view rest = m_text.substr(m_at);
        const auto size =
            static_cast<std::size_t>(std::ranges::find_if(rest, isSpace) - rest.begin());
        value = rest.substr(0, size);
        add(kind, size);
        return true;
    }

    bool parseQuoted(std::string &value, Kind kind)
    {
        for (std::size_t at = m_at + 1; at < m_text.size(); ++at) {
            if (m_text[at] == '"') {
                add(kind, at + 1 - m_at);
                return true;
            }
            if (m_text[at] == '\\' && at + 1 < m_text.size())
                ++at;
            value += m_text[at];
        }
        fail(m_at, m_text.size() - m_at, "the quote is not closed");
        return false;
    }

    void add(Kind kind, std::size_t size)
    {
        m_tokens.push_back({kind, m_at, size});
        m_at += size;
    }

    void fail(std::size_t position, std::size_t size, std::string problem)
    {
        m_tokens.push_back({Kind::Problem, position, size});
        m_problem = std::move(problem);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<Filter::Term> m_terms;
    std::vector<FilterToken> m_tokens;
    std::string m_problem;
};

Result<Filter> Filter::parse(std::string_view text)
{
    FilterParser parser(text);
    parser.parse();
    if (parser.hasProblem())
        return tl::unexpected(Error{Error::Kind::Invalid, parser.problem(), {}});
    Filter filter;
    filter.m_terms = std::make_shared<const std::vector<Term>>(parser.takeTerms());
    return filter;
}

std::vector<FilterToken> Filter::tokenize(std::string_view text)
{
    FilterParser parser(text);
    parser.parse();
    return parser.takeTokens();
}

} // namespace trendscope::logs
