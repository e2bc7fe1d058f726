#pragma once

#include "core/logs/record.h"
#include "core/logs/tail.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace trendscope::logs {

/// Events a second over the last ten seconds.
class RateMeter {
public:
    using Clock = std::chrono::steady_clock;

    explicit RateMeter(Clock::time_point start);

    /// `now` never goes backwards.
    void add(std::uint64_t events, Clock::time_point now);
    double perSecond(Clock::time_point now) const;

private:
    static constexpr std::size_t seconds = 10;

    std::array<std::uint64_t, seconds> m_counts{};
    std::array<std::int64_t, seconds> m_secondOf{}; // which second since the start each count is of
    Clock::time_point m_start;
};

/// Follows several files as one stream of records, merged as they arrive. One thread.
class Follower {
public:
    using Clock = RateMeter::Clock;

    struct Counters {
        std::uint64_t records = 0;
        std::uint64_t bytes = 0;     ///< read from the files
        std::uint64_t malformed = 0; ///< records that are not JSON objects
        std::uint64_t cut = 0;       ///< records longer than the limit
        double recordsPerSecond =
            0; ///< over the last 10 s; what was in the files at the start is not counted
    };

    Follower(const std::vector<std::filesystem::path> &paths, Clock::time_point start,
             TailOptions options = {});

    /// Reads what is new, about `budget` bytes in all, and appends the records to `into`.
    ///
    /// Within one poll they are in the order of their times; records without a time follow the one
    /// before them in their file. Record::source is the index of the path. Returns whether any file
    /// had more to give than the budget.
    bool poll(std::size_t budget, Clock::time_point now, std::vector<Record> &into);

    Counters counters(Clock::time_point now) const;
    const std::vector<Tail> &tails() const { return m_tails; }

private:
    void take(std::string_view line, bool isCut, std::size_t source);
    void mergeInto(std::vector<Record> &records);

    struct Arrival {
        Timestamp time;
        Record record;
    };

    std::vector<Tail> m_tails;
    std::vector<Timestamp> m_latest; // time of the last record of each file
    std::vector<Arrival> m_arrivals;
    RecordParser m_parser;
    Counters m_counters;
    RateMeter m_rate;
};

} // namespace trendscope::logs
