#pragma once

#include "core/exporter/push/pushed_metrics.h"

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// One record as it came. Views into what was parsed.
struct PushRecord {
    std::string_view metric = {};
    std::optional<PushedType> type = {};
    std::vector<double> values = {};
    PushedLabels labels = {};
    std::string_view help = {};
    std::vector<double> buckets = {};
    std::string process = {};
    GaugeMerge merge = GaugeMerge::Latest;

    std::string_view fault = {}; ///< its kind; empty: none yet
};

/// Reads a document: a record, or a list of them. Nothing, or the kind of what is wrong with all of
/// it; what is wrong with one of several records is that record's fault.
std::string_view readRecords(simdjson::ondemand::document &document,
                             std::vector<PushRecord> &records);

} // namespace trendscope::exporter
