#pragma once

/// Marks what libtrendscope-observability.so offers to programs; everything else stays hidden in
/// it.
#define TRENDSCOPE_OBSERVABILITY_EXPORT __attribute__((visibility("default")))
