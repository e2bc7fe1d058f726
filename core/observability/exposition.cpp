#include "core/observability/exposition_p.h"

namespace trendscope::observability {

namespace {

std::string_view textOf(ExposedType type, bool isOpenMetrics)
{
    switch (type) {
    case ExposedType::Counter:
        return "counter";
    case ExposedType::Gauge:
        return "gauge";
    case ExposedType::Histogram:
        return "histogram";
    case ExposedType::Summary:
        return "summary";
    case ExposedType::Unknown:
        break;
    }
    return isOpenMetrics ? "unknown" : "untyped";
}

} // namespace

ExposedType exposedType(MetricDescription::Type type)
{
    switch (type) {
    case MetricDescription::Type::Counter:
        return ExposedType::Counter;
    case MetricDescription::Type::Gauge:
        return ExposedType::Gauge;
    case MetricDescription::Type::Unknown:
        return ExposedType::Unknown;
    case MetricDescription::Type::Histogram:
        break;
    }
    return ExposedType::Histogram;
}

void appendHead(std::string &out, const FamilyHead &head, bool isOpenMetrics)
{
    const bool isCounter = head.type == ExposedType::Counter;
    const std::string_view name = isOpenMetrics && isCounter ? withoutTotal(head.name) : head.name;
    out += "# HELP ";
    out += name;
    out += ' ';
    if (isOpenMetrics)
        text::appendEscapedLabel(out, head.help); // the same escapes everywhere
    else
        text::appendEscapedHelp(out, head.help);
    out += "\n# TYPE ";
    out += name;
    out += ' ';
    out += textOf(head.type, isOpenMetrics);
    out += '\n';
}

void writeLabels(SampleWriter &writer, std::string_view labels, std::string_view own,
                 std::string_view extra)
{
    if (labels.empty() && own.empty() && extra.empty()) {
        writer << ' ';
        return;
    }
    char before = '{';
    for (const std::string_view part : {labels, own, extra}) {
        if (part.empty())
            continue;
        writer << before << part;
        before = ',';
    }
    writer << std::string_view("} ");
}

std::string boundText(double bound, bool isOpenMetrics)
{
    std::string out;
    text::appendNumber(out, bound);
    if (isOpenMetrics && out.find_first_not_of("-0123456789") == std::string::npos)
        out += ".0";
    return out;
}

} // namespace trendscope::observability
