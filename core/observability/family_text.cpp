#include "core/observability/exposition_p.h"
#include "core/observability/family_p.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <mutex>

namespace trendscope::observability {

namespace {

using Type = MetricDescription::Type;

/// How far ahead series are fetched: they are somewhere in memory, and waiting for each in turn
/// would take longer than writing them.
constexpr std::size_t ahead = 24;

bool byLabels(const Series *a, const Series *b)
{
    return a->labels() < b->labels();
}

void writeEnd(SampleWriter &writer, const Exemplar *exemplar, const SampleFormat &format)
{
    if (exemplar && format.isOpenMetrics)
        exemplar->append(writer.text());
    writer << format.suffix;
}

void writeSample(SampleWriter &writer, std::string_view name, const Series &series,
                 const SampleFormat &format)
{
    const std::string_view head = series.head();
    const bool isUsual = format.extraLabels.empty() && format.suffix.size() == 1;
    char *const place =
        isUsual ? writer.room(name.size() + head.size() + text::longestNumber + 1) : nullptr;
    if (place) [[likely]] {
        char *end = copyText(copyText(place, name), head);
        end += text::writeNumber(end, series.value());
        *end = format.suffix[0];
        return writer.wrote(end + 1);
    }
    writer << name;
    writeLabels(writer, series.labels(), {}, format.extraLabels);
    writer << series.value() << format.suffix;
}

/// `le="0.5"` for each bound and +Inf.
std::vector<std::string> boundLabels(const std::vector<double> &bounds, bool isOpenMetrics)
{
    std::vector<std::string> labels;
    for (const double bound : bounds)
        labels.push_back("le=\"" + boundText(bound, isOpenMetrics) + '"');
    labels.emplace_back("le=\"+Inf\"");
    return labels;
}

::prometheus::MetricType foreignType(Type type)
{
    switch (type) {
    case Type::Counter:
        return ::prometheus::MetricType::Counter;
    case Type::Gauge:
        return ::prometheus::MetricType::Gauge;
    case Type::Unknown:
        return ::prometheus::MetricType::Untyped;
    case Type::Histogram:
        break;
    }
    return ::prometheus::MetricType::Histogram;
}

void fill(::prometheus::ClientMetric::Histogram &out, const HistogramSeries &series)
{
    HistogramSeries::Totals totals;
    series.read(totals);
    out.sample_count = static_cast<std::uint64_t>(totals.count);
    out.sample_sum = totals.sum;
    const std::vector<double> &bounds = series.shape().description.buckets;
    double cumulative = 0;
    for (std::size_t i = 0; i < totals.counts.size(); ++i) {
        cumulative += totals.counts[i];
        out.bucket.push_back(
            {static_cast<std::uint64_t>(cumulative),
             i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
    }
}

} // namespace

bool Family::Private::isAnnounced() const
{
    if (description.announced == MetricDescription::Announced::Always)
        return true;
    const std::shared_lock lock(m_mutex);
    const std::int64_t now = Series::now();
    return std::any_of(m_series.begin(), m_series.end(),
                       [&](const SeriesReference &series) { return series->isVisible(now); });
}

void Family::Private::append(std::string &out, bool isOpenMetrics)
{
    const std::size_t begin = out.size();
    appendHead(out, {description.name, exposedType(description.type), description.help},
               isOpenMetrics);
    const std::size_t head = out.size();
    appendSamples(out, {.isOpenMetrics = isOpenMetrics});
    if (out.size() == head && description.announced == MetricDescription::Announced::WhenUsed)
        out.resize(begin);
}

std::size_t Family::Private::sampleSize(const SampleFormat &format) const
{
    constexpr std::size_t number = 20;
    constexpr std::size_t count = 9;
    constexpr std::size_t bound = 10;
    const std::size_t rest = description.name.size() + sizeof "_bucket{} " + format.suffix.size()
        + format.extraLabels.size();
    const std::shared_lock lock(m_mutex);
    if (description.type != Type::Histogram)
        return m_labelSize + m_series.size() * (rest + number);
    const std::size_t lines = description.buckets.size() + 3;
    return lines * (m_labelSize + m_series.size() * (rest + count + bound)) + number;
}

void Family::Private::sort()
{
    if (m_added.empty())
        return;
    std::sort(m_added.begin(), m_added.end(), byLabels);
    const auto middle = static_cast<std::ptrdiff_t>(m_sorted.size());
    m_sorted.insert(m_sorted.end(), m_added.begin(), m_added.end());
    std::inplace_merge(m_sorted.begin(), m_sorted.begin() + middle, m_sorted.end(), byLabels);
    m_added = {};
}

/// Recorders whose series are known go on meanwhile.
template <class Visit>
void Family::Private::forEachVisible(Visit visit)
{
    bool isInOrder = false;
    {
        const std::shared_lock lock(m_mutex);
        if (m_series.empty())
            return;
        isInOrder = m_added.empty() && !shape->hasEnded.load(std::memory_order_relaxed);
    }
    if (!isInOrder) {
        const std::unique_lock lock(m_mutex);
        if (shape->hasEnded.load(std::memory_order_relaxed))
            sweep();
        sort();
    }
    const std::int64_t now = Series::now();
    bool haveExpired = false;
    {
        const std::shared_lock lock(m_mutex);
        for (std::size_t i = 0; i < m_sorted.size(); ++i) {
            if (i + ahead < m_sorted.size())
                m_sorted[i + ahead]->fetch();
            if (i + ahead / 2 < m_sorted.size())
                m_sorted[i + ahead / 2]->fetchRest();
            if (m_sorted[i]->isVisible(now))
                visit(*m_sorted[i]);
            else
                haveExpired = haveExpired || !m_sorted[i]->isNewborn();
        }
    }
    if (haveExpired) {
        const std::unique_lock lock(m_mutex);
        sweep();
    }
}

void Family::Private::appendSamples(std::string &out, const SampleFormat &format)
{
    SampleWriter writer(out);
    if (description.type == Type::Histogram)
        writeHistograms(writer, format);
    else
        writeScalars(writer, format);
}

void Family::Private::writeScalars(SampleWriter &writer, const SampleFormat &format)
{
    const bool isCounter = description.type == Type::Counter;
    const bool hasExemplars = isCounter && format.isOpenMetrics;
    const std::string name = format.isOpenMetrics && isCounter
        ? std::string(withoutTotal(description.name)) + "_total"
        : description.name;
    forEachVisible([&](const Series &series) {
        const Exemplar *const exemplar = hasExemplars ? series.exemplars() : nullptr;
        const SampleFormat ending = {.extraLabels = format.extraLabels, .suffix = ""};
        writeSample(writer, name, series, exemplar ? ending : format);
        if (exemplar)
            writeEnd(writer, exemplar, format);
    });
}

void Family::Private::writeHistograms(SampleWriter &writer, const SampleFormat &format)
{
    const std::string &name = description.name;
    const auto bounds = boundLabels(description.buckets, format.isOpenMetrics);
    HistogramSeries::Totals totals;
    forEachVisible([&](const Series &series) {
        static_cast<const HistogramSeries &>(series).read(totals);
        const Exemplar *const exemplars = series.exemplars();
        double cumulative = 0;
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            writer << name << std::string_view("_bucket");
            writeLabels(writer, series.labels(), bounds[i], format.extraLabels);
            writer << (cumulative += totals.counts[i]);
            writeEnd(writer, exemplars ? exemplars + i : nullptr, format);
        }
        writer << name << std::string_view("_sum");
        writeLabels(writer, series.labels(), {}, format.extraLabels);
        writer << totals.sum << format.suffix;
        writer << name << std::string_view("_count");
        writeLabels(writer, series.labels(), {}, format.extraLabels);
        writer << totals.count << format.suffix;
    });
}

::prometheus::MetricFamily Family::Private::collect()
{
    ::prometheus::MetricFamily family;
    family.name = description.name;
    family.help = description.help;
    family.type = foreignType(description.type);
    forEachVisible([&](const Series &series) {
        ::prometheus::ClientMetric metric;
        const auto values = series.values();
        for (std::size_t i = 0; i < values.size(); ++i)
            metric.label.push_back({description.labels[i], values[i]});
        if (description.type == Type::Histogram)
            fill(metric.histogram, static_cast<const HistogramSeries &>(series));
        else if (description.type == Type::Counter)
            metric.counter.value = series.value();
        else if (description.type == Type::Unknown)
            metric.untyped.value = series.value();
        else
            metric.gauge.value = series.value();
        family.metric.push_back(std::move(metric));
    });
    return family;
}

} // namespace trendscope::observability
