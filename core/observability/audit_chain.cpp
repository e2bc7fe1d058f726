#include "core/observability/audit_chain_p.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <stdexcept>

namespace trendscope::observability {

namespace {

constexpr std::size_t minKeyLength = 16;
constexpr std::size_t maxKeyLength = 64UL << 10;
constexpr std::size_t sealLength = 256;

bool isHash(std::string_view text)
{
    return text.size() == audit::hashLength && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::optional<std::uint64_t> parseSequence(std::string_view digits)
{
    std::uint64_t sequence = 0;
    const char *const end = digits.data() + digits.size();
    const auto [rest, failure] = std::from_chars(digits.data(), end, sequence);
    const bool isPlain = digits == "0" || !digits.starts_with('0');
    if (failure != std::errc() || rest != end || !isPlain || sequence > audit::maxSequence)
        return {};
    return sequence;
}

/// Takes `expected` off the end of `text`.
bool takeEnd(std::string_view &text, std::string_view expected)
{
    if (!text.ends_with(expected))
        return false;
    text.remove_suffix(expected.size());
    return true;
}

/// Takes what follows the last `name` off the end of `text`, together with it.
std::optional<std::string_view> takeMember(std::string_view &text, std::string_view name,
                                           std::size_t maxLength)
{
    const auto from = text.size() - std::min(text.size(), name.size() + maxLength);
    const auto at = text.substr(from).rfind(name);
    if (at == std::string_view::npos)
        return {};
    const std::string_view value = text.substr(from + at + name.size());
    text = text.substr(0, from + at);
    return value;
}

struct NamedHash {
    audit::Algorithm algorithm;
    std::string_view hash;
};

/// `sha256:…` or `hmac-sha256:…`
std::optional<NamedHash> parseNamedHash(std::string_view text)
{
    for (const auto algorithm : {audit::Algorithm::Sha256, audit::Algorithm::HmacSha256}) {
        const std::string_view name = audit::nameOf(algorithm);
        const bool isNamed = text.starts_with(name) && text.substr(name.size()).starts_with(':');
        if (isNamed && isHash(text.substr(name.size() + 1)))
            return NamedHash{algorithm, text.substr(name.size() + 1)};
    }
    return {};
}

} // namespace

std::optional<AuditPosition> AuditPosition::fromText(std::string_view text)
{
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !isHash(text.substr(colon + 1)))
        return {};
    const auto sequence = parseSequence(text.substr(0, colon));
    if (!sequence)
        return {};
    return AuditPosition{*sequence, std::string(text.substr(colon + 1))};
}

namespace audit {

std::string_view nameOf(Algorithm algorithm)
{
    return algorithm == Algorithm::Sha256 ? "sha256" : "hmac-sha256";
}

Result<std::string> readKey(const std::filesystem::path &file)
{
    std::ifstream in(file, std::ios::binary);
    Result<std::string> key{std::string()};
    for (char byte = 0; key->size() <= maxKeyLength && in.get(byte);)
        *key += byte;
    if (!in.is_open() || in.bad() || (in.fail() && !in.eof()))
        return tl::unexpected(
            Error{Error::Kind::System, "The key file " + file.string() + " can not be read", {}});
    if (key->ends_with('\n'))
        key->pop_back();
    if (key->size() < minKeyLength || key->size() > maxKeyLength)
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "The key file " + file.string()
                      + " must have 16 to 65536 bytes; `openssl rand -hex 32` makes a key",
                  {}});
    return key;
}

struct Hasher::Private {
    // One fetch and one key schedule for all records, which are small.
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> digest{nullptr, EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> plain{nullptr, EVP_MD_CTX_free};
    std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> keyed{nullptr, EVP_MAC_CTX_free};
};

Hasher::Hasher(std::string_view key)
    : d(std::make_unique<Private>())
{
    if (key.empty()) {
        d->digest.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
        d->plain.reset(EVP_MD_CTX_new());
    } else if (EVP_MAC *const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr)) {
        d->keyed.reset(EVP_MAC_CTX_new(mac));
        EVP_MAC_free(mac);
        std::string name = "SHA256";
        const std::array parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
            OSSL_PARAM_construct_end()};
        if (EVP_MAC_init(d->keyed.get(), reinterpret_cast<const unsigned char *>(key.data()),
                         key.size(), parameters.data())
            != 1)
            d->keyed.reset();
    }
    if (!d->keyed && (!d->plain || !d->digest))
        throw std::runtime_error("OpenSSL offers no SHA-256");
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher &&) noexcept = default;
Hasher &Hasher::operator=(Hasher &&) noexcept = default;

Algorithm Hasher::algorithm() const
{
    return d->keyed ? Algorithm::HmacSha256 : Algorithm::Sha256;
}

Hash Hasher::hash(std::string_view text)
{
    std::array<unsigned char, hashLength / 2> bytes{};
    const auto *const data = reinterpret_cast<const unsigned char *>(text.data());
    std::size_t length = bytes.size();
    const bool isDone = d->keyed ? EVP_MAC_init(d->keyed.get(), nullptr, 0, nullptr) == 1
            && EVP_MAC_update(d->keyed.get(), data, text.size()) == 1
            && EVP_MAC_final(d->keyed.get(), bytes.data(), &length, length) == 1
                                 : EVP_DigestInit_ex2(d->plain.get(), d->digest.get(), nullptr) == 1
            && EVP_DigestUpdate(d->plain.get(), data, text.size()) == 1
            && EVP_DigestFinal_ex(d->plain.get(), bytes.data(), nullptr) == 1;
    if (!isDone)
        throw std::runtime_error("OpenSSL can not hash"); // out of memory, at most
    constexpr std::string_view digits = "0123456789abcdef";
    Hash hash{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        hash[2 * i] = digits[bytes[i] >> 4];
        hash[2 * i + 1] = digits[bytes[i] & 0xF];
    }
    return hash;
}

std::optional<Link> parseLink(std::string_view line)
{
    if (!line.starts_with('{') || line.size() > maxLineLength || !takeEnd(line, "\"}"))
        return {};
    const auto hash = takeMember(line, R"(,"hash":")", 2 * hashLength);
    const auto named = hash ? parseNamedHash(*hash) : std::nullopt;
    const std::string_view hashed = line;
    if (!named || !takeEnd(line, "\""))
        return {};
    const auto previous = takeMember(line, R"(,"previous":")", hashLength);
    const auto digits = takeMember(line, R"(,"sequence":)", 20);
    const auto sequence = parseSequence(digits.value_or(std::string_view()));
    if (!previous || !isHash(*previous) || sequence.value_or(0) == 0)
        return {};
    return Link{hashed, *sequence, *previous, named->algorithm, named->hash};
}

void appendLink(std::string &record, AuditPosition &position, Hasher &hasher)
{
    record += R"(,"sequence":)" + std::to_string(position.sequence + 1) + R"(,"previous":")";
    record += position.hash + '"';
    const Hash hash = hasher.hash(record);
    position = {position.sequence + 1, std::string(viewOf(hash))};
    record += R"(,"hash":")";
    record += nameOf(hasher.algorithm());
    record += ':' + position.hash + "\"}\n";
}

std::string sealText(const AuditPosition &position, Hasher &hasher)
{
    std::string text = R"({"sequence":)" + std::to_string(position.sequence) + R"(,"hash":")";
    text += position.hash + '"';
    const Hash hash = hasher.hash(text);
    text += R"(,"seal":")";
    text += nameOf(hasher.algorithm());
    (text += ':').append(viewOf(hash)) += "\"}";
    text.resize(sealLength - 1, ' ');
    return text += '\n';
}

std::optional<Seal> parseSeal(std::string_view text, Hasher &hasher)
{
    if (text.size() != sealLength || !takeEnd(text, "\n"))
        return {};
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    constexpr std::string_view begin = R"({"sequence":)";
    if (!text.starts_with(begin) || !takeEnd(text, "\"}"))
        return {};
    const auto mac = takeMember(text, R"(,"seal":")", 2 * hashLength);
    const auto named = mac ? parseNamedHash(*mac) : std::nullopt;
    const std::string_view hashed = text;
    if (!named || !takeEnd(text, "\""))
        return {};
    const auto hash = takeMember(text, R"(,"hash":")", hashLength);
    const auto sequence = parseSequence(text.substr(begin.size()));
    if (!hash || !isHash(*hash) || !sequence)
        return {};
    const Hash expected = hasher.hash(hashed);
    const bool isValid = named->algorithm == hasher.algorithm()
        && CRYPTO_memcmp(expected.data(), named->hash.data(), hashLength) == 0;
    return Seal{{*sequence, std::string(*hash)}, named->algorithm, isValid};
}

std::filesystem::path sealOf(std::filesystem::path file)
{
    return file += ".seal";
}

} // namespace audit

} // namespace trendscope::observability
