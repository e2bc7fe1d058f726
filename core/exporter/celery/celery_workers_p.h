#pragma once

#include "core/exporter/celery/celery_event.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace trendscope::exporter {

/// Compares how many tasks a worker says it has begun with how many were heard of.
///
/// A heartbeat and the events about tasks come by different ways, so that one overtakes the other:
/// the worker's clock, which is in all of them, tells which tasks a heartbeat has counted.
class CeleryGap {
public:
    /// The worker was heard of from its very first task on.
    void beginAtZero();
    void countStarted(std::uint64_t clock);
    /// How many more tasks are now known to have been missed. Each is told once, two heartbeats
    /// late: what only took another way has come by then.
    std::uint64_t heartbeat(std::uint64_t clock, std::uint64_t processed);

private:
    std::int64_t weigh(std::int64_t balance);

    struct Count {
        std::uint64_t clock;
        std::uint64_t processed;
    };
    std::optional<std::uint64_t> m_base; ///< processed, as of the last heartbeat that was weighed
    std::optional<Count> m_pending;      ///< the last heartbeat
    std::uint64_t m_before = 0;          ///< tasks heard of since m_base that m_pending has counted
    std::uint64_t m_after = 0;           ///< those that it has not
    std::int64_t m_balance = 0;          ///< tasks counted by the worker but not heard of
};

/// How many tasks ran at a heartbeat: by the worker's count, and by the events heard since.
///
/// Events wait in the worker for some milliseconds, so heartbeats overtake them.
struct CeleryCensus {
    std::uint64_t clock;
    std::int64_t active;  ///< the worker says
    std::int64_t running; ///< that were heard to start, and not to end, before `clock`

    std::int64_t balance() const { return running - active; }
};

/// One worker, as its heartbeats show it.
struct CeleryWorker {
    using Time = std::chrono::steady_clock::time_point;

    std::string host; ///< of the node name celery@host
    bool isOnline = false;
    bool hasBeaten = false; ///< there was a heartbeat of this process
    bool isShown = true;    ///< its host has series
    Time heard;             ///< when it last told anything
    Time beaten;            ///< when its last heartbeat came
    std::chrono::duration<double> interval{2};
    std::uint64_t pid = 0;
    std::uint64_t active = 0;
    std::uint64_t processed = 0;
    CeleryGap gap;

    std::optional<CeleryCensus> census; ///< of the last heartbeat
    std::size_t excess = 0;             ///< tasks that ran by their events only, in the one before
    std::size_t shownUnknown = 0;       ///< active tasks that two heartbeats know and we don't
    Time unknownSince;                  ///< when shownUnknown last became more than 0

    /// A task's start or end was heard, which the worker told at `eventClock`.
    void countRunning(std::uint64_t eventClock, int by)
    {
        if (census && eventClock < census->clock)
            census->running += by;
    }
};

/// celery@host without the worker's own name: host.
std::string_view hostOf(std::string_view node);

} // namespace trendscope::exporter
