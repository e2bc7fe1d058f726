#include "core/demo/recorded_series.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace trendscope::demo {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr Seconds window = 5min;
constexpr std::array<double, RecordedSeries::bucketCount - 1> requestBounds{0.01, 0.05, 0.1, 0.5,
                                                                            1,    2.5,  5,   10};

double numberAt(std::string_view text)
{
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The rest of `text` after `key="`; empty when the label is not there.
std::string_view labelAt(std::string_view text, std::string_view key)
{
    const std::size_t at = text.find(key);
    return at == text.npos ? std::string_view() : text.substr(at + key.size());
}

std::size_t bucketOf(std::string_view labels)
{
    const std::string_view bound = labelAt(labels, "le=\"");
    if (bound.starts_with('+'))
        return requestBounds.size();
    const auto found =
        std::lower_bound(requestBounds.begin(), requestBounds.end(), numberAt(bound));
    return static_cast<std::size_t>(found - requestBounds.begin());
}

void appendNumber(std::string &out, double value)
{
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

void appendLine(std::string &out, std::string_view name, double value, double timestamp)
{
    if (!std::isfinite(value))
        return;
    out.append(name);
    out.push_back(' ');
    appendNumber(out, value);
    out.push_back(' ');
    appendNumber(out, timestamp);
    out.push_back('\n');
}

} // namespace

double histogramQuantile(double quantile,
                         const std::array<double, RecordedSeries::bucketCount - 1> &bounds,
                         const std::array<double, RecordedSeries::bucketCount> &buckets)
{
    const double total = buckets.back();
    if (!(total > 0))
        return std::numeric_limits<double>::quiet_NaN();
    const double rank = quantile * total;
    const auto found = std::lower_bound(buckets.begin(), buckets.end() - 1, rank);
    const auto index = static_cast<std::size_t>(found - buckets.begin());
    if (index == bounds.size())
        return bounds.back();
    const double start = index == 0 ? 0 : bounds[index - 1];
    const double below = index == 0 ? 0 : buckets[index - 1];
    return start + (bounds[index] - start) * (rank - below) / (buckets[index] - below);
}

RecordedSeries::RecordedSeries(std::size_t windowScrapes)
    : m_ring(windowScrapes + 1)
{
}

void RecordedSeries::read(std::string_view samples)
{
    while (!samples.empty()) {
        const std::size_t end = std::min(samples.find('\n'), samples.size());
        readLine(samples.substr(0, end));
        samples.remove_prefix(std::min(end + 1, samples.size()));
    }
}

void RecordedSeries::readLine(std::string_view line)
{
    const std::size_t open = line.find('{');
    const std::size_t close = line.rfind('}');
    if (open == line.npos || close == line.npos || close + 2 >= line.size())
        return;
    const std::string_view name = line.substr(0, open);
    const std::string_view labels = line.substr(open, close - open);
    const double value = numberAt(line.substr(close + 2));

    Totals &totals = m_ring[m_scrape % m_ring.size()];
    if (name == "api_request_duration_seconds_bucket") {
        totals.requestBuckets[bucketOf(labels)] += value;
    } else if (name == "api_requests_total") {
        totals.requests += value;
        totals.serverErrors += labelAt(labels, "status_code=\"").starts_with('5') ? value : 0;
    } else if (name == "api_request_duration_seconds_sum") {
        totals.requestSeconds += value;
    } else if (name == "celery_tasks_total") {
        totals.tasks += value;
        totals.failedTasks += labelAt(labels, "status=\"").starts_with("failure\"") ? value : 0;
    } else if (name == "celery_task_duration_seconds_sum") {
        totals.taskSeconds += value;
    } else if (name == "celery_task_duration_seconds_count") {
        totals.endedTasks += value;
    }
}

void RecordedSeries::append(std::string &out, double timestamp)
{
    const Totals &now = m_ring[m_scrape % m_ring.size()];
    const Totals &before = m_ring[(m_scrape + 1) % m_ring.size()]; // the oldest: one window earlier
    if (m_scrape + 1 >= m_ring.size()) {
        const auto increase = [&](double Totals::*total) { return now.*total - before.*total; };
        const auto share = [&](double Totals::*part, double Totals::*whole) {
            return increase(part) / increase(whole); // 0/0 is NaN and not written
        };
        std::array<double, bucketCount> buckets;
        std::transform(now.requestBuckets.begin(), now.requestBuckets.end(),
                       before.requestBuckets.begin(), buckets.begin(), std::minus());

        const auto line = [&](std::string_view name, double value) {
            appendLine(out, name, value, timestamp);
        };
        line("api:requests_per_second", increase(&Totals::requests) / window.count());
        line("api:error_rate", share(&Totals::serverErrors, &Totals::requests));
        line("api:request_duration_average",
             (now.requestSeconds - before.requestSeconds) / buckets.back());
        line("api:request_duration_p95", histogramQuantile(0.95, requestBounds, buckets));
        line("celery:tasks_per_second", increase(&Totals::tasks) / window.count());
        line("celery:failure_rate", share(&Totals::failedTasks, &Totals::tasks));
        line("celery:task_duration_average", share(&Totals::taskSeconds, &Totals::endedTasks));
    }
    ++m_scrape;
    m_ring[m_scrape % m_ring.size()] = {};
}

} // namespace trendscope::demo
