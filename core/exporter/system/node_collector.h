#pragma once

#include "core/config/node_settings.h"
#include "core/exporter/collector.h"
#include "core/observability/logging.h"
#include "core/observability/registry.h"

#include <memory>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// The collector "node": this machine, under the names of node_exporter 1.5 (docs/node.md).
///
/// Its groups are node_exporter's collectors, with node_scrape_collector_success{collector} each;
/// one that fails leaves the others exact.
class NodeCollector final : public Collector {
public:
    /// `registry` must outlive it. Errors: Invalid, for an expression that RE2 does not take and
    /// for a group that is not there.
    static Result<std::unique_ptr<NodeCollector>> make(const config::NodeSettings &settings,
                                                       observability::Registry &registry,
                                                       const observability::Logger &logger);
    ~NodeCollector() override;

    std::string_view name() const override { return "node"; }
    std::span<const std::string_view> metricPrefixes() const override;
    bool brings(std::string_view metric) const override;
    /// Errors: what groups could not read. That a machine has nothing of a kind is none.
    Result<void> collect(Clock::time_point deadline) override;

    std::vector<std::string> groups() const; ///< those that are on

private:
    struct Private;
    explicit NodeCollector(std::unique_ptr<Private> members);

    const std::unique_ptr<Private> d;
};

} // namespace trendscope::exporter
