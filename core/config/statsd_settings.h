#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trendscope::config {

/// What timers, histograms and distributions become.
enum class StatsdObserver { Histogram, Summary };

/// One rule for the metrics that it matches, as in statsd_exporter's mapping file
/// (https://github.com/prometheus/statsd_exporter#metric-mapping-and-configuration).
struct StatsdMapping {
    enum class Pattern {
        Glob,  ///< "*" is one part between dots
        Regex, ///< RE2's, found anywhere in the name unless anchored
    };
    enum class Kind { Any, Counter, Gauge, Observer, Set };

    std::string match;
    Pattern pattern = Pattern::Glob;
    Kind kind = Kind::Any;  ///< only metrics of it
    bool isDropped = false; ///< "action: drop"

    /// In these, "$1" or "${1}" is what the first "*" or group has matched.
    std::string name = {};
    std::vector<std::pair<std::string, std::string>> labels = {};

    std::string help = {};
    std::optional<StatsdObserver> observer = {}; ///< none: StatsdSettings::observer
    std::vector<double> buckets = {};        ///< seconds for timers; empty: StatsdSettings::buckets
    std::chrono::milliseconds timeToLive{0}; ///< 0: StatsdSettings::timeToLive
    double scale = 1;                        ///< values are multiplied with it
    bool honorLabels = false; ///< a tag wins over a label of the same name, not the label

    bool operator==(const StatsdMapping &) const = default;
};

/// Where StatsD and DogStatsD packets come from, and what they become.
struct StatsdSettings {
    std::vector<std::string> udp =
        {}; ///< host:port, usually 127.0.0.1:8125; StatsD knows no passwords
    std::vector<std::filesystem::path> unixDatagram = {}; ///< DogStatsD's usual way
    mode_t unixMode = 0660;                               ///< who may send there
    /// Bytes for packets that were not read yet; the kernel counts each with some 700 of its own.
    /// Beyond net.core.rmem_max only as root or with CAP_NET_ADMIN.
    std::size_t receiveBuffer = 32 << 20;

    StatsdObserver observer = StatsdObserver::Histogram;
    std::vector<double> buckets = {};         ///< seconds for timers; empty: PushedMetricsSettings'
    std::chrono::milliseconds timeToLive{0};  ///< of a series without updates; 0: those settings'
    std::vector<StatsdMapping> mappings = {}; ///< the first one that matches counts
    std::filesystem::path mappingFile =
        {}; ///< whose rules replace those, as statsd_exporter has it

    bool operator==(const StatsdSettings &) const = default;
};

} // namespace trendscope::config
