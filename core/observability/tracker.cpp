#include "core/observability/tracker.h"

#include "core/observability/context_p.h"
#include "core/observability/metrics.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>

namespace trendscope::observability {

namespace {

using Clock = std::chrono::steady_clock;

/// Bytes. Longer request ids are in no exemplar: all of its labels have 128 characters.
constexpr std::size_t longestRequestId = 512;

} // namespace

/// What runs, in one allocation unless its texts are very long.
class TrackedWork {
public:
    TrackedWork(Metrics &where, std::string_view firstLabel, std::string_view secondLabel);
    virtual ~TrackedWork() = default;
    TrackedWork(const TrackedWork &) = delete;
    TrackedWork &operator=(const TrackedWork &) = delete;

    virtual void count(Tracker::Ending ending, std::optional<int> outcome) = 0;

protected:
    double seconds() const { return Seconds(Clock::now() - m_begin).count(); }

    Metrics &metrics() const { return m_metrics; }
    std::string_view first() const { return m_first; } ///< label
    std::string_view second() const { return m_second; }
    const Trace &trace() const { return m_trace; } ///< in which it began

private:
    std::string_view keep(std::string_view text);

    Metrics &m_metrics;
    std::string_view m_first;
    std::string_view m_second;
    Trace m_trace;
    fmt::basic_memory_buffer<char, 160> m_texts; ///< what the views above see
    Clock::time_point m_begin = Clock::now();
};

TrackedWork::TrackedWork(Metrics &where, std::string_view firstLabel, std::string_view secondLabel)
    : m_metrics(where)
{
    Trace current = ContextNode::currentTrace();
    if (current.requestId.size() > longestRequestId)
        current.requestId = {};
    // Once, so that the views below stay valid.
    m_texts.reserve(firstLabel.size() + secondLabel.size() + current.traceId.size()
                    + current.spanId.size() + current.requestId.size());
    m_first = keep(firstLabel);
    m_second = keep(secondLabel);
    m_trace = {.traceId = keep(current.traceId),
               .spanId = keep(current.spanId),
               .requestId = keep(current.requestId)};
}

std::string_view TrackedWork::keep(std::string_view text)
{
    const std::size_t at = m_texts.size();
    m_texts.append(text);
    return {m_texts.data() + at, text.size()};
}

namespace {

/// One up in a gauge while it lives, whatever happens to the gauge's series meanwhile.
class Active {
public:
    explicit Active(Gauge gauge)
        : m_gauge(std::move(gauge))
    {
        m_gauge.hold();
        m_gauge.increment();
    }
    ~Active()
    {
        m_gauge.decrement();
        m_gauge.letGo();
    }
    Active(const Active &) = delete;
    Active &operator=(const Active &) = delete;

private:
    Gauge m_gauge;
};

class ApiRequest final : public TrackedWork {
public:
    using TrackedWork::TrackedWork;

    void count(Tracker::Ending ending, std::optional<int> outcome) override
    {
        int status = outcome.value_or(200);
        if (ending == Tracker::Ending::Failed)
            status = 500;
        else if (ending == Tracker::Ending::Abandoned)
            status = 499; // as web servers log a client that went away
        metrics()
            .apiRequestDurationSeconds.labels({.method = first(), .endpoint = second()})
            .observe(seconds(), 1, trace());
        metrics()
            .apiRequestsTotal
            .labels({.method = first(), .endpoint = second(), .statusCode = status})
            .increment(1, trace());
    }

private:
    Active m_active{metrics().apiActiveRequests.labels({.endpoint = second()})};
};

class CeleryTask final : public TrackedWork {
public:
    using TrackedWork::TrackedWork;

    void count(Tracker::Ending ending, std::optional<int> outcome) override
    {
        auto status =
            static_cast<TaskStatus>(outcome.value_or(static_cast<int>(TaskStatus::Success)));
        if (ending == Tracker::Ending::Failed)
            status = TaskStatus::Failure;
        else if (ending == Tracker::Ending::Abandoned)
            status = TaskStatus::Revoked;
        metrics()
            .celeryTaskDurationSeconds.labels({.taskName = first()})
            .observe(seconds(), 1, trace());
        metrics()
            .celeryTasksTotal.labels({.taskName = first(), .status = status})
            .increment(1, trace());
        if (status == TaskStatus::Retry)
            metrics().celeryTaskRetriesTotal.labels({.taskName = first()}).increment(1, trace());
    }

private:
    Active m_active{metrics().celeryActiveTasks.labels({.taskName = first()})};
};

class DbQuery final : public TrackedWork {
public:
    using TrackedWork::TrackedWork;

    void count(Tracker::Ending, std::optional<int>) override
    {
        metrics()
            .dbQueryDurationSeconds.labels({.operation = first(), .table = second()})
            .observe(seconds(), 1, trace());
    }
};

/// Null where there is no memory: a service does not stop for want of its metrics.
template <class Work>
std::unique_ptr<TrackedWork> begin(Metrics &metrics, std::string_view first,
                                   std::string_view second = {}) noexcept
{
    try {
        return std::make_unique<Work>(metrics, first, second);
    } catch (const std::exception &) {
        return nullptr;
    }
}

} // namespace

Tracker::Tracker(std::unique_ptr<TrackedWork> work) noexcept
    : m_work(work.release())
    , m_exceptions(std::uncaught_exceptions())
{
}

// A tracker that was moved belongs to the scope that it is in now.
Tracker::Tracker(Tracker &&other) noexcept
    : m_work(other.m_work.exchange(nullptr))
    , m_outcome(other.m_outcome.load())
    , m_exceptions(std::uncaught_exceptions())
{
}

Tracker &Tracker::operator=(Tracker &&other) noexcept
{
    if (this == &other)
        return *this;
    finish();
    m_outcome = other.m_outcome.load();
    m_thread = std::this_thread::get_id();
    m_exceptions = std::uncaught_exceptions();
    m_work = other.m_work.exchange(nullptr);
    return *this;
}

Tracker::~Tracker()
{
    finish();
}

void Tracker::finish() noexcept
{
    const int earlier = m_thread == std::this_thread::get_id() ? m_exceptions : 0;
    finish(std::uncaught_exceptions() > earlier ? Ending::Failed : Ending::Normal);
}

void Tracker::finish(Ending ending) noexcept
{
    if (!m_work.load(std::memory_order_relaxed))
        return;
    const std::unique_ptr<TrackedWork> work(m_work.exchange(nullptr));
    if (!work)
        return;
    const int outcome = m_outcome.load(std::memory_order_relaxed);
    try {
        work->count(ending, outcome == noOutcome ? std::nullopt : std::optional(outcome));
    } catch (const std::exception &) {
        // No memory for another series. The work itself went on, and so does its caller.
    }
}

ApiRequestTracker::ApiRequestTracker(std::unique_ptr<TrackedWork> work) noexcept
    : Tracker(std::move(work))
{
}

CeleryTaskTracker::CeleryTaskTracker(std::unique_ptr<TrackedWork> work) noexcept
    : Tracker(std::move(work))
{
}

DbQueryTracker::DbQueryTracker(std::unique_ptr<TrackedWork> work) noexcept
    : Tracker(std::move(work))
{
}

ApiRequestTracker Metrics::trackApiRequest(std::string_view method, std::string_view endpoint)
{
    return ApiRequestTracker(begin<ApiRequest>(*this, method, endpoint));
}

CeleryTaskTracker Metrics::trackCeleryTask(std::string_view taskName)
{
    return CeleryTaskTracker(begin<CeleryTask>(*this, taskName));
}

DbQueryTracker Metrics::trackDbQuery(std::string_view operation, std::string_view table)
{
    return DbQueryTracker(begin<DbQuery>(*this, operation, table));
}

} // namespace trendscope::observability
