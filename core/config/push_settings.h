#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace trendscope::config {

/// Limits of the series whose values others send.
struct PushedMetricsSettings {
    std::size_t maxSeries = 20'000; ///< in all
    std::size_t maxSeriesPerMetric = 2'000;
    std::chrono::milliseconds timeToLive{0}; ///< of a series without updates; 0: for ever
    /// A process of which nothing was heard for so long is dead: its part of a gauge ends.
    std::chrono::milliseconds processTimeout = std::chrono::seconds(60);
    /// A set's value is the number of different members in the latest whole span of this length.
    std::chrono::milliseconds setWindow = std::chrono::seconds(60);
    std::vector<double> buckets = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

    bool operator==(const PushedMetricsSettings &) const = default;
};

/// POST /push: JSON lines. Off without a token.
struct PushSettings {
    std::filesystem::path tokenFile = {}; ///< whose first line is the token; wins over the variable
    std::string tokenVariable = {};       ///< environment variable that holds the token

    bool operator==(const PushSettings &) const = default;
};

} // namespace trendscope::config
