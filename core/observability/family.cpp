#include "core/observability/family_p.h"
#include "core/observability/text_p.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstring>
#include <mutex>

namespace trendscope::observability {

namespace {

using Labels = std::span<const std::string_view>;

/// The label values as one text that no other values have: each with its length before it.
///
/// On the stack for values of usual size: this runs for every recorded event.
class Key {
public:
    explicit Key(Labels labels)
    {
        if (labels.size() == 1) {
            m_view = labels[0];
            return;
        }
        std::size_t size = 0;
        for (const std::string_view label : labels)
            size += sizeof(std::size_t) + label.size();
        if (size > m_small.size())
            m_large.resize(size);
        char *const begin = size > m_small.size() ? m_large.data() : m_small.data();
        char *end = begin;
        for (const std::string_view label : labels) {
            const std::size_t length = label.size();
            std::memcpy(end, &length, sizeof length);
            end = std::copy(label.begin(), label.end(), end + sizeof length);
        }
        m_view = {begin, size};
    }
    Key(const Key &) = delete;
    Key &operator=(const Key &) = delete;

    std::string_view view() const { return m_view; }

private:
    std::array<char, 256> m_small;
    std::string m_large;
    std::string_view m_view;
};

std::string_view nameOf(MetricDescription::Type type)
{
    switch (type) {
    case MetricDescription::Type::Counter:
        return "counter";
    case MetricDescription::Type::Gauge:
        return "gauge";
    case MetricDescription::Type::Histogram:
        break;
    }
    return "histogram";
}

struct Sample {
    std::string_view name;
    std::string_view nameSuffix;
    std::string_view labels;
    double value;
};

void append(std::string &out, const Sample &sample, const SampleFormat &format)
{
    out += sample.name;
    out += sample.nameSuffix;
    if (!sample.labels.empty() || !format.extraLabels.empty()) {
        out += '{';
        out += sample.labels;
        if (!sample.labels.empty() && !format.extraLabels.empty())
            out += ',';
        out += format.extraLabels;
        out += '}';
    }
    out += ' ';
    text::appendNumber(out, sample.value);
    out += format.suffix;
}

} // namespace

Family::Private::Private(MetricDescription metric, Family *refusals)
    : description(std::move(metric))
    , m_refusals(refusals)
{
}

template <class Apply>
void Family::Private::with(Labels labels, Apply apply)
{
    assert(labels.size() == description.labels.size());
    const Key key(labels);
    {
        const std::shared_lock lock(m_mutex);
        if (const auto found = m_series.find(key.view()); found != m_series.end())
            return apply(*found->second);
    }
    if (std::all_of(labels.begin(), labels.end(), text::isLabelText)) {
        // The first value is set before anyone can read the series: a scrape must not see a 0 that
        // never was.
        const std::unique_lock lock(m_mutex);
        return apply(insert(key.view(), labels));
    }
    std::vector<std::string> mended;
    for (const std::string_view label : labels)
        mended.push_back(text::toLabelText(label));
    with(std::vector<std::string_view>(mended.begin(), mended.end()), apply);
}

Series &Family::Private::insert(std::string_view key, Labels labels)
{
    const auto [place, isNew] = m_series.try_emplace(std::string(key));
    if (!isNew) // another thread came first
        return *place->second;
    place->second = std::make_unique<Series>();
    Series &series = *place->second;
    series.labels = textOf(labels);
    switch (description.type) {
    case MetricDescription::Type::Counter:
        series.value.emplace<prometheus::Counter>();
        break;
    case MetricDescription::Type::Gauge:
        series.value.emplace<prometheus::Gauge>();
        break;
    case MetricDescription::Type::Histogram:
        series.value.emplace<prometheus::Histogram>(description.buckets);
        break;
    }
    m_sorted.insert(&series);
    return series;
}

std::string Family::Private::textOf(Labels labels) const
{
    std::string out;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += description.labels[i];
        out += "=\"";
        text::appendEscapedLabel(out, labels[i]);
        out += '"';
    }
    return out;
}

void Family::Private::refuse()
{
    if (m_refusals)
        m_refusals->increment({description.name}, 1);
}

bool Family::Private::isEmpty() const
{
    const std::shared_lock lock(m_mutex);
    return m_series.empty();
}

void Family::Private::appendHead(std::string &out) const
{
    out += "# HELP " + description.name + ' ';
    text::appendEscapedHelp(out, description.help);
    out += "\n# TYPE " + description.name + ' ';
    out += nameOf(description.type);
    out += '\n';
}

void Family::Private::appendSamples(std::string &out, const SampleFormat &format) const
{
    const std::shared_lock lock(m_mutex);
    for (const Series *series : m_sorted) {
        if (const auto *counter = std::get_if<prometheus::Counter>(&series->value))
            append(out, {description.name, "", series->labels, counter->Value()}, format);
        else if (const auto *gauge = std::get_if<prometheus::Gauge>(&series->value))
            append(out, {description.name, "", series->labels, gauge->Value()}, format);
        else
            appendHistogram(out, *series, format);
    }
}

void Family::Private::appendHistogram(std::string &out, const Series &series,
                                      const SampleFormat &format) const
{
    const auto histogram = std::get<prometheus::Histogram>(series.value).Collect().histogram;
    std::string labels;
    for (const auto &bucket : histogram.bucket) {
        labels = series.labels;
        labels += labels.empty() ? "le=\"" : ",le=\"";
        text::appendNumber(labels, bucket.upper_bound);
        labels += '"';
        append(out,
               {description.name, "_bucket", labels, static_cast<double>(bucket.cumulative_count)},
               format);
    }
    append(out, {description.name, "_sum", series.labels, histogram.sample_sum}, format);
    append(out,
           {description.name, "_count", series.labels, static_cast<double>(histogram.sample_count)},
           format);
}

Family::Family(std::unique_ptr<Private> description)
    : d(std::move(description))
{
}

Family::~Family() = default;

void Family::increment(LabelValues labels, double by)
{
    if (!std::isfinite(by) || by < 0)
        return d->refuse();
    d->with(labels,
            [&](Series &series) { std::get<prometheus::Counter>(series.value).Increment(by); });
}

void Family::set(LabelValues labels, double value)
{
    if (!std::isfinite(value))
        return d->refuse();
    d->with(labels, [&](Series &series) { std::get<prometheus::Gauge>(series.value).Set(value); });
}

void Family::observe(LabelValues labels, double value, double count)
{
    if (!std::isfinite(value) || value < 0 || !std::isfinite(count) || count < 0)
        return d->refuse();
    d->with(labels, [&](Series &series) {
        auto &histogram = std::get<prometheus::Histogram>(series.value);
        if (count == 1)
            return histogram.Observe(value);
        const std::vector<double> &bounds = d->description.buckets;
        std::vector<double> increments(bounds.size() + 1);
        const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
        increments[static_cast<std::size_t>(bucket)] = count;
        histogram.ObserveMultiple(increments, value * count);
    });
}

void Family::remove(LabelValues labels)
{
    const std::unique_lock lock(d->m_mutex);
    const auto found = d->m_series.find(Key(labels).view());
    if (found == d->m_series.end())
        return;
    d->m_sorted.erase(found->second.get());
    d->m_series.erase(found);
}

} // namespace trendscope::observability
