#pragma once

#include "core/config/statsd_settings.h"
#include "core/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trendscope::exporter {

/// Mapping rules, ready for use. Thread safe.
class StatsdMappings {
public:
    /// Errors: Invalid, naming the rule by its number, from 1, and its match.
    static Result<StatsdMappings> compile(std::vector<config::StatsdMapping> rules);

    ~StatsdMappings();
    StatsdMappings(StatsdMappings &&) noexcept;
    StatsdMappings &operator=(StatsdMappings &&) noexcept;

    struct Match {
        const config::StatsdMapping *rule; ///< lives as long as these mappings
        std::string name;                  ///< may still need mangling; empty where the rule drops
        std::vector<std::pair<std::string, std::string>> labels;
    };
    /// The first rule for a metric of that name and kind; `rule` is null where there is none.
    Match find(std::string_view name, config::StatsdMapping::Kind kind) const;

private:
    struct Rule;
    explicit StatsdMappings(std::vector<Rule> rules);

    std::vector<Rule> m_rules;
};

/// config::readStatsdMappings(), where each rule can be compiled.
Result<config::StatsdSettings> readStatsdMappings(std::string_view yaml, const std::string &file,
                                                  config::StatsdSettings defaults);

} // namespace trendscope::exporter
