#include "core/observability/metrics.h"

#include <QTest>

#include <malloc.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <new>
#include <thread>

using namespace trendscope::observability;

namespace {

std::atomic<std::size_t> heldBytes = 0; // by operator new, of the whole program
std::atomic<std::size_t> mostHeldBytes = 0;

void *counted(void *memory)
{
    if (!memory)
        throw std::bad_alloc();
    const std::size_t held = heldBytes += ::malloc_usable_size(memory);
    std::size_t most = mostHeldBytes;
    while (held > most && !mostHeldBytes.compare_exchange_weak(most, held))
        ;
    return memory;
}

void release(void *memory)
{
    heldBytes -= ::malloc_usable_size(memory);
    std::free(memory);
}

} // namespace

void *operator new(std::size_t size)
{
    return counted(std::malloc(size));
}

void *operator new(std::size_t size, std::align_val_t alignment)
{
    const auto step = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}

void operator delete(void *memory) noexcept
{
    release(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    release(memory);
}

void operator delete(void *memory, std::align_val_t) noexcept
{
    release(memory);
}

void operator delete(void *memory, std::size_t, std::align_val_t) noexcept
{
    release(memory);
}

namespace {

constexpr int updates = 2'000'000;
constexpr int seriesCount = 100'000;

double cpuSeconds()
{
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// CPU seconds of five runs, ascending.
std::array<double, 5> measured(const std::function<void()> &run)
{
    std::array<double, 5> seconds{};
    for (double &each : seconds) {
        const double start = cpuSeconds();
        run();
        each = cpuSeconds() - start;
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds;
}

double best(const std::function<void()> &run)
{
    return measured(run)[0];
}

double usual(const std::function<void()> &run)
{
    return measured(run)[2];
}

/// CPU nanoseconds of one of the updates that `run` makes.
template <class Run>
double nanoseconds(Run run, int threads = 1, double (*of)(const std::function<void()> &) = &best)
{
    const double seconds = of([&] {
        std::vector<std::thread> others;
        for (int i = 1; i < threads; ++i)
            others.emplace_back(run);
        run();
        for (std::thread &other : others)
            other.join();
    });
    return seconds / updates / threads * 1e9;
}

template <class Update>
auto repeated(Update update)
{
    return [update] {
        for (int i = 0; i < updates; ++i)
            update(i);
    };
}

std::string endpointOf(int i)
{
    return "/api/v1/topics/" + std::to_string(i);
}

double valueOf(int i)
{
    return i % 2 == 0 ? i * 7.0 : i * 0.37; // as many whole numbers as others
}

} // namespace

/// What recording and exposition cost, against prometheus-cpp in the same run.
class BenchMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsByAHandle();
    void findsSeriesByTheirLabels();
    void observesInTwoThreads();
    void writesAHundredThousandSeries();
};

void BenchMetrics::countsByAHandle()
{
    const Metrics metrics;
    const Counter ours = metrics.itemsCollectedTotal.labels({.source = "reddit"});
    prometheus::Counter theirs;

    const double peer = nanoseconds(repeated([&](int) { theirs.Increment(); }));
    const double own = nanoseconds(repeated([&](int) { ours.increment(); }));

    qInfo("counter_handle_ns %.2f -", own);
    qInfo("counter_prometheus_ns %.2f -", peer);
    qInfo("counter_handle_ratio %.2f 1.3", own / peer);
}

void BenchMetrics::findsSeriesByTheirLabels()
{
    const Metrics metrics;
    prometheus::Registry registry;
    auto &family = prometheus::BuildCounter().Name("api_requests_total").Register(registry);
    constexpr std::array endpoints = {"/api/v1/trends", "/api/v1/topics", "/health",
                                      "/api/v1/items/{id}"};

    const double own = nanoseconds(repeated([&](int i) {
        metrics.apiRequestsTotal
            .labels({.method = "GET",
                     .endpoint = endpoints[static_cast<std::size_t>(i) % endpoints.size()],
                     .statusCode = 200})
            .increment();
    }));
    const double twoThreads = nanoseconds(
        [&] {
            const std::string endpoint = endpointOf(
                static_cast<int>(std::hash<std::thread::id>()(std::this_thread::get_id()) % 1000));
            for (int i = 0; i < updates; ++i)
                metrics.apiRequestsTotal
                    .labels({.method = "GET", .endpoint = endpoint, .statusCode = 200})
                    .increment();
        },
        2);
    const double peer =
        10 * nanoseconds([&] {
            for (int i = 0; i < updates / 10; ++i)
                family
                    .Add({{"method", "GET"},
                          {"endpoint", endpoints[static_cast<std::size_t>(i) % endpoints.size()]},
                          {"status_code", "200"}})
                    .Increment();
        });

    qInfo("labelled_lookup_ns %.1f 60", own);
    qInfo("labelled_lookup_two_threads_ns %.1f 60", twoThreads);
    qInfo("labelled_lookup_prometheus_ns %.1f -", peer);
}

void BenchMetrics::observesInTwoThreads()
{
    const Metrics metrics;
    const Histogram ours =
        metrics.apiRequestDurationSeconds.labels({.method = "GET", .endpoint = "/"});
    prometheus::Histogram theirs({0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10});
    const auto observeOurs = repeated([&](int i) { ours.observe(i % 16 * 0.1); });
    const auto observeTheirs = repeated([&](int i) { theirs.Observe(i % 16 * 0.1); });

    // Not the best: that is the one in which the threads happened to take turns.
    const double peer = nanoseconds(observeTheirs, 2, &usual);
    const double own = nanoseconds(observeOurs, 2, &usual);

    qInfo("histogram_one_writer_ns %.1f -", nanoseconds(observeOurs));
    qInfo("histogram_one_writer_prometheus_ns %.1f -", nanoseconds(observeTheirs));
    qInfo("histogram_two_writers_ns %.1f -", own);
    qInfo("histogram_two_writers_ratio %.1f 2", peer / own);
}

void BenchMetrics::writesAHundredThousandSeries()
{
    Registry registry;
    prometheus::Registry peerRegistry;
    Family &family = registry.add({.name = "api_requests_total",
                                   .type = MetricDescription::Type::Counter,
                                   .help = "API requests answered.",
                                   .labels = {"endpoint", "method", "status_code"},
                                   .maxSeries = seriesCount});
    auto &peerFamily = prometheus::BuildCounter()
                           .Name("api_requests_total")
                           .Help("API requests answered.")
                           .Register(peerRegistry);
    for (int i = 0; i < seriesCount; ++i) {
        family.increment({endpointOf(i), "GET", "200"}, valueOf(i));
        peerFamily.Add({{"endpoint", endpointOf(i)}, {"method", "GET"}, {"status_code", "200"}})
            .Increment(valueOf(i));
    }

    std::size_t size = 0;
    std::size_t extra = 0;
    const double own = best([&] {
        const std::size_t before = mostHeldBytes = heldBytes.load();
        size = registry.expose().size();
        extra = std::max(extra, mostHeldBytes - before);
    });
    const auto collected = peerRegistry.Collect();
    std::size_t peerSize = 0;
    const double peer =
        best([&] { peerSize = prometheus::TextSerializer().Serialize(collected).size(); });
    const double collecting = best([&] { peerRegistry.Collect(); });

    QVERIFY(size > seriesCount * 60U);
    qInfo("exposition_ms %.2f -", own * 1000);
    qInfo("exposition_prometheus_ms %.2f -", peer * 1000);
    qInfo("exposition_prometheus_collect_ms %.2f -", collecting * 1000);
    qInfo("exposition_size_ratio %.3f -",
          static_cast<double>(size) / static_cast<double>(peerSize));
    qInfo("exposition_ratio %.1f 20", peer / own);
    qInfo("exposition_extra_memory_ratio %.2f 1.5",
          static_cast<double>(extra) / static_cast<double>(size));
}

QTEST_GUILESS_MAIN(BenchMetrics)
#include "bench_metrics.moc"
