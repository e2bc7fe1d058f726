#include "core/exporter/push/pushed_series_p.h"

#include <prometheus/summary.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>

namespace trendscope::exporter {

namespace {

constexpr std::size_t maxProcesses = 1'000;      // of one gauge
constexpr std::size_t maxSetMembers = 1'000'000; // of all sets together: about 40 MB

class CounterSeries final : public PushedSeries {
    Refusal take(const PushedValue &value, PushContext & /*context*/) override
    {
        if (!std::isfinite(m_total + value.value) || value.value < 0)
            return Refusal::BadValue;
        m_total += value.value;
        known.increment(value.value);
        return Refusal::None;
    }

    void write(::prometheus::ClientMetric &out, PushContext & /*context*/) override
    {
        out.counter.value = m_total;
    }

    double m_total = 0;
};

/// One value, or one for each process that has said which it is.
class GaugeSeries final : public PushedSeries {
    struct Share {
        double value = 0;
        std::uint64_t order = 0; ///< the greater the later
    };

    Refusal take(const PushedValue &value, PushContext &context) override
    {
        auto share = m_shares.find(value.process);
        const double before = share == m_shares.end() ? 0 : share->second.value;
        const double after = value.isRelative ? before + value.value : value.value;
        if (!std::isfinite(after))
            return Refusal::BadValue;
        if (share == m_shares.end()) {
            if (m_shares.size() >= maxProcesses)
                forgetTheDead(context);
            if (m_shares.size() >= maxProcesses)
                return Refusal::TooManyMembers;
            share = m_shares.emplace(std::string(value.process), Share()).first;
        }
        share->second = {after, ++m_order};
        m_merge = value.merge;
        known.set(total());
        return Refusal::None;
    }

    void write(::prometheus::ClientMetric &out, PushContext & /*context*/) override
    {
        out.gauge.value = total();
    }

    bool isEmpty(PushContext &context) override
    {
        if (forgetTheDead(context) && !m_shares.empty())
            known.set(total());
        return m_shares.empty();
    }

    bool forgetTheDead(const PushContext &context)
    {
        return std::erase_if(m_shares,
                             [&](const auto &share) {
                                 return !share.first.empty()
                                     && !context.processes.contains(share.first);
                             })
            > 0;
    }

    double total() const
    {
        const auto byValue = [](const auto &a, const auto &b) {
            return a.second.value < b.second.value;
        };
        switch (m_merge) {
        case GaugeMerge::Sum: {
            double sum = 0;
            for (const auto &[process, share] : m_shares)
                sum += share.value;
            return sum;
        }
        case GaugeMerge::Max:
            return std::max_element(m_shares.begin(), m_shares.end(), byValue)->second.value;
        case GaugeMerge::Min:
            return std::min_element(m_shares.begin(), m_shares.end(), byValue)->second.value;
        case GaugeMerge::Latest:
            break;
        }
        return std::max_element(
                   m_shares.begin(), m_shares.end(),
                   [](const auto &a, const auto &b) { return a.second.order < b.second.order; })
            ->second.value;
    }

    std::map<std::string, Share, std::less<>> m_shares; ///< by process; "": nobody's in particular
    std::uint64_t m_order = 0;
    GaugeMerge m_merge = GaugeMerge::Latest;
};

bool isObservation(const PushedValue &value)
{
    return std::isfinite(value.value) && value.value >= 0 && value.count >= 1 && value.count <= 1e9;
}

class HistogramSeries final : public PushedSeries {
public:
    /// `bounds` must outlive it; null for one of the catalogue.
    explicit HistogramSeries(const std::vector<double> *bounds)
        : m_bounds(bounds)
        , m_counts(bounds ? bounds->size() : 0)
    {
    }

private:
    Refusal take(const PushedValue &value, PushContext & /*context*/) override
    {
        if (!isObservation(value) || !std::isfinite(m_sum + value.value * value.count))
            return Refusal::BadValue;
        const auto count = static_cast<std::uint64_t>(value.count);
        m_sum += value.value * value.count;
        m_count += count;
        if (known) {
            known.observe(value.value, static_cast<double>(count));
            return Refusal::None;
        }
        const auto bound = std::lower_bound(m_bounds->begin(), m_bounds->end(), value.value);
        if (bound != m_bounds->end())
            m_counts[static_cast<std::size_t>(bound - m_bounds->begin())] += count;
        return Refusal::None;
    }

    void write(::prometheus::ClientMetric &out, PushContext & /*context*/) override
    {
        out.histogram.sample_count = m_count;
        out.histogram.sample_sum = m_sum;
        out.histogram.bucket.reserve(m_counts.size() + 1);
        std::uint64_t cumulative = 0;
        for (std::size_t i = 0; i < m_counts.size(); ++i) {
            cumulative += m_counts[i];
            out.histogram.bucket.push_back({cumulative, (*m_bounds)[i]});
        }
        out.histogram.bucket.push_back({m_count, std::numeric_limits<double>::infinity()});
    }

    const std::vector<double> *m_bounds;
    std::vector<std::uint64_t> m_counts;
    std::uint64_t m_count = 0;
    double m_sum = 0;
};

class SummarySeries final : public PushedSeries {
    /// statsd_exporter's: rank and how far it may be off; over the last ten minutes.
    static ::prometheus::Summary::Quantiles quantiles()
    {
        return {{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
    }

    Refusal take(const PushedValue &value, PushContext & /*context*/) override
    {
        if (!isObservation(value) || !std::isfinite(m_sum + value.value * value.count))
            return Refusal::BadValue;
        const auto count = static_cast<std::uint64_t>(value.count);
        m_sum += value.value * value.count;
        m_count += count;
        // The quantiles are estimates anyhow; a rate of a millionth must not cost a million steps.
        for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 100); ++i)
            m_quantiles.Observe(value.value);
        return Refusal::None;
    }

    void write(::prometheus::ClientMetric &out, PushContext & /*context*/) override
    {
        out.summary = m_quantiles.Collect().summary;
        out.summary.sample_count = m_count;
        out.summary.sample_sum = m_sum;
    }

    ::prometheus::Summary m_quantiles{quantiles(), std::chrono::minutes(10), 5};
    std::uint64_t m_count = 0;
    double m_sum = 0;
};

/// How many different members the latest whole window had; in the first, so far.
class SetSeries final : public PushedSeries {
    Refusal take(const PushedValue &value, PushContext &context) override
    {
        turn(context);
        const std::size_t member = std::hash<std::string_view>()(value.member);
        if (!m_members.contains(member)) {
            if (context.setMembers >= maxSetMembers)
                return Refusal::TooManyMembers;
            m_members.insert(member);
            ++context.setMembers;
        }
        return Refusal::None;
    }

    void write(::prometheus::ClientMetric &out, PushContext &context) override
    {
        turn(context);
        out.gauge.value = size();
    }

    void end(PushContext &context) override { context.setMembers -= m_members.size(); }

    double size() const { return static_cast<double>(m_previous.value_or(m_members.size())); }

    void turn(PushContext &context)
    {
        const auto window = context.settings.setWindow;
        if (m_begin == PushClock::time_point())
            m_begin = context.now;
        const auto windows = (context.now - m_begin) / window;
        if (windows <= 0)
            return;
        m_begin += windows * window;
        m_previous = windows == 1 ? m_members.size() : 0;
        context.setMembers -= m_members.size();
        m_members.clear();
    }

    std::unordered_set<std::size_t> m_members; ///< their hashes
    std::optional<std::size_t> m_previous;
    PushClock::time_point m_begin;
};

} // namespace

Refusal PushedSeries::apply(const PushedValue &value, PushContext &context)
{
    const Refusal refusal = take(value, context);
    if (refusal == Refusal::None) {
        m_hasValue = true;
        m_updated = context.now;
        sources.set(static_cast<std::size_t>(context.source));
    }
    return refusal;
}

void PushedSeries::collect(::prometheus::ClientMetric &out, PushContext &context)
{
    out.label.reserve(labels.size());
    for (const auto &[name, value] : labels)
        out.label.push_back({name, value});
    write(out, context);
}

bool PushedSeries::hasEnded(PushContext &context)
{
    const auto age = context.now - m_updated;
    return !m_hasValue || (timeToLive.count() > 0 && age > timeToLive) || isEmpty(context);
}

std::unique_ptr<PushedSeries> makeSeries(PushedType type, const std::vector<double> *buckets)
{
    switch (type) {
    case PushedType::Counter:
        return std::make_unique<CounterSeries>();
    case PushedType::Gauge:
        return std::make_unique<GaugeSeries>();
    case PushedType::Histogram:
        return std::make_unique<HistogramSeries>(buckets);
    case PushedType::Summary:
        return std::make_unique<SummarySeries>();
    case PushedType::Set:
        break;
    }
    return std::make_unique<SetSeries>();
}

} // namespace trendscope::exporter
