#include "core/exporter/postgres/sql_scanner_p.h"
#include "core/exporter/postgres/sql_summary_p.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

namespace trendscope::exporter {

namespace {

constexpr std::size_t textLimit = 8 << 10;
constexpr std::size_t nameLimit = 63; // as PostgreSQL's

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Finds operation and table token by token.
class Summary {
public:
    explicit Summary(std::string_view sql)
        : m_scanner(sql.substr(0, textLimit))
    {
        advance();
    }

    SqlSummary make()
    {
        while (m_token.is('(') || m_token.is(';'))
            advance();
        if (m_token.isWord("explain") || m_token.kind != SqlToken::Kind::Word)
            return {m_token.isWord("explain") ? "explain" : "other", "none"};
        m_operation = m_token.text;
        while (m_token.kind != SqlToken::Kind::End && !m_isDone)
            take();
        if (!isOneOf(m_operation,
                     {"select",    "insert",  "update",  "delete",     "merge",    "copy",
                      "truncate",  "create",  "alter",   "drop",       "vacuum",   "analyze",
                      "begin",     "start",   "commit",  "end",        "rollback", "abort",
                      "savepoint", "release", "set",     "show",       "reset",    "fetch",
                      "declare",   "close",   "call",    "do",         "lock",     "refresh",
                      "reindex",   "prepare", "execute", "deallocate", "discard",  "listen",
                      "notify",    "values",  "with"}))
            return {"other", "none"};
        return {m_operation, m_table.value_or("none")};
    }

private:
    void advance()
    {
        m_before = std::move(m_token);
        m_token = m_scanner.next();
    }

    void take()
    {
        if (m_token.is('(')) {
            // FROM within these is no clause: extract(epoch FROM time)
            m_depths.push_back(
                m_before.kind == SqlToken::Kind::Word
                && isOneOf(m_before.text, {"extract", "substring", "trim", "overlay", "position"}));
            advance();
        } else if (m_token.is(')')) {
            if (!m_depths.empty())
                m_depths.pop_back();
            advance();
        } else if (m_token.is(';')) {
            m_isDone = true; // the rest is further statements
        } else if (m_token.kind == SqlToken::Kind::Word) {
            takeWord();
        } else {
            advance();
        }
    }

    void takeWord()
    {
        const std::string word = m_token.text;
        const bool isWith = m_operation == "with";
        if (isWith && m_depths.empty()
            && isOneOf(word, {"select", "insert", "update", "delete", "merge", "values"}))
            beginMain(word);
        if (isWith && m_depths.empty()
            && (m_before.isWord("with") || m_before.is(',') || m_before.isWord("recursive"))
            && word != "recursive") {
            m_ownNames.push_back(word);
            advance();
        } else if (leadsToTable(word)) {
            advance();
            takeTable();
        } else {
            advance();
        }
    }

    /// What follows common table expressions; what is written to counts, not what those read.
    void beginMain(const std::string &operation)
    {
        m_operation = operation;
        if (operation != "select")
            m_table.reset();
    }

    bool leadsToTable(std::string_view word) const
    {
        if (m_table)
            return false;
        if (word == "from")
            return !m_before.isWord("distinct") && (m_depths.empty() || !m_depths.back());
        if (isOneOf(word, {"into", "join", "using"}))
            return word != "using" || m_operation == "delete" || m_operation == "merge";
        if (word == "update") // not FOR UPDATE, not ON CONFLICT DO UPDATE
            return !m_before.isWord("for") && !m_before.isWord("do") && !m_before.isWord("key")
                && !m_before.isWord("then");
        if (word == "table")
            return isOneOf(m_operation, {"create", "alter", "drop", "truncate", "lock"});
        return isOneOf(word, {"copy", "truncate", "vacuum", "analyze", "lock"})
            && m_before.kind == SqlToken::Kind::End;
    }

    /// After FROM and the like: a name, maybe with its schema; a function or a subquery is none.
    void takeTable()
    {
        while (m_token.kind == SqlToken::Kind::Word
               && isOneOf(m_token.text,
                          {"only", "table", "if", "not", "exists", "lateral", "analyze", "full",
                           "verbose", "freeze"}))
            advance();
        if (!m_token.isName()
            || (m_token.kind == SqlToken::Kind::Word
                && isOneOf(m_token.text, {"select", "values", "set"})))
            return;
        std::string name = m_token.text;
        bool isQualified = false;
        advance();
        while (m_token.is('.')) {
            isQualified = true;
            advance();
            if (m_token.isName())
                name = m_token.text;
            advance();
        }
        const bool isFunction = m_token.is('(') && m_operation != "insert" && m_operation != "copy"
            && m_operation != "create";
        const bool isOwn = !isQualified
            && std::find(m_ownNames.begin(), m_ownNames.end(), name) != m_ownNames.end();
        if (!isFunction && !isOwn)
            m_table = name.substr(0, nameLimit);
    }

    SqlScanner m_scanner;
    SqlToken m_token;
    SqlToken m_before;
    std::vector<bool> m_depths; ///< for each open parenthesis: whether FROM in it is no clause
    std::vector<std::string> m_ownNames; ///< of common table expressions
    std::string m_operation;
    std::optional<std::string> m_table;
    bool m_isDone = false;
};

} // namespace

SqlSummary summarizeSql(std::string_view sql)
{
    return Summary(sql).make();
}

} // namespace trendscope::exporter
