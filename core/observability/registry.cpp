#include "core/observability/registry.h"

#include "core/observability/exposition_p.h"
#include "core/observability/foreign_p.h"
#include "core/observability/gzip.h"
#include "core/observability/registry_p.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <mutex>
#include <random>

namespace trendscope::observability {

namespace {

using Announced = MetricDescription::Announced;

std::uint64_t randomSeed()
{
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

/// What comes from the program's other parts, in words that are safe to write.
void mend(MetricDescription &description)
{
    if (!text::isLabelText(description.help))
        description.help = text::toLabelText(description.help);
}

} // namespace

Registry::Private::Private(RegistrySettings registrySettings)
    : settings(registrySettings)
    , names(std::make_shared<MetricNames>())
    , badValues(makeOwn("trendscope_bad_values_total",
                        "Recorded values that were ignored: not finite, or negative.",
                        Announced::Always))
    , droppedSeries(makeOwn("trendscope_series_dropped_total",
                            "Updates of series that their metric has no room for.",
                            Announced::WhenUsed))
    , refusedMetrics(makeOwn("trendscope_metrics_refused_total",
                             "Metrics and series that are left out: not valid, or twice there.",
                             Announced::WhenUsed))
{
}

std::unique_ptr<Family> Registry::Private::make(MetricDescription description) const
{
    auto shape = std::make_unique<FamilyShape>();
    shape->seed = randomSeed();
    if (badValues && droppedSeries) {
        shape->badValues = badValues->counter({description.name});
        shape->droppedSeries = droppedSeries->counter({description.name});
    }
    if (description.maxSeries == 0)
        description.maxSeries = settings.maxSeries;
    if (description.timeToLive <= std::chrono::milliseconds(0))
        description.timeToLive = settings.timeToLive;
    // A century is as good as for ever, and can be told in nanoseconds.
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 36525);
    description.timeToLive = std::min(description.timeToLive, longest);
    shape->description = std::move(description);
    auto family = std::make_unique<Family::Private>(ShapeReference(shape.release()));
    return std::unique_ptr<Family>(
        new Family(std::move(family))); // make_unique can not reach the private constructor
}

std::unique_ptr<Family> Registry::Private::makeOwn(std::string name, std::string help,
                                                   Announced announced)
{
    takeName(name, ExposedType::Counter);
    auto shape = std::make_unique<FamilyShape>();
    shape->seed = randomSeed();
    shape->description = {.name = std::move(name),
                          .type = MetricDescription::Type::Counter,
                          .help = std::move(help),
                          .labels = {"metric"},
                          .announced = announced,
                          .maxSeries = RegistrySettings().maxSeries};
    auto family = std::make_unique<Family::Private>(ShapeReference(shape.release()));
    return std::unique_ptr<Family>(new Family(std::move(family)));
}

Family *Registry::Private::known(const MetricDescription &description) const
{
    for (const auto *const list : {&exposed, &hidden}) {
        const auto found = std::find_if(list->begin(), list->end(), [&](const auto &family) {
            return family->d->description.name == description.name
                && family->d->description.hasShapeOf(description);
        });
        if (found != list->end())
            return found->get();
    }
    return nullptr;
}

Family &Registry::Private::add(MetricDescription description)
{
    const std::unique_lock lock(mutex);
    if (Family *const family = known(description))
        return *family;
    mend(description);
    const bool isGood = isValid(description)
        && takeName(description.name, observability::exposedType(description.type));
    assert(isGood && "a metric's description is not valid, or another metric has its name");
    if (!isGood)
        refuse(description.name);
    auto &list = isGood ? exposed : hidden;
    list.push_back(make(std::move(description)));
    return *list.back();
}

bool Registry::Private::takeName(std::string_view metric, ExposedType type)
{
    if (names.use_count() > 1) // an exposition is on its way
        names = std::make_shared<MetricNames>(*names);
    else // what it read, it read before this
        std::atomic_thread_fence(std::memory_order_acquire);
    return names->take(metric, type);
}

void Registry::Private::refuse(std::string_view metric) const
{
    constexpr std::size_t longest = 200; // it may be anything
    refusedMetrics->increment({metric.substr(0, longest)});
}

std::vector<Family::Private *> Registry::Private::families(bool withOwn) const
{
    const std::shared_lock lock(mutex);
    std::vector<Family::Private *> all;
    for (const auto &family : exposed)
        all.push_back(family->d.get());
    if (withOwn)
        all.insert(all.end(), {badValues->d.get(), droppedSeries->d.get()});
    return all;
}

std::string Registry::Private::expose(bool isOpenMetrics) const
{
    const auto all = families(true);
    // At its size from the start: a text that grows needs three times its memory.
    std::size_t size = 0;
    for (const Family::Private *family : all) {
        constexpr std::size_t head = 64;
        size += head + 2 * family->description.name.size() + family->description.help.size()
            + family->sampleSize({});
    }
    std::string out;
    out.reserve(size);
    for (Family::Private *family : all)
        family->append(out, isOpenMetrics);
    appendForeign(out, isOpenMetrics);
    refusedMetrics->d->append(out, isOpenMetrics);
    if (isOpenMetrics)
        out += "# EOF\n";
    return out;
}

std::vector<std::shared_ptr<prometheus::Collectable>> Registry::Private::liveCollectables() const
{
    const std::shared_lock lock(mutex);
    std::vector<std::shared_ptr<prometheus::Collectable>> live;
    for (const auto &collectable : collectables) {
        if (auto held = collectable.lock())
            live.push_back(std::move(held));
    }
    return live;
}

/// Without our lock: who is collected may well use the registry.
void Registry::Private::appendForeign(std::string &out, bool isOpenMetrics) const
{
    const auto live = liveCollectables();
    if (live.empty())
        return;
    std::shared_lock lock(mutex);
    MetricNames taken(names); // not a copy: there may be thousands
    lock.unlock();
    ForeignFamilies foreign(out, std::move(taken), isOpenMetrics);
    for (const auto &collectable : live) {
        try {
            foreign.append(collectable->Collect());
        } catch (...) { // others' code may throw anything; nothing passes on from here
            refuse("");
        }
    }
    for (const std::string &metric : foreign.refused())
        refuse(metric);
}

std::vector<prometheus::MetricFamily> Registry::Private::Collect() const
{
    std::vector<prometheus::MetricFamily> all;
    for (Family::Private *family : families(true)) {
        if (family->isAnnounced())
            all.push_back(family->collect());
    }
    return all;
}

Registry::Registry(RegistrySettings settings)
    : d(std::make_shared<Private>(settings))
{
}

Registry::~Registry() = default;

Family &Registry::add(MetricDescription description)
{
    return d->add(std::move(description));
}

void Registry::clear(const std::function<bool(std::string_view name)> &isOver)
{
    const std::shared_lock lock(d->mutex);
    for (const auto &family : d->exposed) {
        if (isOver(family->d->description.name))
            family->clear();
    }
}

std::vector<MetricDescription> Registry::descriptions() const
{
    const std::shared_lock lock(d->mutex);
    std::vector<MetricDescription> all;
    for (const auto &family : d->exposed)
        all.push_back(family->d->description);
    return all;
}

void Registry::addCollectable(std::weak_ptr<prometheus::Collectable> collectable)
{
    const std::unique_lock lock(d->mutex);
    std::erase_if(d->collectables, [](const auto &other) { return other.expired(); });
    d->collectables.push_back(std::move(collectable));
}

std::shared_ptr<prometheus::Collectable> Registry::collectable() const
{
    return d;
}

std::string Registry::expose(std::string_view contentType) const
{
    return d->expose(prefersOpenMetrics(contentType));
}

Exposition Registry::answer(std::string_view accept, std::string_view acceptEncoding) const
{
    const bool isOpenMetrics = prefersOpenMetrics(accept);
    Exposition answer{.contentType = isOpenMetrics ? openMetricsContentType : textContentType,
                      .contentEncoding = {},
                      .body = d->expose(isOpenMetrics)};
    if (answer.body.size() < smallestGzipBody || !acceptsGzip(acceptEncoding))
        return answer;
    if (auto compressed = gzip(answer.body)) {
        answer.contentEncoding = "gzip";
        answer.body = std::move(*compressed);
    }
    return answer;
}

void Registry::appendSamples(std::string &out, std::string_view extraLabels,
                             double timestampSeconds) const
{
    std::string suffix = " ";
    text::appendSeconds(suffix, timestampSeconds);
    suffix += '\n';
    for (Family::Private *family : d->families(true))
        family->appendSamples(out, {.extraLabels = extraLabels, .suffix = suffix});
}

} // namespace trendscope::observability
