#include "core/exporter/http/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <strings.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace trendscope::exporter {

namespace {

constexpr std::size_t mostRemembered = 100;
constexpr std::size_t longestHeader = 1024;
/// Of nobody's password: what an unknown user is compared with.
constexpr const char *nobodysHash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

/// "name:password", where the header has that.
std::optional<std::string> credentialsIn(std::string_view authorization)
{
    constexpr std::string_view scheme = "basic ";
    if (authorization.size() <= scheme.size() || authorization.size() > longestHeader
        || ::strncasecmp(authorization.data(), scheme.data(), scheme.size()) != 0)
        return {};
    authorization.remove_prefix(scheme.size());
    while (authorization.starts_with(' '))
        authorization.remove_prefix(1);
    while (authorization.ends_with(' '))
        authorization.remove_suffix(1);
    const auto padding = authorization.size() - (authorization.find_last_not_of('=') + 1);
    if (authorization.empty() || authorization.size() % 4 != 0 || padding > 2)
        return {};
    std::string text(authorization.size() / 4 * 3, '\0');
    const int size =
        ::EVP_DecodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                          reinterpret_cast<const unsigned char *>(authorization.data()),
                          static_cast<int>(authorization.size()));
    if (size < 0)
        return {};
    text.resize(static_cast<std::size_t>(size) - padding);
    // Hashes end at a NUL: "right\0anything" would be right.
    if (text.find('\0') != std::string::npos || text.find(':') == std::string::npos)
        return {};
    return text;
}

bool matches(const std::string &password, const std::string &hash)
{
    const auto work = std::make_unique<crypt_data>();
    const char *made = ::crypt_r(password.c_str(), hash.c_str(), work.get());
    const bool isRight = made && std::string_view(made).size() == hash.size()
        && ::CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
    ::OPENSSL_cleanse(work.get(), sizeof(crypt_data));
    return isRight;
}

} // namespace

BasicAuth::BasicAuth()
{
    if (::RAND_bytes(m_key.data(), static_cast<int>(m_key.size())) != 1)
        throw std::runtime_error("no random bytes"); // at the program's start, if at all
}

std::optional<bool> BasicAuth::remembered(const Users &users, std::string_view authorization) const
{
    const auto credentials = credentialsIn(authorization);
    if (!credentials)
        return false;
    const auto user = users.find(credentials->substr(0, credentials->find(':')));
    if (user != users.end() && knows(digestOf(*credentials, user->second)))
        return true;
    return {};
}

bool BasicAuth::check(const Users &users, std::string_view authorization)
{
    if (const auto known = remembered(users, authorization))
        return *known;
    const auto credentials = credentialsIn(authorization);
    const auto colon = credentials->find(':');
    const auto user = users.find(credentials->substr(0, colon));
    const bool isUser = user != users.end();
    if (!matches(credentials->substr(colon + 1), isUser ? user->second : nobodysHash) || !isUser)
        return false;

    const std::lock_guard lock(m_mutex);
    m_right.push_back(digestOf(*credentials, user->second));
    if (m_right.size() > mostRemembered)
        m_right.pop_front();
    return true;
}

bool BasicAuth::isHash(const std::string &hash)
{
    constexpr std::size_t bcryptSize = 60;
    const bool isBcrypt =
        hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
    return isBcrypt && hash.size() == bcryptSize
        && ::crypt_checksalt(hash.c_str()) != CRYPT_SALT_INVALID;
}

/// The hash goes in too: what was right for an old one isn't for a new one.
BasicAuth::Digest BasicAuth::digestOf(std::string_view credentials, std::string_view hash) const
{
    std::string text(credentials);
    (text += '\0') += hash;
    Digest digest{};
    ::HMAC(::EVP_sha256(), m_key.data(), static_cast<int>(m_key.size()),
           reinterpret_cast<const unsigned char *>(text.data()), text.size(), digest.data(),
           nullptr);
    ::OPENSSL_cleanse(text.data(), text.size());
    return digest;
}

bool BasicAuth::knows(const Digest &digest) const
{
    const std::lock_guard lock(m_mutex);
    return std::any_of(m_right.begin(), m_right.end(), [&](const Digest &other) {
        return ::CRYPTO_memcmp(digest.data(), other.data(), digest.size()) == 0;
    });
}

} // namespace trendscope::exporter
