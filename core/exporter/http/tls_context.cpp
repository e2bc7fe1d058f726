#include "core/exporter/http/tls_context_p.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

namespace trendscope::exporter {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> refused(std::string message, int code)
{
    return tl::unexpected(
        Error{Error::Kind::Invalid, std::move(message) + ": " + ::gnutls_strerror(code), {}});
}

Result<std::string> contentOf(const fs::path &file)
{
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (stream && !text.empty())
        return text;
    const int reason = errno;
    return tl::unexpected(
        Error{reason == ENOENT ? Error::Kind::NotFound : Error::Kind::System,
              file.string() + " can not be read: "
                  + (reason != 0 ? std::strerror(reason) : "it is empty, or not a file"),
              {}});
}

gnutls_datum_t datumOf(const std::string &text)
{
    return {reinterpret_cast<unsigned char *>(const_cast<char *>(text.data())),
            static_cast<unsigned>(text.size())};
}

std::string priorities(const TlsContext::Settings &settings)
{
    std::string text = "NORMAL:-VERS-ALL";
    for (int version = settings.maxVersion; version >= settings.minVersion; --version)
        text += ":+VERS-TLS1." + std::to_string(version - 10);
    return text;
}

/// During the handshake; not 0 ends it. RequireAny is GnuTLS's own affair.
int verifyClient(gnutls_session_t session)
{
    unsigned count = 0;
    if (!::gnutls_certificate_get_peers(session, &count) || count == 0)
        return 0; // where one is required, GnuTLS has ended the handshake
    gnutls_typed_vdata_st purpose{};
    purpose.type = GNUTLS_DT_KEY_PURPOSE_OID;
    purpose.data = reinterpret_cast<unsigned char *>(const_cast<char *>(GNUTLS_KP_TLS_WWW_CLIENT));
    unsigned status = 0;
    const int failure = ::gnutls_certificate_verify_peers(session, &purpose, 1, &status);
    return failure == GNUTLS_E_SUCCESS && status == 0 ? 0 : -1;
}

} // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const Settings &settings)
{
    auto certificates = contentOf(settings.certificates);
    if (!certificates)
        return tl::unexpected(certificates.error());
    auto key = contentOf(settings.key);
    if (!key)
        return tl::unexpected(key.error());

    const std::shared_ptr<TlsContext> context(new TlsContext);
    context->m_certificates = *std::move(certificates);
    context->m_key = *std::move(key);
    context->m_clientAuth = settings.clientAuth;
    ::gnutls_certificate_allocate_credentials(&context->m_credentials);
    const gnutls_datum_t certificatePem = datumOf(context->m_certificates);
    const gnutls_datum_t keyPem = datumOf(context->m_key);
    if (const int code = ::gnutls_certificate_set_x509_key_mem(
            context->m_credentials, &certificatePem, &keyPem, GNUTLS_X509_FMT_PEM);
        code < 0)
        return refused("The certificate " + settings.certificates.string() + " and the key "
                           + settings.key.string() + " can not be used",
                       code);
    if (!settings.clientAuthorities.empty()) {
        const auto authorities = contentOf(settings.clientAuthorities);
        if (!authorities)
            return tl::unexpected(authorities.error());
        const gnutls_datum_t pem = datumOf(*authorities);
        const int count = ::gnutls_certificate_set_x509_trust_mem(context->m_credentials, &pem,
                                                                  GNUTLS_X509_FMT_PEM);
        if (count <= 0)
            return refused(settings.clientAuthorities.string() + " has no certificates",
                           count < 0 ? count : GNUTLS_E_NO_CERTIFICATE_FOUND);
    }
    if (const int code =
            ::gnutls_priority_init(&context->m_priorities, priorities(settings).c_str(), nullptr);
        code < 0)
        return refused("min_version and max_version leave nothing", code);
    return context;
}

TlsContext::~TlsContext()
{
    if (m_priorities)
        ::gnutls_priority_deinit(m_priorities);
    if (m_credentials)
        ::gnutls_certificate_free_credentials(m_credentials);
}

bool TlsContext::applyTo(gnutls_session_int *session) const
{
    gnutls_certificate_request_t request = GNUTLS_CERT_REQUEST;
    if (m_clientAuth == ClientAuth::None)
        request = GNUTLS_CERT_IGNORE;
    else if (m_clientAuth == ClientAuth::RequireAny || m_clientAuth == ClientAuth::RequireAndVerify)
        request = GNUTLS_CERT_REQUIRE;
    ::gnutls_certificate_server_set_request(session, request);
    if (m_clientAuth == ClientAuth::VerifyIfGiven || m_clientAuth == ClientAuth::RequireAndVerify)
        ::gnutls_session_set_verify_function(session, &verifyClient);
    return ::gnutls_priority_set(session, m_priorities) == GNUTLS_E_SUCCESS
        && ::gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, m_credentials)
        == GNUTLS_E_SUCCESS;
}

} // namespace trendscope::exporter
