#include "core/exporter/system/text_parser_p.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace trendscope::exporter {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::optional<std::uint64_t> countOf(double value)
{
    if (!(value >= 0 && value <= 0x1p53) || std::trunc(value) != value)
        return {};
    return static_cast<std::uint64_t>(value);
}

bool isSound(ClientMetric::Histogram &histogram)
{
    auto &buckets = histogram.bucket;
    std::sort(buckets.begin(), buckets.end(),
              [](const auto &a, const auto &b) { return a.upper_bound < b.upper_bound; });
    const bool isAscending = std::is_sorted(buckets.begin(), buckets.end(), [](auto &a, auto &b) {
        return a.cumulative_count < b.cumulative_count;
    });
    return isAscending && !buckets.empty() && buckets.back().upper_bound == infinity
        && buckets.back().cumulative_count == histogram.sample_count
        && !std::isnan(histogram.sample_sum);
}

} // namespace

TextParser::Problem TextParser::addPart(std::size_t at, TextSample sample)
{
    MetricFamily &family = m_families[at];
    const std::string_view own = family.type == MetricType::Histogram ? "le" : "quantile";
    const auto label = std::find_if(sample.labels.begin(), sample.labels.end(),
                                    [&](const Label &one) { return one.name == own; });
    std::optional<double> bound;
    std::string part(sample.name.substr(family.name.size()));
    if (label != sample.labels.end()) {
        bound = valueOf(label->value);
        if (!bound || std::isnan(*bound))
            return "has a bound that is no number";
        std::array<char, 32> digits{}; // "1" and "1.0" are the same bound
        part.append(digits.data(),
                    std::to_chars(digits.data(), digits.data() + digits.size(), *bound).ptr);
        sample.labels.erase(label);
    }
    const std::size_t index = series(at, sample.labels).first;
    if (!m_states[at].parts.emplace(index, std::move(part)).second)
        return "is a series that is there already";
    return put(family, family.metric[index], sample, bound);
}

TextParser::Problem TextParser::put(MetricFamily &family, ClientMetric &metric,
                                    const TextSample &part, std::optional<double> bound)
{
    const std::string_view suffix = part.name.substr(family.name.size());
    const bool isHistogram = family.type == MetricType::Histogram;
    const bool isBucket = suffix == (isHistogram ? "_bucket" : "");
    if (isBucket != bound.has_value())
        return "is not a part of a histogram or summary";
    if (suffix == "_sum") {
        (isHistogram ? metric.histogram.sample_sum : metric.summary.sample_sum) = part.value;
        return {};
    }
    if (isBucket && !isHistogram) {
        metric.summary.quantile.push_back({*bound, part.value});
        return {};
    }
    const auto count = countOf(part.value);
    if (!count)
        return "has a count that is no whole number";
    if (isBucket)
        metric.histogram.bucket.push_back({*count, *bound});
    else
        (isHistogram ? metric.histogram.sample_count : metric.summary.sample_count) = *count;
    return {};
}

TextParser::Problem TextParser::finish()
{
    std::erase_if(m_families, [](const MetricFamily &family) { return family.metric.empty(); });
    for (MetricFamily &family : m_families) {
        for (ClientMetric &metric : family.metric) {
            auto &quantiles = metric.summary.quantile;
            std::sort(quantiles.begin(), quantiles.end(),
                      [](const auto &a, const auto &b) { return a.quantile < b.quantile; });
            const bool isInRange = quantiles.empty()
                || (quantiles.front().quantile >= 0 && quantiles.back().quantile <= 1);
            if (!isInRange || (family.type == MetricType::Histogram && !isSound(metric.histogram)))
                return family.name
                    + " has buckets or quantiles that do not make a whole histogram or summary";
        }
    }
    return {};
}

} // namespace trendscope::exporter
