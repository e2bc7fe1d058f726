#pragma once

#include "core/config/celery_settings.h"
#include "core/config/log_location.h"
#include "core/config/log_rules.h"
#include "core/config/log_stream_settings.h"
#include "core/config/node_settings.h"
#include "core/config/postgres_settings.h"
#include "core/config/push_settings.h"
#include "core/config/statsd_settings.h"
#include "core/observability/logging.h"
#include "core/result.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trendscope::config {

/// Everything that trendscope.yml can say; the initial values are the built-in defaults.
///
/// Read once, then passed down by value.
struct Config {
    struct Prometheus {
        std::string url =
            "http://localhost:9090"; ///< http(s), with a path prefix where there is one
        std::vector<std::pair<std::string, std::string>>
            headers; ///< sent with every query; may be secret
    };
    struct Alertmanager {
        std::string url; ///< http(s); empty: only Prometheus is asked
    };
    struct Console {
        std::string theme = "dark";       ///< dark, light
        std::string refresh;              ///< "5s", "off"; empty: as the dashboard says
        std::string timezone = "browser"; ///< browser (local), utc, or an IANA name
    };
    struct Exporter {
        std::vector<std::string> listenAddresses = {"127.0.0.1:9787"};
        std::string webConfigFile; ///< TLS, users, headers; empty: none
        std::vector<std::string> disabledCollectors;
        std::vector<std::string> mountPoints = {"/"};
        LogStreamSettings logStream;
        NodeSettings node;
        // Collectors that are asked for:
        std::optional<CgroupSettings> cgroup;
        std::optional<PostgresSettings> postgres;
        std::optional<PostgresLogSettings> postgresLog;
        std::optional<PgbouncerSettings> pgbouncer;
        std::optional<CelerySettings> celery;
        std::optional<LogMetrics> logs;
        std::optional<StatsdSettings> statsd;
        PushSettings push;
        PushedMetricsSettings pushedMetrics; ///< of statsd and push together
    };

    Prometheus prometheus;
    Alertmanager alertmanager;
    std::vector<std::string> dashboards; ///< files and folders; empty: the shipped ones
    std::vector<LogLocation> logs;       ///< JSON logs to follow
    Console console;
    Exporter exporter;
    observability::LogSettings log;
};

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const char *name)>;
Environment processEnvironment();

/// Reads the configuration: built-in defaults, overridden by one file, overridden by the
/// environment.
///
/// The file is `file`, else $XDG_CONFIG_HOME/trendscope/trendscope.yml (~/.config without that
/// variable), else /etc/trendscope/trendscope.yml, else none. A relative path in it is relative to
/// the file.
///
/// Errors: NotFound (only for `file`); System, when it can not be read; Invalid, naming file, line
/// and key, for what is not YAML, unknown keys, and values of a wrong type.
Result<Config> load(const std::optional<std::filesystem::path> &file,
                    const Environment &environment);

} // namespace trendscope::config
