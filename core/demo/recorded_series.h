#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::demo {

/// The seven recorded series of config/alerts/platform_recording.yml, computed for a history in
/// which no Prometheus has run: exactly as it would from samples at a regular interval.
///
/// For each scrape, in order: read() the samples of all targets, then append(). Over a window whose
/// both ends are samples Prometheus extrapolates nothing, so rate() is the difference divided by
/// the window. https://prometheus.io/docs/prometheus/latest/querying/functions/#rate
class RecordedSeries {
public:
    /// `windowScrapes` scrape intervals make up the rules' window of 5 minutes.
    explicit RecordedSeries(std::size_t windowScrapes);

    /// `samples` are lines `name{labels} value timestamp` as Metrics::appendSamples() writes them.
    void read(std::string_view samples);

    /// Ends the scrape and appends the recorded series' lines, the timestamp in seconds. Nothing
    /// before the window is full; a share, average or quantile without traffic has no line.
    void append(std::string &out, double timestamp);

    static constexpr std::size_t bucketCount =
        9; ///< of api_request_duration_seconds, +Inf included

private:
    struct Totals {
        double requests = 0;
        double serverErrors = 0;
        double requestSeconds = 0;
        std::array<double, bucketCount> requestBuckets{}; ///< cumulative; the last counts all
        double tasks = 0;
        double failedTasks = 0;
        double taskSeconds = 0;
        double endedTasks = 0;
    };

    void readLine(std::string_view line);

    std::vector<Totals> m_ring; ///< windowScrapes + 1 of them
    std::size_t m_scrape = 0;   ///< number of the current one
};

/// histogram_quantile() as Prometheus interpolates it; `buckets` are cumulative, `bounds` their
/// upper ends without +Inf. NaN for an empty histogram.
/// https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
double histogramQuantile(double quantile,
                         const std::array<double, RecordedSeries::bucketCount - 1> &bounds,
                         const std::array<double, RecordedSeries::bucketCount> &buckets);

} // namespace trendscope::demo
