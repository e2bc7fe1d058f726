#pragma once

#include "core/observability/registry.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace trendscope::exporter {

/// A family of which the source says the whole value, also of counters: one that goes back, because
/// the source began anew, begins anew here. Series that an update does not mention end with it.
/// One thread.
class MirroredFamily {
public:
    MirroredFamily(observability::Registry &registry, observability::MetricDescription description);

    void set(std::string_view value, double number); ///< the value of its only label, if it has one
    /// Ends the series that were not set since the previous call.
    void endRound();
    bool isSet(std::string_view value) const; ///< in this round

private:
    static constexpr std::size_t maxSeries = 1000; ///< Redis 7 has some 370 commands

    struct Known {
        double value = 0;
        bool isCurrent = false;
    };
    void put(const std::string &label, double number);
    void drop(const std::string &label);

    observability::Family *m_family;
    bool m_isCounter;
    bool m_isLabelled;
    std::map<std::string, Known, std::less<>> m_known;
};

} // namespace trendscope::exporter
