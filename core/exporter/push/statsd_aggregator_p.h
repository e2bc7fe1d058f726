#pragma once

#include "core/exporter/push/pushed_metrics.h"
#include "core/exporter/push/statsd_mapping.h"
#include "core/exporter/push/statsd_parser_p.h"

#include <array>
#include <span>
#include <unordered_map>

namespace trendscope::exporter {

/// What has become of everything that came. `samples` and what follows it are disjoint.
struct StatsdCounts {
    std::uint64_t lines = 0;
    std::array<std::uint64_t, statsdTypeNames.size()> samples{}; ///< taken, by type
    std::array<std::uint64_t, statsdFaultNames.size()> faults{};
    std::array<std::uint64_t, 10> refusals{}; ///< by Refusal
    std::uint64_t invalidText = 0;            ///< names and tags that are not UTF-8
    std::uint64_t mappedAway = 0;             ///< by a rule that drops
    std::uint64_t events = 0;
    std::uint64_t serviceChecks = 0;

    std::uint64_t ignoredTags = 0; ///< those without a value, of samples that were taken
};

/// Turns packets into series. Thread safe.
///
/// What a name with its tags means is found out once and remembered: that makes up for names that
/// have to be mapped, mended and looked up.
class StatsdAggregator final : private StatsdSink {
public:
    using Clock = PushedMetrics::Clock;

    /// `metrics` must outlive it.
    StatsdAggregator(PushedMetrics &metrics, const config::StatsdSettings &settings,
                     StatsdMappings mappings);

    void take(std::span<const std::string_view> packets, Clock::time_point now);

    StatsdCounts counts() const;

private:
    /// What sender and kind of series have in common.
    struct Sender {
        std::string_view name;
        std::string_view tags;
        StatsdType type;
    };
    struct Key {
        std::string name;
        std::string tags;
        StatsdType type;
        operator Sender() const { return {name, tags, type}; }
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Sender &sender) const;
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Sender &a, const Sender &b) const
        {
            return a.type == b.type && a.name == b.name && a.tags == b.tags;
        }
    };
    struct Meaning {
        PushedSeries *series = nullptr;
        std::uint64_t *otherwise = nullptr; ///< without a series: what counts it
        std::uint64_t ignoredTags = 0;
        double factor = 1;
    };

    void onLine() override { ++m_counts.lines; }
    void onSample(const StatsdSample &sample) override;
    void onFault(StatsdFault fault) override;
    void onEvent() override { ++m_counts.events; }
    void onServiceCheck() override { ++m_counts.serviceChecks; }

    Meaning meaningOf(const Sender &sender);
    Meaning findOut(const Sender &sender);
    PushedType typeOf(StatsdType type, const config::StatsdMapping *rule) const;

    PushedMetrics &m_metrics;
    const StatsdMappings m_mappings;
    const config::StatsdObserver m_observer;
    const std::vector<double> m_buckets;
    const std::chrono::milliseconds m_timeToLive;

    mutable std::mutex m_mutex; ///< of all that follows
    StatsdCounts m_counts;
    std::unordered_map<Key, Meaning, Hash, Equal> m_meanings;
    std::size_t m_keySize = 0;                 ///< bytes of all keys
    std::uint64_t m_generation = 0;            ///< of the metrics, when the meanings were found out
    PushedMetrics::Writer *m_writer = nullptr; ///< while packets are taken
};

} // namespace trendscope::exporter
