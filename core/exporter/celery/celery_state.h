#pragma once

#include "core/config/celery_settings.h"
#include "core/exporter/celery/celery_event.h"
#include "core/observability/registry.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

struct CeleryMetrics;

/// When something came: `wall` is seconds since 1970.
struct Moment {
    std::chrono::steady_clock::time_point steady;
    double wall;

    static Moment now();
};

/// What Celery's events tell, as metrics: counters at once, gauges when they are published. One
/// thread at a time.
///
/// Times are taken from the events as long as they are at most a minute old by our clock;
/// otherwise the clocks differ and the time of arrival is better.
class CeleryState {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// `metrics` must outlive it.
    CeleryState(CeleryMetrics &metrics, const config::CelerySettings &settings);
    ~CeleryState();

    void connected(Moment now);
    void disconnected(Moment now);
    void apply(const CeleryEvent &event, Moment now);

    /// Ends workers that are silent, forgets tasks; at least once a second.
    void expire(Moment now);
    /// Sets the gauges. What is not known, because nobody listens, has no series.
    void publish(Moment now);

    /// When the task was sent, where that is known.
    std::optional<Time> sentAt(std::string_view uuid) const;
    /// The queues that events named.
    std::vector<std::string> queues() const;

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
