#pragma once

#include "catalogue.h"
#include "export.h"

#include <atomic>
#include <limits>
#include <memory>
#include <string_view>
#include <thread>

namespace trendscope::observability {

class Metrics;
class TrackedWork;

/// A piece of work from its beginning to its end; the part that all trackers share. They are made
/// by Metrics::trackApiRequest() and its like, which say what is counted.
///
/// The work ends with finish(), with the tracker's end, or when another tracker is assigned to it:
/// counted once, whichever comes first and in whichever thread. A tracker that was moved from does
/// nothing. Its metrics must outlive it.
///
/// When it is an exception that ends the tracker's scope, the work failed. That is told by
/// std::uncaught_exceptions(): it is right also in a destructor that runs while another exception
/// is on its way. In another thread than the one where the tracker was made or moved to, any
/// exception on its way counts as the work's. Use the callable form, or finish() with the ending:
/// - in a callable that is kept, such as a std::packaged_task, which catches the exception while
///   the tracker that was captured lives on (or move it into a local of the callable first);
/// - in a coroutine that its owner may destroy while it is suspended, where the end looks like any
///   other;
/// - in a coroutine that begins or is resumed while an exception unwinds the stack below it.
///
/// Exemplars carry the ids of the LogContext in which the work began, in whichever thread it ends.
///
/// Thread safe but for moves; costs one allocation. Nothing throws: where there is no memory,
/// nothing is counted.
class TRENDSCOPE_OBSERVABILITY_EXPORT Tracker {
public:
    enum class Ending {
        Normal,   ///< counted with the status that was set, else as a success
        Failed,   ///< by an exception: counted as a failure, whatever was set
        Abandoned ///< given up before its end, e.g. as the client went away
    };

    Tracker(Tracker &&other) noexcept;
    Tracker &operator=(Tracker &&other) noexcept;
    ~Tracker();

    /// Ends the work; normally, unless an exception is on its way.
    void finish() noexcept;
    void finish(Ending ending) noexcept;
    bool isRunning() const noexcept { return m_work.load() != nullptr; }

protected:
    explicit Tracker(std::unique_ptr<TrackedWork> work) noexcept;

    bool hasOutcome() const noexcept
    {
        return m_outcome.load(std::memory_order_relaxed) != noOutcome;
    }
    void setOutcome(int outcome) noexcept { m_outcome.store(outcome, std::memory_order_relaxed); }

private:
    static constexpr int noOutcome = std::numeric_limits<int>::min();

    std::atomic<TrackedWork *> m_work; ///< owned
    std::atomic<int> m_outcome = noOutcome;
    std::thread::id m_thread = std::this_thread::get_id();
    int m_exceptions; ///< on their way in that thread when this object began
};

/// See Metrics::trackApiRequest().
class TRENDSCOPE_OBSERVABILITY_EXPORT ApiRequestTracker : public Tracker {
public:
    using Status = int;

    /// The HTTP status of the answer. Without one 200; with an exception 500; abandoned 499.
    void setStatus(int statusCode) noexcept { setOutcome(statusCode); }
    bool hasStatus() const noexcept { return hasOutcome(); }
    void setFailed() noexcept { setStatus(500); }

private:
    friend class Metrics;
    explicit ApiRequestTracker(std::unique_ptr<TrackedWork> work) noexcept;
};

/// See Metrics::trackCeleryTask().
class TRENDSCOPE_OBSERVABILITY_EXPORT CeleryTaskTracker : public Tracker {
public:
    using Status = TaskStatus;

    /// Without one success; with an exception failure; abandoned revoked. A retry is also counted
    /// in celery_task_retries_total.
    void setStatus(TaskStatus status) noexcept { setOutcome(static_cast<int>(status)); }
    bool hasStatus() const noexcept { return hasOutcome(); }
    void setFailed() noexcept { setStatus(TaskStatus::Failure); }

private:
    friend class Metrics;
    explicit CeleryTaskTracker(std::unique_ptr<TrackedWork> work) noexcept;
};

/// See Metrics::trackDbQuery(). A query has a duration and no status.
class TRENDSCOPE_OBSERVABILITY_EXPORT DbQueryTracker : public Tracker {
private:
    friend class Metrics;
    explicit DbQueryTracker(std::unique_ptr<TrackedWork> work) noexcept;
};

} // namespace trendscope::observability
