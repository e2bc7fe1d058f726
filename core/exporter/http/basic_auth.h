#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// Checks HTTP's basic authentication (RFC 7617) against bcrypt hashes. Thread safe.
///
/// A hash is slow on purpose (0.1 s and more), so credentials that were right are remembered: as
/// HMACs under a key of this object, never as they are.
class BasicAuth {
public:
    using Users = std::map<std::string, std::string>; ///< name to hash

    BasicAuth();

    /// What is known without hashing. `authorization` is the header.
    std::optional<bool> remembered(const Users &users, std::string_view authorization) const;
    /// Hashes where it must; takes as long for a user that is not there.
    bool check(const Users &users, std::string_view authorization);

    /// Whether it is a bcrypt hash: $2a$, $2b$ or $2y$, a cost, salt and checksum.
    static bool isHash(const std::string &hash);

private:
    using Digest = std::array<unsigned char, 32>;
    Digest digestOf(std::string_view credentials, std::string_view hash) const;
    bool knows(const Digest &digest) const;

    std::array<unsigned char, 32> m_key{};
    mutable std::mutex m_mutex;
    std::deque<Digest> m_right; ///< of the latest credentials that were right
};

} // namespace trendscope::exporter
