#pragma once

#include "core/observability/logger.h"
#include "core/result.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::exporter {

class TlsContext;

/// What a `--web.config.file` says, in the form of Prometheus' exporters
/// (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md).
struct WebSettings {
    std::shared_ptr<const TlsContext> tls = {};    ///< null: plain HTTP
    std::map<std::string, std::string> users = {}; ///< name to bcrypt hash; empty: no login
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< of every answer

    /// Keys: tls_server_config (cert_file, key_file, client_auth_type, client_ca_file, min_version,
    /// max_version), basic_auth_users, http_server_config (headers). File names are relative to the
    /// folder of `file`. Errors: NotFound, System, Invalid; naming file, line and key.
    static Result<WebSettings> load(const std::filesystem::path &file,
                                    std::vector<std::filesystem::path> *read = nullptr);
};

/// A web configuration that follows its files: once one of them changed they are read anew. New
/// ones that make no sense are logged, once, and the old ones stay. Thread safe.
class WebConfig {
public:
    /// Errors: as of WebSettings::load().
    static Result<std::shared_ptr<WebConfig>> open(std::filesystem::path file,
                                                   observability::Logger log);

    /// Costs a stat() of each file.
    std::shared_ptr<const WebSettings> current();
    /// The same, but says what is wrong with changed files. The old settings stay then.
    Result<void> reload();
    /// Why the files' present content is not in use; empty: it is.
    std::string lastError() const;
    const std::filesystem::path &file() const { return m_file; }

private:
    using Stamp = std::vector<std::string>;
    WebConfig(std::filesystem::path file, observability::Logger log);
    Stamp stamp() const;
    Result<void> read();

    const std::filesystem::path m_file;
    const observability::Logger m_log;
    mutable std::mutex m_mutex;
    std::vector<std::filesystem::path> m_files; ///< that the settings come from
    Stamp m_stamp;
    std::string m_lastError;
    std::shared_ptr<const WebSettings> m_settings;
};

} // namespace trendscope::exporter
