#pragma once

#include "core/observability/audit_position.h"
#include "core/result.h"

#include <array>
#include <filesystem>
#include <memory>

/// How the records of an audit log hang together. A record is a line that ends in
///
///     ,"sequence":N,"previous":"<hash of the record before>","hash":"<algorithm>:<hash>"}
///
/// where the hash is that of all before `,"hash"`, and `previous` of the first record is 64 zeros.
/// All is read from the line's end, so that nothing that was logged can pass for it, and only one
/// spelling is valid.
namespace trendscope::observability::audit {

constexpr std::size_t hashLength = 64;
/// Of a line; what is longer is refused, and none of ours.
constexpr std::size_t maxLineLength = 16UL << 20;
/// So that counting on never overflows.
constexpr std::uint64_t maxSequence = std::uint64_t{1} << 62;

enum class Algorithm { Sha256, HmacSha256 };
std::string_view nameOf(Algorithm algorithm); ///< as in a record: sha256, hmac-sha256

/// A key from a file: its content less one line break at its end, at least 16 bytes.
/// Errors: System, Invalid.
Result<std::string> readKey(const std::filesystem::path &file);

using Hash = std::array<char, hashLength>; ///< lower-case hexadecimal
inline std::string_view viewOf(const Hash &hash)
{
    return {hash.data(), hash.size()};
}

/// SHA-256, or HMAC-SHA-256 when there is a key. Single-threaded.
class Hasher {
public:
    explicit Hasher(std::string_view key = {});
    ~Hasher();
    Hasher(Hasher &&) noexcept;
    Hasher &operator=(Hasher &&) noexcept;

    Algorithm algorithm() const;
    Hash hash(std::string_view text);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

/// What the end of a record says; views into its line.
struct Link {
    std::string_view hashed; ///< what the hash is of
    std::uint64_t sequence = 0;
    std::string_view previous;
    Algorithm algorithm = Algorithm::Sha256;
    std::string_view hash;

    AuditPosition position() const { return {sequence, std::string(hash)}; }
};
/// Nothing when the line, without its line break, is no record.
std::optional<Link> parseLink(std::string_view line);

/// Ends a record: `record` is a JSON object without its closing brace. Moves `position` on to it.
void appendLink(std::string &record, AuditPosition &position, Hasher &hasher);

/// The text of FILE.seal: where the log ends, with a hash of that. Always of the same length, less
/// than a disk's sector, so that it is replaced as a whole.
std::string sealText(const AuditPosition &position, Hasher &hasher);

struct Seal {
    AuditPosition position = {};
    Algorithm algorithm = Algorithm::Sha256;
    bool isValid = false; ///< its hash fits; always false when that needs a key and there is none
};
/// Nothing when it is no seal.
std::optional<Seal> parseSeal(std::string_view text, Hasher &hasher);

std::filesystem::path sealOf(std::filesystem::path file);

} // namespace trendscope::observability::audit
