#pragma once

#include "core/observability/metric_names_p.h"
#include "core/observability/sample_writer_p.h"

namespace trendscope::observability {

ExposedType exposedType(MetricDescription::Type type);

struct FamilyHead {
    std::string_view name;
    ExposedType type;
    std::string_view help;
};

void appendHead(std::string &out, const FamilyHead &head, bool isOpenMetrics); ///< HELP and TYPE

/// `{a="b",…} `, or only the blank where there is no label: those of the series, a label of the
/// sample's own, and extra ones. Each as it is written, or empty.
void writeLabels(SampleWriter &writer, std::string_view labels, std::string_view own,
                 std::string_view extra = {});

/// A bucket's bound or a quantile; OpenMetrics wants its canonical form, which has a point.
std::string boundText(double bound, bool isOpenMetrics);

/// What an Accept header chooses: whether it is OpenMetrics (RFC 9110, 12.5.1).
bool prefersOpenMetrics(std::string_view accept);

} // namespace trendscope::observability
