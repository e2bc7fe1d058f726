#include "core/observability/context.h"
#include "core/observability/metrics.h"
#include "support/cpu_time.h"

#include <QTest>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <chrono>
#include <cstdlib>
#include <new>

using namespace trendscope::observability;

namespace {

constexpr int rounds = 200'000;
std::size_t allocations = 0;

/// Nanoseconds of CPU for one call, in the best of five runs.
template <class Call>
double nanoseconds(Call call)
{
    const auto all = [&] {
        for (int i = 0; i < rounds; ++i)
            call();
    };
    return best(all) / rounds * 1e9;
}

} // namespace

void *operator new(std::size_t size)
{
    ++allocations;
    if (void *const memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void *memory) noexcept
{
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

/// A tracked request against the same by hand: handles of prometheus-cpp that are kept, a gauge up
/// and down, a duration, a count. The peer has one route and one status, ours looks them up.
class BenchTrackers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tracksARequest();
};

void BenchTrackers::tracksARequest()
{
    ::prometheus::Gauge gauge;
    ::prometheus::Counter counter;
    ::prometheus::Histogram histogram({0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10});
    const double peer = nanoseconds([&] {
        gauge.Increment();
        const auto begin = std::chrono::steady_clock::now();
        histogram.Observe(Seconds(std::chrono::steady_clock::now() - begin).count());
        counter.Increment();
        gauge.Decrement();
    });

    Metrics metrics;
    const double scoped = nanoseconds([&] {
        auto tracker = metrics.trackApiRequest("GET", "/api/v1/trends/{id}");
        tracker.setStatus(200);
    });
    int calls = 0;
    const auto handler =
        metrics.trackedApiRequest("GET", "/api/v1/trends/{id}", [&](int by) { calls += by; });
    const double called = nanoseconds([&] { handler(1); });
    const std::size_t before = allocations;
    for (int i = 0; i < rounds; ++i)
        metrics.trackApiRequest("GET", "/api/v1/trends/{id}").setStatus(404);
    const double allocationsOfOne = static_cast<double>(allocations - before) / rounds;
    const LogContext context{
        {"request_id", "0d9b6e1c-8a3f-4c53-9d55-3f3e8f1f4c11"},
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
    const double traced =
        nanoseconds([&] { metrics.trackApiRequest("GET", "/api/v1/trends/{id}").finish(); });

    QCOMPARE(calls, 5 * rounds);
    qInfo("by_hand_ns %.1f -", peer);
    qInfo("tracker_ns %.1f -", scoped);
    qInfo("tracker_ratio %.2f -", scoped / peer);
    qInfo("tracked_callable_ns %.1f -", called);
    qInfo("tracker_with_trace_ns %.1f -", traced);
    qInfo("tracker_allocations %.2f 1", allocationsOfOne);
}

QTEST_GUILESS_MAIN(BenchTrackers)
#include "bench_trackers.moc"
