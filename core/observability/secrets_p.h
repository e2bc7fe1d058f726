#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

/// Finds secrets in a text. Every function appends what it found, in order, and takes time linear
/// in the text's length whatever the text is.
namespace trendscope::observability::secrets {

struct Span {
    std::size_t begin;
    std::size_t end;
};
using Spans = std::vector<Span>;

/// Says whether a name is a secret's.
class Names {
public:
    virtual bool isSecret(std::string_view name) const = 0;

protected:
    ~Names() = default;
};

/// JSON Web Tokens, signed or encrypted (RFC 7519, RFC 7516).
void findJwts(std::string_view text, Spans &found);
/// By length, first digits (ISO/IEC 7812) and check digit (Luhn).
void findCardNumbers(std::string_view text, Spans &found);
/// The password in `scheme://user:password@host`, also with a / in it, and a user who is alone: it
/// is a token then.
void findUrlPasswords(std::string_view text, Spans &found);
/// What follows `Bearer ` (RFC 6750).
void findBearerTokens(std::string_view text, Spans &found);
/// PEM, from -----BEGIN … PRIVATE KEY----- to its end, or to the text's.
void findPrivateKeys(std::string_view text, Spans &found);
/// The value in `name=value`, `name: value`, `"name": "value"` of a secret's name; what is in
/// brackets as a whole, and headers with cookies or credentials up to the line's end.
void findAssigned(std::string_view text, const Names &names, Spans &found);
/// The value in `--name value` of a secret's name.
void findOptions(std::string_view text, const Names &names, Spans &found);

} // namespace trendscope::observability::secrets
