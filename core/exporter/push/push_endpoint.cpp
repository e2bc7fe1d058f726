#include "core/exporter/push/push_endpoint.h"

#include "core/exporter/secret_p.h"

#include <openssl/crypto.h>

#include <mutex>

namespace trendscope::exporter {

namespace {

std::string_view tokenOf(const Request &request)
{
    constexpr std::string_view scheme = "Bearer ";
    if (const auto own = request.header("x-trendscope-token"); !own.empty())
        return own;
    const std::string_view authorization = request.header("authorization");
    return authorization.starts_with(scheme) ? authorization.substr(scheme.size())
                                             : std::string_view();
}

/// In a time that tells nothing of where they differ.
bool isSame(std::string_view given, const std::string &token)
{
    return given.size() == token.size()
        && ::CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

std::string jsonOf(const PushIntake::Count &count)
{
    std::string json = R"({"taken":)" + std::to_string(count.taken) + R"(,"refused":)"
        + std::to_string(count.refused);
    // What PushIntake says has nothing of the sender's in it, so there is nothing to escape.
    if (!count.firstProblem.empty())
        json += R"(,"problem":")" + count.firstProblem + '"';
    return json + "}\n";
}

} // namespace

Result<std::optional<std::string>> readPushToken(const config::PushSettings &settings)
{
    auto token = secretFrom(settings.tokenVariable, settings.tokenFile);
    if (token && *token && (*token)->empty())
        return tl::unexpected(
            Error{Error::Kind::Invalid, "The token of exporter.push is empty", {}});
    return token;
}

PushEndpoint::PushEndpoint(PushedMetrics &metrics, observability::Registry &registry)
    : m_intake(metrics, registry)
{
}

void PushEndpoint::configure(config::PushSettings settings)
{
    const std::unique_lock lock(m_mutex);
    m_settings = std::move(settings);
}

Response PushEndpoint::answer(const Request &request)
{
    config::PushSettings settings;
    {
        const std::shared_lock lock(m_mutex);
        settings = m_settings;
    }
    const auto token = readPushToken(settings); // anew, so a changed one needs no restart
    if (!token)
        return {.status = 500, .body = token.error().message + ".\n"};
    if (!*token)
        return {.status = 404, .body = "Pushing is off: exporter.push has no token_file.\n"};
    if (!isSame(tokenOf(request), **token))
        return {.status = 401,
                .body = "The token is missing or wrong.\n",
                .headers = {{"WWW-Authenticate", "Bearer"}}};
    if (request.method != "POST")
        return {
            .status = 405, .body = "Only POST is answered here.\n", .headers = {{"Allow", "POST"}}};
    const std::shared_lock lock(m_mutex);
    if (m_settings != settings)
        return {.status = 503, .body = "The configuration is changed just now; try again.\n"};
    const auto count = m_intake.take(request.body);
    if (!count)
        return {.status = 413, .body = count.error().message + "\n"};
    const bool isAllRefused = count->taken == 0 && count->refused > 0;
    return {.status = isAllRefused ? 400 : 200,
            .contentType = "application/json",
            .body = jsonOf(*count)};
}

} // namespace trendscope::exporter
