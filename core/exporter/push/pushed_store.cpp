#include "core/exporter/push/pushed_catalogue_p.h"
#include "core/exporter/push/pushed_names_p.h"
#include "core/exporter/push/pushed_store_p.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace trendscope::exporter {

namespace {

using observability::MetricDescription;

constexpr std::size_t maxProcesses = 10'000;

std::string keyOf(const PushedLabels &labels)
{
    std::string key;
    for (const auto &[name, value] : labels)
        key.append(name).append(1, '\0').append(value).append(1, '\0'); // in neither is a NUL
    return key;
}

PushedType typeOf(MetricDescription::Type type)
{
    switch (type) {
    case MetricDescription::Type::Counter:
        return PushedType::Counter;
    case MetricDescription::Type::Gauge:
    case MetricDescription::Type::Unknown:
        return PushedType::Gauge;
    case MetricDescription::Type::Histogram:
        break;
    }
    return PushedType::Histogram;
}

::prometheus::MetricType prometheusType(PushedType type)
{
    switch (type) {
    case PushedType::Counter:
        return ::prometheus::MetricType::Counter;
    case PushedType::Histogram:
        return ::prometheus::MetricType::Histogram;
    case PushedType::Summary:
        return ::prometheus::MetricType::Summary;
    case PushedType::Gauge:
    case PushedType::Set:
        break;
    }
    return ::prometheus::MetricType::Gauge;
}

bool areBuckets(std::span<const double> buckets)
{
    return std::all_of(buckets.begin(), buckets.end(), [](double b) { return std::isfinite(b); })
        && std::adjacent_find(buckets.begin(), buckets.end(), std::greater_equal<>())
        == buckets.end();
}

/// The labels' values in the order of `names`; nothing when they are not exactly those.
std::optional<std::vector<std::string>> valuesOf(const PushedLabels &labels,
                                                 const std::vector<std::string> &names)
{
    if (labels.size() != names.size())
        return {};
    std::vector<std::string> values;
    for (const std::string &name : names) {
        const auto label = std::find_if(labels.begin(), labels.end(),
                                        [&](const auto &each) { return each.first == name; });
        if (label == labels.end())
            return {};
        values.push_back(label->second);
    }
    return values;
}

} // namespace

PushedMetrics::Private::Private(observability::Registry &registry,
                                config::PushedMetricsSettings settings)
    : context{.settings = std::move(settings), .now = Clock::now(), .processes = {}}
    , exposedCount(registry.add(
          {.name = "trendscope_pushed_series", .help = "Series that others have pushed."}))
    , endedSeries(registry.add({.name = "trendscope_pushed_series_ended_total",
                                .type = MetricDescription::Type::Counter,
                                .help = "Pushed series that ended, by why: expired, or with their "
                                        "source, which a reload removed.",
                                .labels = {"reason"}}))
{
    exposedCount.set({}, 0);
    for (MetricDescription &description : pushableCatalogue()) {
        observability::Family &family = registry.add(description);
        catalogue.push_back({std::move(description), &family});
    }
    for (const KnownMetric &metric : catalogue) {
        const auto &description = metric.description;
        known.emplace(description.name, &metric);
        for (std::string &name : sampleNames(description.name, typeOf(description.type)))
            names.insert(std::move(name));
    }
}

std::vector<::prometheus::MetricFamily> PushedMetrics::Private::Collect() const
{
    const std::lock_guard lock(mutex);
    context.now = Clock::now();
    std::vector<::prometheus::MetricFamily> families;
    families.reserve(metrics.size());
    for (const auto &[name, metric] : metrics) {
        if (metric.known)
            continue;
        families.push_back({name, metric.help, prometheusType(metric.type), {}});
        auto &samples = families.back().metric;
        samples.reserve(metric.series.size());
        for (const auto &[key, series] : metric.series) {
            if (series->hasValue() && !series->hasEnded(context))
                series->collect(samples.emplace_back(), context);
        }
        if (samples.empty())
            families.pop_back();
    }
    std::sort(families.begin(), families.end(),
              [](const auto &a, const auto &b) { return a.name < b.name; });
    return families;
}

PushedMetrics::Writer::Found PushedMetrics::Private::find(PushedIdentity &identity)
{
    const Writer::Found found = findOrMake(identity);
    return found.refusal == Refusal::TooManySeries && expire() ? findOrMake(identity) : found;
}

PushedMetrics::Writer::Found PushedMetrics::Private::findOrMake(PushedIdentity &identity)
{
    auto metric = metrics.find(identity.name);
    if (metric == metrics.end()) {
        const Refusal refusal = makeMetric(identity, metric);
        if (refusal != Refusal::None)
            return {nullptr, refusal};
    }
    const Writer::Found found = seriesOf(metric->second, identity);
    if (!found.series && metric->second.series.empty())
        erase(metric); // or names without series would pile up
    return found;
}

PushedMetrics::Writer::Found PushedMetrics::Private::seriesOf(PushedMetric &metric,
                                                              PushedIdentity &identity)
{
    if (metric.known && identity.type == PushedType::Summary)
        identity.type = PushedType::Histogram; // which of the two is the catalogue's choice
    if (metric.type != identity.type)
        return {nullptr, metric.known ? Refusal::WrongType : Refusal::Conflict};
    if (!normalize(identity.labels, identity.type))
        return {nullptr, Refusal::InvalidLabel};
    std::string key = keyOf(identity.labels);
    const auto found = metric.series.find(key);
    if (found != metric.series.end())
        return {found->second.get(), Refusal::None};
    return makeSeries(metric, std::move(key), identity);
}

Refusal PushedMetrics::Private::makeMetric(const PushedIdentity &identity,
                                           ByText<PushedMetric>::iterator &metric)
{
    PushedMetric made{
        .type = identity.type, .help = std::string(identity.help), .buckets = {}, .series = {}};
    const auto emplace = [&] {
        metric = metrics.emplace(std::string(identity.name), std::move(made)).first;
        return Refusal::None;
    };
    if (const auto found = known.find(identity.name); found != known.end()) {
        made.known = found->second;
        made.type = typeOf(made.known->description.type);
        return emplace();
    }
    if (!isPushableName(identity.name))
        return Refusal::InvalidName;
    if (isReservedName(identity.name))
        return Refusal::ReservedName;
    std::vector<std::string> own = sampleNames(identity.name, identity.type);
    if (std::any_of(own.begin(), own.end(), [&](const auto &name) { return names.contains(name); }))
        return Refusal::Conflict;

    if (made.help.empty())
        made.help = "Pushed by an application.";
    if (identity.type == PushedType::Histogram)
        made.buckets = !identity.buckets.empty() && areBuckets(identity.buckets)
            ? std::vector(identity.buckets.begin(), identity.buckets.end())
            : context.settings.buckets;
    names.insert(std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
    return emplace();
}

PushedMetrics::Writer::Found
PushedMetrics::Private::makeSeries(PushedMetric &metric, std::string key, PushedIdentity &identity)
{
    KnownSeries knownSeries;
    if (metric.known) {
        auto values = valuesOf(identity.labels, metric.known->description.labels);
        if (!values)
            return {nullptr, Refusal::WrongLabels};
        knownSeries = KnownSeries(*metric.known, std::move(*values));
    }
    if (seriesCount >= context.settings.maxSeries
        || metric.series.size() >= context.settings.maxSeriesPerMetric)
        return {nullptr, Refusal::TooManySeries};
    auto series = exporter::makeSeries(metric.type, metric.known ? nullptr : &metric.buckets);
    series->labels = std::move(identity.labels);
    series->known = std::move(knownSeries);
    const auto own = identity.timeToLive;
    series->timeToLive = own.count() > 0 ? own : context.settings.timeToLive;
    exposedCount.set({}, static_cast<double>(++seriesCount));
    return {metric.series.emplace(std::move(key), std::move(series)).first->second.get(),
            Refusal::None};
}

bool PushedMetrics::Private::hear(std::string_view process)
{
    if (process.empty())
        return true;
    const auto heard = context.processes.find(process);
    if (heard != context.processes.end()) {
        heard->second = context.now;
        return true;
    }
    if (context.processes.size() >= maxProcesses)
        expire();
    if (context.processes.size() >= maxProcesses)
        return false;
    context.processes.emplace(std::string(process), context.now);
    return true;
}

bool PushedMetrics::Private::expire()
{
    if (context.now - expired < std::chrono::seconds(1))
        return false;
    expired = context.now;
    std::erase_if(context.processes, [&](const auto &process) {
        return context.now - process.second > context.settings.processTimeout;
    });
    const std::size_t before = seriesCount;
    endThose([this](PushedSeries &series) { return series.hasEnded(context); }, "expired");
    return seriesCount < before;
}

void PushedMetrics::Private::erase(ByText<PushedMetric>::iterator metric)
{
    if (!metric->second.known) {
        for (const std::string &name : sampleNames(metric->first, metric->second.type))
            names.erase(name);
    }
    metrics.erase(metric);
}

} // namespace trendscope::exporter
