#pragma once

#include "core/exporter/collector.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// Asks collectors, each in a thread of its own but for the quick ones, and tells in
/// trendscope_collector_success and trendscope_collector_duration_seconds how that went. Thread
/// safe.
///
/// Scrapes at the same time share a collection. One that is late goes on: its collector counts as
/// failed, and is not asked again before it is done.
class CollectorRunner {
public:
    using Clock = Collector::Clock;
    using Collectors = std::vector<std::unique_ptr<Collector>>;
    struct State {
        std::string name;
        bool hasRun = false;
        bool isRunning = false;
        std::optional<Error> error; ///< of the latest collection
        double seconds = 0;         ///< that it took
    };

    /// `registry` and `logging` must outlive it.
    CollectorRunner(Collectors collectors, observability::Registry &registry,
                    const observability::Logging &logging);
    /// Waits for collectors that run; see stop().
    ~CollectorRunner();

    /// From now on asks that one, too. No two may have one name.
    void add(std::unique_ptr<Collector> collector);
    /// Asks it no more, and destroys it; the series that only it brings end. Waits until `deadline`
    /// where it runs, and not after stop(); false: it hangs, and is destroyed some time later.
    bool remove(std::string_view name, Clock::time_point deadline);

    /// Names that are not there, of those.
    std::vector<std::string> unknown(const std::vector<std::string_view> &names) const;
    /// Asks those collectors, or all when none is named; returns once they are done, or at
    /// `deadline`.
    void collect(Clock::time_point deadline, const std::vector<std::string_view> &names = {});

    /// In the order in which they were given.
    std::vector<State> states() const;
    /// Whether one of those collectors brings that metric; see Collector::brings().
    bool isBrought(std::string_view metric, const std::vector<std::string_view> &names) const;

    /// Ends the waiting of collect(), asks nobody any more, and waits until `deadline` for the
    /// collectors that run. False: one hangs, so the destructor would.
    bool stop(Clock::time_point deadline);
    bool isStopped() const; ///< stop() was called
    /// After stop(), and while nobody adds or removes any: destroys the collectors that do not
    /// hang, so that each keeps what it has to keep though the process ends without the destructor.
    void destroyIdle();

private:
    struct Slot;
    struct Shared;
    using Slots = std::vector<std::shared_ptr<Slot>>;

    Slots slots() const;
    void run(Slot &slot);
    void ask(Slot &slot, Clock::time_point deadline);
    void clearSeries(const std::vector<std::string> &prefixes);
    void endLate(Slot &slot, std::unique_lock<std::mutex> &lock);
    void note(Slot &slot, const std::optional<Error> &error, double seconds);

    const std::unique_ptr<Shared> d;
};

} // namespace trendscope::exporter
