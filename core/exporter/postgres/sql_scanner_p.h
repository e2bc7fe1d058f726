#pragma once

#include <string>
#include <string_view>

namespace trendscope::exporter {

/// A piece of SQL.
struct SqlToken {
    enum class Kind { End, Word, Quoted, Punctuation } kind = Kind::End;
    std::string text; ///< words in lower case; one character of punctuation

    bool isWord(std::string_view word) const { return kind == Kind::Word && text == word; }
    bool is(char c) const { return kind == Kind::Punctuation && text[0] == c; }
    bool isName() const { return kind == Kind::Word || kind == Kind::Quoted; }
};

/// The words, quoted names and punctuation of SQL; literals and comments are passed over.
/// https://www.postgresql.org/docs/15/sql-syntax-lexical.html
class SqlScanner {
public:
    /// The text must outlive it.
    explicit SqlScanner(std::string_view sql)
        : m_rest(sql)
    {
    }

    SqlToken next();

private:
    void drop(std::size_t count);
    void dropThrough(std::string_view end, std::size_t from);
    bool skipBlank(char c);
    bool skipComment();
    bool skipLiteral(char c);
    void skipString(bool hasEscapes);
    bool skipDollar();
    std::string quoted();
    SqlToken word();

    std::string_view m_rest;
};

} // namespace trendscope::exporter
