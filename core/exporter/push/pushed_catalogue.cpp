#include "core/exporter/push/pushed_catalogue_p.h"
#include "core/observability/catalogue.h"

namespace trendscope::exporter {

using observability::MetricDescription;

std::vector<MetricDescription> pushableCatalogue()
{
    observability::Registry registry;
    const observability::Catalogue catalogue(registry);
    auto all = registry.descriptions();
    std::erase_if(
        all, [](const MetricDescription &metric) { return metric.name.starts_with("system_"); });
    return all;
}

} // namespace trendscope::exporter
