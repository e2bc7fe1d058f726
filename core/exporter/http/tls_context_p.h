#pragma once

#include "core/result.h"

#include <filesystem>
#include <memory>
#include <string>

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;
struct gnutls_session_int;

namespace trendscope::exporter {

/// Certificates and rules of TLS connections, as of when it was made. GnuTLS, as libmicrohttpd.
class TlsContext {
public:
    enum class ClientAuth { None, Request, RequireAny, VerifyIfGiven, RequireAndVerify };
    struct Settings {
        std::filesystem::path certificates;           ///< PEM, the server's own first
        std::filesystem::path key;                    ///< PEM
        std::filesystem::path clientAuthorities = {}; ///< PEM; empty: none
        ClientAuth clientAuth = ClientAuth::None;
        int minVersion = 12; ///< 10 to 13: TLS 1.0 to 1.3
        int maxVersion = 13;
    };

    /// Errors: NotFound, System, Invalid.
    static Result<std::shared_ptr<const TlsContext>> load(const Settings &settings);
    ~TlsContext();
    TlsContext(const TlsContext &) = delete;
    TlsContext &operator=(const TlsContext &) = delete;

    /// For a session whose handshake has not begun. The context must outlive it.
    bool applyTo(gnutls_session_int *session) const;
    const std::string &certificates() const { return m_certificates; } ///< PEM
    const std::string &key() const { return m_key; }                   ///< PEM

private:
    TlsContext() = default;

    std::string m_certificates;
    std::string m_key;
    ClientAuth m_clientAuth = ClientAuth::None;
    gnutls_certificate_credentials_st *m_credentials = nullptr;
    gnutls_priority_st *m_priorities = nullptr;
};

} // namespace trendscope::exporter
