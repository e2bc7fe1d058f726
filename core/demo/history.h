#pragma once

#include "core/demo/platform.h"
#include "core/demo/recorded_series.h"
#include "core/result.h"

#include <QString>

#include <chrono>
#include <functional>
#include <stop_token>

namespace trendscope::demo {

struct HistorySettings {
    Timestamp end; ///< a whole second; the last scrape
    std::chrono::hours span{24};
    std::chrono::seconds scrapeInterval{15}; ///< divides 5 minutes
    QString scratchDirectory;                ///< for some 220 MB that are removed again
    QString dataDirectory;                   ///< where Prometheus will find the blocks

    /// Where the platform begins: early enough for rates over 5 minutes, whatever the panel's step,
    /// to reach back over the span.
    Timestamp begin() const { return end - span - std::chrono::minutes(15); }
};

/// The history as OpenMetrics text, without its closing `# EOF`: each target's samples, its `up`,
/// and the recorded series at each scrape. Moves the platform's clock.
class HistoryWriter {
public:
    HistoryWriter(Platform &platform, const HistorySettings &settings);

    /// Scrapes until `end` and hands the text over in chunks of some megabytes. False when `write`
    /// returned it, or a stop was requested.
    bool writeUntil(Timestamp end, const std::function<bool(const std::string &)> &write,
                    const std::stop_token &stop);

private:
    void scrape(std::string &out);

    Platform &m_platform;
    RecordedSeries m_recorded;
    std::chrono::milliseconds m_interval;
    Timestamp m_next;
};

/// Runs the platform through the past and turns what it records into blocks of Prometheus' storage,
/// with promtool.
///
/// Blocks the calling thread; `platform` must not be touched meanwhile. Errors: NotFound
/// (promtool), Execution (it failed), System (disk), Canceled.
Result<void> makeHistory(Platform &platform, const HistorySettings &settings,
                         const std::stop_token &stop);

} // namespace trendscope::demo
