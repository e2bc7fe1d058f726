#include "core/exporter/postgres/pg_parameters_p.h"
#include "core/exporter/secret_p.h"

#include <libpq-fe.h>

#include <memory>

namespace trendscope::exporter {

namespace {

struct FreeOptions {
    void operator()(PQconninfoOption *options) const { PQconninfoFree(options); }
};
struct FreeText {
    void operator()(char *text) const { PQfreemem(text); }
};

/// libpq quotes what it does not understand, and that may be a password.
std::string withoutQuotes(std::string_view message)
{
    std::string out;
    bool isQuoted = false;
    for (const char c : message) {
        if (c == '"' && !isQuoted)
            out += "\"…\"";
        if (c == '"')
            isQuoted = !isQuoted;
        else if (!isQuoted && c != '\n')
            out += c;
    }
    return out;
}

bool isConnectionText(std::string_view text)
{
    return text.starts_with("postgres://") || text.starts_with("postgresql://")
        || text.find('=') != std::string_view::npos;
}

Result<void> check(const std::string &connection)
{
    if (!isConnectionText(connection)) // a database's name, or nothing
        return {};
    char *reason = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(connection.c_str(), &reason));
    const std::unique_ptr<char, FreeText> message(reason);
    if (!options)
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  "the connection text makes no sense: " + withoutQuotes(reason ? reason : "")
                      + "; see libpq's \"Connection Strings\"",
                  {}});
    for (const PQconninfoOption *option = options.get(); option->keyword; ++option) {
        const std::string_view value = option->val ? option->val : "";
        if (std::string_view(option->keyword) == "host" && value.find('@', 1) != value.npos)
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      "the connection text has an @ within the host: write an @ of the user or "
                      "the password as %40",
                      {}});
    }
    return {};
}

} // namespace

Result<std::vector<std::pair<std::string, std::string>>>
pgParameters(const config::PostgresConnectionSettings &settings)
{
    std::string connection = settings.connection;
    if (!settings.connectionFile.empty()) {
        auto line = readFirstLine(settings.connectionFile);
        if (!line)
            return tl::unexpected(line.error());
        connection = std::move(*line);
    }
    if (auto sound = check(connection); !sound)
        return tl::unexpected(sound.error());

    // The last of the same name counts, and the connection text stands for its parts: what is
    // before it are defaults. The kernel ends a connection whose other end is gone after some 30 s.
    std::vector<std::pair<std::string, std::string>> parameters{
        {"fallback_application_name", pgApplicationName},
        {"keepalives_idle", "15"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "30000"},
        {"dbname", connection},
        {"client_encoding", "UTF8"}};
    auto password = secretFrom(settings.passwordVariable, settings.passwordFile);
    if (!password)
        return tl::unexpected(password.error());
    if (*password)
        parameters.emplace_back("password", std::move(**password));
    return parameters;
}

} // namespace trendscope::exporter
