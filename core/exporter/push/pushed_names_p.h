#pragma once

#include "core/exporter/push/pushed_metrics.h"

namespace trendscope::exporter {

bool isPushableName(std::string_view name); ///< [a-zA-Z_:][a-zA-Z0-9_:]*, at most 200 bytes
/// Whether others fill that name: Prometheus itself, or this agent about itself.
bool isReservedName(std::string_view name);

/// Sorted by name, without those that have no value. Of two alike the later one stays. False when
/// one could not be exposed: a name that is not valid, text that is not UTF-8, too many.
bool normalize(PushedLabels &labels, PushedType type);

/// Every name that the samples of such a metric have, in either format: no two metrics may share
/// one.
std::vector<std::string> sampleNames(std::string_view metric, PushedType type);

/// The nearest valid name: other characters become "_", a leading digit gets one before it.
std::string mangledName(std::string_view name);
std::string mangledLabelName(std::string_view name); ///< without ":", and never reserved ("__…")

} // namespace trendscope::exporter
