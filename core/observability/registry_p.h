#pragma once

#include "core/observability/family_p.h"
#include "core/observability/metric_names_p.h"

#include <prometheus/collectable.h>

#include <deque>

namespace trendscope::observability {

struct Registry::Private final : prometheus::Collectable {
    explicit Private(RegistrySettings registrySettings);

    Family &add(MetricDescription description);
    /// In the exposition's order; `withOwn`: and what the registry says about itself.
    std::vector<Family::Private *> families(bool withOwn) const;
    std::string expose(bool isOpenMetrics) const;
    std::vector<prometheus::MetricFamily> Collect() const override;

    const RegistrySettings settings;
    mutable std::shared_mutex mutex; ///< of the lists; families have their own
    std::deque<std::unique_ptr<Family>> exposed;
    std::deque<std::unique_ptr<Family>> hidden; ///< of descriptions that were refused
    std::shared_ptr<MetricNames> names;         ///< not changed once someone else has it, too
    std::vector<std::weak_ptr<prometheus::Collectable>> collectables;

    std::unique_ptr<Family> badValues;
    std::unique_ptr<Family> droppedSeries;
    std::unique_ptr<Family> refusedMetrics;

private:
    Family *known(const MetricDescription &description) const;
    std::unique_ptr<Family> make(MetricDescription description) const;
    std::unique_ptr<Family> makeOwn(std::string name, std::string help,
                                    MetricDescription::Announced announced);
    bool takeName(std::string_view metric, ExposedType type);
    void refuse(std::string_view metric) const;
    std::vector<std::shared_ptr<prometheus::Collectable>> liveCollectables() const;
    void appendForeign(std::string &out, bool isOpenMetrics) const;
};

} // namespace trendscope::observability
