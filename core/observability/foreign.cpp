#include "core/observability/foreign_p.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace trendscope::observability {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double infinity = std::numeric_limits<double>::infinity();

ExposedType exposedType(MetricType type)
{
    switch (type) {
    case MetricType::Counter:
        return ExposedType::Counter;
    case MetricType::Gauge:
        return ExposedType::Gauge;
    case MetricType::Summary:
        return ExposedType::Summary;
    case MetricType::Histogram:
        return ExposedType::Histogram;
    case MetricType::Untyped:
        break;
    }
    return ExposedType::Unknown;
}

/// As they are written, sorted by name; nothing when they are not valid.
std::optional<std::string> labelsOf(const ClientMetric &metric, std::string_view reserved)
{
    std::vector<ClientMetric::Label> labels = metric.label;
    std::sort(labels.begin(), labels.end());
    std::string out;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto &[name, value] = labels[i];
        const bool isTwice = i > 0 && labels[i - 1].name == name;
        if (!isLabelName(name) || isTwice || name == reserved)
            return {};
        out += i == 0 ? "" : ",";
        out += name;
        out += "=\"";
        text::appendEscapedLabel(out, text::isLabelText(value) ? value : text::toLabelText(value));
        out += '"';
    }
    return out;
}

/// Buckets ascend, as do their counts, up to that of all observations.
bool isValid(const ClientMetric::Histogram &histogram, bool isOpenMetrics)
{
    double bound = -infinity;
    std::uint64_t count = 0;
    for (const auto &bucket : histogram.bucket) {
        if (!(bucket.upper_bound > bound) || bucket.cumulative_count < count)
            return false;
        bound = bucket.upper_bound;
        count = bucket.cumulative_count;
    }
    const bool isWhole =
        bound < infinity ? count <= histogram.sample_count : count == histogram.sample_count;
    // OpenMetrics has no sum that can fall.
    const bool canFall = histogram.sample_sum < 0
        || (!histogram.bucket.empty() && histogram.bucket.front().upper_bound < 0);
    return isWhole && !std::isnan(histogram.sample_sum) && !(isOpenMetrics && canFall);
}

bool isValid(const ClientMetric::Summary &summary, bool isOpenMetrics)
{
    double quantile = -1;
    for (const auto &each : summary.quantile) {
        if (!(each.quantile >= 0 && each.quantile <= 1 && each.quantile > quantile)
            || (isOpenMetrics && each.value < 0))
            return false;
        quantile = each.quantile;
    }
    return !std::isnan(summary.sample_sum) && !(isOpenMetrics && summary.sample_sum < 0);
}

bool isValid(const ClientMetric &metric, ExposedType type, bool isOpenMetrics)
{
    switch (type) {
    case ExposedType::Counter:
        return metric.counter.value >= 0; // NaN is not
    case ExposedType::Histogram:
        return isValid(metric.histogram, isOpenMetrics);
    case ExposedType::Summary:
        return isValid(metric.summary, isOpenMetrics);
    case ExposedType::Gauge:
    case ExposedType::Unknown:
        break;
    }
    return true;
}

std::string_view reservedLabel(ExposedType type)
{
    switch (type) {
    case ExposedType::Histogram:
        return "le";
    case ExposedType::Summary:
        return "quantile";
    default:
        return {};
    }
}

/// Writes the samples of one family.
class Samples {
public:
    Samples(std::string &out, const MetricFamily &family, bool isOpenMetrics)
        : m_writer(out)
        , m_name(family.name)
        , m_type(exposedType(family.type))
        , m_isOpenMetrics(isOpenMetrics)
    {
        if (isOpenMetrics && m_type == ExposedType::Counter)
            m_name = std::string(withoutTotal(m_name)) + "_total";
    }

    void write(const ClientMetric &metric, const std::string &labels)
    {
        m_labels = labels;
        setTimestamp(metric.timestamp_ms);
        switch (m_type) {
        case ExposedType::Counter:
            return sample("", "", metric.counter.value);
        case ExposedType::Gauge:
            return sample("", "", metric.gauge.value);
        case ExposedType::Unknown:
            return sample("", "", metric.untyped.value);
        case ExposedType::Histogram:
            return write(metric.histogram);
        case ExposedType::Summary:
            return write(metric.summary);
        }
    }

private:
    void setTimestamp(std::int64_t milliseconds)
    {
        m_suffix.clear();
        if (milliseconds != 0) {
            m_suffix = " ";
            if (m_isOpenMetrics)
                text::appendSeconds(m_suffix, static_cast<double>(milliseconds) / 1000);
            else
                m_suffix += std::to_string(milliseconds);
        }
        m_suffix += '\n';
    }

    void sample(std::string_view nameSuffix, std::string_view ownLabel, double value)
    {
        m_writer << m_name << nameSuffix;
        writeLabels(m_writer, m_labels, ownLabel);
        m_writer << value << m_suffix;
    }

    void write(const ClientMetric::Histogram &histogram)
    {
        for (const auto &bucket : histogram.bucket) {
            if (bucket.upper_bound < infinity)
                sample("_bucket", own("le", bucket.upper_bound),
                       static_cast<double>(bucket.cumulative_count));
        }
        sample("_bucket", own("le", infinity), static_cast<double>(histogram.sample_count));
        writeTotal(histogram.sample_sum, histogram.sample_count);
    }

    void write(const ClientMetric::Summary &summary)
    {
        for (const auto &each : summary.quantile)
            sample("", own("quantile", each.quantile), each.value);
        writeTotal(summary.sample_sum, summary.sample_count);
    }

    void writeTotal(double sum, std::uint64_t count)
    {
        sample("_sum", "", sum);
        sample("_count", "", static_cast<double>(count));
    }

    std::string own(std::string_view label, double bound) const
    {
        return std::string(label) + "=\"" + boundText(bound, m_isOpenMetrics) + '"';
    }

    SampleWriter m_writer;
    std::string m_name;
    const ExposedType m_type;
    const bool m_isOpenMetrics;
    std::string_view m_labels;
    std::string m_suffix;
};

} // namespace

ForeignFamilies::ForeignFamilies(std::string &out, MetricNames names, bool isOpenMetrics)
    : m_out(out)
    , m_names(std::move(names))
    , m_isOpenMetrics(isOpenMetrics)
{
}

void ForeignFamilies::append(const std::vector<MetricFamily> &families)
{
    for (const MetricFamily &family : families)
        append(family);
}

void ForeignFamilies::append(const MetricFamily &family)
{
    const ExposedType type = exposedType(family.type);
    const bool isCalledNothing = type == ExposedType::Counter && withoutTotal(family.name).empty();
    if (!isMetricName(family.name) || isCalledNothing || !m_names.take(family.name, type)) {
        m_refused.push_back(family.name);
        return;
    }
    const std::string help = text::toLabelText(family.help);
    appendHead(m_out, {family.name, type, help}, m_isOpenMetrics);
    Samples samples(m_out, family, m_isOpenMetrics);
    std::set<std::string> written;
    for (const ClientMetric &metric : family.metric) {
        const auto labels = labelsOf(metric, reservedLabel(type));
        if (labels && isValid(metric, type, m_isOpenMetrics) && written.insert(*labels).second)
            samples.write(metric, *labels);
        else
            m_refused.push_back(family.name);
    }
}

} // namespace trendscope::observability
