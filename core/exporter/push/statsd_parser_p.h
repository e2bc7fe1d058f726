#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace trendscope::exporter {

enum class StatsdType : std::uint8_t { Counter, Gauge, Timer, Histogram, Distribution, Set };
constexpr std::array<std::string_view, 6> statsdTypeNames = {"counter",   "gauge",        "timer",
                                                             "histogram", "distribution", "set"};

/// One value of a line; views into its packet.
struct StatsdSample {
    std::string_view name; ///< with the tags that InfluxDB's and Librato's dialects put behind it
    std::string_view tags; ///< DogStatsD's, "key:value,…"
    StatsdType type = StatsdType::Counter;
    double value = 0;           ///< finite; in milliseconds for timers; 0 for sets
    double rate = 1;            ///< 0.000001 to 1
    bool isRelative = false;    ///< gauges with a sign
    std::string_view text = {}; ///< the value as it came
};

/// Why a line or a sample could not be read.
enum class StatsdFault : std::uint8_t {
    MalformedLine,
    MalformedValue,
    MalformedSection, ///< what follows the type
    UnknownType,
    InvalidSampleRate,
};
constexpr std::array<std::string_view, 5> statsdFaultNames = {"malformed_line", "malformed_value",
                                                              "malformed_section", "unknown_type",
                                                              "invalid_sample_rate"};

/// What a packet has; each line gives at least one of these.
class StatsdSink {
public:
    virtual void onLine() = 0; ///< before what is in it; not for an empty one
    virtual void onSample(const StatsdSample &sample) = 0;
    virtual void onFault(StatsdFault fault) = 0;
    virtual void onEvent() = 0;
    virtual void onServiceCheck() = 0;

protected:
    ~StatsdSink() = default;
};

/// Reads a packet of lines `name:value|type`, with
/// - `|@rate`, `|#tags`, and what else DogStatsD puts there, which is passed over: container,
///   timestamp, cardinality (https://docs.datadoghq.com/developers/dogstatsd/datagram_shell);
/// - several values `name:1:2:3|ms|…`, each of which is a sample;
/// - several samples of one name `name:1|c:2|g`.
void parseStatsd(std::string_view packet, StatsdSink &sink);

} // namespace trendscope::exporter
