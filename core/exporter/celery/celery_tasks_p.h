#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trendscope::exporter {

/// A task between its first event and some minutes past its end.
struct CeleryTask {
    using Time = std::chrono::steady_clock::time_point;
    enum class Stage : std::uint8_t { Waiting, Running, Ended };

    std::string uuid;
    const std::string *name = nullptr; ///< null: no event told it
    const std::string *queue = nullptr;
    const std::string *node = nullptr; ///< the worker that began it
    Stage stage = Stage::Waiting;
    std::optional<Time> sent;     ///< cleared when it is begun: a retry is sent anew
    std::optional<Time> received; ///< by a worker; likewise
    std::optional<Time> due;      ///< its eta; likewise
    /// Since when it waited, where it was begun before its sender told of it: the two come by
    /// different ways.
    std::optional<Time> openWait;
    Time started;                   ///< where it runs
    double startedTimestamp = 0;    ///< the same by the worker's clock, to measure durations with
    std::uint64_t startedClock = 0; ///< of the event
    Time touched;

    /// A run whose retry began before the worker told of its end.
    struct Attempt {
        const std::string *node;
        double startedTimestamp;
    };
    std::optional<Attempt> earlier;
};

/// The tasks that are known, and which of them run. One thread.
class CeleryTasks {
public:
    using Time = CeleryTask::Time;

    explicit CeleryTasks(std::size_t limit)
        : m_limit(limit)
    {
    }

    /// The task of that id, made when it is new. Valid until the next call of any method that is
    /// not const.
    CeleryTask &at(std::string_view uuid, Time now);
    const CeleryTask *find(std::string_view uuid) const;
    void move(CeleryTask &task, CeleryTask::Stage stage, Time now);

    /// Forgets tasks that ended before `endedBefore`, and those that wait since `waitingSince`.
    void forget(Time endedBefore, Time waitingSince);

    /// In the order in which they began.
    const std::list<CeleryTask> &running() const { return m_running; }
    /// Of one worker, in the order in which they began.
    std::vector<CeleryTask *> runningOn(const std::string *node);
    std::size_t runningCount(const std::string *node) const;

    std::size_t size() const { return m_places.size(); }
    /// Tasks that were forgotten because there were too many, since the previous call.
    std::size_t takeForgotten() { return std::exchange(m_forgotten, 0); }

private:
    using List = std::list<CeleryTask>;

    List &listOf(CeleryTask::Stage stage);
    void erase(List &list, List::iterator task);
    void count(const CeleryTask &task, int by);

    List m_waiting, m_running, m_ended; ///< each with the longest untouched first
    std::unordered_map<std::string_view, List::iterator> m_places; ///< keys are in the tasks
    std::unordered_map<const std::string *, std::size_t> m_runningOn;
    const std::size_t m_limit;
    std::size_t m_forgotten = 0;
};

} // namespace trendscope::exporter
