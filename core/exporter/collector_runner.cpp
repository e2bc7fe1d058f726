#include "core/exporter/collector_runner.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace trendscope::exporter {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr auto deadlineMargin = std::chrono::milliseconds(200);

/// Nothing: it succeeded. Collectors should not throw, but one that does must not end all.
std::optional<Error> outcomeOf(Collector &collector, Collector::Clock::time_point deadline)
{
    try {
        const auto result = collector.collect(deadline);
        return result ? std::nullopt : std::optional(result.error());
    } catch (const std::exception &exception) {
        return Error{Error::Kind::System, "It ended in an exception", exception.what()};
    } catch (...) {
        return Error{Error::Kind::System, "It ended in an exception", {}};
    }
}

Error late()
{
    return {Error::Kind::Timeout, "It did not answer in time", {}};
}

/// Copies: they are to outlive the collector.
std::vector<std::string> prefixesOf(const Collector &collector)
{
    const auto prefixes = collector.metricPrefixes();
    return {prefixes.begin(), prefixes.end()};
}

bool isAmong(std::string_view name, const std::vector<std::string_view> &names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

struct CollectorRunner::Slot {
    std::unique_ptr<Collector> collector;
    std::string name;
    bool isQuick = false;
    std::thread thread; ///< not for quick ones
    // With Shared::mutex:
    bool isWanted = false;
    bool isRunning = false;
    bool isGivenUp = false; ///< a scrape went on without it
    bool isRemoved = false;
    Clock::time_point deadline;
    Clock::time_point began;
    State state;
    bool isFailing = false; ///< as it was logged
};

struct CollectorRunner::Shared {
    Shared(observability::Registry &all, const observability::Logging &logging)
        : registry(all)
        , log(logging.logger("trendscope.exporter"))
        , success(registry.add({.name = "trendscope_collector_success",
                                .help = "Whether a collector could measure in time: 1 or 0.",
                                .labels = {"collector"}}))
        , duration(registry.add({.name = "trendscope_collector_duration_seconds",
                                 .help = "Time that a collector took in this scrape.",
                                 .labels = {"collector"}}))
    {
    }

    observability::Registry &registry;
    const observability::Logger log;
    observability::Family &success;
    observability::Family &duration;
    std::mutex mutex;
    std::condition_variable wanted; ///< by a scrape
    std::condition_variable done;   ///< by a collector
    bool isStopping = false;
    Slots slots;
    Slots removed; ///< that may still run
};

CollectorRunner::CollectorRunner(Collectors collectors, observability::Registry &registry,
                                 const observability::Logging &logging)
    : d(std::make_unique<Shared>(registry, logging))
{
    for (auto &collector : collectors)
        add(std::move(collector));
}

CollectorRunner::~CollectorRunner()
{
    stop(Clock::now());
    for (const Slots &all : {d->slots, d->removed}) {
        for (const auto &slot : all) {
            if (slot->thread.joinable())
                slot->thread.join();
        }
    }
}

void CollectorRunner::add(std::unique_ptr<Collector> collector)
{
    auto slot = std::make_shared<Slot>();
    slot->name = std::string(collector->name());
    slot->isQuick = collector->isQuick();
    slot->state.name = slot->name;
    slot->collector = std::move(collector);
    const std::lock_guard lock(d->mutex);
    if (!slot->isQuick)
        slot->thread = std::thread(&CollectorRunner::run, this, std::ref(*slot));
    d->slots.push_back(std::move(slot));
}

bool CollectorRunner::remove(std::string_view name, Clock::time_point deadline)
{
    std::unique_lock lock(d->mutex);
    const auto found =
        std::ranges::find(d->slots, name, [](const auto &slot) { return slot->name; });
    if (found == d->slots.end())
        return true;
    const std::shared_ptr<Slot> slot = *found;
    d->slots.erase(found);
    slot->isRemoved = true;
    d->removed.push_back(slot); // for whoever stops meanwhile
    d->wanted.notify_all();
    d->done.wait_until(lock, deadline, [&] { return !slot->isRunning || d->isStopping; });
    d->success.remove({slot->name});
    d->duration.remove({slot->name});
    if (slot->isRunning) {
        clearSeries(prefixesOf(*slot->collector));
        return false;
    }
    std::erase(d->removed, slot);
    lock.unlock();
    if (slot->thread.joinable())
        slot->thread.join();
    const auto prefixes = prefixesOf(*slot->collector);
    slot->collector.reset();
    clearSeries(prefixes);
    return true;
}

void CollectorRunner::clearSeries(const std::vector<std::string> &prefixes)
{
    d->registry.clear([&prefixes](std::string_view metric) {
        return std::ranges::any_of(
            prefixes, [&](const std::string &prefix) { return metric.starts_with(prefix); });
    });
}

/// A collector that was removed while it hung has come back, in its thread: what it brought goes
/// with it, unless that is its successor's by now.
void CollectorRunner::endLate(Slot &slot, std::unique_lock<std::mutex> &lock)
{
    const auto prefixes = prefixesOf(*slot.collector);
    const bool hasSuccessor =
        std::ranges::any_of(d->slots, [&](const auto &other) { return other->name == slot.name; });
    auto collector = std::move(slot.collector);
    lock.unlock();
    collector.reset();
    if (!hasSuccessor)
        clearSeries(prefixes);
    lock.lock();
}

CollectorRunner::Slots CollectorRunner::slots() const
{
    const std::lock_guard lock(d->mutex);
    return d->slots;
}

std::vector<std::string> CollectorRunner::unknown(const std::vector<std::string_view> &names) const
{
    std::vector<std::string> unknown;
    const Slots all = slots();
    for (const std::string_view name : names) {
        if (std::ranges::none_of(all, [&](const auto &slot) { return slot->name == name; }))
            unknown.emplace_back(name);
    }
    return unknown;
}

void CollectorRunner::collect(Clock::time_point deadline,
                              const std::vector<std::string_view> &names)
{
    Slots asked = slots();
    if (!names.empty())
        std::erase_if(asked, [&](const auto &slot) { return !isAmong(slot->name, names); });
    std::unique_lock lock(d->mutex);
    for (const auto &slot : asked) {
        if (d->isStopping || slot->isRemoved || slot->isQuick || slot->isRunning || slot->isWanted)
            continue; // this scrape shares the collection that is on its way
        slot->isWanted = true;
        slot->began = Clock::now();
        // Earlier than the scrape goes on, which so has what the collector says of a source that
        // does not answer: that it is down.
        slot->deadline =
            deadline - std::min<Clock::duration>(deadlineMargin, (deadline - slot->began) / 10);
    }
    d->wanted.notify_all();
    lock.unlock();
    for (const auto &slot : asked) {
        if (slot->isQuick)
            ask(*slot, deadline);
    }
    lock.lock();
    const auto isBusy = [](const auto &slot) {
        return !slot->isRemoved && (slot->isWanted || slot->isRunning);
    };
    d->done.wait_until(lock, deadline, [&] {
        return d->isStopping || std::none_of(asked.begin(), asked.end(), isBusy);
    });
    for (const auto &slot : asked) {
        if (d->isStopping || slot->isQuick || !isBusy(slot))
            continue;
        slot->isGivenUp = true;
        note(*slot, late(), Seconds(Clock::now() - slot->began).count());
    }
}

void CollectorRunner::run(Slot &slot)
{
    std::unique_lock lock(d->mutex);
    for (;;) {
        d->wanted.wait(lock, [&] { return d->isStopping || slot.isRemoved || slot.isWanted; });
        if (d->isStopping || slot.isRemoved)
            return;
        slot.isRunning = true;
        slot.isWanted = false;
        const auto deadline = slot.deadline;
        lock.unlock();
        auto error = outcomeOf(*slot.collector, deadline);
        lock.lock();
        slot.isRunning = false;
        if (slot.isRemoved)
            endLate(slot, lock);
        if (std::exchange(slot.isGivenUp, false) && !error)
            error = late(); // or each scrape of a slow one would log a failure and its end
        note(slot, error, Seconds(Clock::now() - slot.began).count());
        d->done.notify_all();
    }
}

/// In the scrape's thread, for one scrape at a time.
void CollectorRunner::ask(Slot &slot, Clock::time_point deadline)
{
    std::unique_lock lock(d->mutex);
    if (slot.isRemoved)
        return;
    if (slot.isRunning) {
        d->done.wait(lock, [&] { return !slot.isRunning; });
        return;
    }
    slot.isRunning = true;
    slot.began = Clock::now();
    lock.unlock();
    const auto error = outcomeOf(*slot.collector, deadline);
    lock.lock();
    slot.isRunning = false;
    note(slot, error, Seconds(Clock::now() - slot.began).count());
    d->done.notify_all();
}

/// With the lock. Logs changes only.
void CollectorRunner::note(Slot &slot, const std::optional<Error> &error, double seconds)
{
    if (slot.isRemoved)
        return;
    slot.state.hasRun = true;
    slot.state.error = error;
    slot.state.seconds = seconds;
    d->success.set({slot.name}, error ? 0 : 1);
    d->duration.set({slot.name}, seconds);
    if (error.has_value() == slot.isFailing)
        return;
    slot.isFailing = error.has_value();
    if (error)
        d->log.error("Collector failed", {{"collector", slot.name}, {"reason", error->message}});
    else
        d->log.info("Collector works again", {{"collector", slot.name}});
}

std::vector<CollectorRunner::State> CollectorRunner::states() const
{
    const std::lock_guard lock(d->mutex);
    std::vector<State> states;
    for (const auto &slot : d->slots) {
        states.push_back(slot->state);
        states.back().isRunning = slot->isRunning || slot->isWanted;
    }
    return states;
}

bool CollectorRunner::isBrought(std::string_view metric,
                                const std::vector<std::string_view> &names) const
{
    const std::lock_guard lock(d->mutex);
    return std::ranges::any_of(d->slots, [&](const auto &slot) {
        return slot->collector && isAmong(slot->name, names) && slot->collector->brings(metric);
    });
}

void CollectorRunner::destroyIdle()
{
    Slots idle = slots();
    {
        const std::lock_guard lock(d->mutex);
        std::erase_if(idle, [](const auto &slot) { return slot->isRunning; });
    }
    for (const auto &slot : idle) {
        if (slot->thread.joinable())
            slot->thread.join();
        slot->collector.reset();
    }
}

bool CollectorRunner::isStopped() const
{
    const std::lock_guard lock(d->mutex);
    return d->isStopping;
}

bool CollectorRunner::stop(Clock::time_point deadline)
{
    std::unique_lock lock(d->mutex);
    d->isStopping = true;
    d->wanted.notify_all();
    d->done.notify_all();
    const auto isIdle = [](const auto &slot) { return !slot->isRunning; };
    return d->done.wait_until(lock, deadline, [&] {
        return std::ranges::all_of(d->slots, isIdle) && std::ranges::all_of(d->removed, isIdle);
    });
}

} // namespace trendscope::exporter
