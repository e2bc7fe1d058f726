#include "core/exporter/http/web_config.h"

#include "core/exporter/http/basic_auth.h"
#include "core/exporter/http/tls_context_p.h"

#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace trendscope::exporter {

namespace {

namespace fs = std::filesystem;
using ClientAuth = TlsContext::ClientAuth;

/// Reads one document; the first mistake ends it, as an Error that is thrown within this file.
class Reader {
public:
    explicit Reader(fs::path file)
        : m_file(std::move(file))
    {
    }

    WebSettings read(const YAML::Node &root, std::vector<fs::path> &files)
    {
        WebSettings settings;
        eachOf(root, "the file", [&](const std::string &key, const YAML::Node &value) {
            if (key == "tls_server_config")
                settings.tls = tls(value, files);
            else if (key == "basic_auth_users")
                settings.users = users(value);
            else if (key == "http_server_config")
                settings.headers = headers(value);
            else
                refuse(value, "unknown key '" + key + "'");
        });
        return settings;
    }

private:
    [[noreturn]] void refuse(const YAML::Node &at, const std::string &what) const
    {
        throw Error{Error::Kind::Invalid,
                    m_file.string() + ":" + std::to_string(at.Mark().line + 1) + ": " + what,
                    {}};
    }

    template <class Visit>
    void eachOf(const YAML::Node &node, const std::string &name, Visit visit) const
    {
        if (node.IsNull())
            return;
        if (!node.IsMap())
            refuse(node, name + " should be a map of keys and values");
        for (const auto &entry : node) {
            if (!entry.first.IsScalar())
                refuse(entry.first, "a key of " + name + " should be a text");
            visit(entry.first.Scalar(), entry.second);
        }
    }

    std::string text(const std::string &key, const YAML::Node &value) const
    {
        if (!value.IsScalar())
            refuse(value, "'" + key + "' should be a text");
        return value.Scalar();
    }

    fs::path path(const std::string &key, const YAML::Node &value) const
    {
        const std::string name = text(key, value);
        return name.empty() ? fs::path() : m_file.parent_path() / name;
    }

    template <class Value, std::size_t count>
    Value oneOf(const std::string &key, const YAML::Node &value,
                const std::array<std::pair<std::string_view, Value>, count> &known) const
    {
        const std::string given = text(key, value);
        std::string names;
        for (const auto &[name, meaning] : known) {
            if (given == name)
                return meaning;
            (names += names.empty() ? "" : ", ") += name;
        }
        refuse(value, "'" + key + "' should be one of " + names);
    }

    std::shared_ptr<const TlsContext> tls(const YAML::Node &node, std::vector<fs::path> &files)
    {
        if (node.IsNull() || (node.IsMap() && node.size() == 0))
            return {};
        TlsContext::Settings settings;
        eachOf(node, "tls_server_config", [&](const std::string &key, const YAML::Node &value) {
            readTls(settings, key, value);
        });
        if (settings.certificates.empty() || settings.key.empty())
            refuse(node, "tls_server_config should have cert_file and key_file");
        const bool verifies = settings.clientAuth == ClientAuth::VerifyIfGiven
            || settings.clientAuth == ClientAuth::RequireAndVerify;
        if (verifies && settings.clientAuthorities.empty())
            refuse(node, "this client_auth_type should have a client_ca_file to verify with");
        if (!settings.clientAuthorities.empty() && settings.clientAuth == ClientAuth::None)
            refuse(node, "client_ca_file has no effect without a client_auth_type");
        if (settings.minVersion > settings.maxVersion)
            refuse(node, "min_version should not be above max_version");
        for (const fs::path &file :
             {settings.certificates, settings.key, settings.clientAuthorities}) {
            if (!file.empty())
                files.push_back(file);
        }
        auto context = TlsContext::load(settings);
        if (!context)
            throw Error(context.error());
        return *std::move(context);
    }

    void readTls(TlsContext::Settings &settings, const std::string &key,
                 const YAML::Node &value) const
    {
        using Version = std::pair<std::string_view, int>;
        static constexpr std::array versions{Version{"TLS10", 10}, Version{"TLS11", 11},
                                             Version{"TLS12", 12}, Version{"TLS13", 13}};
        using Type = std::pair<std::string_view, ClientAuth>;
        static constexpr std::array types{
            Type{"NoClientCert", ClientAuth::None}, Type{"RequestClientCert", ClientAuth::Request},
            Type{"RequireAnyClientCert", ClientAuth::RequireAny},
            Type{"VerifyClientCertIfGiven", ClientAuth::VerifyIfGiven},
            Type{"RequireAndVerifyClientCert", ClientAuth::RequireAndVerify}};
        if (key == "cert_file")
            settings.certificates = path(key, value);
        else if (key == "key_file")
            settings.key = path(key, value);
        else if (key == "client_ca_file")
            settings.clientAuthorities = path(key, value);
        else if (key == "client_auth_type")
            settings.clientAuth = oneOf(key, value, types);
        else if (key == "min_version")
            settings.minVersion = oneOf(key, value, versions);
        else if (key == "max_version")
            settings.maxVersion = oneOf(key, value, versions);
        else if (key != "prefer_server_cipher_suites") // they are, as in Go since 1.17
            refuse(value, "unknown or unsupported key 'tls_server_config." + key + "'");
    }

    std::map<std::string, std::string> users(const YAML::Node &node) const
    {
        std::map<std::string, std::string> users;
        eachOf(node, "basic_auth_users", [&](const std::string &name, const YAML::Node &value) {
            const std::string hash = text("basic_auth_users." + name, value);
            if (name.find(':') != std::string::npos)
                refuse(value, "a user's name can not have a colon");
            // Not the value: it may well be the password.
            if (!BasicAuth::isHash(hash))
                refuse(value,
                       "the value of the user '" + name
                           + "' should be a bcrypt hash, as `htpasswd -nBC 10 " + name
                           + "` makes it");
            users[name] = hash;
        });
        return users;
    }

    std::vector<std::pair<std::string, std::string>> headers(const YAML::Node &node) const
    {
        static constexpr std::array<std::string_view, 6> known{
            "Content-Security-Policy", "Strict-Transport-Security", "X-Frame-Options",
            "X-Content-Type-Options",  "X-XSS-Protection",          "Cache-Control"};
        std::vector<std::pair<std::string, std::string>> headers;
        eachOf(node, "http_server_config", [&](const std::string &key, const YAML::Node &value) {
            if (key == "http2") // not spoken here, whatever it says
                return;
            if (key != "headers")
                refuse(value, "unknown key 'http_server_config." + key + "'");
            eachOf(value, "headers", [&](const std::string &name, const YAML::Node &content) {
                const std::string line = text(name, content);
                if (std::find(known.begin(), known.end(), name) == known.end())
                    refuse(content, "the header '" + name + "' can not be set");
                if (line.find_first_of("\r\n") != std::string::npos)
                    refuse(content, "a header should be of one line");
                headers.emplace_back(name, line);
            });
        });
        return headers;
    }

    const fs::path m_file;
};

Result<std::string> contentOf(const fs::path &file)
{
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (stream)
        return text;
    const int reason = errno;
    return tl::unexpected(Error{reason == ENOENT ? Error::Kind::NotFound : Error::Kind::System,
                                "The web configuration " + file.string() + " can not be read: "
                                    + (reason != 0 ? std::strerror(reason) : "it is not a file"),
                                {}});
}

} // namespace

Result<WebSettings> WebSettings::load(const fs::path &file, std::vector<fs::path> *read)
{
    std::vector<fs::path> others;
    std::vector<fs::path> &files = read ? *read : others;
    files.assign(1, file);
    const auto text = contentOf(file);
    if (!text)
        return tl::unexpected(text.error());
    try {
        return Reader(file).read(YAML::Load(*text), files);
    } catch (const YAML::Exception &error) {
        return tl::unexpected(
            Error{Error::Kind::Invalid,
                  file.string() + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg,
                  {}});
    } catch (const Error &error) {
        return tl::unexpected(error);
    }
}

WebConfig::WebConfig(fs::path file, observability::Logger log)
    : m_file(std::move(file))
    , m_log(std::move(log))
    , m_files{m_file}
{
}

Result<std::shared_ptr<WebConfig>> WebConfig::open(fs::path file, observability::Logger log)
{
    std::shared_ptr<WebConfig> config(new WebConfig(std::move(file), std::move(log)));
    if (const auto done = config->read(); !done)
        return tl::unexpected(done.error());
    return config;
}

WebConfig::Stamp WebConfig::stamp() const
{
    Stamp stamp;
    for (const fs::path &file : m_files) {
        struct stat status { };
        std::string text;
        if (::stat(file.c_str(), &status) == 0) {
            for (const auto number :
                 {static_cast<std::int64_t>(status.st_ino), std::int64_t{status.st_size},
                  std::int64_t{status.st_mtim.tv_sec}, std::int64_t{status.st_mtim.tv_nsec},
                  std::int64_t{status.st_ctim.tv_sec}, std::int64_t{status.st_ctim.tv_nsec}})
                text += std::to_string(number) + ' ';
        }
        stamp.push_back(std::move(text));
    }
    return stamp;
}

Result<void> WebConfig::read()
{
    std::vector<fs::path> files;
    // Before it is read: what changes meanwhile is read once more.
    m_stamp = stamp();
    auto settings = WebSettings::load(m_file, &files);
    const bool isGrown = files != m_files;
    m_files = std::move(files);
    if (isGrown)
        m_stamp = stamp();
    if (settings && m_settings && !settings->tls != !m_settings->tls)
        settings = tl::unexpected(Error{Error::Kind::Invalid,
                                        m_file.string()
                                            + ": TLS is switched on or off by a "
                                              "restart only",
                                        {}});
    if (!settings) {
        m_lastError = settings.error().message;
        return tl::unexpected(settings.error());
    }
    m_lastError.clear();
    m_settings = std::make_shared<const WebSettings>(*std::move(settings));
    return {};
}

std::shared_ptr<const WebSettings> WebConfig::current()
{
    const std::lock_guard lock(m_mutex);
    if (stamp() == m_stamp)
        return m_settings;
    if (const auto done = read(); done)
        m_log.info("Web configuration read anew", {{"file", m_file.string()}});
    else
        m_log.error("Changed web configuration refused, the old one stays",
                    {{"file", m_file.string()}, {"reason", done.error().message}});
    return m_settings;
}

Result<void> WebConfig::reload()
{
    const std::lock_guard lock(m_mutex);
    return read();
}

std::string WebConfig::lastError() const
{
    const std::lock_guard lock(m_mutex);
    return m_lastError;
}

} // namespace trendscope::exporter
