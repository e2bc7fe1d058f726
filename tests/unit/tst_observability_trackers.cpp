#include "core/observability/context.h"
#include "core/observability/metrics.h"
#include "core/result.h"

#include <QTest>

#include <coroutine>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace trendscope::observability;

namespace shop {

struct Answer {
    int code = 200;
};

int statusOf(const Answer &answer)
{
    return answer.code;
}

struct Outcome {
    bool isRetried = false;
};

TaskStatus statusOf(const Outcome &outcome)
{
    return outcome.isRetried ? TaskStatus::Retry : TaskStatus::Success;
}

struct NotFound { };

int statusOf(const NotFound &)
{
    return 404;
}

/// Its status needs an object that can change.
struct Lazy {
    int code = 0;
};

int statusOf(Lazy &lazy)
{
    return lazy.code;
}

struct Immovable {
    explicit Immovable(int held)
        : value(held)
    {
    }
    Immovable(Immovable &&) = delete;
    int value;
};

} // namespace shop

namespace {

/// A lazy coroutine as a user would have it: nothing of it is known to the library.
template <class T>
class Job {
public:
    struct Storage {
        std::optional<T> value;
        void return_value(T result) { value.emplace(std::move(result)); }
        T take() { return std::move(*value); }
    };
    struct VoidStorage {
        void return_void() { }
        void take() { }
    };
    struct promise_type : std::conditional_t<std::is_void_v<T>, VoidStorage, Storage> {
        std::exception_ptr error;
        std::coroutine_handle<> waiting = std::noop_coroutine();

        Job get_return_object() { return Job(Handle::from_promise(*this)); }
        std::suspend_always initial_suspend() { return {}; }
        auto final_suspend() noexcept
        {
            struct Resume : std::suspend_always {
                std::coroutine_handle<> await_suspend(Handle handle) noexcept
                {
                    return handle.promise().waiting;
                }
            };
            return Resume{};
        }
        void unhandled_exception() { error = std::current_exception(); }
    };
    using Handle = std::coroutine_handle<promise_type>;

    Job(Job &&other) noexcept
        : m_handle(std::exchange(other.m_handle, {}))
    {
    }
    ~Job()
    {
        if (m_handle)
            m_handle.destroy();
    }

    auto operator co_await() &&
    {
        struct Awaiter {
            Handle handle;
            bool await_ready() { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting)
            {
                handle.promise().waiting = waiting;
                return handle;
            }
            T await_resume()
            {
                if (handle.promise().error)
                    std::rethrow_exception(handle.promise().error);
                return handle.promise().take();
            }
        };
        return Awaiter{m_handle};
    }

    /// Runs until it suspends or ends.
    void start() { m_handle.resume(); }
    bool isDone() const { return m_handle.done(); }
    T result() { return std::move(*this).operator co_await().await_resume(); }

private:
    explicit Job(Handle handle)
        : m_handle(handle)
    {
    }
    Handle m_handle;
};

/// Suspends whoever awaits it, until another thread resumes it.
struct Gate {
    std::coroutine_handle<> waiting;

    auto operator co_await() // GCC 12 copies an awaiter that a lambda has by reference
    {
        struct Awaiter : std::suspend_always {
            Gate &gate;
            void await_suspend(std::coroutine_handle<> handle) { gate.waiting = handle; }
        };
        return Awaiter{{}, *this};
    }

    void openInAnotherThread()
    {
        std::thread([this] { waiting.resume(); }).join();
    }
};

bool has(const Metrics &metrics, std::string_view sample)
{
    const std::string text = '\n' + metrics.expose();
    return text.find('\n' + std::string(sample) + '\n') != std::string::npos;
}

bool mentions(const Metrics &metrics, std::string_view text)
{
    return metrics.expose().find(text) != std::string::npos;
}

const auto requestsBy = [](int status, int count) {
    return R"(api_requests_total{method="GET",endpoint="/trends",status_code=")"
        + std::to_string(status) + "\"} " + std::to_string(count);
};
const auto activeRequests = [](int count) {
    return R"(api_active_requests{endpoint="/trends"} )" + std::to_string(count);
};
const auto observedRequests = [](int count) {
    return R"(api_request_duration_seconds_count{method="GET",endpoint="/trends"} )"
        + std::to_string(count);
};
const auto tasksBy = [](const char *status, int count) {
    return std::string(R"(celery_tasks_total{task_name="collect",status=")") + status + "\"} "
        + std::to_string(count);
};

#define VERIFY_HAS(metrics, sample) QVERIFY2(has(metrics, sample), (metrics).expose().c_str())

} // namespace

class TestObservabilityTrackers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsARequestFromItsBeginningToItsEnd();
    void countsSeveralAtOnce();
    void countsATask();
    void countsARetryTwice();
    void observesAQuery();
    void countsAnExceptionAsFailure();
    void endsOnceHoweverItEnds();
    void endsOnceBetweenThreads();
    void endsWhatIsAssignedOver();
    void tellsItsOwnExceptionFromOneOnItsWay();
    void failsWithAnExceptionOfAnotherThread();
    void failsInAStoredCallableThatMovesItIntoItsScope();
    void keepsTheTraceInWhichItBegan();
    void keepsItsGaugeWhenTheSeriesIsRemoved();
    void takesLongNames();

    void givesBackWhatTheCallableReturns();
    void passesExceptionsOnUnchanged();
    void asksTheResultForItsStatus();
    void takesATaskStatusForItself();
    void asksAResultThatItMayChange();
    void asksTheValueOfAResult();
    void takesAnErrorForAFailure();
    void letsTheCallableSetTheStatus();
    void keepsACallableForManyCalls();
    void worksWithQueriesAndTasks();

    void followsACoroutineToItsEnd();
    void followsACoroutineThatThrows();
    void followsACoroutineWithoutResult();
    void followsACoroutineThroughAnotherException();
    void countsAnAbandonedCoroutine();
    void givesTheTrackerToACoroutine();
    void keepsTheCallableOfACoroutine();
};

void TestObservabilityTrackers::countsARequestFromItsBeginningToItsEnd()
{
    Metrics metrics;
    {
        ApiRequestTracker tracker = metrics.trackApiRequest("GET", "/trends");
        QVERIFY(tracker.isRunning());
        VERIFY_HAS(metrics, activeRequests(1));
        QVERIFY(!mentions(metrics, "api_requests_total{"));
        QVERIFY(!mentions(metrics, "api_request_duration_seconds_count{"));
        tracker.setStatus(404);
    }

    VERIFY_HAS(metrics, activeRequests(0));
    VERIFY_HAS(metrics, requestsBy(404, 1));
    VERIFY_HAS(metrics, observedRequests(1));
}

void TestObservabilityTrackers::countsSeveralAtOnce()
{
    Metrics metrics;
    {
        const auto first = metrics.trackApiRequest("GET", "/trends");
        const auto second = metrics.trackApiRequest("GET", "/trends");
        {
            const auto third = metrics.trackApiRequest("GET", "/trends");
            VERIFY_HAS(metrics, activeRequests(3));
        }
        VERIFY_HAS(metrics, activeRequests(2));
    }

    VERIFY_HAS(metrics, activeRequests(0));
    VERIFY_HAS(metrics, requestsBy(200, 3));
}

void TestObservabilityTrackers::countsATask()
{
    Metrics metrics;
    {
        const auto tracker = metrics.trackCeleryTask("collect");
        VERIFY_HAS(metrics, R"(celery_active_tasks{task_name="collect"} 1)");
    }
    metrics.trackCeleryTask("collect").setStatus(TaskStatus::Failure);

    VERIFY_HAS(metrics, R"(celery_active_tasks{task_name="collect"} 0)");
    VERIFY_HAS(metrics, tasksBy("success", 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
    VERIFY_HAS(metrics, R"(celery_task_duration_seconds_count{task_name="collect"} 2)");
    QVERIFY(!mentions(metrics, "celery_task_retries_total{"));
}

void TestObservabilityTrackers::countsARetryTwice()
{
    Metrics metrics;

    metrics.trackCeleryTask("collect").setStatus(TaskStatus::Retry);

    VERIFY_HAS(metrics, tasksBy("retry", 1));
    VERIFY_HAS(metrics, R"(celery_task_retries_total{task_name="collect"} 1)");
}

void TestObservabilityTrackers::observesAQuery()
{
    Metrics metrics;
    {
        const DbQueryTracker tracker = metrics.trackDbQuery("select", "trends");
        QVERIFY(!mentions(metrics, "db_query_duration_seconds_count{"));
    }

    VERIFY_HAS(metrics, R"(db_query_duration_seconds_count{operation="select",table="trends"} 1)");
}

void TestObservabilityTrackers::countsAnExceptionAsFailure()
{
    Metrics metrics;
    try {
        auto request = metrics.trackApiRequest("GET", "/trends");
        request.setStatus(201);
        const auto task = metrics.trackCeleryTask("collect");
        throw std::runtime_error("no");
    } catch (const std::runtime_error &) {
    }

    VERIFY_HAS(metrics, activeRequests(0));
    VERIFY_HAS(metrics, requestsBy(500, 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
    QVERIFY(!mentions(metrics, "status_code=\"201\""));
}

void TestObservabilityTrackers::endsOnceHoweverItEnds()
{
    Metrics metrics;
    {
        auto tracker = metrics.trackApiRequest("GET", "/trends");
        auto moved = std::move(tracker);
        tracker.finish(); // NOLINT(bugprone-use-after-move): does nothing
        QVERIFY(!tracker.isRunning());
        VERIFY_HAS(metrics, activeRequests(1));
        moved.setStatus(204);
        moved.finish();
        moved.setStatus(500);
        moved.finish();
    }

    VERIFY_HAS(metrics, activeRequests(0));
    VERIFY_HAS(metrics, requestsBy(204, 1));
    VERIFY_HAS(metrics, observedRequests(1));
    QVERIFY(!mentions(metrics, "status_code=\"500\""));
}

void TestObservabilityTrackers::endsOnceBetweenThreads()
{
    Metrics metrics;
    constexpr int rounds = 200;
    for (int i = 0; i < rounds; ++i) {
        auto tracker = metrics.trackApiRequest("GET", "/trends");
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                tracker.setStatus(202);
                tracker.finish();
            });
    }

    VERIFY_HAS(metrics, activeRequests(0));
    VERIFY_HAS(metrics, requestsBy(202, rounds));
    VERIFY_HAS(metrics, observedRequests(rounds));
}

void TestObservabilityTrackers::endsWhatIsAssignedOver()
{
    Metrics metrics;
    auto tracker = metrics.trackApiRequest("GET", "/trends");
    tracker.setStatus(301);

    tracker = metrics.trackApiRequest("GET", "/trends");

    VERIFY_HAS(metrics, activeRequests(1));
    VERIFY_HAS(metrics, requestsBy(301, 1));
    auto &itself = tracker;
    tracker = std::move(itself);
    QVERIFY(tracker.isRunning());
    tracker.finish();
    VERIFY_HAS(metrics, requestsBy(200, 1)); // the status was the first one's
}

void TestObservabilityTrackers::tellsItsOwnExceptionFromOneOnItsWay()
{
    Metrics metrics;
    struct Cleaner {
        Metrics &metrics;
        ~Cleaner()
        {
            { // no exception of its own
                const auto good = metrics.trackApiRequest("GET", "/trends");
            }
            try {
                const auto bad = metrics.trackCeleryTask("collect");
                throw 1;
            } catch (int) {
            }
        }
    };

    try {
        const Cleaner cleaner{metrics};
        throw std::runtime_error("on its way");
    } catch (const std::runtime_error &) {
    }

    VERIFY_HAS(metrics, requestsBy(200, 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
}

void TestObservabilityTrackers::failsWithAnExceptionOfAnotherThread()
{
    Metrics metrics;
    auto bad = metrics.trackApiRequest("GET", "/trends");
    auto good = metrics.trackCeleryTask("collect");

    std::thread([&] {
        const auto ended = std::move(good);
        try {
            const auto taken = std::move(bad);
            throw 1;
        } catch (int) {
        }
    }).join();
    auto held = std::make_unique<ApiRequestTracker>(metrics.trackApiRequest("GET", "/trends"));
    std::thread([&] {
        try {
            const auto owner = std::move(held); // the tracker itself is not moved
            throw 1;
        } catch (int) {
        }
    }).join();

    VERIFY_HAS(metrics, requestsBy(500, 2));
    VERIFY_HAS(metrics, tasksBy("success", 1));
}

void TestObservabilityTrackers::failsInAStoredCallableThatMovesItIntoItsScope()
{
    Metrics metrics;
    std::packaged_task<void()> job(
        [captured = metrics.trackApiRequest("GET", "/trends")]() mutable {
            const auto request = std::move(captured);
            throw 1;
        });

    job(); // catches it

    VERIFY_HAS(metrics, requestsBy(500, 1));
}

void TestObservabilityTrackers::keepsTheTraceInWhichItBegan()
{
    Metrics metrics;
    std::optional<ApiRequestTracker> tracker;
    {
        const LogContext context{
            {"request_id", "abc-123"},
            {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
        tracker.emplace(metrics.trackApiRequest("GET", "/trends"));
    }
    std::thread([&] {
        const LogContext other{
            {"traceparent", "00-11111111111111111111111111111111-2222222222222222-01"}};
        tracker.reset();
    }).join();

    const std::string text = metrics.expose("application/openmetrics-text");
    QVERIFY2(text.find(R"(# {trace_id="4bf92f3577b34da6a3ce929d0e0e4736")") != std::string::npos,
             text.c_str());
    QVERIFY(text.find(R"(request_id="abc-123")") != std::string::npos);
    QVERIFY(text.find("11111111") == std::string::npos);
}

void TestObservabilityTrackers::keepsItsGaugeWhenTheSeriesIsRemoved()
{
    Metrics metrics;
    {
        const auto tracker = metrics.trackApiRequest("GET", "/trends");
        metrics.apiActiveRequests.remove({.endpoint = "/trends"});
    }

    QVERIFY(!mentions(metrics, "api_active_requests{endpoint=\"/trends\"} -1"));
}

void TestObservabilityTrackers::takesLongNames()
{
    Metrics metrics;
    const std::string endpoint(5000, 'x');
    metrics.trackApiRequest(std::string(500, 'M'), endpoint).finish();

    VERIFY_HAS(metrics, "api_active_requests{endpoint=\"" + endpoint + "\"} 0");
    VERIFY_HAS(metrics,
               "api_requests_total{method=\"" + std::string(500, 'M') + "\",endpoint=\"" + endpoint
                   + "\",status_code=\"200\"} 1");
}

void TestObservabilityTrackers::givesBackWhatTheCallableReturns()
{
    Metrics metrics;
    int number = 1;
    const auto track = [&](auto &&callable) -> decltype(auto) {
        return metrics.trackApiRequest("GET", "/trends",
                                       std::forward<decltype(callable)>(callable));
    };

    static_assert(std::is_void_v<decltype(track([] {}))>);
    track([] {});
    static_assert(std::is_same_v<decltype(track([&]() -> int & { return number; })), int &>);
    QCOMPARE(&track([&]() -> int & { return number; }), &number);
    const auto pointer = track([] { return std::make_unique<int>(7); });
    QCOMPARE(*pointer, 7);
    const auto immovable = track([] { return shop::Immovable(8); });
    QCOMPARE(immovable.value, 8);
    const auto onlyOnce =
        track([held = std::make_unique<int>(9)]() mutable { return std::move(held); });
    QCOMPARE(*onlyOnce, 9);
    shop::Answer answer;
    static_assert(
        std::is_same_v<decltype(track([&]() -> shop::Answer && { return std::move(answer); })),
                       shop::Answer &&>);
    shop::Answer &&expiring =
        track([&]() -> shop::Answer && { return std::move(answer); }); // has a status
    QCOMPARE(&expiring, &answer);

    VERIFY_HAS(metrics, requestsBy(200, 6));
    VERIFY_HAS(metrics, activeRequests(0));
}

void TestObservabilityTrackers::passesExceptionsOnUnchanged()
{
    Metrics metrics;
    const std::exception_ptr thrown = std::make_exception_ptr(std::runtime_error("the same"));
    std::exception_ptr caught;

    try {
        metrics.trackApiRequest("GET", "/trends", [&] { std::rethrow_exception(thrown); });
    } catch (...) {
        caught = std::current_exception();
    }

    QVERIFY(caught == thrown);
    VERIFY_HAS(metrics, requestsBy(500, 1));
    VERIFY_HAS(metrics, activeRequests(0));
}

void TestObservabilityTrackers::asksTheResultForItsStatus()
{
    Metrics metrics;
    shop::Answer kept{418};

    const shop::Answer answer =
        metrics.trackApiRequest("GET", "/trends", [] { return shop::Answer{201}; });
    shop::Answer &reference =
        metrics.trackApiRequest("GET", "/trends", [&]() -> shop::Answer & { return kept; });
    metrics.trackCeleryTask("collect", [] { return shop::Outcome{.isRetried = true}; });
    metrics.trackCeleryTask("collect", [] { return shop::Answer{500}; }); // says nothing of tasks

    QCOMPARE(answer.code, 201);
    QCOMPARE(&reference, &kept);
    VERIFY_HAS(metrics, requestsBy(201, 1));
    VERIFY_HAS(metrics, requestsBy(418, 1));
    VERIFY_HAS(metrics, tasksBy("retry", 1));
    VERIFY_HAS(metrics, tasksBy("success", 1));
}

void TestObservabilityTrackers::takesATaskStatusForItself()
{
    Metrics metrics;
    auto job = metrics.trackCeleryTask("collect",
                                       []() -> Job<TaskStatus> { co_return TaskStatus::Revoked; });

    const TaskStatus status =
        metrics.trackCeleryTask("collect", [] { return TaskStatus::Failure; });
    metrics.trackApiRequest("GET", "/trends", [] { return TaskStatus::Failure; });
    metrics.trackApiRequest("GET", "/trends", [] { return 404; }); // a number may be anything
    job.start();

    QCOMPARE(status, TaskStatus::Failure);
    VERIFY_HAS(metrics, tasksBy("failure", 1));
    VERIFY_HAS(metrics, tasksBy("revoked", 1));
    VERIFY_HAS(metrics, requestsBy(200, 2));
}

void TestObservabilityTrackers::asksAResultThatItMayChange()
{
    Metrics metrics;
    auto job =
        metrics.trackApiRequest("GET", "/trends", []() -> Job<shop::Lazy> { co_return {503}; });

    metrics.trackApiRequest("GET", "/trends", [] { return shop::Lazy{404}; });
    job.start();

    VERIFY_HAS(metrics, requestsBy(404, 1));
    VERIFY_HAS(metrics, requestsBy(503, 1));
}

void TestObservabilityTrackers::asksTheValueOfAResult()
{
    Metrics metrics;
    using trendscope::Result;

    metrics.trackApiRequest("GET", "/trends",
                            []() -> Result<shop::Answer> { return shop::Answer{404}; });
    metrics.trackCeleryTask("collect", []() -> Result<TaskStatus> { return TaskStatus::Retry; });

    VERIFY_HAS(metrics, requestsBy(404, 1));
    VERIFY_HAS(metrics, tasksBy("retry", 1));
}

void TestObservabilityTrackers::takesAnErrorForAFailure()
{
    Metrics metrics;
    using trendscope::Error;
    using trendscope::Result;

    metrics.trackApiRequest("GET", "/trends", [] { return Result<int>(1); });
    const Result<int> failed = metrics.trackApiRequest("GET", "/trends", []() -> Result<int> {
        return tl::unexpected(Error{Error::Kind::System, "no", {}});
    });
    metrics.trackApiRequest("GET", "/trends", []() -> tl::expected<int, shop::NotFound> {
        return tl::unexpected(shop::NotFound{});
    });
    metrics.trackCeleryTask("collect", []() -> Result<void> {
        return tl::unexpected(Error{Error::Kind::System, "no", {}});
    });

    QVERIFY(!failed);
    VERIFY_HAS(metrics, requestsBy(200, 1));
    VERIFY_HAS(metrics, requestsBy(500, 1));
    VERIFY_HAS(metrics, requestsBy(404, 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
}

void TestObservabilityTrackers::letsTheCallableSetTheStatus()
{
    Metrics metrics;

    const int result = metrics.trackApiRequest("GET", "/trends", [](ApiRequestTracker &tracker) {
        tracker.setStatus(304);
        return 5;
    });
    metrics.trackApiRequest("GET", "/trends", [](ApiRequestTracker &tracker) {
        tracker.setStatus(410);
        return shop::Answer{200};
    });

    QCOMPARE(result, 5);
    VERIFY_HAS(metrics, requestsBy(304, 1));
    VERIFY_HAS(metrics, requestsBy(410, 1));
}

void TestObservabilityTrackers::keepsACallableForManyCalls()
{
    Metrics metrics;
    std::function<std::size_t(std::string, const int &)> handler;
    {
        std::string endpoint = "/trends";
        handler = metrics.trackedApiRequest(
            "GET", endpoint, [calls = std::size_t(0)](std::string text, const int &more) mutable {
                return text.size() + static_cast<std::size_t>(more) + calls++;
            });
        endpoint = "gone";
    }
    const auto taken = metrics.trackedApiRequest(
        "GET", "/trends", [](ApiRequestTracker &tracker, std::unique_ptr<int> number) {
            tracker.setStatus(*number);
            return number;
        });

    QCOMPARE(handler("abc", 1), std::size_t(4));
    QCOMPARE(handler("abc", 1), std::size_t(5));
    QCOMPARE(*taken(std::make_unique<int>(202)), 202);
    const int number = 3;
    const auto byReference = metrics.trackedApiRequest(
        "GET", "/trends", [](const int &value) -> const int & { return value; });
    QCOMPARE(&byReference(number), &number);

    VERIFY_HAS(metrics, requestsBy(200, 3));
    VERIFY_HAS(metrics, requestsBy(202, 1));
    VERIFY_HAS(metrics, activeRequests(0));
}

void TestObservabilityTrackers::worksWithQueriesAndTasks()
{
    Metrics metrics;
    const auto find = metrics.trackedDbQuery("select", "trends", [](int id) { return id + 1; });
    const auto collect = metrics.trackedCeleryTask("collect", [](bool isGood) {
        if (!isGood)
            throw std::runtime_error("no");
    });

    QCOMPARE(find(1), 2);
    QCOMPARE(metrics.trackDbQuery("select", "trends", [] { return 3; }), 3);
    collect(true);
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, collect(false));

    VERIFY_HAS(metrics, R"(db_query_duration_seconds_count{operation="select",table="trends"} 2)");
    VERIFY_HAS(metrics, tasksBy("success", 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
}

void TestObservabilityTrackers::followsACoroutineToItsEnd()
{
    Metrics metrics;
    Gate gate;
    auto job = metrics.trackApiRequest("GET", "/trends", [&]() -> Job<std::unique_ptr<int>> {
        co_await gate;
        co_return std::make_unique<int>(6);
    });
    job.start();
    VERIFY_HAS(metrics, activeRequests(1));
    QVERIFY(!mentions(metrics, "api_requests_total{"));

    gate.openInAnotherThread();

    QVERIFY(job.isDone());
    VERIFY_HAS(metrics, activeRequests(0)); // though the coroutine's frame is still there
    VERIFY_HAS(metrics, requestsBy(200, 1));
    QCOMPARE(*job.result(), 6);
}

void TestObservabilityTrackers::followsACoroutineThatThrows()
{
    Metrics metrics;
    Gate gate;
    const std::exception_ptr thrown = std::make_exception_ptr(std::runtime_error("the same"));
    const auto handler = metrics.trackedApiRequest("GET", "/trends", [&](int) -> Job<int> {
        co_await gate;
        std::rethrow_exception(thrown);
    });
    auto job = handler(1);
    job.start();

    gate.openInAnotherThread();

    std::exception_ptr caught;
    try {
        job.result();
    } catch (...) {
        caught = std::current_exception();
    }
    QVERIFY(caught == thrown);
    VERIFY_HAS(metrics, requestsBy(500, 1));
    VERIFY_HAS(metrics, activeRequests(0));
}

void TestObservabilityTrackers::followsACoroutineWithoutResult()
{
    Metrics metrics;
    Gate gate;
    auto job = metrics.trackCeleryTask("collect", [&]() -> Job<void> { co_await gate; });
    job.start();

    gate.openInAnotherThread();

    QVERIFY(job.isDone());
    VERIFY_HAS(metrics, tasksBy("success", 1));
}

void TestObservabilityTrackers::followsACoroutineThroughAnotherException()
{
    Metrics metrics;
    Gate gate;
    auto good = metrics.trackApiRequest("GET", "/trends", [&]() -> Job<void> { co_await gate; });
    auto bad = metrics.trackCeleryTask("collect", []() -> Job<void> {
        throw 1;
        co_return;
    });
    good.start();
    struct Cleaner {
        Gate &gate;
        Job<void> &bad;
        ~Cleaner()
        {
            gate.waiting.resume();
            bad.start();
        }
    };

    try {
        const Cleaner cleaner{gate, bad};
        throw std::runtime_error("on its way");
    } catch (const std::runtime_error &) {
    }

    VERIFY_HAS(metrics, requestsBy(200, 1));
    VERIFY_HAS(metrics, tasksBy("failure", 1));
}

void TestObservabilityTrackers::countsAnAbandonedCoroutine()
{
    Metrics metrics;
    Gate gate;
    {
        auto request = metrics.trackApiRequest("GET", "/trends", [&]() -> Job<int> {
            co_await gate;
            co_return 1;
        });
        request.start();
        const auto neverStarted =
            metrics.trackCeleryTask("collect", []() -> Job<void> { co_return; });
    }

    VERIFY_HAS(metrics, requestsBy(499, 1));
    VERIFY_HAS(metrics, tasksBy("revoked", 1));
    VERIFY_HAS(metrics, activeRequests(0));
}

void TestObservabilityTrackers::givesTheTrackerToACoroutine()
{
    Metrics metrics;
    Gate gate;
    auto job = metrics.trackApiRequest("GET", "/trends",
                                       [&](ApiRequestTracker &tracker) -> Job<shop::Answer> {
                                           co_await gate;
                                           tracker.setStatus(302);
                                           co_return shop::Answer{200};
                                       });
    auto other = metrics.trackApiRequest(
        "GET", "/trends", []() -> Job<shop::Answer> { co_return shop::Answer{503}; });
    job.start();
    other.start();

    gate.openInAnotherThread();

    VERIFY_HAS(metrics, requestsBy(302, 1));
    VERIFY_HAS(metrics, requestsBy(503, 1));
}

void TestObservabilityTrackers::keepsTheCallableOfACoroutine()
{
    Metrics metrics;
    Gate gate;
    std::optional<Job<std::string>> first;
    std::optional<Job<std::string>> second;
    {
        const std::string text(100, 'x');
        first.emplace(
            metrics.trackApiRequest("GET", "/trends", [&gate, text]() -> Job<std::string> {
                co_await gate;
                co_return text;
            }));
        const auto handler = metrics.trackedApiRequest(
            "GET", "/trends", [text]() -> Job<std::string> { co_return text; });
        second.emplace(handler());
    }
    first->start();
    second->start();

    gate.openInAnotherThread();

    QCOMPARE(first->result(), std::string(100, 'x'));
    QCOMPARE(second->result(), std::string(100, 'x'));
}

QTEST_GUILESS_MAIN(TestObservabilityTrackers)
#include "tst_observability_trackers.moc"
