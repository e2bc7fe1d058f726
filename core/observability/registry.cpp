#include "core/observability/registry.h"

#include "core/observability/family_p.h"
#include "core/observability/text_p.h"

#include <mutex>

namespace trendscope::observability {

struct Registry::Private {
    template <class Visit>
    void forEachFamily(Visit visit) const
    {
        const std::shared_lock lock(mutex);
        for (const auto &family : families)
            visit(*family->d);
        visit(*badValues->d);
    }

    mutable std::shared_mutex mutex; ///< of the list; families have their own
    std::vector<std::unique_ptr<Family>> families;
    std::unique_ptr<Family> badValues;
};

Registry::Registry()
    : d(std::make_unique<Private>())
{
    MetricDescription description{.name = "trendscope_bad_values_total",
                                  .type = MetricDescription::Type::Counter,
                                  .help =
                                      "Recorded values that were ignored: not finite, or negative.",
                                  .labels = {"metric"}};
    auto family = std::make_unique<Family::Private>(std::move(description), nullptr);
    d->badValues.reset(
        new Family(std::move(family))); // make_unique can not reach the private constructor
}

Registry::~Registry() = default;

Family &Registry::add(MetricDescription description)
{
    auto family = std::make_unique<Family::Private>(std::move(description), d->badValues.get());
    const std::unique_lock lock(d->mutex);
    d->families.emplace_back(new Family(std::move(family)));
    return *d->families.back();
}

std::string Registry::expose() const
{
    std::string out;
    out.reserve(16 * 1024);
    d->forEachFamily([&](const Family::Private &family) {
        if (family.description.announced == MetricDescription::Announced::WhenUsed
            && family.isEmpty())
            return;
        family.appendHead(out);
        family.appendSamples(out, {.extraLabels = "", .suffix = "\n"});
    });
    return out;
}

void Registry::appendSamples(std::string &out, std::string_view extraLabels,
                             double timestampSeconds) const
{
    std::string suffix = " ";
    text::appendSeconds(suffix, timestampSeconds);
    suffix += '\n';
    d->forEachFamily([&](const Family::Private &family) {
        family.appendSamples(out, {.extraLabels = extraLabels, .suffix = suffix});
    });
}

} // namespace trendscope::observability
