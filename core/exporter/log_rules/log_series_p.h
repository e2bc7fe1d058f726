#pragma once

#include "core/config/log_rules.h"
#include "core/exporter/shared_family_p.h"

#include <map>
#include <string>
#include <vector>

namespace trendscope::exporter {

/// The series that log rules make. Apart from the collector, so that its successor can go on with
/// them. For one thread at a time.
class LogSeries {
public:
    /// `registry` must outlive it.
    explicit LogSeries(observability::Registry &registry)
        : m_registry(registry)
    {
    }

    observability::Registry &registry() { return m_registry; }
    SharedFamily &of(const config::LogRule &rule);

    /// Ends those whose metric does not come from the same rules before and after.
    void change(const config::LogMetrics &before, const config::LogMetrics &after);

private:
    observability::Registry &m_registry;
    std::map<std::string, SharedFamily> m_families; ///< by metric
};

/// Those that come with the program, as far as they are asked for, then the settings' own.
std::vector<config::LogRule> allRules(const config::LogMetrics &settings);

} // namespace trendscope::exporter
